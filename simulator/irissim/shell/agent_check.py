# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health of an arbiter: does its agent accept a connection? Run by path with `python -I -S`, no package needed.

The argument is a file that holds `address port`.
"""

from __future__ import annotations

import socket
import sys

LIMIT_SECONDS = 5.0


def can_connect(address: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((address, port), LIMIT_SECONDS).close()
    except OSError:
        return False
    return True


def main(file: str) -> int:
    """0 if the agent accepts a connection."""
    with open(file, encoding="utf-8") as stream:
        address, port = stream.read().split()
    running = can_connect(address, int(port))
    print("ISCAgent: running" if running else "ISCAgent: down")
    return 0 if running else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`startISCAgent.sh [PORT]`: becomes the agent of this node."""

from __future__ import annotations

import os
import sys

from irissim.shell import settings
from irissim.shell.settings import NodeSettings


def agent_command(node: NodeSettings, port: int) -> list[str]:
    """The command line of the agent process."""
    return [
        sys.executable,
        "-P",
        "-m",
        "irissim.agent",
        "--registry",
        str(node.registry),
        "--bind",
        node.bind,
        "--port",
        str(port),
    ]


def main(arguments: list[str]) -> None:
    """Replace this process by the agent."""
    node = settings.current()
    command = agent_command(node, int(arguments[0]) if arguments else node.agent_port)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])

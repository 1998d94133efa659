# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`startISCAgent.sh [PORT]` and `ISCAgentUser [start]`: become the agent of this node."""

from __future__ import annotations

import os
import sys

from irissim.engine import profiles
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
        "--version",
        profiles.build(node.profile),
    ]


def main(arguments: list[str]) -> None:
    """Replace this process by the agent."""
    # FIDELITY(documented; HA 4.14): where nobody is root, the owner of the instance runs $IRISSYS/ISCAgentUser
    # FIDELITY(observed; R-CD): with or without the word start
    node = settings.current()
    port = arguments[0] if arguments else "start"
    if port != "start" and not port.isdigit():
        sys.exit(f"ISCAgent: {port} is neither a port nor start")
    command = agent_command(node, node.agent_port if port == "start" else int(port))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])

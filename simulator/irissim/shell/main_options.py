# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `iris-main`."""

from __future__ import annotations

import argparse
from pathlib import Path

ARBITER_COMMAND = "startISCAgent.sh"
DEFAULT_AGENT_PORT = 2188


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError("true or false expected")
    return text.lower() == "true"


def parser() -> argparse.ArgumentParser:
    """The documented options."""
    # FIDELITY(documented; ADOCK 5.3): names, short forms and defaults of the options of iris-main
    options = argparse.ArgumentParser(
        prog="iris-main", allow_abbrev=False, description="Entry point of the simulator of an IRIS container."
    )
    options.add_argument("-i", "--instance", default="IRIS", help="name of the instance")
    options.add_argument("-d", "--down", type=_flag, default=True, help="stop the instance with the container")
    options.add_argument("-u", "--up", type=_flag, default=True, help="start the instance with the container")
    options.add_argument("-s", "--nostu", type=_flag, default=False, help="accepted; there is no user startup code")
    options.add_argument("-k", "--key", type=Path, help="licence key, copied to the mgr directory and watched")
    options.add_argument("-l", "--log", type=Path, help="log file that is copied to the output")
    options.add_argument("-b", "--before", help="command to run before the instance starts")
    options.add_argument("-a", "--after", help="command to run after the instance has started")
    options.add_argument("-e", "--exit", help="command to run after the instance was stopped")
    options.add_argument("-c", "--create", help="command to run before all others")
    options.add_argument("-t", "--terminate", help="command to run last")
    options.add_argument("-p", "--password-file", type=Path, help="file with the password of the predefined users")
    options.add_argument("--ISCAgent", type=_flag, default=True, help="start the ISCAgent")
    options.add_argument("--ISCAgentPort", type=int, help="port of the ISCAgent, if not the one of the node")
    options.add_argument("--check-caps", type=_flag, default=True, help="check capabilities first")
    options.add_argument("--version", action="version", version="irissim, simulator of iris-main")
    return options


def arbiter_port(arguments: list[str], role: str) -> int | None:
    """The port if this container is an arbiter, None if it is an IRIS node.

    An arbiter is asked for by the command startISCAgent.sh (as one word with its port, or as two), or by the role
    of the image together with the options that arbiter images have had.
    """
    # FIDELITY(observed; LSC, MERGE20, HCM): arbiters are started with startISCAgent.sh 2188, with -p 2188 or with
    #   --ISCAgentPort 2188, depending on the version
    words = " ".join(arguments).split()
    if words and words[0].endswith(ARBITER_COMMAND):
        return int(words[1]) if len(words) > 1 else DEFAULT_AGENT_PORT
    if role != "arbiter":
        return None
    options = argparse.ArgumentParser(prog="arbiter", allow_abbrev=False)
    options.add_argument("-p", "--ISCAgentPort", type=int, default=DEFAULT_AGENT_PORT)
    options.add_argument("--check-caps", type=_flag)
    return int(options.parse_args(arguments).ISCAgentPort)

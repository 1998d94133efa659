# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m irissim.agent --port 2188 --bind ADDR --registry PATH`: the ISCAgent in the foreground."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from irissim.agent.server import Agent
from irissim.engine import profiles

DEFAULT_PORT = 2188
_END = frozenset({signal.SIGTERM, signal.SIGINT})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="ISCAgent")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--bind", default="0.0.0.0", help="address to listen on")
    parser.add_argument("--registry", type=Path, required=True, help="directory of the instances of this host")
    parser.add_argument("--version", default=profiles.build(profiles.PROFILES[-1]), help="version of IRIS it came with")
    options = parser.parse_args(arguments)
    # FIDELITY(observed; LSC): the agent announces itself with these lines at start
    _say("Reading configuration from file: /etc/iscagent/iscagent.conf")
    _say(f"ISCAgent[{os.getpid()}]: Starting")
    # Before any thread starts: a thread that does not block these signals would be killed by them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _END)
    agent = Agent(options.registry, options.version)
    shown = "*" if options.bind == "0.0.0.0" else options.bind
    try:
        agent.start(options.bind, options.port)
    except OSError as error:
        # FIDELITY(documented; ADOCK): on a bad or used port the agent fails to start
        print(f"ISCAgent[{os.getpid()}]: Failed to start ApplicationServer on {shown}:{options.port}: {error}",
              file=sys.stderr, flush=True)  # fmt: skip
        return 1
    _say(f"ISCAgent[{os.getpid()}]: Starting ApplicationServer on {shown}:{agent.port}")
    signal.sigwait(_END)
    agent.stop()
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())

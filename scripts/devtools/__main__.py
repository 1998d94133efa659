# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the command, prepares what it needs and runs it in the virtual environment."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from devtools import bootstrap
from devtools.console import Failure, finish, say
from devtools.paths import ROOT, VENV, venv_bin


class Command(NamedTuple):
    module: str
    level: bootstrap.Level
    purpose: str


RUN, DEV = bootstrap.Level.RUN, bootstrap.Level.DEV
COMMANDS = {
    "setup": Command("bootstrap", RUN, "make .venv and the tree of collections (--dev: with all tools for the tests)"),
    "demo": Command("demo", RUN, "build a mirror of simulated nodes and show it"),
    "down": Command("down", RUN, "remove what the demonstration left running"),
    "build_image": Command("image", RUN, "build the image of the simulator"),
    "embedded": Command("embedded", RUN, "the nodes of the demonstration as processes: up | down | status"),
    "fidelity": Command("fidelity", RUN, "write docs/fidelity.md (--check: only compare)"),
    "bench": Command("bench", RUN, "measure, and write benchmarks/results.json"),
    "conformance": Command("conformance", RUN, "compare a node, simulated or licensed, with tests/conformance"),
    "workspace": Command("workspace", RUN, "make the tree that ansible-test and ansible-galaxy need, print its path"),
    "lint": Command("lint", DEV, "run the checks that need no node"),
    "test": Command("testing", DEV, "run every test"),
    "changelog": Command("changelog", DEV, "write the changelog of the coming release (--check: only compare)"),
    "lock": Command("lock", RUN, "write requirements/*.txt anew from requirements/*.in"),
}


def usage() -> int:
    say("usage: scripts/dev COMMAND [OPTIONS]\n")
    for name, command in COMMANDS.items():
        say(f"  {name:<12} {command.purpose}")
    return 0


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        return usage()
    name, options = arguments[0], list(arguments[1:])
    command = COMMANDS.get(name)
    if command is None:
        raise Failure(f"there is no command {name}; scripts/dev help lists the commands")
    if sys.prefix != str(VENV):
        bootstrap.ensure(command.level)
        python = str(venv_bin(VENV, "python"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
        os.execve(python, [python, "-m", "devtools", *arguments], environment)
    module = importlib.import_module(f"devtools.{command.module}")
    status: int = module.main(options)
    return status


if __name__ == "__main__":
    sys.exit(finish(main, sys.argv[1:]))

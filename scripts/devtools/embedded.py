# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nodes of the demonstration as processes of this machine, each on a loopback address of its own."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from devtools import engine
from devtools.console import Failure, capture, say, step
from devtools.image import DEFAULT_PROFILE
from devtools.paths import NODES, SIMULATOR, VENV, tool_environment, venv_bin

LICENCE = SIMULATOR / "licence" / "iris-simulator-licence.txt"


class Node(NamedTuple):
    name: str
    address: str
    arbiter: bool = False


# inventories/demo has the same names and addresses.
TOPOLOGY = (Node("arbiter", "127.0.0.10", arbiter=True), Node("mirrorA", "127.0.0.11"), Node("mirrorB", "127.0.0.12"))


def up(profile: str = DEFAULT_PROFILE, traps: str = "") -> None:
    """Lays out the nodes and starts what does not run; nodes that run are left alone. `traps`: see simulator/README."""
    NODES.mkdir(parents=True, exist_ok=True)
    with step("starting the nodes (" + ", ".join(f"{node.name} on {node.address}" for node in TOPOLOGY) + ")"):
        for node in TOPOLOGY:
            home = NODES / node.name
            role = ["--arbiter"] if node.arbiter else ["--key", str(LICENCE)]
            options = ["--name", node.name, "--bind", node.address, "--profile", profile, "--traps", traps]
            _node("create", home, *options, *role)
            try:
                _node("start", home)
            except Failure as failure:
                raise Failure(
                    f"{failure}\nIs something else using the ports 1972, 2188 or 52773 of {node.address}?"
                ) from failure


def down() -> None:
    """Stops and removes every node below .work/nodes, also one that a newer topology no longer has."""
    for home in sorted(path for path in NODES.glob("*") if path.is_dir()):
        say(f"removing node {home.name}")
        _node("destroy", home)


def status() -> None:
    for home in sorted(path for path in NODES.glob("*") if path.is_dir()):
        say(_node("status", home).strip())


def _node(verb: str, home: Path, *options: str) -> str:
    python = venv_bin(VENV, "python")
    return capture([python, "-m", "irissim.shell.node", verb, home, *options], env=tool_environment())


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/dev embedded", description=__doc__)
    parser.add_argument("verb", choices=("up", "down", "status"))
    parser.add_argument("--profile", default=DEFAULT_PROFILE, help="version that the nodes play (default: %(default)s)")
    parser.add_argument("--traps", default="", help="behaviours that tests should meet, or all")
    options = parser.parse_args(arguments)
    if options.verb == "up":
        up(options.profile, options.traps)
        engine.remember("embedded")
    elif options.verb == "down":
        down()
    else:
        status()
    return 0

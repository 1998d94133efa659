# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demonstration: the nodes, the main playbook, and the playbook that shows the mirror."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from devtools import embedded, engine, image
from devtools.console import run, say
from devtools.paths import ROOT, VENV, tool_environment, venv_bin

INVENTORY = "inventories/demo"
PLAYBOOKS = ("playbooks/site.yml", "playbooks/status.yml")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/dev demo", description=__doc__)
    engine.add_option(parser)
    chosen = prepare(parser.parse_args(arguments).engine)
    for playbook in PLAYBOOKS:
        say(f"==> ansible-playbook -i {INVENTORY} {playbook}")
        play(playbook, chosen)
    say(f"\nAgain by hand:   .venv/bin/ansible-playbook -i {INVENTORY} {PLAYBOOKS[0]}")
    say("Remove it all:   make down")
    return 0


def prepare(choice: str) -> str:
    """Brings up what the playbooks take for granted (an image, or hosts with IRIS) and returns the engine."""
    chosen = engine.resolve(choice)
    if chosen == "docker":
        image.ensure_image()
    else:
        embedded.up()
    engine.remember(chosen)
    return chosen


def play(playbook: str, chosen: str) -> None:
    program = venv_bin(VENV, "ansible-playbook")
    run([program, "-i", INVENTORY, playbook], cwd=ROOT, env=tool_environment(**{engine.VARIABLE: chosen}))

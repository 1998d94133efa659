# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages that need nodes: Molecule on containers, the same play on processes, interrupted runs and bad input."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from devtools import demo, embedded, engine, image
from devtools.paths import CACHE, NODES, ROOT, VENV, tool_environment, venv_bin
from devtools.stages import Shell, Skipped, Stage, StageFailed

NO_ENGINE = "no Docker engine"


def stages(chosen: str) -> list[Stage]:
    docker = chosen == "docker"
    return [
        Stage("image", "image of the simulator", _needs(docker, _image), uses=frozenset({"docker"})),
        Stage("molecule", "Molecule scenario default on containers", _needs(docker, _molecule),
              uses=frozenset({"docker"}), after=("image",) if docker else ()),
        Stage("embedded", "site.yml twice and status.yml on nodes without containers", _embedded,
              uses=frozenset({"addresses"})),
        Stage("guide", "the tasks of the first guide on containers", _needs(docker, _guide),
              uses=frozenset({"docker"}), after=("image",) if docker else ()),
        Stage("integration", "interrupted runs and bad input (tests/integration)", _integration(chosen),
              uses=frozenset({"docker", "addresses"}), after=("image",) if docker else ()),
    ]  # fmt: skip


def _needs(present: bool, action: Callable[[Shell], None]) -> Callable[[Shell], None]:
    def skip(_shell: Shell) -> None:
        raise Skipped(NO_ENGINE)

    return action if present else skip


def _image(_shell: Shell) -> None:
    image.ensure_image()


def _molecule(shell: Shell) -> None:
    environment = tool_environment(MOLECULE_GLOB="molecule/*/molecule.yml", **{engine.VARIABLE: "docker"})
    environment["XDG_CACHE_HOME"] = str(CACHE / "molecule")
    shell.run(venv_bin(VENV, "molecule"), "test", "--scenario-name", "default", env=environment)


def _guide(shell: Shell) -> None:
    shell.pytest("tests/docs", "-m", "docker")


def _embedded(shell: Shell) -> None:
    """The demonstration as it runs without Docker, from nothing, and once more, which must change nothing."""
    if any(NODES.glob("*")):
        raise Skipped("nodes of a demonstration exist; make down removes them")
    environment = tool_environment(**{engine.VARIABLE: "embedded"})
    play: list[str | Path] = [venv_bin(VENV, "ansible-playbook"), "-i", demo.INVENTORY]
    try:
        embedded.up()
        shell.run(*play, demo.PLAYBOOKS[0], env=environment)
        again = shell.run(*play, demo.PLAYBOOKS[0], env=environment)
        if re.search(r"changed=[1-9]", again) or "changed=0" not in again:
            shell.note("the second run changed something")
            raise StageFailed
        shell.run(*play, demo.PLAYBOOKS[1], env=environment)
    finally:
        embedded.down()


def _integration(chosen: str) -> Callable[[Shell], None]:
    def action(shell: Shell) -> None:
        if not (ROOT / "tests" / "integration").is_dir():
            raise Skipped("no tests/integration")
        shell.pytest("tests/integration", *([] if chosen == "docker" else ["-m", "not docker"]))

    return action

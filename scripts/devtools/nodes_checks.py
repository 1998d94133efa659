# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages that need nodes: Molecule on containers, the same play on processes, interrupted runs and bad input."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from devtools import demo, embedded, engine, gateway_image, image, means
from devtools.paths import CACHE, NODES, ROOT, VENV, tool_environment, venv_bin
from devtools.stages import Shell, Skipped, Stage, StageFailed

NO_ENGINE = "no Docker engine"
# Scenarios of every run. The others take a quarter of an hour more, and share their roles and modules with these.
OFTEN = frozenset({"default", "failover", "switchover"})


def stages(chosen: str) -> list[Stage]:
    docker = chosen == "docker"
    return [
        Stage("image", "image of the simulator", _needs(docker, _image), uses=frozenset({"docker"})),
        # An upgrade goes from one release to the next, and clients are led by a gateway.
        Stage("images", "images of both releases and of the gateway", _needs(docker, _images),
              uses=frozenset({"docker"}), after=("image",) if docker else ()),
        # Every scenario has names of its own, so that two may run at a time.
        *[_scenario(name, docker) for name in scenarios()],
        Stage("embedded", "site.yml twice and status.yml on nodes without containers", _embedded,
              uses=frozenset({"addresses"})),
        Stage("guide", "the tasks of the first guide on containers", _needs(docker, _guide),
              uses=frozenset({"docker"}), after=("image",) if docker else ()),
        Stage("containers", "failover and configuration merge in containers", _needs(docker, _containers),
              uses=frozenset({"docker"}), after=("image",) if docker else ()),
        Stage("integration", "interrupted runs and bad input (tests/integration)", _integration(chosen),
              uses=frozenset({"docker", "addresses"}), after=("image",) if docker else ()),
        Stage("playbooks", "playbooks and modules for living mirrors on simulated nodes (tests/playbooks)",
              _pytest_playbooks, thorough=True),
    ]  # fmt: skip


def _scenario(name: str, docker: bool) -> Stage:
    first = name == "default"
    return Stage(
        "molecule" if first else f"molecule-{name}",
        f"Molecule scenario {name} on containers",
        _needs(docker, partial(_molecule, scenario=name)),
        after=("image" if first else "images",) if docker else (),
        thorough=name not in OFTEN,
    )


def scenarios() -> list[str]:
    """The Molecule scenarios, the first one first."""
    found = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
    return sorted(found, key=lambda name: name != "default")


def _needs(present: bool, action: Callable[[Shell], None]) -> Callable[[Shell], None]:
    def skip(_shell: Shell) -> None:
        raise Skipped(NO_ENGINE)

    return action if present else skip


def _image(_shell: Shell) -> None:
    image.ensure_image()


def _images(_shell: Shell) -> None:
    for profile in ("2024.1", "2026.1"):
        image.ensure_image(profile)
    gateway_image.ensure_gateway()


def _molecule(shell: Shell, scenario: str) -> None:
    own = means.environment(scenario)
    environment = tool_environment(MOLECULE_GLOB="molecule/*/molecule.yml", **{engine.VARIABLE: "docker"}, **own)
    environment |= {"NO_COLOR": "1", "ANSIBLE_FORCE_COLOR": "0"}
    environment["XDG_CACHE_HOME"] = str(CACHE / "molecule")
    # Molecule only warns when a step of a sequence has no playbook.
    shell.run(
        venv_bin(VENV, "molecule"), "test", "--scenario-name", scenario, env=environment, refuse="Missing playbook"
    )


def _guide(shell: Shell) -> None:
    shell.pytest("tests/docs", "-m", "docker")


def _containers(shell: Shell) -> None:
    # Downloads of databases, which a configuration merge can ask for, need the latest release.
    image.ensure_image("2026.1")
    shell.pytest("simulator/tests/containers", "-m", "docker")


def _embedded(shell: Shell) -> None:
    """The demonstration without Docker, with every trap, from nothing, and once more, which must change nothing."""
    if any(NODES.glob("*")):
        raise Skipped("nodes of a demonstration exist; make down removes them")
    environment = tool_environment(**{engine.VARIABLE: "embedded"})
    play: list[str | Path] = [venv_bin(VENV, "ansible-playbook"), "-i", demo.INVENTORY]
    try:
        embedded.up(traps="all")
        shell.run(*play, demo.PLAYBOOKS[0], env=environment)
        again = shell.run(*play, demo.PLAYBOOKS[0], env=environment)
        if re.search(r"changed=[1-9]", again) or "changed=0" not in again:
            shell.note("the second run changed something")
            raise StageFailed
        shell.run(*play, demo.PLAYBOOKS[1], env=environment)
    finally:
        embedded.down()


def _pytest_playbooks(shell: Shell) -> None:
    shell.pytest("tests/playbooks")


def _integration(chosen: str) -> Callable[[Shell], None]:
    def action(shell: Shell) -> None:
        if not (ROOT / "tests" / "integration").is_dir():
            raise Skipped("no tests/integration")
        shell.pytest("tests/integration", *([] if chosen == "docker" else ["-m", "not docker"]))

    return action

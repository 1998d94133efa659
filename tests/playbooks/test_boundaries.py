# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every playbook for a living mirror ends right when a run of it breaks off between any two of its tasks and it is run
again. Here each is broken off once, somewhere; IRISOPS_BOUNDARIES=all breaks each off at every boundary it has."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab, Play, playbook

CALLBACKS = Path(__file__).with_name("callback")
EVERYWHERE = os.environ.get("IRISOPS_BOUNDARIES") == "all"
SEED = int(os.environ.get("IRISOPS_TEST_SEED") or random.SystemRandom().randrange(10**6))
#: Where a run is broken off at the latest when chance decides.
FARTHEST = 40


@dataclass(frozen=True)
class Verb:
    """A playbook with its options, what holds when it is done, and the way back to the mirror of the article."""

    playbook: str
    options: tuple[str, ...]
    roles: dict[str, str]
    back: Sequence[Verb] = ()
    databases: Sequence[str] = ("COMPANY", "CUSTOMER", "PERSONAL")


def options(**variables: str) -> tuple[str, ...]:
    return tuple(itertools.chain.from_iterable(("-e", f"{name}={value}") for name, value in variables.items()))


PAIR = {"mirrorA": "primary", "mirrorB": "backup"}
SITE = Verb("site", (), PAIR)
TO_A = Verb("switchover", options(member="mirrorA"), PAIR)
TO_B = Verb("switchover", options(member="mirrorB"), {"mirrorA": "backup", "mirrorB": "primary"}, (TO_A,))
PROMOTE = Verb("promote_dr", options(member="mirrorB"), PAIR)
DEMOTE = Verb("demote", options(member="mirrorB"), {"mirrorA": "primary", "mirrorB": "async"}, (PROMOTE,))
VERBS = {"switchover": TO_B, "demote": DEMOTE}


class Mirror:
    """The mirror of the article, with records that must never be lost."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.records = 0

    def write(self) -> None:
        """One more record, on whoever is primary."""
        (primary,) = [node for node, role in self.roles().items() if role == "primary"]
        number = self.records + 1
        line = f'set ^Company("kept",{number})="record {number}" write "<set:{number}>",!'
        self.lab.wait_for(primary, f"<set:{number}>", line, namespace="COMPANY")
        self.records = number

    def roles(self) -> dict[str, str]:
        return {node: self.lab.module("iris_mirror_info", node)["mirror"]["role"] for node in ("mirrorA", "mirrorB")}

    def play(self, verb: Verb) -> Play:
        play = self.lab.play(verb.playbook, *verb.options)
        assert play.code == 0, play.output
        return play

    def broken_off(self, verb: Verb, boundary: int) -> bool:
        """Whether the run came as far as the boundary, where it ended like a process that is killed."""
        count = self.lab.home / "tasks"
        count.unlink(missing_ok=True)
        command = ["setsid", "--wait", *self.lab.command(verb.playbook, *verb.options)]
        process = playbook(
            command,
            IRISOPS_DEMO_ENGINE="embedded",
            ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS),
            ANSIBLE_CALLBACKS_ENABLED="boundary",
            BOUNDARY_AFTER=str(boundary),
            BOUNDARY_COUNT=str(count),
        )
        play = Play.finish(process)
        ended = count.exists()
        assert ended is (play.code == 0), play.output
        return not ended

    def check(self, verb: Verb) -> None:
        again = self.play(verb)
        assert again.changed == 0, again.output
        assert self.roles() == verb.roles
        for node, number in itertools.product(verb.roles, range(1, self.records + 1)):
            line = f'write "<",$get(^Company("kept",{number})),">"'
            self.lab.wait_for(node, f"<record {number}>", line, namespace="COMPANY")


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    lab = Lab(tmp_path_factory.mktemp("boundaries"))
    try:
        lab.add("arbiter", "--arbiter")
        lab.add("mirrorA")
        lab.add("mirrorB")
        mirror = Mirror(lab)
        mirror.play(SITE)
        yield mirror
    finally:
        lab.close()


def boundaries(verb: Verb) -> Iterator[int]:
    if EVERYWHERE:
        yield from itertools.count(1)
    yield random.Random(f"{SEED}/{verb.playbook}").randint(1, FARTHEST)


@pytest.mark.slow
@pytest.mark.timeout(0 if EVERYWHERE else 600)
@pytest.mark.parametrize("name", VERBS)
def test_a_playbook_that_broke_off_is_finished_by_the_next_run(mirror: Mirror, name: str) -> None:
    verb = VERBS[name]
    for boundary in boundaries(verb):
        print(f"seed {SEED}: {name} broken off after {boundary} tasks")
        mirror.write()
        reached = mirror.broken_off(verb, boundary)
        mirror.play(verb)
        mirror.check(verb)
        for way in verb.back:
            mirror.play(way)
            mirror.check(way)
        if not reached:
            break

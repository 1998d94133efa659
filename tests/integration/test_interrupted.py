# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that is killed anywhere is finished by the next one, and nothing that was written is lost."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab, kill_in

#: Where a run is killed: in or shortly after one of these tasks.
TASKS = (
    "Enable the mirror service",
    "Create the mirror",
    "Join the mirror",
    "Create the databases",
    "Create the namespaces",
    "Write the initial data",
    "Add the databases to the mirror",
    "Copy the databases from the primary",
)
INITIAL = {'^Company(1,"name")': "Fabrikam", '^Customer(1,"company")': "1", '^Contact(1,"name")': "Luis"}
#: A run that is killed while the source is frozen leaves that to IRIS to end; the next run waits for it.
SITE = ("site", "-e", "iris_freeze_limit=30")
SEED = int(os.environ.get("IRISOPS_TEST_SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path)
    try:
        lab.add("arbiter", "--arbiter")
        lab.add("mirrorA")
        lab.add("mirrorB")
        yield lab
    finally:
        lab.close()


def write_record(lab: Lab, number: int) -> bool:
    """Write as an application would, on whoever is primary; False while there is no such database in the mirror."""
    for node in ("mirrorA", "mirrorB"):
        if "<primary:1>" in lab.session(node, 'write "<primary:",$SYSTEM.Mirror.IsPrimary(),">"'):
            line = f'set ^Company("kept",{number})="record {number}" write "<set:{number}>",!'
            return f"<set:{number}>" in lab.session(node, line, namespace="COMPANY")
    return False


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(2))
def test_a_killed_run_is_finished_by_the_next(lab: Lab, round_: int) -> None:
    chance = random.Random(f"{SEED}/{round_}")
    written = []
    for number, task in enumerate(sorted(chance.sample(TASKS, 3), key=TASKS.index)):
        delay = chance.uniform(0, 1)
        print(f"seed {SEED}: kill {delay:.2f} s after the start of: {task}")
        kill_in(lab.start(*SITE), task, delay)
        if write_record(lab, number):
            written.append(number)

    play = lab.play(*SITE)
    assert play.code == 0, play.output
    again = lab.play(*SITE)
    assert again.code == 0 and again.changed == 0, again.output

    for node in ("mirrorA", "mirrorB"):
        for place, value in INITIAL.items():
            lab.wait_for(node, f"<{value}>", f'write "<",$get({place}),">"', namespace="PHONEBOOK")
        for number in written:
            lab.wait_for(
                node, f"<record {number}>", f'write "<",$get(^Company("kept",{number})),">"', namespace="COMPANY"
            )
    primaries = [
        node for node in ("mirrorA", "mirrorB") if lab.module("iris_mirror_info", node)["mirror"]["role"] == "primary"
    ]
    assert len(primaries) == 1
    seen = {lab.module("iris_mirror_info", node)["mirror"]["settings"]["guid"] for node in ("mirrorA", "mirrorB")}
    assert len(seen) == 1, "two mirrors of one name"

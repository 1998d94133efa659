# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Crashes: what was journaled is there again, what a mirror may take back is not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irissim.engine.instance import Instance
from irissim.engine.label import MirrorLabel
from irissim.objectscript.host import GlobalRef


class CrashableInstances(Protocol):
    """The fixture `instances`."""

    def start(self) -> Instance: ...

    def crash(self, instance: Instance) -> None: ...


STEP = st.one_of(
    st.tuples(st.just("set"), st.integers(0, 5), st.integers(0, 3)),
    st.tuples(st.just("kill"), st.integers(0, 5), st.just(0)),
    st.tuples(st.sampled_from(["flush", "switch", "freeze", "thaw", "crash", "stop"]), st.just(0), st.just(0)),
)


def contents(instance: Instance) -> dict[object, object]:
    found: dict[object, object] = {}
    following = instance.globals.query(GlobalRef("USER", "x"))
    while following is not None:
        found[following.subscripts] = instance.globals.get(following)
        following = instance.globals.query(following)
    return found


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEP, max_size=30))
def test_any_history_with_crashes_keeps_what_was_set(
    instances: CrashableInstances, steps: list[tuple[str, int, int]]
) -> None:
    instance = instances.start()
    instance.globals.kill(GlobalRef("USER", "x"))
    model: dict[object, object] = {}
    for number, (action, first, second) in enumerate([*steps, ("crash", 0, 0)]):
        if action == "set":
            instance.globals.set(GlobalRef("USER", "x", (first, second)), number)
            model[first, second] = number
        elif action == "kill":
            instance.globals.kill(GlobalRef("USER", "x", (first,)))
            model = {key: value for key, value in model.items() if key[0] != first}  # type: ignore[index]
        elif action == "flush":
            instance.databases.flush()
        elif action == "switch":
            instance.journal.switch()
        elif action == "freeze" and not instance.freeze.frozen:
            instance.freeze.freeze()
        elif action == "thaw":
            instance.freeze.thaw()
        elif action in ("crash", "stop"):
            instances.crash(instance) if action == "crash" else instance.stop()
            instance = instances.start()
            assert contents(instance) == model
    instance.stop()


WRITER = """
import sys
from pathlib import Path
from irissim.engine.instance import Instance
from irissim.objectscript.host import GlobalRef
instance = Instance(Path(sys.argv[1]), write_interval=0.01)
instance.start()
number = instance.globals.get(GlobalRef("USER", "last")) or 0
while True:
    number += 1
    instance.globals.set(GlobalRef("USER", "x", (number,)), "v" * (number % 300))
    instance.globals.set(GlobalRef("USER", "last"), number)
    instance.globals.wait_durable()
    print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_it_answered(instances: CrashableInstances, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    chance = random.Random(7)
    answered = 0
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "node")], env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(200, 2000)):
                answered = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().splitlines()
            answered = int(rest[-1]) if rest and rest[-1].isdigit() else answered

    instance = instances.start()

    last = instance.globals.get(GlobalRef("USER", "last"))
    assert isinstance(last, int)
    assert last >= answered - 1
    for number in range(1, last + 1):
        assert instance.globals.get(GlobalRef("USER", "x", (number,))) == "v" * (number % 300)
    log = (tmp_path / "node/mgr/messages.log").read_text()
    assert "Journal recovery of" in log


def test_recovery_without_the_journal_is_refused(instances: CrashableInstances) -> None:
    instance = instances.start()
    directory = instance.config.get("Databases", "USER")
    instance.globals.set(GlobalRef("USER", "x"), 1)
    journal = instance.journal.current_file()
    instances.crash(instance)
    journal.unlink()

    with pytest.raises(Exception, match="350"):
        instances.start()
    assert directory


def test_the_mirror_decides_about_the_last_records_of_its_databases(
    instances: CrashableInstances, tmp_path: Path
) -> None:
    instance = instances.start()
    (tmp_path / "m").mkdir()
    database = instance.databases.create(str(tmp_path / "m"))
    instance.journal.start_mirror("DEMO")
    position = instance.journal.mark().position
    database.change_label(mirror=MirrorLabel("DEMO", "M", "GUID", position, activated=True, needs_catchup=False))
    instance.databases.set_mirror_writes("DEMO", True)
    instance.databases.refresh_mirror_writes(database.directory)
    ref = GlobalRef(f"^^{database.directory}", "x")
    instance.globals.set(ref, "committed")
    database.commit()
    committed = database.label.mirror
    instance.globals.set(ref, "only journaled")
    instances.crash(instance)

    instance = instances.start()

    assert instance.globals.get(ref) == "committed"
    found = instance.databases.find(database.directory)
    assert found is not None
    assert found.label.mirror == committed
    assert not found.writable_by_users
    series = instance.journal.series("DEMO")
    assert committed is not None
    behind = list(series.read(committed.position))
    found.apply([record for _, record in behind], series.end())
    assert instance.globals.get(ref) == "only journaled"
    assert found.label.mirror == replace(committed, position=series.end())

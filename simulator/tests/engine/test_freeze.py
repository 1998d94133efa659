# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freeze and thaw."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.patience import PATIENCE

from irissim.engine.gate import UpdateGate
from irissim.engine.instance import Instance
from irissim.engine.mirror_hooks import NoLongerPrimary
from irissim.objectscript.host import GlobalRef
from irissim.values.errors import StatusError


def until(condition: Callable[[], bool]) -> bool:
    """Poll with a limit."""
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.005)
    return True


def in_background(work: Callable[[], object]) -> tuple[threading.Thread, list[str]]:
    done: list[str] = []

    def run() -> None:
        work()
        done.append("done")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, done


def test_files_stand_still_while_updates_go_on(instance: Instance, data: str) -> None:
    ref = GlobalRef("DATA", "a")
    instance.globals.set(ref, 1)
    instance.freeze.freeze()
    before = Path(data, "IRIS.DAT").read_bytes()

    instance.globals.set(ref, 2)
    instance.databases.flush()
    database = instance.databases.find(data)
    assert database is not None
    database.change_label(resource="%DB_X")

    assert instance.globals.get(ref) == 2
    assert Path(data, "IRIS.DAT").read_bytes() == before
    instance.freeze.thaw()
    assert not instance.freeze.frozen
    assert Path(data, "IRIS.DAT").read_bytes() != before
    assert b"%DB_X" in Path(data, "IRIS.DAT").read_bytes()


def test_a_freeze_switches_the_journal_unless_told_not_to(instance: Instance) -> None:
    first = instance.journal.current_file()
    instance.freeze.freeze(switch_journal=False)
    instance.freeze.thaw()
    assert instance.journal.current_file() == first
    instance.freeze.freeze()
    instance.freeze.thaw()
    assert instance.journal.current_file() != first


def test_updaters_block_after_the_limit_until_the_thaw(instance: Instance, data: str) -> None:
    ref = GlobalRef("DATA", "a")
    instance.freeze.freeze(timeout=0.01)
    time_is_up = time.monotonic() + 0.02
    assert until(lambda: time.monotonic() > time_is_up)

    thread, done = in_background(lambda: instance.globals.set(ref, 1))
    thread.join(0.2)
    assert not done
    assert instance.globals.get(ref) is None

    instance.freeze.thaw()
    thread.join(PATIENCE)
    assert done
    assert instance.globals.get(ref) == 1


def test_updaters_block_when_the_buffers_are_full() -> None:
    gate = UpdateGate(buffer_limit=100)
    gate.suspend(600)
    gate.admit(60)

    thread, done = in_background(lambda: gate.admit(60))
    thread.join(0.1)
    assert not done

    gate.resume()
    thread.join(PATIENCE)
    assert done


def test_writing_resumes_at_the_suspend_limit(instance: Instance) -> None:
    instance.freeze.freeze(suspend_limit=0.01)

    def resumed() -> bool:
        instance.freeze.check_limit()
        return not instance.freeze.frozen

    assert until(resumed)
    assert "external backup is not valid" in instance.log.path.read_text()


def test_a_second_freeze_is_refused_and_a_second_thaw_is_not(instance: Instance) -> None:
    instance.freeze.freeze()
    with pytest.raises(StatusError):
        instance.freeze.freeze()
    assert instance.freeze.frozen
    instance.freeze.thaw()
    instance.freeze.thaw()
    assert not instance.freeze.frozen


def test_nothing_is_mounted_or_dismounted_while_frozen(instance: Instance, data: str, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    instance.freeze.freeze()

    with pytest.raises(StatusError, match="suspended"):
        instance.databases.dismount(data)
    with pytest.raises(StatusError, match="suspended"):
        instance.databases.create(str(tmp_path / "new"))

    instance.freeze.thaw()
    instance.databases.dismount(data)


def test_a_failed_freeze_leaves_nothing_frozen(instance: Instance, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = instance.databases.find(data)

    def fail(clean: bool = False) -> None:
        raise NoLongerPrimary

    monkeypatch.setattr(database, "commit", fail)
    with pytest.raises(StatusError):
        instance.freeze.freeze()

    assert not instance.freeze.frozen
    monkeypatch.undo()
    assert not (instance.databases.label(data) or pytest.fail()).clean


def test_writers_go_on_through_freezes(instance: Instance, data: str) -> None:
    ending = threading.Event()
    written = [0] * 3

    def work(number: int) -> None:
        while not ending.is_set():
            instance.globals.set(GlobalRef("DATA", "w", (number, written[number])), "x")
            written[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        instance.freeze.freeze()
        before = Path(data, "IRIS.DAT").read_bytes()
        progress = sum(written)
        assert until(lambda progress=progress: sum(written) > progress + 20)  # type: ignore[misc]
        assert Path(data, "IRIS.DAT").read_bytes() == before
        instance.freeze.thaw()
    ending.set()
    for thread in threads:
        thread.join(PATIENCE)

    instance.databases.dismount(data)
    instance.databases.mount(data)
    for number in range(3):
        assert instance.globals.order(GlobalRef("DATA", "w", (number, "")), -1) == written[number] - 1


def test_the_stop_of_a_frozen_instance_thaws_it(instance: Instance, data: str) -> None:
    instance.freeze.freeze()
    instance.globals.set(GlobalRef("DATA", "a"), "kept")

    instance.stop()

    label = instance.databases.label(data)
    assert label is not None
    assert label.clean


def test_quiesced_updates_wait_while_files_are_written(instance: Instance, data: str) -> None:
    database = instance.databases.access(data)
    database.set("a", b"", "before")
    instance.freeze.quiesce_updates()
    with pytest.raises(StatusError):
        instance.freeze.quiesce_updates()
    assert database.get("a", b"") == "before"
    instance.databases.flush()
    assert not database.dirty
    waiting = threading.Thread(target=database.set, args=("a", b"", "after"))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    assert database.get("a", b"") == "before"
    instance.freeze.resume_updates()
    waiting.join(PATIENCE)
    assert database.get("a", b"") == "after"


def test_a_freeze_outlives_the_process_that_asked_for_it(instance: Instance, data: str) -> None:
    session = threading.Thread(target=instance.freeze.freeze)
    session.start()
    session.join()
    assert instance.freeze.frozen
    instance.databases.access(data).set("a", b"", "x")
    assert instance.databases.access(data).dirty
    instance.freeze.thaw()
    assert not instance.databases.access(data).dirty

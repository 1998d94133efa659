# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating, mounting and deleting databases, and what mirroring does with them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from irissim.engine.database import Database, MountState
from irissim.engine.instance import Instance
from irissim.engine.journal_records import Record, RecordType
from irissim.engine.label import MirrorLabel
from irissim.engine.mirror_hooks import NoLongerPrimary, NoMirror
from irissim.engine.positions import Position
from irissim.engine.valuecodec import encode_value
from irissim.objectscript.host import GlobalRef
from irissim.values.collation import encode_path
from irissim.values.errors import OsError, StatusError

MIRROR = MirrorLabel("DEMO", "DATA", "GUID", Position(1, 0), activated=True, needs_catchup=False)


class Instances(Protocol):
    """The fixture `instances`."""

    def start(self, hooks: NoMirror | None = None) -> Instance: ...


class Backup(NoMirror):
    """A mirror that records what it is asked, and may refuse."""

    def __init__(self) -> None:
        self.lost = False
        self.positions: list[Position] = []
        self.mounted: list[tuple[str, bool]] = []

    def wait_ack(self, position: Position) -> None:
        if self.lost:
            raise NoLongerPrimary
        self.positions.append(position)

    def database_mounted(self, directory: str, catchup: bool = True) -> None:
        self.mounted.append((directory, catchup))


def make_mirrored(instance: Instance, directory: str) -> Database:
    """The database becomes a mirrored one of a primary."""
    database = instance.databases.mount(directory)
    instance.journal.start_mirror("DEMO")
    instance.databases.set_mirror_writes("DEMO", True)
    database.change_label(mirror=MIRROR)
    instance.databases.refresh_mirror_writes(directory)
    return database


def record(name: str, value: str, tag: str = MIRROR.full_name, kind: RecordType = RecordType.SET) -> Record:
    return Record(kind, 1.0, tag, name, encode_path((1,)), encode_value(value))


def test_the_mount_table_numbers_databases_from_irissys_on(instance: Instance, data: str) -> None:
    tables = [database.sfn for database in instance.databases]

    assert tables == list(range(len(tables)))
    assert instance.databases.sfn(str(instance.mgr)) == 0
    assert instance.databases.sfn(data) == tables[-1]
    assert instance.databases.by_sfn(0) is instance.databases.find(f"{instance.mgr}/")
    assert instance.databases.by_sfn(999) is None
    assert instance.databases.sfn("/nowhere") == -1


def test_create_refuses_what_would_lose_data(instance: Instance, data: str, tmp_path: Path) -> None:
    with pytest.raises(StatusError) as mounted:
        instance.databases.create(data)
    assert (mounted.value.code, mounted.value.causes[0].code) == (70, 60)
    instance.databases.dismount(data)
    with pytest.raises(StatusError) as exists:
        instance.databases.create(data)
    assert exists.value.code == 20
    with pytest.raises(StatusError) as missing:
        instance.databases.create(str(tmp_path / "missing"))
    assert (missing.value.code, missing.value.causes[0].code) == (70, 73)
    with pytest.raises(StatusError) as block:
        instance.databases.create(str(tmp_path), block_size=4096)
    assert block.value.code == 355


def test_size_of_the_file_is_sparse(instance: Instance, tmp_path: Path) -> None:
    directory = tmp_path / "big"
    directory.mkdir()
    instance.databases.create(str(directory), 50, resource="%DB_BIG", max_mb=60)
    status = (directory / "IRIS.DAT").stat()

    assert status.st_size == 50 << 20
    assert status.st_blocks * 512 < 1 << 20
    label = instance.databases.label(str(directory))
    assert label is not None
    assert (label.size_mb, label.resource, label.max_mb) == (50, "%DB_BIG", 60)


def test_a_database_stops_at_its_maximum(instance: Instance, tmp_path: Path) -> None:
    directory = tmp_path / "small"
    directory.mkdir()
    database = instance.databases.create(str(directory), 1, max_mb=1)
    ref = GlobalRef(f"^^{database.directory}", "a")
    for number in range(40):
        instance.globals.set(ref._replace(subscripts=(number,)), "x" * 50_000)
    database.commit()

    with pytest.raises(OsError, match="FILEFULL"):
        instance.globals.set(ref, 1)


def test_modify_never_shrinks(instance: Instance, data: str) -> None:
    instance.databases.modify(data, size_mb=5, resource="%DB_X", expansion_mb=2)
    instance.databases.modify(data, size_mb=2, max_mb=9)

    label = instance.databases.label(data)
    assert label is not None
    assert (label.size_mb, label.resource, label.max_mb, label.expansion_mb) == (5, "%DB_X", 9, 2)
    assert Path(data, "IRIS.DAT").stat().st_size == 5 << 20


def test_dismounted_databases_stay_so_until_they_are_mounted(instance: Instance, data: str) -> None:
    ref = GlobalRef("DATA", "a")
    instance.globals.set(ref, "x")
    instance.databases.dismount(data)

    database = instance.databases.find(data)
    assert database is not None
    assert database.state is MountState.DISMOUNTED
    with pytest.raises(OsError, match="DIRECTORY"):
        instance.globals.get(ref)
    with pytest.raises(StatusError, match="300"):
        instance.databases.dismount(data)
    instance.databases.mount(data)
    assert instance.globals.get(ref) == "x"


def test_unmounted_databases_are_mounted_when_used(instances: Instances, instance: Instance, data: str) -> None:
    instance.globals.set(GlobalRef("DATA", "a"), "x")
    instance.stop()
    instance = instances.start()

    database = instance.databases.find(data)
    assert database is not None
    assert (database.state, database.mounted) == (MountState.UNMOUNTED, False)
    assert instance.globals.get(GlobalRef("DATA", "a")) == "x"
    assert (database.state, database.mounted) == (MountState.MOUNTED, True)


def test_system_databases_are_protected(instance: Instance) -> None:
    for action in (instance.databases.dismount, instance.databases.delete):
        with pytest.raises(StatusError):
            action(f"{instance.mgr}/irisaudit/")


def test_delete_removes_the_file(instance: Instance, data: str) -> None:
    instance.databases.delete(data)

    assert not Path(data, "IRIS.DAT").exists()
    with pytest.raises(StatusError, match="57"):
        instance.databases.delete(data)
    with pytest.raises(StatusError, match="57"):
        instance.databases.mount(data)
    instance.databases.create(data)
    assert instance.globals.get(GlobalRef("DATA", "a")) is None


def test_read_only_mounts_refuse_updates(instance: Instance, data: str) -> None:
    instance.databases.dismount(data)
    database = instance.databases.mount(data, read_only=True)

    with pytest.raises(OsError) as failure:
        instance.globals.set(GlobalRef("DATA", "a"), 1)
    assert str(failure.value) == f"<PROTECT> ^a,{data}"
    assert database.read_only_reason
    assert database.label.clean


def test_a_database_that_must_be_mounted_stops_the_start(instances: Instances, instance: Instance, data: str) -> None:
    instance.config.set("Databases", "DATA", f"{data},,1")
    instance.config.save()
    instance.stop()
    Path(data, "IRIS.DAT").unlink()

    with pytest.raises(StatusError, match="57"):
        instances.start()


def test_unjournaled_databases_are_not_in_the_journal(instance: Instance, data: str) -> None:
    mark = instance.journal.mark()
    instance.databases.modify(data, journaled=False)
    instance.globals.set(GlobalRef("DATA", "a"), 1)

    assert [item for _, item in instance.journal.own_records(mark)] == []


def test_users_write_mirrored_databases_on_the_primary_only(instance: Instance, data: str) -> None:
    ref = GlobalRef("DATA", "a", (1,))
    database = make_mirrored(instance, data)
    instance.globals.set(ref, "on the primary")
    database.commit()

    instance.databases.set_mirror_writes("DEMO", False)
    with pytest.raises(OsError, match="PROTECT"):
        instance.globals.set(ref, "on a backup")
    with pytest.raises(OsError, match="PROTECT"):
        instance.globals.kill(ref)
    with pytest.raises(OsError, match="PROTECT"):
        instance.globals.increment(ref)
    assert instance.globals.get(ref) == "on the primary"

    instance.databases.set_mirror_writes("DEMO", True)
    database.change_mirror_label(activated=False)
    with pytest.raises(OsError, match="PROTECT"):
        instance.globals.set(ref, "not active")


def test_the_dejournaler_writes_data_and_position_together(instance: Instance, data: str) -> None:
    database = instance.databases.mount(data)
    database.change_label(mirror=MIRROR)
    records = [
        record("a", "x"),
        record("b", "y"),
        record("a", "z", tag="/other/"),
        record("b", "", kind=RecordType.KILL),
    ]

    database.apply(records, Position(3, 400))
    assert instance.globals.get(GlobalRef("DATA", "a", (1,))) == "x"
    assert instance.globals.data(GlobalRef("DATA", "b")) == 0
    database.discard()
    assert instance.globals.data(GlobalRef("DATA", "a")) == 0
    assert database.label.mirror == MIRROR

    database.apply(records, Position(3, 400))
    instance.databases.flush()
    database.discard()
    assert instance.globals.get(GlobalRef("DATA", "a", (1,))) == "x"
    assert database.label.mirror is not None
    assert database.label.mirror.position == Position(3, 400)


def test_the_label_of_a_primary_names_the_position_its_file_stands_for(instance: Instance, data: str) -> None:
    database = make_mirrored(instance, data)
    for number in range(20):
        instance.globals.set(GlobalRef("DATA", "a", (number,)), number)
    instance.databases.dismount(data)

    label = instance.databases.label(data)
    assert label is not None
    assert label.mirror is not None
    assert label.mirror.position == instance.journal.mark().position
    assert label.clean
    assert not database.mounted


def test_an_idle_database_follows_the_journal_switch(instance: Instance, data: str) -> None:
    database = make_mirrored(instance, data)
    instance.databases.flush()
    instance.journal.switch()
    assert database.dirty
    instance.databases.flush()

    assert database.label.mirror is not None
    assert database.label.mirror.position == instance.journal.mark().position
    assert not database.dirty


def test_a_primary_that_needs_catchup_keeps_its_position(instance: Instance, data: str) -> None:
    database = make_mirrored(instance, data)
    database.change_mirror_label(needs_catchup=True, position=Position(1, 0))
    instance.journal.switch()
    instance.databases.flush()

    assert database.label.mirror is not None
    assert database.label.mirror.position == Position(1, 0)
    assert not database.dirty
    with pytest.raises(OsError, match="PROTECT"):
        instance.globals.set(GlobalRef("DATA", "a"), 1)


def test_nothing_reaches_the_file_that_the_backup_does_not_have(instances: Instances, tmp_path: Path) -> None:
    mirror = Backup()
    instance = instances.start(mirror)
    (tmp_path / "m").mkdir()
    database = make_mirrored(instance, instance.databases.create(str(tmp_path / "m")).directory)
    ref = GlobalRef(f"^^{database.directory}", "a")
    instance.globals.set(ref, "acknowledged")
    instance.databases.flush()
    assert mirror.positions[-1] == instance.journal.mark().position

    instance.globals.set(ref, "in doubt")
    mirror.lost = True
    instance.databases.flush()
    assert database.dirty
    with pytest.raises(NoLongerPrimary):
        instance.globals.wait_durable()
    instance.databases.set_mirror_writes("DEMO", False)
    assert instance.globals.get(ref) == "acknowledged"
    assert not database.dirty


def test_updates_during_the_wait_for_the_backup_are_waited_for_too(instances: Instances, tmp_path: Path) -> None:
    class Busy(Backup):
        """Somebody updates while the write daemon waits."""

        def wait_ack(self, position: Position) -> None:
            super().wait_ack(position)
            if len(self.positions) == 1:
                instance.globals.set(GlobalRef(f"^^{database.directory}", "a"), "meanwhile")

    mirror = Busy()
    instance = instances.start(mirror)
    (tmp_path / "m").mkdir()
    database = make_mirrored(instance, instance.databases.create(str(tmp_path / "m")).directory)
    instance.globals.set(GlobalRef(f"^^{database.directory}", "a"), "before")
    mirror.positions.clear()

    database.commit()

    assert database.label.mirror is not None
    assert database.label.mirror.position <= mirror.positions[-1]
    assert mirror.positions[-1] == instance.journal.mark().position


def test_sessions_wait_for_their_own_mirrored_updates_only(instances: Instances, tmp_path: Path) -> None:
    mirror = Backup()
    instance = instances.start(mirror)
    (tmp_path / "m").mkdir()
    database = make_mirrored(instance, instance.databases.create(str(tmp_path / "m")).directory)
    mirror.positions.clear()

    instance.globals.set(GlobalRef("USER", "local"), 1)
    instance.globals.wait_durable()
    assert mirror.positions == []
    instance.globals.set(GlobalRef(f"^^{database.directory}", "a"), 1)
    position = instance.journal.mark().position
    instance.globals.wait_durable()
    instance.globals.wait_durable()
    assert mirror.positions == [position]


def test_mirrored_databases_are_reported_when_mounted_in_a_running_instance(
    instances: Instances, tmp_path: Path
) -> None:
    mirror = Backup()
    instance = instances.start(mirror)
    (tmp_path / "m").mkdir()
    directory = instance.databases.create(str(tmp_path / "m")).directory
    make_mirrored(instance, directory)
    instance.databases.dismount(directory)
    instance.databases.mount(directory, catchup=False)
    assert mirror.mounted == [(directory, False)]

    with pytest.raises(StatusError) as failure:
        instance.databases.delete(directory)
    assert failure.value.code == 318


def test_each_mount_is_told(instance: Instance) -> None:
    (instance.mgr / "told").mkdir()
    directory = instance.databases.create(str(instance.mgr / "told")).directory
    number = instance.databases.sfn(directory)
    assert f"Mounted database {directory} (SFN {number}) read-write" in instance.log.path.read_text()
    instance.databases.dismount(directory)
    instance.databases.mount(directory, read_only=True)
    assert f"Mounted database {directory} (SFN {number}) read-only" in instance.log.path.read_text()

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrored databases of async members: properties, purging, download, catch-up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.mirror.lab import MIRROR, Lab, Node, add_database, copy_database, eventually, seed_database

DR, READ_ONLY, READ_WRITE = 0, 1, 2
DAY = 86400


class Setting:
    """A primary with DATA, an async member of each kind that has DATA too; one for all tests of this file."""

    def __init__(self, lab: Lab) -> None:
        self.first = lab.node("A")
        self.first.create_mirror()
        add_database(self.first, "DATA")
        self.recovery, self.reader, self.writer = (lab.node(name) for name in ("DR", "RO", "RW"))
        for node, kind in ((self.recovery, DR), (self.reader, READ_ONLY), (self.writer, READ_WRITE)):
            node.join_as_async(self.first, kind)
            node.wait_status("CONNECTED")
            seed_database(self.first, node, "DATA")


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    laboratory = Lab(tmp_path_factory.mktemp("asyncs"))
    try:
        yield Setting(laboratory)
    finally:
        laboratory.close()


def change(node: Node, maximum: int, expansion: int, resource: str) -> None:
    opened = f'set d=##class(SYS.Database).%OpenId("{node.directory("DATA")}")'
    values = f'set d.MaxSize={maximum},d.ExpansionSize={expansion},d.ResourceName="{resource}"'
    assert node.call("objectscript", opened, values, "d.%Save()") == 1


def shown(node: Node) -> tuple[Any, ...]:
    label = node.call("label", node.directory("DATA"))
    return label["max_mb"], label["expansion_mb"], label["resource"]


def follows(node: Node, *values: Any) -> None:
    eventually(lambda: shown(node) == values, lambda: f"{node.name}: {shown(node)} is {values}")


def applied(primary: Node, node: Node, value: str, database: str = "DATA") -> None:
    primary.call("set", primary.directory(database), "a", "1", value)
    eventually(lambda: node.call("get", node.directory(database), "a", "1") == value, f"{node.name} has {value}")


def words(node: Node, database: str) -> str:
    """What MirroredDatabaseList says."""
    rows = node.call("rows", "SYS.Mirror:MirroredDatabaseList", database, "*")
    return str(rows[0]["MirrorStatus"])


def files(node: Node) -> list[Path]:
    return [Path(path) for path in node.call("journal_files", MIRROR)]


def grow(primary: Node, *others: Node) -> None:
    """Some more finished files, which the others have applied."""
    for number in range(3):
        primary.call("set", primary.directory("DATA"), "grow", str(number), "x")
        primary.call("switch_journal")
    for node in others:
        applied(primary, node, f"grown {time.time()}")


def test_sizes_only_grow_and_the_resource_follows_only_with_the_flag(setting: Setting) -> None:
    first, recovery, reader, writer = setting.first, setting.recovery, setting.reader, setting.writer
    change(first, 500, 20, "%DB_FIRST")
    for node in (recovery, reader):
        # No limit is greater than any.
        follows(node, 0, 20, "%DB_FIRST")
    follows(writer, 0, 20, "%DB_%DEFAULT")
    change(recovery, 100, 5, "%DB_OTHER")
    # Less than on the primary does not last, nor does another resource.
    assert shown(recovery) == (500, 20, "%DB_FIRST")
    change(recovery, 900, 30, "%DB_FIRST")
    assert shown(recovery) == (900, 30, "%DB_FIRST")
    change(first, 1000, 25, "%DB_SECOND")
    follows(recovery, 1000, 30, "%DB_SECOND")
    change(first, 600, 5, "%DB_SECOND")
    applied(first, recovery, "after")
    assert shown(recovery) == (1000, 30, "%DB_SECOND")
    change(writer, 2000, 40, "%DB_MINE")
    assert shown(writer) == (2000, 40, "%DB_MINE")


def test_states_and_catchup_on_an_async_member(setting: Setting) -> None:
    first, recovery = setting.first, setting.recovery
    add_database(first, "MORE")
    copy_database(first, recovery, "MORE")
    target = recovery.directory("MORE")
    assert words(recovery, "MORE") == "Needs Activation"
    recovery.call("mirror.activate", target)
    assert words(recovery, "MORE") == "Needs Catchup"
    first.call("set", first.directory("MORE"), "a", "1", "behind")
    grow(first, recovery)
    assert recovery.call("get", target, "a", "1") is None
    sfn = recovery.call("databases.sfn", target)
    assert recovery.call("mirror.catchup", [sfn]) == [[sfn], []]
    assert words(recovery, "MORE") == "Dejournaling"
    assert recovery.call("get", target, "a", "1") == "behind"
    applied(first, recovery, "follows", "MORE")


def test_a_disaster_recovery_member_downloads(setting: Setting) -> None:
    first, recovery = setting.first, setting.recovery
    source, target = first.directory("FULL"), recovery.directory("FULL")
    first.call("new_database", "FULL", source)
    first.call("set_large", source, "big", 200, 100_000)
    first.call("mirror.add_database", source)
    eventually(lambda: f":mirror:{MIRROR}:FULL" in recovery.call("mirror.missing_databases"), "it is missed")
    recovery.call("new_database", "FULL", target)
    first.pause()
    begun = recovery.begin("mirror.adopt_new_database", target, "FULL", MIRROR)
    first.resume()
    begun()
    assert words(recovery, "FULL") in ("Downloading", "Dejournaling")
    eventually(lambda: words(recovery, "FULL") == "Dejournaling", recovery.log)
    assert recovery.call("get", target, "big", "199") == "x" * 100_000
    applied(first, recovery, "follows", "FULL")


def test_a_download_from_nowhere_waits_in_the_list_of_an_async_member(setting: Setting) -> None:
    first, recovery, reader = setting.first, setting.recovery, setting.reader
    source, target = first.directory("WAIT"), reader.directory("WAIT")
    first.call("new_database", "WAIT", source)
    first.call("set", source, "a", "1", "old")
    first.call("set", source, "gone", "1", "deleted before the second download")
    first.call("mirror.add_database", source)
    eventually(lambda: f":mirror:{MIRROR}:WAIT" in reader.call("mirror.missing_databases"), "it is missed")
    reader.call("new_database", "WAIT", target)
    reader.call("mirror.adopt_new_database", target, "WAIT", MIRROR)
    eventually(lambda: reader.database_state("WAIT") == "DEJOURNALING", reader.log)
    # As a crash in the middle of it leaves it.
    reader.call("change_mirror_label", target, {"download": True, "activated": False})
    reader.call("databases.dismount", target)
    reader.call("mount", target)
    first.call("kill", source, "gone")
    assert words(reader, "WAIT") == "Needs Download"
    # Nobody takes from a copy that is not activated.
    copy_database(first, recovery, "WAIT")
    first.call("databases.dismount", source)
    request = f'##class(SYS.Mirror).DownloadMirrorDatabase("{MIRROR}","WAIT",0)'
    codes = f"$system.Status.GetErrorCodes({request})"
    assert reader.call("objectscript", codes) == "2104"
    assert words(reader, "WAIT") == "Needs Download"
    recovery.call("mirror.activate", recovery.directory("WAIT"))
    assert recovery.call("mirror.catchup", [recovery.call("databases.sfn", recovery.directory("WAIT"))])[1] == []
    assert reader.call("objectscript", request) == 1
    first.call("mount", source)
    assert words(reader, "WAIT") == "Dejournaling"
    assert [reader.call("get", target, name, "1") for name in ("a", "gone")] == ["old", None]


def test_the_flag_of_a_copy_is_cleared_on_a_reporting_member_only(setting: Setting) -> None:
    first, recovery, reader = setting.first, setting.recovery, setting.reader
    add_database(first, "CLEAR")
    codes = '$system.Status.GetErrorCodes(##class(SYS.Database).ClearMirrorFailoverDB("{}"))'
    for node in (recovery, reader):
        copy_database(first, node, "CLEAR")
    assert first.call("objectscript", codes.format(first.directory("CLEAR"))) == "2115"
    assert recovery.call("objectscript", codes.format(recovery.directory("CLEAR"))) == "2115"
    target = reader.directory("CLEAR")
    assert reader.call("objectscript", codes.format(target)) == "2146"
    reader.call("mirror.activate", target)
    assert reader.call("mirror.catchup", [reader.call("databases.sfn", target)])[1] == []
    assert reader.call("objectscript", codes.format(target)) == ""
    opened = f'set d=##class(SYS.Database).%OpenId("{target}")'
    assert reader.call("objectscript", opened, 'd.MirrorFailoverDB_" "_d.ReadOnlyMounted') == "0 0"
    reader.call("set", target, "b", "1", "local")
    applied(first, reader, "mirrored", "CLEAR")
    assert reader.call("get", target, "b", "1") == "local"
    # From now on it has a resource of its own.
    changed = f'set d=##class(SYS.Database).%OpenId("{first.directory("CLEAR")}")'
    assert first.call("objectscript", changed, 'set d.ResourceName="%DB_NEW",d.MaxSize=44', "d.%Save()") == 1
    applied(first, reader, "after the change", "CLEAR")
    assert reader.call("label", target)["resource"] == "%DB_%DEFAULT"


def test_reporting_members_purge_what_they_have_applied(setting: Setting) -> None:
    first, recovery, reader = setting.first, setting.recovery, setting.reader
    reader.call("config.set", "MirrorMember", "AsyncUseSystemPurgeInterval", "1")
    grow(first, recovery, reader)
    reader.call("databases.flush")
    before = files(reader)
    assert len(before) > 3
    reader.call("purger.run")
    assert files(reader) == before
    reader.call("config.set", "MirrorMember", "AsyncUseSystemPurgeInterval", "0")
    reader.call("purger.run")
    assert files(reader) == before[-1:]
    assert not before[0].exists()
    # A disaster recovery member keeps what the settings keep.
    before = files(recovery)
    recovery.call("purger.run")
    assert files(recovery) == before
    applied(first, reader, "goes on")


def test_a_reporting_member_keeps_what_it_has_not_applied(setting: Setting) -> None:
    first, reader = setting.first, setting.reader
    reader.call("mirror.dejournal_stop")
    held = files(reader)[-1]
    for number in range(3):
        first.call("set", first.directory("DATA"), "late", str(number), "x")
        first.call("switch_journal")
    eventually(lambda: len(files(reader)) > 3, "received")
    reader.call("databases.flush")
    reader.call("purger.run")
    assert files(reader)[0] == held
    reader.call("mirror.dejournal_start")
    eventually(lambda: reader.call("get", reader.directory("DATA"), "late", "2") == "x", "applied")
    reader.call("purger.run")
    assert held not in files(reader)


def test_an_async_member_that_is_away_for_14_days_is_not_waited_for(setting: Setting) -> None:
    first, recovery, reader, writer = setting.first, setting.recovery, setting.reader, setting.writer

    def purgeable(days: str = "") -> int:
        call = f"set sc=##class(SYS.Mirror).PurgeJournalFiles(1,,{days},,.n)"
        return int(first.call("objectscript", call, "n"))

    grow(first, recovery, reader, writer)
    first.call("databases.flush")
    held = purgeable()
    writer.stop()
    eventually(lambda: "RW" not in [row["name"] for row in first.call("mirror.connected_asyncs")], "gone")
    grow(first, recovery, reader)
    first.stop()
    memory = first.home / "mgr" / f"mirrorpurge-{MIRROR}.json"
    known = json.loads(memory.read_text(encoding="utf-8"))
    known["members"]["RW"]["seen"] -= 10 * DAY
    memory.write_text(json.dumps(known), encoding="utf-8")
    first.start()
    first.wait_status("PRIMARY")
    for node in (recovery, reader):
        node.wait_status("CONNECTED")
    applied(first, recovery, "again")
    applied(first, reader, "and again")
    first.call("databases.flush")
    eventually(lambda: purgeable("9") >= held + 3, "9 days are over")
    for waiting in ("", "11", "0"):
        assert purgeable(waiting) <= held + 1, waiting
    assert first.call("objectscript", "##class(SYS.Mirror).JrnPurgeDefaultWait(9)") == 9
    assert purgeable() >= held + 3

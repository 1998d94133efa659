# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrored databases in trouble: journals or files that went missing or bad."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mirror.lab import MIRROR, Lab, Node, add_database, copy_database, eventually, seed_database

Members = tuple[Node, Node]


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Members]:
    """A primary and a disaster recovery member, both patient enough for an agent that is slow."""
    laboratory = Lab(tmp_path_factory.mktemp("errors"))
    try:
        first, other = laboratory.node("A"), laboratory.node("B")
        first.create_mirror(qos_timeout=30000)
        other.join_as_async(first)
        other.wait_status("CONNECTED")
        yield first, other
    finally:
        laboratory.close()


def mirrored(members: Members, name: str) -> tuple[str, str]:
    """A database that both have; its directories."""
    first, other = members
    source = add_database(first, name)
    seed_database(first, other, name)
    return source, other.directory(name)


def follows(members: Members, name: str, value: str) -> None:
    first, other = members
    first.call("set", first.directory(name), "a", "1", value)
    eventually(lambda: other.call("get", other.directory(name), "a", "1") == value, other.log)


def row(node: Node, name: str) -> dict[str, str]:
    found: list[dict[str, str]] = node.call("rows", "SYS.Mirror:MirroredDatabaseList", name, "*")
    return found[0]


def lose_journals(node: Node) -> None:
    """Delete all finished journal files of the mirror."""
    for path in node.call("journal_files", MIRROR)[:-1]:
        Path(path).unlink(missing_ok=True)


def test_catchup_that_waits_for_an_agent_is_seen_running(members: Members) -> None:
    first, other = members
    add_database(first, "SLOW")
    copy_database(first, other, "SLOW")
    target = other.directory("SLOW")
    other.call("mirror.activate", target)
    first.call("set", first.directory("SLOW"), "a", "1", "in the lost file")
    first.call("switch_journal")
    eventually(lambda: other.call("mirror.database_distance") == 1, "received")
    lose_journals(other)
    first.agent.pause()
    running = other.begin("mirror.catchup", [other.call("databases.sfn", target)])
    try:
        eventually(lambda: row(other, "SLOW")["MirrorStatus"] == "Catchup Running", other.log)
        assert row(other, "SLOW")["Latency"] == "N/A"
        assert other.call("get", target, "a", "1") is None
    finally:
        first.agent.resume()
    assert running()[1] == []
    assert row(other, "SLOW")["MirrorStatus"] == "Dejournaling"
    assert other.call("get", target, "a", "1") == "in the lost file"


def test_dejournaling_stops_when_a_journal_is_nowhere(members: Members) -> None:
    first, other = members
    _, target = mirrored(members, "STOPPED")
    follows(members, "STOPPED", "before")
    other.call("mirror.dejournal_stop")
    first.call("set", first.directory("STOPPED"), "a", "1", "in the lost file")
    first.call("switch_journal")
    first.call("set", first.directory("STOPPED"), "a", "2", "behind it")
    eventually(lambda: other.call("mirror.journal_distance") == 1, "received")
    lose_journals(other)
    first.agent.kill()
    other.call("mirror.dejournal_start")
    eventually(lambda: other.call("mirror.dejournal_status") == "stopped", other.log)
    assert "Dejournaling stopped: journal file #" in other.log()
    assert row(other, "STOPPED")["MirrorStatus"] == "Dejournaling Stopped"
    opened = f'set d=##class(SYS.Database).%OpenId("{target}")'
    assert other.call("objectscript", opened, "d.MirrorDBPaused") == 1
    assert [other.call("get", target, "a", number) for number in "12"] == ["before", None]
    first.agent.start()
    other.call("mirror.dejournal_start")
    eventually(lambda: row(other, "STOPPED")["MirrorStatus"] == "Dejournaling", other.log)
    eventually(lambda: other.call("get", target, "a", "2") == "behind it", "goes on")
    assert other.call("get", target, "a", "1") == "in the lost file"


def test_dejournaling_stops_when_a_journal_cannot_be_read(members: Members) -> None:
    first, other = members
    _, target = mirrored(members, "UNREAD")
    other.call("mirror.dejournal_stop")
    first.call("set", first.directory("UNREAD"), "a", "1", "in the bad file")
    first.call("switch_journal")
    # What the member knows of the primary's end may be old, so that its distance says nothing here.
    following = Path(first.call("journal_files", MIRROR)[-1]).name
    eventually(lambda: Path(other.call("journal_files", MIRROR)[-1]).name == following, "received")
    bad = Path(other.call("journal_files", MIRROR)[-2])
    bad.unlink()
    bad.mkdir()
    other.call("mirror.dejournal_start")
    eventually(lambda: other.call("mirror.dejournal_status") == "stopped", other.log)
    assert row(other, "UNREAD")["MirrorStatus"] == "Dejournaling Stopped"
    assert "Dejournaling stopped: IsADirectoryError" in other.log()
    bad.rmdir()
    other.call("mirror.dejournal_start")
    eventually(lambda: other.call("get", target, "a", "1") == "in the bad file", other.log)
    assert row(other, "UNREAD")["MirrorStatus"] == "Dejournaling"
    follows(members, "UNREAD", "after")


def test_a_file_that_was_changed_from_outside_takes_only_its_database_out(members: Members) -> None:
    first, other = members
    _, target = mirrored(members, "SPOILT")
    mirrored(members, "SOUND")
    follows(members, "SPOILT", "before")
    other.call("databases.flush")
    with open(target + "IRIS.DAT", "ab") as stream:
        stream.write(b"appended by somebody")
    first.call("set", first.directory("SPOILT"), "a", "1", "missed")
    eventually(lambda: row(other, "SPOILT")["MirrorStatus"] == "Database Dismounted", other.log)
    assert f"Database {target} is degraded and dismounted" in other.log()
    follows(members, "SOUND", "goes on")
    # The remedy is a fresh copy.
    first.call("databases.dismount", first.directory("SPOILT"))
    shutil.copy(first.directory("SPOILT") + "IRIS.DAT", target + "IRIS.DAT")
    first.call("mount", first.directory("SPOILT"))
    other.call("mount", target)
    assert row(other, "SPOILT")["MirrorStatus"] == "Needs Activation"
    other.call("mirror.activate", target)
    assert other.call("mirror.catchup", [other.call("databases.sfn", target)])[1] == []
    assert other.call("get", target, "a", "1") == "missed"
    follows(members, "SPOILT", "after")


def test_an_error_while_changes_are_applied_shuts_dejournaling_down(members: Members) -> None:
    first, other = members
    source, target = mirrored(members, "BROKEN")
    mirrored(members, "WHOLE")
    first.call("set_large", source, "w", 400, 5000)
    eventually(lambda: other.call("mirror.database_distance") == 1, other.log)
    other.stop()
    file = Path(target, "IRIS.DAT")
    with file.open("r+b") as stream:
        # What a mount reads is good, what the next update needs is not.
        stream.seek(1 << 16)
        stream.write(b"\xff" * (file.stat().st_size - (1 << 16)))
    other.start()
    other.wait_status("CONNECTED")
    first.call("set_large", source, "w", 400, 4000)
    eventually(lambda: other.call("mirror.dejournal_status") == "error", other.log)
    assert f"Dejournaling stopped: <DISKHARD> ^w,{target}" in other.log()
    assert row(other, "WHOLE")["MirrorStatus"] == "Dejournaling Stopped"
    eventually(
        lambda: first.call("rows", "SYS.Mirror:MemberStatusList", MIRROR)[1]["DatabaseLatency"]
        == "Warning! Dejournaling is stopped.",
        first.log,
    )
    assert row(other, "BROKEN")["MirrorStatus"] == "Database Dismounted"
    other.call("mirror.dejournal_start")
    follows(members, "WHOLE", "goes on")
    assert other.call("mirror.dejournal_status") == "running"


def live_copy(members: Members, name: str, frozen: bool) -> str:
    """Copy IRIS.DAT of the primary while its users go on writing; the directory of the copy."""
    first, other = members
    source, target = add_database(first, name), other.directory(name)
    other.call("new_database", name, target)
    other.call("databases.dismount", target)
    first.call("set", source, "a", "1", "before")
    if frozen:
        first.call("freeze.freeze")
    written = [first.begin("set_many", source, f"w{number}", 500) for number in range(4)]
    shutil.copy(source + "IRIS.DAT", target + "IRIS.DAT")
    if frozen:
        first.call("freeze.thaw")
    for finish in written:
        finish()
    return target


def test_a_copy_taken_during_updates_is_damaged(members: Members) -> None:
    _, other = members
    target = live_copy(members, "LIVE", False)
    assert other.refusal("mount", target) == 350
    assert f"Mounting {target} failed, database is degraded: the file is a copy of a live database" in other.log()
    assert other.refusal("mirror.activate", target) == 2073


def test_a_copy_taken_during_updates_is_good_in_a_freeze(members: Members) -> None:
    first, other = members
    target = live_copy(members, "FROZEN", True)
    other.call("mount", target)
    assert other.call("get", target, "w1", "0") is None
    other.call("mirror.activate", target)
    assert other.call("mirror.catchup", [other.call("databases.sfn", target)])[1] == []
    for name in ("w0", "w1", "w2", "w3"):
        assert other.call("content", target, name) == first.call("content", first.directory("FROZEN"), name)
    assert other.call("get", target, "a", "1") == "before"
    follows(members, "FROZEN", "after")


@pytest.mark.parametrize("fault", ["half", "beginning", "size of blocks", "garbage"])
def test_a_bad_file_is_refused(members: Members, fault: str) -> None:
    first, other = members
    name = f"BAD{fault[0].upper()}"
    source, target = mirrored(members, name)
    other.call("databases.dismount", target)
    file = Path(target, "IRIS.DAT")
    if fault == "half":
        os.truncate(file, file.stat().st_size // 2)
    elif fault == "beginning":
        os.truncate(file, 100)
    else:
        with file.open("r+b") as stream:
            stream.seek(0 if fault == "garbage" else 16)
            stream.write(b"nothing" if fault == "garbage" else b"\x02\x00")
    assert other.refusal("mount", target) == 350
    assert f"Mounting {target} failed, database is degraded" in other.log()
    # Where not even the label can be read, nothing says that the file was of this mirror.
    assert other.database_state(name) == ("DISMOUNTED" if fault == "half" else "")
    first.call("databases.dismount", source)
    shutil.copy(source + "IRIS.DAT", file)
    first.call("mount", source)
    other.call("mount", target)
    other.call("mirror.activate", target)
    assert other.call("mirror.catchup", [other.call("databases.sfn", target)])[1] == []
    follows(members, name, "again")

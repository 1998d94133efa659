# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journal files of a mirror are deleted when nobody needs them, and not before."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.mirror.lab import MIRROR, Lab, Node, add_database, copy_database, eventually, wait_active

DAY = 86400


def files(node: Node) -> list[Path]:
    return [Path(path) for path in node.call("journal_files", MIRROR)]


def grow(first: Node, *others: Node) -> None:
    """Two more finished files, which everybody has applied."""
    for number in range(2):
        first.call("set", first.directory("DATA"), "a", str(number), "x")
        first.call("switch_journal")
    first.call("set", first.directory("DATA"), "a", "last", "x")
    first.call("databases.flush")
    for node in others:
        eventually(lambda node=node: len(files(node)) >= len(files(first)), "received")
        eventually(lambda node=node: node.call("mirror.database_distance") == 1, "dejournaled")


def make_old(node: Node, days: float) -> None:
    for path in files(node):
        when = time.time() - days * DAY
        os.utime(path, (when, when))


def purge(node: Node) -> list[str]:
    node.call("purger.run")
    return [path.name for path in files(node)]


def test_the_settings_keep_files_for_some_days(pair: tuple[Node, Node]) -> None:
    first, second = pair
    grow(first, second)
    before = len(files(first))
    make_old(first, 1)
    assert len(purge(first)) == before
    make_old(first, 3)
    kept = purge(first)
    assert kept == [files(first)[-1].name]
    assert all(path.exists() for path in files(first))
    make_old(second, 3)
    eventually(lambda: len(purge(second)) == 1, "the backup follows the same rule")
    first.call("set", first.directory("DATA"), "a", "after", "x")
    eventually(lambda: second.call("get", second.directory("DATA"), "a", "after") == "x", "mirroring goes on")


def test_backups_count_as_well(pair: tuple[Node, Node]) -> None:
    first, second = pair
    grow(first, second)
    for path in files(first)[:-1]:
        os.utime(path, (time.time() - 10, time.time() - 10))
    first.call("purger.record_backup", "one")
    assert len(files(first)) > 1
    first.call("purger.record_backup", "two")
    assert len(files(first)) == 1


def test_what_the_backup_lacks_stays_on_the_primary(pair: tuple[Node, Node]) -> None:
    first, second = pair
    second.call("mirror.stop")
    eventually(lambda: first.member_states()["B"][1] == "Down", "gone")
    grow(first)
    make_old(first, 30)
    before = len(files(first))
    purge(first)
    assert len(files(first)) >= 3
    second.call("mirror.start")
    wait_active(first, second)
    grow(first, second)
    make_old(first, 30)
    eventually(lambda: len(purge(first)) < before, "purged when the backup has it")
    assert second.call("get", second.directory("DATA"), "a", "1") == "x"


def test_an_open_transaction_holds_files(pair: tuple[Node, Node]) -> None:
    first, second = pair
    first.call("begin_transaction")
    held = files(first)[-1].name
    grow(first, second)
    make_old(first, 30)
    assert purge(first)[0] == held
    first.call("end_transaction")
    assert held not in purge(first)


def test_the_class_method_reports_and_purges(lab: Lab) -> None:
    first, second = lab.pair()
    grow(first, second)
    paths = [str(path) for path in files(first)]
    call = f'set sc=##class(SYS.Mirror).PurgeJournalFiles({{}},"{paths[1]}",,,.n,.mb,.range,.files)'
    shown = 'sc_"|"_n_"|"_$listget(range,1)_"-"_$listget(range,2)_"|"_$get(files(2))'
    assert first.call("objectscript", call.format(1), shown) == f"1|2|1-2|{paths[1]}"
    assert Path(paths[0]).exists()
    assert first.call("objectscript", call.format(0), shown) == f"1|2|1-2|{paths[1]}"
    assert [path.exists() for path in map(Path, paths[:3])] == [False, False, True]
    wait = "##class(SYS.Mirror).JrnPurgeDefaultWait({})"
    assert first.call("objectscript", wait.format("")) == 14
    assert first.call("objectscript", wait.format(3)) == 3
    assert first.call("objectscript", wait.format("")) == 3


def test_catchup_of_a_copy_older_than_the_journals_fails(pair: tuple[Node, Node]) -> None:
    first, second = pair
    add_database(first, "OLD")
    copy_database(first, second, "OLD")
    second.call("mirror.activate", second.directory("OLD"))
    count = second.call("label", second.directory("OLD"))["mirror"]["position"][0]
    grow(first, second)
    for node in (first, second):
        make_old(node, 30)
        eventually(lambda node=node: len(purge(node)) == 1, "purged")
    target = second.directory("OLD")
    sfn = second.call("databases.sfn", target)
    assert second.call("mirror.catchup", [sfn]) == [[], [sfn]]
    log = f"{second.home}/mgr/mirrorjrn-{MIRROR}.log"
    refusal = f"ERROR #2000: Journal file #{count} for database '{target}' not found in mirror journal log ({log})"
    assert refusal in second.log()
    assert second.database_state("OLD") == "NEEDS_CATCHUP"


def test_members_start_again_on_purged_journals(lab: Lab) -> None:
    first, second = lab.pair()
    grow(first, second)
    for node in (first, second):
        make_old(node, 30)
        eventually(lambda node=node: len(purge(node)) == 1, "purged")
    second.stop()
    second.start()
    wait_active(first, second)
    first.kill()
    second.wait_status("PRIMARY")
    second.call("set", second.directory("DATA"), "a", "new", "x")
    first.start()
    wait_active(second, first)
    eventually(lambda: first.call("get", first.directory("DATA"), "a", "new") == "x", "replicated")
    assert "is not consistent" not in first.log()
    assert "inconsistent" not in first.log()

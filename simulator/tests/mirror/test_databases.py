# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases enter a mirror, are copied, activated, caught up and removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.mirror.lab import (
    MIRROR,
    Lab,
    Node,
    RunTimeError,
    add_database,
    copy_database,
    eventually,
    seed_database,
    wait_active,
)


def _read(node: Node, database: str, subscript: str) -> object:
    return node.call("get", node.directory(database), "a", subscript)


def _write(node: Node, database: str, subscript: str, value: str) -> None:
    node.call("set", node.directory(database), "a", subscript, value)


def test_add_database_refuses_what_cannot_be_mirrored(lab: Lab) -> None:
    first, second = lab.node("A"), lab.node("B")
    directory = first.directory("DATA")
    assert first.refusal("mirror.add_database", directory) == 2074
    first.create_mirror()
    second.join_mirror(first)
    assert first.refusal("mirror.add_database", directory) == 473
    first.call("new_database", "DATA", directory)
    assert first.refusal("mirror.add_database", directory, "1st") == 2167
    assert first.refusal("mirror.add_database", directory, "A:B") == 2060
    assert first.refusal("mirror.add_database", directory, "x" * 63) == 2059
    first.call("mirror.add_database", directory)
    assert first.refusal("mirror.add_database", directory) == 2063
    assert first.refusal("mirror.add_database", f"{first.home}/mgr/") == 363
    first.call("new_database", "MORE", first.directory("MORE"))
    assert first.refusal("mirror.add_database", first.directory("MORE"), "data") == 2061
    wait_active(first, second)
    second.call("new_database", "LOCAL", second.directory("LOCAL"))
    assert second.refusal("mirror.add_database", second.directory("LOCAL")) == 2113
    assert second.call("mirror.missing_databases") == [f":mirror:{MIRROR}:DATA"]
    assert first.call("mirror.missing_databases") == []


def test_journaling_is_switched_on_unless_forbidden(lab: Lab) -> None:
    node = lab.node("A")
    node.create_mirror()
    directory = node.directory("DATA")
    node.call("new_database", "DATA", directory)
    node.call("journaling", directory, False)
    assert node.refusal("mirror.add_database", directory, "", False) == 2129
    node.call("mirror.add_database", directory)
    assert node.call("label", directory)["journaled"] is True


def test_a_copy_waits_for_activation_then_for_catchup(lab: Lab) -> None:
    first, second = lab.node("A"), lab.node("B")
    first.create_mirror()
    source = first.directory("DATA")
    first.call("new_database", "DATA", source)
    _write(first, "DATA", "before", "in the copy")
    first.call("mirror.add_database", source)
    second.join_mirror(first)
    wait_active(first, second)
    copy_database(first, second, "DATA")
    _write(first, "DATA", "after", "in the journal")
    target = second.directory("DATA")
    sfn = second.call("databases.sfn", target)
    assert second.database_state("DATA") == "NEEDS_ACTIVATION"
    assert second.call("mirror.missing_databases") == []
    assert second.call("mirror.catchup", [sfn]) == [[], [sfn]]
    second.call("mirror.activate", target)
    assert second.refusal("mirror.activate", target) == 2078
    assert second.database_state("DATA") == "NEEDS_CATCHUP"
    assert (_read(second, "DATA", "before"), _read(second, "DATA", "after")) == ("in the copy", None)
    assert second.call("mirror.catchup", [sfn]) == [[sfn], []]
    assert second.database_state("DATA") == "DEJOURNALING"
    assert _read(second, "DATA", "after") == "in the journal"
    with pytest.raises(RunTimeError, match="<PROTECT>"):
        _write(second, "DATA", "x", "y")


def test_a_new_database_is_created_on_both_members_without_a_copy(lab: Lab) -> None:
    lab.profile = "2024.1"
    first, second = lab.pair()
    for node in (first, second):
        node.call("new_database", "NEW", node.directory("NEW"))
        if node is first:
            _write_before = node.refusal("mirror.adopt_new_database", node.directory("NEW"), "A:B", MIRROR)
            assert _write_before == 2060
            node.call("mirror.adopt_new_database", node.directory("NEW"), "NEW", MIRROR)
            _write(node, "NEW", "1", "early")
    eventually(lambda: second.call("mirror.missing_databases") == [f":mirror:{MIRROR}:NEW"], "the backup knows")
    second.call("mirror.adopt_new_database", second.directory("NEW"), "NEW", MIRROR)
    assert _read(second, "NEW", "1") == "early"
    second.call("new_database", "MORE", second.directory("MORE"))
    assert second.refusal("mirror.adopt_new_database", second.directory("MORE"), "NOSUCH", MIRROR) == 2103
    assert second.refusal("mirror.adopt_new_database", second.directory("MORE"), "DATA", MIRROR) == 2105


def test_a_local_copy_can_be_declared_equal_to_a_journal_position(lab: Lab) -> None:
    first, second = lab.node("A"), lab.node("B")
    first.create_mirror()
    second.join_mirror(first)
    wait_active(first, second)
    add_database(first, "DATA")
    count, offset, _ = first.call("mirror.journal_position").split("^")
    _write(first, "DATA", "1", "later")
    target = second.directory("DATA")
    second.call("new_database", "DATA", target)
    eventually(lambda: second.call("mirror.missing_databases"), "the backup knows")
    arguments = (target, MIRROR, "DATA")
    assert second.refusal("mirror.add_database_non_primary", *arguments, 0, 0) == 2000
    second.call("mirror.add_database_non_primary", *arguments, int(count), int(offset))
    assert _read(second, "DATA", "1") == "later"
    assert second.refusal("mirror.add_database_non_primary", *arguments, int(count), int(offset)) == 2063
    assert first.refusal("mirror.add_database_non_primary", target, MIRROR, "DATA", 1, 1) == 2116


def test_catchup_brings_back_a_journal_file_that_is_gone_here(lab: Lab) -> None:
    first, second = lab.pair()
    add_database(first, "MORE")
    copy_database(first, second, "MORE")
    _write(first, "MORE", "1", "lost with the journal")
    first.call("switch_journal")
    _write(first, "MORE", "2", "next file")
    files = eventually(lambda: len(second.call("journal_files", MIRROR)) > 1 and second.call("journal_files", MIRROR),
                       "the next file arrived")  # fmt: skip
    eventually(lambda: second.call("mirror.database_distance") == 1, "dejournaled")
    originals = first.call("journal_files", MIRROR)
    Path(files[0]).unlink()
    label = second.call("label", second.directory("MORE"))
    assert label["mirror"]["position"][0] == 1
    second.call("mirror.activate", second.directory("MORE"))
    sfn = second.call("databases.sfn", second.directory("MORE"))
    assert second.call("mirror.catchup", [sfn]) == [[sfn], []]
    assert Path(files[0]).read_bytes() == Path(originals[0]).read_bytes()
    assert _read(second, "MORE", "1") == "lost with the journal"


def test_catchup_fails_when_nobody_has_a_journal_file(lab: Lab) -> None:
    first, second = lab.pair()
    add_database(first, "MORE")
    copy_database(first, second, "MORE")
    first.call("switch_journal")
    _write(first, "MORE", "2", "next file")
    eventually(lambda: len(second.call("journal_files", MIRROR)) > 1, "the next file arrived")
    eventually(lambda: second.call("mirror.database_distance") == 1, "dejournaled")
    for node in (first, second):
        Path(node.call("journal_files", MIRROR)[0]).unlink()
    target = second.directory("MORE")
    second.call("mirror.activate", target)
    sfn = second.call("databases.sfn", target)
    assert second.call("mirror.catchup", [sfn]) == [[], [sfn]]
    assert second.database_state("MORE") == "NEEDS_CATCHUP"
    assert "ERROR #2000: Journal file #1 for database" in second.log()


def test_a_database_dismounted_for_a_while_catches_up_when_mounted(lab: Lab) -> None:
    first, second = lab.pair()
    target = second.directory("DATA")
    second.call("databases.dismount", target)
    assert second.database_state("DATA") == "DISMOUNTED"
    _write(first, "DATA", "1", "meanwhile")
    second.call("mount", target)
    assert _read(second, "DATA", "1") == "meanwhile"
    assert second.database_state("DATA") == "DEJOURNALING"


def test_removing_a_database_frees_it_and_orphans_the_copy(lab: Lab) -> None:
    first, second = lab.pair()
    first.call("mirror.remove_database", first.directory("DATA"))
    assert first.refusal("mirror.remove_database", first.directory("DATA")) == 2064
    eventually(lambda: second.database_state("DATA") == "ORPHANED", "orphaned")
    assert second.refusal("databases.delete", second.directory("DATA")) == 318
    second.call("mirror.remove_database", second.directory("DATA"))
    _write(second, "DATA", "1", "local again")
    _write(first, "DATA", "1", "local too")


def test_a_paused_database_stands_still_until_caught_up(lab: Lab) -> None:
    first, second = lab.pair()
    target = second.directory("DATA")
    second.call("mirror.pause_database", target)
    _write(first, "DATA", "1", "value")
    eventually(lambda: second.call("mirror.database_distance") == 1, "received")
    assert second.database_state("DATA") == "DEJOURNALING_STOPPED"
    assert _read(second, "DATA", "1") is None
    second.call("mirror.catchup", [second.call("databases.sfn", target)])
    assert _read(second, "DATA", "1") == "value"


def test_a_second_database_is_seeded_while_the_first_replicates(lab: Lab) -> None:
    first, second = lab.pair()
    add_database(first, "MORE")
    writing = first.begin("set_many", first.directory("DATA"), "load", 3000)
    seed_database(first, second, "MORE")
    writing()
    _write(first, "MORE", "1", "both")
    eventually(lambda: _read(second, "MORE", "1") == "both", "second database replicates")
    assert second.call("get", second.directory("DATA"), "load", "2999") is not None

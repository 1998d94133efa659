# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""External freezes on members of a mirror."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.mirror.lab import MIRROR, Lab, Node, NodeGone, eventually, wait_active

from irissim.engine.install import fresh_install
from irissim.engine.instance import Instance
from irissim.engine.mirror import alignment, journals
from irissim.engine.mirror.member import Member
from irissim.engine.mirror.settings import MirrorConfig, MirrorSettings


def test_a_freeze_that_blocks_updates_lets_the_backup_take_over(lab: Lab) -> None:
    first, second = lab.pair()
    source = first.directory("DATA")
    first.call("freeze.freeze", 2.0)
    first.call("set", source, "a", "1", "while frozen")
    assert second.call("mirror.is_backup") is True
    second.wait_status("PRIMARY")
    assert second.call("get", second.directory("DATA"), "a", "1") == "while frozen"
    with pytest.raises(NodeGone):
        first.call("set", source, "a", "2", "never")
    eventually(lambda: not first.alive, "the former primary is down")
    assert "The external freeze lasts too long, the backup takes over" in first.log()
    first.start()
    wait_active(second, first)
    assert first.call("get", source, "a", "1") == "while frozen"


def test_a_short_freeze_changes_nothing(pair: tuple[Node, Node]) -> None:
    first, second = pair
    first.call("freeze.freeze")
    first.call("set", first.directory("DATA"), "a", "1", "while frozen")
    eventually(lambda: second.call("get", second.directory("DATA"), "a", "1") == "while frozen", "replicated")
    first.call("freeze.thaw")
    assert (first.call("mirror.is_primary"), second.call("mirror.is_backup")) == (True, True)


def test_a_frozen_backup_receives_and_applies_after_the_thaw(pair: tuple[Node, Node]) -> None:
    first, second = pair
    second.call("freeze.freeze", 0.01)
    eventually(lambda: "updates are blocked until the thaw" in second.log(), "blocked")
    first.call("set", first.directory("DATA"), "b", "1", "x")
    assert second.call("get", second.directory("DATA"), "b", "1") is None
    second.call("freeze.thaw")
    eventually(lambda: second.call("get", second.directory("DATA"), "b", "1") == "x", "applied")


def test_without_a_backup_the_frozen_primary_stays(lab: Lab) -> None:
    first = lab.node("A")
    first.create_mirror()
    first.call("freeze.freeze", 0.01)
    eventually(lambda: "updates are blocked until the thaw" in first.log(), "blocked")
    first.call("freeze.thaw")
    assert first.call("mirror.is_primary") is True


def test_a_frozen_member_does_not_cut_its_journal_back(tmp_path: Path) -> None:
    """The last updates of a database outside the mirror are in what is to be cut off, and nowhere else."""
    fresh_install(tmp_path)
    (tmp_path / "local").mkdir()

    def run() -> Instance:
        instance = Instance(tmp_path, write_interval=3600)
        instance.start()
        return instance

    instance = run()
    local = instance.databases.create(str(tmp_path / "local"))
    instance.config.set("Databases", "LOCAL", local.directory)
    instance.config.save()
    instance.journal.start_mirror(MIRROR)
    shared = journals.heads(instance.journal.series(MIRROR))
    instance.freeze.freeze(switch_journal=False)
    local.set("a", b"", "kept")
    member = Member(instance, MirrorConfig(MirrorSettings.parse(MIRROR, "")), "A")
    with pytest.raises(alignment.Frozen):
        alignment.align(member, shared)
    instance.freeze.thaw()
    instance.journal.end_mirror()
    alignment.align(member, shared)
    for database in instance.databases:
        database.close()
    instance.journal.close()
    again = run()
    found = again.databases.find(str(tmp_path / "local"))
    assert found is not None
    assert found.get("a", b"") == "kept"
    again.stop()

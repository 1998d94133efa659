# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody is told that an update is safe before it is."""

from __future__ import annotations

import threading

import pytest
from tests.mirror.lab import Lab, NodeGone, eventually
from tests.patience import PATIENCE

from irissim.engine.mirror.acks import Acknowledgements
from irissim.engine.mirror_hooks import NoLongerPrimary
from irissim.engine.positions import Position


def test_a_backup_that_lacks_something_is_not_waited_for() -> None:
    acks = Acknowledgements()
    assert not acks.require(Position(1, 10), lambda: Position(1, 11))
    acks.wait(Position(1, 11))
    assert acks.require(Position(1, 11), lambda: Position(1, 11))


def test_who_writes_while_the_backup_becomes_active_waits_for_it() -> None:
    acks = Acknowledgements()
    answered = threading.Event()

    def write() -> None:
        acks.wait(Position(1, 20))
        answered.set()

    def end() -> Position:
        # The end is read, then somebody writes and wants an answer.
        threading.Thread(target=write, daemon=True).start()
        assert not answered.wait(0.2)
        return Position(1, 10)

    assert acks.require(Position(1, 10), end)
    assert not answered.wait(0.2)
    acks.acknowledge(Position(1, 20))
    assert answered.wait(PATIENCE)


def test_who_lost_the_role_never_says_that_all_is_well() -> None:
    acks = Acknowledgements()
    acks.require(Position(1, 10), lambda: Position(1, 10))
    acks.lose_role()
    acks.waive()
    with pytest.raises(NoLongerPrimary):
        acks.wait(Position(1, 20))
    assert not acks.wait_limited(Position(1, 20), 60)


def test_a_primary_in_trouble_can_be_stopped_while_somebody_holds_a_database(lab: Lab) -> None:
    first, second, arbiter = lab.pair_with_arbiter()
    arbiter.pause()
    second.kill()
    eventually(lambda: first.call("mirror.member_status") == ["Primary", "Trouble"], "in trouble")
    writing = first.begin("set", first.directory("DATA"), "a", "1", "x")
    # It waits for the backup, too, and nobody gets at the database meanwhile.
    first.begin("databases.dismount", first.directory("DATA"))
    first.stop()
    with pytest.raises((NodeGone, AssertionError)):
        writing()

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances die or hand over, and nothing that was acknowledged is lost."""

from __future__ import annotations

import pytest
from tests.mirror.lab import Lab, Node, NodeGone, eventually, wait_active


def _write(node: Node, subscript: str) -> None:
    node.call("set", node.directory("DATA"), "a", subscript, "x")


def _reads(node: Node, subscript: str) -> bool:
    return node.call("get", node.directory("DATA"), "a", subscript) is not None


def test_the_backup_takes_over_when_the_agent_confirms_that_the_primary_is_down(lab: Lab) -> None:
    first, second = lab.pair()
    for number in range(20):
        _write(first, str(number))
    first.kill()
    second.wait_status("PRIMARY")
    assert all(_reads(second, str(number)) for number in range(20))
    _write(second, "new")
    first.start()
    wait_active(second, first)
    eventually(lambda: _reads(first, "new"), "the former primary follows")
    assert first.call("mirror.status") == "BACKUP"


def test_writes_acknowledged_under_load_survive_the_death_of_the_primary(lab: Lab) -> None:
    first, second = lab.pair()
    acknowledged = -1
    load = first.begin("set_many", first.directory("DATA"), "load", 200000)
    for number in range(50):
        _write(first, str(number))
        acknowledged = number
    first.kill()
    with pytest.raises(NodeGone):
        load()
    second.wait_status("PRIMARY")
    assert [number for number in range(acknowledged + 1) if not _reads(second, str(number))] == []
    first.start()
    wait_active(second, first)


def test_become_primary_makes_the_other_hand_over(lab: Lab) -> None:
    first, second = lab.pair()
    _write(first, "1")
    assert first.call("mirror.become_primary") is True
    assert second.call("mirror.become_primary") is True
    assert second.call("mirror.is_primary") is True
    assert _reads(second, "1")
    eventually(lambda: not first.alive, "the other was forced down")
    first.start()
    wait_active(second, first)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances and hosts die: who takes over, and who must not."""

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
    second.wait_status("PRIMARY", 5)
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
    second.wait_status("PRIMARY", 20)
    assert [number for number in range(acknowledged + 1) if not _reads(second, str(number))] == []
    first.start()
    wait_active(second, first)


def test_a_hanging_primary_is_forced_down_by_its_agent(lab: Lab) -> None:
    first, second = lab.pair()
    _write(first, "1")
    first.pause()
    second.wait_status("PRIMARY", 12)
    eventually(lambda: not first.alive, "the hanging instance was killed")
    assert "forced down by its ISCAgent" in second.log()


def test_without_arbiter_the_loss_of_the_host_is_not_a_takeover(lab: Lab) -> None:
    first, second = lab.pair()
    first.lose_host()
    eventually(lambda: "Failed to contact agent on former primary, can't take over" in second.log(), "it says why")
    second.wait_status("WAITING", 5)
    assert second.member_states() == {"A": ("Primary", "Down"), "B": ("Backup", "Deciding")}
    first.agent.start()
    second.wait_status("PRIMARY", 5)


def test_with_arbiter_the_active_backup_survives_the_loss_of_the_host(lab: Lab) -> None:
    first, second, _ = lab.pair_with_arbiter()
    assert first.call("mirror.is_failover_ready") == [True, ""]
    assert first.call("mirror.arbiter_status")["state"] == "BOTH"
    _write(first, "1")
    first.lose_host()
    second.wait_status("PRIMARY", 8)
    assert _reads(second, "1")
    _write(second, "2")
    first.agent.start()
    first.start()
    wait_active(second, first)


def test_a_frozen_host_is_overtaken_and_goes_down_when_it_wakes(lab: Lab) -> None:
    first, second, _ = lab.pair_with_arbiter()
    _write(first, "1")
    first.agent.kill()
    first.pause()
    second.wait_status("PRIMARY", 12)
    _write(second, "2")
    first.resume()
    eventually(lambda: not first.alive, "the overtaken primary went down")
    assert "forced down" in first.log()
    first.agent.start()
    first.start()
    wait_active(second, first)
    assert _reads(first, "1")


def test_without_the_arbiter_the_mode_is_agent_controlled_again(lab: Lab) -> None:
    first, second, arbiter = lab.pair_with_arbiter()
    arbiter.kill()
    for node in (first, second):
        node.wait_mode("AGENT")
    assert first.call("mirror.is_failover_ready")[0] is False
    first.lose_host()
    eventually(lambda: "can't take over" in second.log(), "it says why")
    second.wait_status("WAITING", 5)


def test_the_primary_goes_on_alone_when_the_arbiter_agrees(lab: Lab) -> None:
    first, second, _ = lab.pair_with_arbiter()
    second.kill()
    first.begin("set", first.directory("DATA"), "a", "alone", "x")(4)
    assert first.member_states() == {"A": ("Primary", "Active"), "B": ("Backup", "Down")}
    second.start()
    wait_active(first, second)
    eventually(lambda: _reads(second, "alone"), "the backup follows again")


def test_without_arbiter_the_primary_is_in_trouble_until_the_timeout(lab: Lab) -> None:
    first, second = lab.pair()
    second.lose_host()
    eventually(lambda: first.call("mirror.member_status") == ["Primary", "Trouble"], "in trouble")
    writing = first.begin("set", first.directory("DATA"), "a", "1", "x")
    assert first.member_states()["A"] == ("Primary", "Trouble")
    writing(8)
    assert first.call("mirror.member_status") == ["Primary", ""]


def test_losing_backup_and_arbiter_at_once_means_trouble_until_the_backup_returns(lab: Lab) -> None:
    first, second, arbiter = lab.pair_with_arbiter()
    arbiter.pause()
    second.kill()
    writing = first.begin("set", first.directory("DATA"), "a", "1", "x")
    eventually(lambda: "Lost the connection to the arbiter" in first.log(), "the arbiter is gone too")
    assert first.call("mirror.member_status") == ["Primary", "Trouble"]
    second.start()
    writing(10)
    wait_active(first, second)


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


def test_a_required_database_that_is_missing_blocks_a_takeover(lab: Lab) -> None:
    first, second = lab.pair()
    second.call("require_mount", "DATA")
    second.call("databases.dismount", second.directory("DATA"))
    first.kill()
    eventually(lambda: "is required but not ready" in second.log(), "the reason is logged")
    assert second.call("mirror.status") == "WAITING"
    second.call("mount", second.directory("DATA"))
    second.wait_status("PRIMARY", 8)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances and hosts fail: each row of the guide's outage scenarios, with an arbiter and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.mirror.lab import Lab, Node, eventually
from tests.mirror.picture import (
    AGENT,
    ARBITER,
    BOTH,
    THIS_ONLY,
    cut_off,
    duo,
    follows,
    in_trouble,
    leads,
    reads,
    redundant,
    remain,
    shows,
    trio,
    write,
)
from tests.mirror.switchboard import Switchboard

with_and_without = pytest.mark.parametrize("arbiter", [True, False], ids=["arbiter", "no arbiter"])


@pytest.fixture
def board(lab: Lab) -> Switchboard:
    return lab.switchboard()


def _pair(lab: Lab, arbiter: bool) -> tuple[Node, Node]:
    first, second = trio(lab)[:2] if arbiter else duo(lab)
    write(first, "before")
    return first, second


def _took_over(second: Node, arbiter: bool) -> None:
    shows(second, leads(AGENT, THIS_ONLY if arbiter else "NOT_CONNECTED", "Backup Down"))
    assert reads(second, "before")
    write(second, "after")


def _returns_as_backup(first: Node, second: Node, arbiter: bool) -> None:
    first.start()
    redundant(second, first, ARBITER if arbiter else AGENT)
    eventually(lambda: reads(first, "after"), "the former primary follows")


def _stop(node: Node, _board: Switchboard) -> None:
    node.stop()


def _hang(node: Node, _board: Switchboard) -> None:
    node.pause()


def _crash(node: Node, _board: Switchboard) -> None:
    node.kill()


@with_and_without
@pytest.mark.parametrize("outage", [_stop, _hang, _crash], ids=["planned", "hang", "crash"])
def test_an_instance_that_stops_hangs_or_crashes_is_replaced(
    lab: Lab, board: Switchboard, outage: Callable[[Node, Switchboard], None], arbiter: bool
) -> None:
    first, second = _pair(lab, arbiter)
    outage(first, board)
    _took_over(second, arbiter)
    eventually(lambda: not first.alive, "a hanging primary was forced down")
    assert (f"{first.name} did not answer and was forced down by its ISCAgent" in second.log()) is (outage is _hang)
    _returns_as_backup(first, second, arbiter)


def test_with_an_arbiter_a_lost_host_is_replaced(lab: Lab, board: Switchboard) -> None:
    first, second = _pair(lab, arbiter=True)
    assert first.call("mirror.is_failover_ready") == [True, ""]
    board.isolate("A")
    first.lose_host()
    _took_over(second, arbiter=True)
    board.heal()
    first.agent.start()
    _returns_as_backup(first, second, arbiter=True)


def test_without_arbiter_a_lost_host_needs_an_operator(lab: Lab, board: Switchboard) -> None:
    first, second = _pair(lab, arbiter=False)
    board.isolate("A")
    first.lose_host()
    shows(second, cut_off())
    assert "Failed to contact agent on former primary, can't take over" in second.log()
    remain({second: cut_off()})
    assert second.call("mirror.become_primary") is True
    _took_over(second, arbiter=False)
    board.heal()
    first.agent.start()
    _returns_as_backup(first, second, arbiter=False)


def test_a_lost_host_whose_agent_returns_is_replaced_without_arbiter(lab: Lab, board: Switchboard) -> None:
    first, second = _pair(lab, arbiter=False)
    first.lose_host()
    shows(second, cut_off())
    first.agent.start()
    _took_over(second, arbiter=False)
    _returns_as_backup(first, second, arbiter=False)


@with_and_without
def test_a_frozen_host_is_replaced_only_with_an_arbiter(lab: Lab, board: Switchboard, arbiter: bool) -> None:
    first, second = _pair(lab, arbiter)
    first.agent.pause()
    first.pause()
    if arbiter:
        _took_over(second, arbiter)
    else:
        shows(second, cut_off())
    first.resume()
    first.agent.resume()
    if arbiter:
        eventually(lambda: not first.alive, "the former primary goes down")
        _returns_as_backup(first, second, arbiter)
    else:
        redundant(first, second)


@with_and_without
def test_an_isolated_primary_is_replaced_only_with_an_arbiter(
    lab: Lab, board: Switchboard, arbiter: bool
) -> None:
    first, second = _pair(lab, arbiter)
    board.isolate("A")
    if arbiter:
        _took_over(second, arbiter)
        shows(first, in_trouble(ARBITER))
        board.heal()
        eventually(lambda: not first.alive, "the former primary goes down")
        _returns_as_backup(first, second, arbiter)
    else:
        shows(first, leads(other="Backup Down"))
        shows(second, cut_off())
        board.heal()
        redundant(first, second)


@with_and_without
def test_a_backup_that_is_not_active_never_replaces_a_lost_host(
    lab: Lab, board: Switchboard, arbiter: bool
) -> None:
    first, second = _pair(lab, arbiter)
    board.cut(("A", "B"))
    shows(first, leads(AGENT, BOTH if arbiter else "NOT_CONNECTED", "Backup Down"))
    write(first, "only here")
    board.isolate("A")
    first.lose_host()
    lonely = cut_off(THIS_ONLY if arbiter else "NOT_CONNECTED")
    shows(second, lonely)
    remain({second: lonely})
    board.heal()
    first.agent.start()
    shows(second, leads(AGENT, THIS_ONLY if arbiter else "NOT_CONNECTED", "Backup Down"))
    assert reads(second, "only here")


def test_an_outage_of_the_arbiter_costs_nothing_but_the_mode(lab: Lab, board: Switchboard) -> None:
    first, second, arbiter = trio(lab)
    arbiter.kill()
    shows(first, leads(AGENT))
    shows(second, follows(AGENT))
    assert first.call("mirror.is_failover_ready")[0] is False
    write(first, "meanwhile")
    arbiter.start()
    redundant(first, second, ARBITER)


@with_and_without
def test_the_primary_survives_its_backup(lab: Lab, board: Switchboard, arbiter: bool) -> None:
    first, second = _pair(lab, arbiter)
    second.lose_host()
    write(first, "alone")
    shows(first, leads(AGENT, THIS_ONLY if arbiter else "NOT_CONNECTED", "Backup Down"))
    assert ("Trouble state ended" in first.log()) is True
    second.agent.start()
    second.start()
    redundant(first, second, ARBITER if arbiter else AGENT)
    assert reads(second, "alone")


def test_backup_and_arbiter_lost_at_once_stop_the_primary(lab: Lab, board: Switchboard) -> None:
    first, second, arbiter = trio(lab)
    board.isolate("A")
    second.lose_host()
    arbiter.kill()
    shows(first, in_trouble(ARBITER))
    remain({first: in_trouble(ARBITER)})
    board.heal()
    remain({first: in_trouble(ARBITER)}, 1)
    second.agent.start()
    second.start()
    redundant(first, second)
    arbiter.start()
    redundant(first, second, ARBITER)


def test_a_primary_and_its_arbiter_lost_leave_the_takeover_to_the_agent(lab: Lab, board: Switchboard) -> None:
    first, second, arbiter = trio(lab)
    write(first, "before")
    arbiter.kill()
    first.kill()
    shows(second, leads(other="Backup Down"))
    assert reads(second, "before")

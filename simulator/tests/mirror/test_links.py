# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections are lost while all members run: each row of the guide's table of responses in arbiter controlled mode."""

from __future__ import annotations

import queue

import pytest
from tests.mirror.lab import Lab, NodeGone, eventually
from tests.mirror.picture import (
    AGENT,
    ARBITER,
    BOTH,
    NONE,
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
    start_writing,
    trio,
    write,
)
from tests.mirror.switchboard import Cut, Switchboard

A_B, A_ARBITER, B_ARBITER = ("A", "B"), ("A", "arbiter"), ("B", "arbiter")
both_kinds = pytest.mark.parametrize("how", list(Cut))


@pytest.fixture
def board(lab: Lab) -> Switchboard:
    return lab.switchboard()


@pytest.mark.parametrize(
    ("links", "primary_sees", "backup_sees"),
    [
        ((B_ARBITER,), THIS_ONLY, NONE),
        ((A_ARBITER,), NONE, THIS_ONLY),
        ((A_ARBITER, B_ARBITER), NONE, NONE),
    ],
    ids=["backup loses it", "primary loses it", "both lose it"],
)
def test_without_the_arbiter_the_pair_goes_on_in_agent_controlled_mode(
    lab: Lab, board: Switchboard, links: tuple[tuple[str, str], ...], primary_sees: str, backup_sees: str
) -> None:
    first, second, _ = trio(lab)
    board.cut(*links)
    shows(first, leads(AGENT, primary_sees))
    shows(second, follows(AGENT, backup_sees))
    write(first, "meanwhile")
    assert "trouble state" not in first.log()
    board.heal()
    redundant(first, second, ARBITER)


@both_kinds
def test_members_that_lose_only_each_other_keep_their_roles(lab: Lab, board: Switchboard, how: Cut) -> None:
    first, second, _ = trio(lab)
    board.cut(A_B, how=how)
    shows(second, cut_off(BOTH))
    shows(first, leads(AGENT, BOTH, "Backup Down"))
    write(first, "alone")
    remain({first: leads(AGENT, BOTH, "Backup Down"), second: cut_off(BOTH)})
    board.heal()
    redundant(first, second, ARBITER)
    assert reads(second, "alone")


@pytest.mark.parametrize(("sender", "receiver"), [("A", "B"), ("B", "A")])
def test_one_lost_direction_is_a_lost_link(lab: Lab, board: Switchboard, sender: str, receiver: str) -> None:
    first, second, _ = trio(lab)
    board.cut_one_way(sender, receiver)
    shows(second, cut_off(BOTH))
    shows(first, leads(AGENT, BOTH, "Backup Down"))
    board.heal()
    redundant(first, second, ARBITER)


def test_an_isolated_backup_leaves_the_primary_alone(lab: Lab, board: Switchboard) -> None:
    first, second, _ = trio(lab)
    board.isolate("B")
    shows(first, leads(AGENT, THIS_ONLY, "Backup Down"))
    shows(second, cut_off())
    write(first, "alone")
    board.heal()
    redundant(first, second, ARBITER)
    assert reads(second, "alone")


@both_kinds
def test_an_isolated_primary_is_in_trouble_and_goes_down_when_it_returns(
    lab: Lab, board: Switchboard, how: Cut
) -> None:
    first, second, _ = trio(lab)
    write(first, "acknowledged")
    board.isolate("A", how)
    shows(first, in_trouble(ARBITER))
    shows(second, leads(AGENT, THIS_ONLY, "Backup Down"))
    unanswered = start_writing(first, "never acknowledged")
    assert reads(second, "acknowledged")
    write(second, "later")
    remain({first: in_trouble(ARBITER)})
    with pytest.raises(queue.Empty):
        unanswered(0.1)
    board.heal()
    eventually(lambda: not first.alive, "the former primary goes down")
    with pytest.raises((NodeGone, AssertionError)):
        unanswered()
    first.start()
    redundant(second, first, ARBITER)
    assert reads(first, "later")
    assert not reads(first, "never acknowledged")


@both_kinds
def test_when_all_links_break_at_once_nobody_leads_until_the_members_meet(
    lab: Lab, board: Switchboard, how: Cut
) -> None:
    first, second, _ = trio(lab)
    board.cut(A_B, A_ARBITER, B_ARBITER, how=how)
    shows(first, in_trouble(ARBITER))
    shows(second, cut_off())
    writing = start_writing(first, "held back")
    remain({first: in_trouble(ARBITER), second: cut_off()})
    board.heal(A_B)
    writing()
    redundant(first, second)
    board.heal()
    redundant(first, second, ARBITER)
    assert reads(second, "held back")


def test_the_arbiter_alone_does_not_end_an_indefinite_trouble(lab: Lab, board: Switchboard) -> None:
    first, second, _ = trio(lab)
    board.cut(A_B, A_ARBITER, B_ARBITER)
    shows(first, in_trouble(ARBITER))
    shows(second, cut_off())
    board.heal(A_ARBITER, B_ARBITER)
    shows(first, in_trouble(ARBITER, BOTH))
    shows(second, cut_off(BOTH))
    remain({first: in_trouble(ARBITER, BOTH), second: cut_off(BOTH)})
    board.heal()
    redundant(first, second, ARBITER)


def test_losing_first_the_arbiter_then_each_other_is_not_a_takeover(lab: Lab, board: Switchboard) -> None:
    first, second, _ = trio(lab)
    board.cut(A_ARBITER)
    shows(second, follows(AGENT, THIS_ONLY))
    board.cut(A_B)
    shows(second, cut_off(THIS_ONLY))
    shows(first, leads(AGENT, NONE, "Backup Down"))
    write(first, "alone")
    board.heal()
    redundant(first, second, ARBITER)
    assert reads(second, "alone")


def test_losing_first_the_backup_then_the_arbiter_leaves_the_primary(lab: Lab, board: Switchboard) -> None:
    first, second, _ = trio(lab)
    board.isolate("B")
    shows(first, leads(AGENT, THIS_ONLY, "Backup Down"))
    board.isolate("A")
    alone = leads(AGENT, NONE, "Backup Down")
    shows(first, alone)
    write(first, "alone")
    remain({first: alone, second: cut_off()})
    board.heal()
    redundant(first, second, ARBITER)


def test_without_arbiter_an_isolated_primary_goes_on_after_the_trouble_timeout(
    lab: Lab, board: Switchboard
) -> None:
    first, second = duo(lab)
    board.cut(A_B)
    shows(first, in_trouble(AGENT))
    writing = start_writing(first, "alone")
    writing()
    shows(first, leads(other="Backup Down"))
    shows(second, cut_off())
    remain({first: leads(other="Backup Down"), second: cut_off()})
    board.heal()
    redundant(first, second)
    assert reads(second, "alone")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts and operators: who may lead, what forbids a failover, and what BecomePrimary refuses."""

from __future__ import annotations

import pytest
from tests.mirror.lab import MIRROR, Lab, Node, eventually, wait_active
from tests.mirror.picture import cut_off, duo, leads, reads, redundant, remain, shows, trio, write
from tests.mirror.switchboard import Switchboard


@pytest.fixture
def board(lab: Lab) -> Switchboard:
    return lab.switchboard()


def _no_failover(node: Node) -> str:
    return str(node.call("config.fields", "Mirrors", MIRROR, 4)[3])


def test_a_restarted_primary_leads_again_when_the_agent_of_its_partner_answers(lab: Lab) -> None:
    first, second = duo(lab)
    second.lose_host()
    write(first, "alone")
    first.kill()
    first.start()
    first.wait_status("WAITING")
    eventually(lambda: "can't take over" in first.log(), first.log)
    assert first.call("mirror.become_primary") is False
    assert "ERROR #2077: Failed to force this member become primary, reason: Failed to contact agent" in first.log()
    second.agent.start()
    shows(first, leads(other="Backup Down"))
    assert reads(first, "alone")
    second.start()
    redundant(first, second)


def test_data_that_the_mirror_never_had_is_reported_and_keeps_the_member_out(lab: Lab, board: Switchboard) -> None:
    first, second = duo(lab)
    write(first, "common")
    board.cut(("A", "B"))
    shows(second, cut_off())
    shows(first, leads(other="Backup Down"))
    write(first, "only on A")
    first.call("databases.flush")
    assert second.call("mirror.become_primary") is True
    write(second, "only on B")
    # The operator was wrong, A still led. When they meet, the new primary ends that.
    board.heal()
    eventually(lambda: not first.alive, "the former primary goes down")
    first.start()
    first.wait_status("WAITING")
    beginning = f"This member has detected that its data is inconsistent with the mirror {MIRROR}."
    eventually(lambda: beginning in first.log(), "it says so")
    detail, verdict = (
        next(line for line in first.log().splitlines() if words in line)
        for words in ("the mirror parted at", beginning)
    )
    assert ") 1 [Utility.Event] Database " in detail
    assert ") 2 [Utility.Event] This member" in verdict
    assert first.log().index(detail) < first.log().index(verdict)
    assert second.call("mirror.status") == "PRIMARY"
    assert not reads(second, "only on A")


@pytest.mark.parametrize("teller", ["primary", "backup"])
def test_no_failover_is_known_to_both_and_holds_for_a_stop_and_a_crash(lab: Lab, teller: str) -> None:
    first, second = duo(lab)
    (first if teller == "primary" else second).call("mirror.set_no_failover")
    assert [_no_failover(node) for node in (first, second)] == ["A", "A"]
    if teller == "primary":
        first.stop()
    else:
        first.kill()
    eventually(lambda: "nofailover" in second.log(), "the backup says why")
    second.wait_status("WAITING")
    first.start()
    wait_active(first, second)
    eventually(lambda: [_no_failover(node) for node in (first, second)] == ["", ""], "cleared by the restart")
    first.stop()
    second.wait_status("PRIMARY")


def test_clearing_no_failover_lets_the_backup_take_over(lab: Lab) -> None:
    first, second = duo(lab)
    first.call("mirror.set_no_failover")
    first.stop()
    second.wait_status("WAITING")
    assert second.refusal("mirror.clear_no_failover") == 2087
    assert _no_failover(second) == "A"
    second.call("mirror.clear_no_failover", "", True)
    shows(second, leads(other="Backup Down"))


def test_no_failover_is_set_here_even_if_the_other_cannot_be_told(lab: Lab) -> None:
    first, second = duo(lab)
    second.stop()
    assert first.refusal("mirror.set_no_failover") == 2087
    assert _no_failover(first) == "A"
    second.start()
    wait_active(first, second)
    assert _no_failover(second) == "A"


def test_become_primary_overrides_no_failover(lab: Lab) -> None:
    first, second = duo(lab)
    write(first, "1")
    first.stop(nofailover=True)
    second.wait_status("WAITING")
    assert second.call("mirror.become_primary") is True
    assert reads(second, "1")
    first.start()
    redundant(second, first)
    first.call("mirror.set_no_failover")
    assert first.call("mirror.become_primary") is True
    eventually(lambda: not second.alive, "the other member was forced down")
    second.start()
    redundant(first, second)
    assert [_no_failover(node) for node in (first, second)] == ["", ""]


def test_become_primary_is_refused_without_a_mirror(lab: Lab) -> None:
    node = lab.node("A")
    assert node.call("mirror.become_primary") is False
    assert "ERROR #2077" in node.log()
    assert "has not been configured as a Mirror Member" in node.log()
    assert node.refusal("mirror.set_no_failover") == 2074


def test_become_primary_is_refused_while_the_arbiter_sees_the_primary(lab: Lab, board: Switchboard) -> None:
    first, second, _ = trio(lab)
    board.cut(("A", "B"))
    shows(second, cut_off("BOTH"))
    assert second.call("mirror.become_primary") is False
    assert "ERROR #2077" in second.log()
    remain({second: cut_off("BOTH")}, 1)
    assert first.call("mirror.status") == "PRIMARY"


@pytest.mark.parametrize("missing", ["dismounted", "not activated", "local"])
def test_required_databases_must_be_ready(lab: Lab, missing: str) -> None:
    first, second = duo(lab)
    directory = second.directory("DATA")
    if missing == "local":
        directory = second.directory("LOCAL")
        second.call("new_database", "LOCAL", directory)
        second.call("require_mount", "LOCAL")
    else:
        second.call("require_mount", "DATA")
    if missing == "not activated":
        second.call("change_mirror_label", directory, {"activated": False})
    else:
        second.call("databases.dismount", directory)
    first.kill()
    eventually(lambda: "is required but not ready" in second.log(), "the reason is logged")
    second.wait_status("WAITING")
    assert second.call("mirror.become_primary") is False
    if missing == "not activated":
        second.call("change_mirror_label", directory, {"activated": True, "needs_catchup": True})
        remain_waiting = second.call("mirror.status")
        assert remain_waiting != "PRIMARY"
        second.call("change_mirror_label", directory, {"needs_catchup": False})
    else:
        second.call("mount", directory)
    second.wait_status("PRIMARY")


def test_a_member_at_a_wrong_address_may_not_change_the_mirror(lab: Lab) -> None:
    first, second = duo(lab)
    second.stop()
    cpf = second.home / "iris.cpf"
    lines = cpf.read_text(encoding="utf-8").splitlines()
    wrong = [
        line.replace(second.bind, first.bind).replace(f",{second.port},", f",{first.port},")
        if line.startswith("B=")
        else line
        for line in lines
    ]
    cpf.write_text("\n".join(wrong) + "\n", encoding="utf-8")
    second.start()
    second.wait_status("WAITING")
    eventually(lambda: "Failed to validate this member" in second.log(), "the reason is logged")
    assert second.refusal("mirror.require_valid") == 2173
    assert second.refusal("mirror.clear_no_failover") == 2173
    assert second.call("mirror.status") == "WAITING"

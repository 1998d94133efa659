# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disaster recovery members become failover members, and the reverse."""

from __future__ import annotations

import pytest
from tests.mirror.lab import MIRROR, Lab, Node, add_database, eventually, seed_database, wait_active

DR = "Disaster Recovery"


def trio(lab: Lab) -> tuple[Node, Node, Node]:
    """An active pair and a disaster recovery member, all with DATA."""
    first, second = lab.pair()
    third = lab.node("C")
    third.join_as_async(first)
    third.wait_status("CONNECTED")
    seed_database(first, third, "DATA")
    return first, second, third


def write(node: Node, value: str) -> None:
    node.call("set", node.directory("DATA"), "a", "1", value)


def reads(node: Node, value: str) -> None:
    eventually(lambda: node.call("get", node.directory("DATA"), "a", "1") == value, f"{node.name} has {value}")


def wait_type(node: Node, word: str) -> None:
    eventually(lambda: node.call("mirror.member_type") == word, f"{node.name} is {word}")


def set_validated(node: Node, value: str) -> None:
    """By hand, as the guide tells to, while the instance is down."""
    cpf = node.home / "iris.cpf"
    text = cpf.read_text(encoding="utf-8")
    assert "ValidatedMember=1" in text
    cpf.write_text(text.replace("ValidatedMember=1", f"ValidatedMember={value}"), encoding="utf-8")


def validated(node: Node) -> str:
    lines = (node.home / "iris.cpf").read_text(encoding="utf-8").splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith("ValidatedMember="))


def test_with_a_running_primary_backup_and_promoted_member_change_places(lab: Lab) -> None:
    first, second, third = trio(lab)
    assert third.call("promote_check") == ["A", []]
    assert third.call("mirror.member_type") == DR
    assert third.call("promote", "ALL") == [0, [], []]
    assert third.call("mirror.member_type") == "Failover"
    wait_active(first, third)
    wait_type(second, DR)
    second.wait_status("CONNECTED")
    assert first.call("mirror.status") == "PRIMARY"
    assert "entering trouble" not in first.log()
    write(first, "x")
    reads(second, "x")
    # The promoted member takes over, the former backup does not.
    first.stop()
    third.wait_status("PRIMARY")
    second.wait_status("CONNECTED")
    write(third, "y")
    reads(second, "y")
    first.start()
    wait_active(third, first)


@pytest.mark.slow
def test_a_backup_that_is_down_becomes_disaster_recovery_member_at_its_next_start(lab: Lab) -> None:
    first, second, third = trio(lab)
    second.kill()
    down = {"A": ["Primary", "Active"], "B": ["Backup", "Down"]}
    eventually(
        lambda: {name: list(state) for name, state in first.member_states().items()} == down, "the primary is alone"
    )
    assert third.call("promote", "ALL") == [0, [], []]
    assert validated(second) == "0"
    wait_active(first, third)
    second.start()
    wait_type(second, DR)
    second.wait_status("CONNECTED")
    assert validated(second) == "1"


@pytest.mark.slow
def test_without_a_primary_the_promoted_member_gets_the_journals_from_the_agents(lab: Lab) -> None:
    first, second, third = trio(lab)
    third.call("mirror.stop")
    write(first, "only the pair has it")
    second.kill()
    write(first, "only the primary has it")
    first.kill()
    third.call("mirror.start")
    eventually(lambda: third.call("mirror.status") == "WAITING", "nobody leads")
    assert third.call("promote_check") == ["A", []]
    assert third.call("promote", "ALL") == [0, [], []]
    third.wait_status("PRIMARY")
    reads(third, "only the primary has it")
    assert (validated(first), validated(second)) == ("0", "0")
    first.start()
    second.start()
    wait_active(third, first)
    wait_type(second, DR)
    second.wait_status("CONNECTED")
    reads(second, "only the primary has it")


def test_an_agent_out_of_reach_stops_promote_but_not_promotion_with_partner(lab: Lab) -> None:
    first, second, third = trio(lab)
    write(first, "x")
    reads(third, "x")
    second.lose_host()
    first.kill()
    assert third.call("promote_check") == ["", ["B"]]
    assert third.call("promote", "ALL") == [2121, [], ["B"]]
    assert third.call("mirror.member_type") == DR
    assert third.call("promote", "SELECTED", "C") == [2124, ["C"], ["B"]]
    assert third.call("promote", "PARTNER") == [0, [], ["B"]]
    third.wait_status("PRIMARY")
    first.start()
    wait_active(third, first)
    # As the documentation demands of an unavailable member before it starts again.
    set_validated(second, "0")
    second.agent.start()
    second.start()
    wait_type(second, DR)
    second.wait_status("CONNECTED")
    assert first.call("mirror.status") == "BACKUP"


def test_promoted_alone_a_member_leads_and_validated_members_follow(lab: Lab) -> None:
    first, second, third = trio(lab)
    write(first, "x")
    reads(third, "x")
    assert third.call("promote", "NONE") == [2155, ["A"], []]
    first.lose_host()
    second.lose_host()
    assert third.call("promote", "PARTNER")[0] == 2121
    assert third.call("promote", "NONE") == [0, [], ["A", "B"]]
    third.wait_status("PRIMARY")
    write(third, "y")
    for node in (first, second):
        set_validated(node, "0")
        node.agent.start()
        node.start()
        wait_type(node, DR)
        node.wait_status("CONNECTED")
        reads(node, "y")


@pytest.mark.slow
def test_without_validation_a_former_failover_member_may_become_a_second_primary(lab: Lab) -> None:
    first, second, third = trio(lab)
    second.call("mirror.remove_configuration", True)
    first.lose_host()
    assert third.call("promote", "NONE") == [0, [], ["A"]]
    third.wait_status("PRIMARY")
    # What the documentation warns of: nothing tells this member that it has been replaced.
    first.agent.start()
    first.start()
    first.wait_status("PRIMARY")
    assert third.call("mirror.status") == "PRIMARY"


@pytest.mark.slow
def test_promotion_on_hold_waits_until_no_failover_is_cleared(lab: Lab) -> None:
    first, second, third = trio(lab)
    first.lose_host()
    second.lose_host()
    assert third.call("promote", "HOLD") == [0, [], ["A", "B"]]
    eventually(lambda: "waiting for it to be cleared" in third.log(), "it holds back")
    assert third.call("mirror.is_primary") is False
    fourth = lab.node("D")
    fourth.call("enable_service", True)
    target = ("IRIS", third.bind, third.agent.port)
    assert fourth.refusal("join", MIRROR, "D", *target, fourth.addresses()) == 2177
    third.call("mirror.clear_no_failover")
    third.wait_status("PRIMARY")


@pytest.mark.slow
def test_the_selected_partner_must_be_heard_before_the_promoted_member_leads(lab: Lab) -> None:
    first, second, third = trio(lab)
    second.kill()
    write(first, "only the primary has it")
    assert third.call("promote", "SELECTED", "B")[:2] == [2125, ["B"]]
    third.call("mirror.stop")
    write(first, "late")
    first.lose_host()
    third.call("mirror.start")
    assert third.call("promote", "SELECTED", "A") == [0, [], ["A"]]
    wait_type(third, "Failover")
    eventually(lambda: "can't take over" in third.log(), "the partner cannot be asked")
    assert third.call("mirror.is_primary") is False
    first.agent.start()
    third.wait_status("PRIMARY")
    reads(third, "late")


def test_one_promotion_at_a_time(lab: Lab) -> None:
    first, _, third = trio(lab)
    # The first one waits for this agent.
    first.agent.pause()
    answers = [third.begin("promote", "PARTNER") for _ in range(3)]
    codes = sorted(answer()[0] for answer in answers)
    first.agent.resume()
    assert codes[1:] == [2178, 2178]
    assert third.call("mirror.member_type") == ("Failover" if codes[0] == 0 else DR)


def test_who_may_be_promoted(lab: Lab) -> None:
    first, second, third = trio(lab)
    assert first.call("promote", "ALL")[0] == 2117
    assert second.call("promote", "NONE")[0] == 2117
    reporter = lab.node("D")
    reporter.join_as_async(first, 1)
    reporter.wait_status("CONNECTED")
    assert reporter.call("promote", "ALL")[0] == 2117
    third.agent.kill()
    assert third.call("promote", "ALL")[0] == 2118
    third.agent.start()
    add_database(first, "MORE")
    eventually(lambda: third.call("mirror.missing_databases"), "a database is missing")
    assert third.call("promote", "ALL") == [2102, [f":mirror:{MIRROR}:MORE"], []]
    assert third.call("mirror.member_type") == DR


def test_a_primary_in_trouble_or_in_no_partner_no_failover_refuses(lab: Lab) -> None:
    first, second, third = trio(lab)
    second.pause()
    eventually(lambda: first.call("mirror.member_status")[1] == "Trouble", "the primary is in trouble")
    assert third.call("promote", "SELECTED", "A")[0] == 2157
    second.resume()
    wait_active(first, second)
    first.call("mirror.demote_partner")
    wait_type(second, DR)
    first.call("mirror.set_no_failover")
    assert third.call("promote", "ALL")[0] == 2176
    first.call("mirror.clear_no_failover")
    assert third.call("promote", "ALL")[0] == 0


def test_demotion(lab: Lab) -> None:
    first, second, third = trio(lab)
    assert first.refusal("mirror.demote") == 2116
    assert second.refusal("mirror.demote_partner") == 2113
    assert third.refusal("mirror.demote") == 2081
    second.call("mirror.demote")
    wait_type(second, DR)
    second.wait_status("CONNECTED")
    assert first.refusal("mirror.demote") == 2133
    assert first.refusal("mirror.demote_partner") == 2133
    # The primary knows that there is no backup, so it leads again after a restart although nobody can be asked.
    second.lose_host()
    third.lose_host()
    first.stop()
    first.start()
    first.wait_status("PRIMARY")
    second.agent.start()
    second.start()
    second.wait_status("CONNECTED")
    assert second.call("promote", "ALL")[0] == 0
    wait_active(first, second)
    second.lose_host()
    assert first.refusal("mirror.demote_partner") == 2128
    second.agent.start()
    first.call("mirror.demote_partner")
    second.start()
    wait_type(second, DR)
    second.wait_status("CONNECTED")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating a mirror, joining it, and every reason to be refused."""

from __future__ import annotations

import pytest
from tests.mirror.lab import MIRROR, Lab, Node, eventually, wait_active
from tests.ports import free_port


def test_create_and_join_make_an_active_pair(lab: Lab) -> None:
    first, second = lab.node("A"), lab.node("B")
    assert first.call("mirror.member_type") == "Not Member"
    assert first.call("mirror.status") == "NOTINIT"
    first.create_mirror()
    assert "No other mirror members configured, becoming primary mirror server" in first.log()
    second.join_mirror(first)
    wait_active(first, second)
    assert first.member_states() == {"A": ("Primary", "Active"), "B": ("Backup", "Active")}
    assert second.member_states() == {"A": ("Primary", "Active"), "B": ("Backup", "Active")}
    assert second.call("mirror.status") == "BACKUP"
    assert second.call("mirror.member_type") == "Failover"
    assert (first.call("mirror.is_primary"), second.call("mirror.is_primary")) == (True, False)
    assert second.call("config.section", f"MapMirrors.{MIRROR}") == first.call("config.section", f"MapMirrors.{MIRROR}")
    assert second.call("config.section", "Mirrors") == first.call("config.section", "Mirrors")
    assert [row["journal_latency"] for row in first.call("mirror.member_rows")] == ["N/A", "Active"]
    assert first.call("mirror.is_failover_ready") == [True, ""]
    eventually(lambda: second.call("mirror.database_distance") == 1, "dejournaling caught up")
    assert (second.call("mirror.journal_distance"), second.call("mirror.journal_latency")) == (1, 0)
    count, offset, _ = first.call("mirror.journal_position").split("^")
    assert second.call("mirror.journal_position").split("^")[:2] == [count, offset]
    assert "Becoming primary mirror server" in first.log()
    assert "MirrorClient: Connected to primary: A" in second.log()


def test_a_third_failover_member_and_a_taken_name_are_refused(lab: Lab) -> None:
    first, second, third = lab.node("A"), lab.node("B"), lab.node("C")
    first.create_mirror()
    third.call("enable_service", True)
    target = ("IRIS", first.bind, first.agent.port)
    assert third.refusal("join", MIRROR, "A", *target, third.addresses()) == 2033
    second.join_mirror(first)
    assert third.refusal("join", MIRROR, "C", *target, third.addresses()) == 2137
    assert third.call("mirror.is_member") == 0
    assert second.refusal("join", MIRROR, "B", *target, second.addresses()) == 2101
    assert second.refusal("join", "OTHER", "B", *target, second.addresses()) == 2109
    assert first.refusal("create", MIRROR, "A", first.addresses()) == 2101


def _join(node: Node, target: Node, mirror: str = MIRROR, instance: str = "IRIS", port: int = 0) -> int:
    return node.refusal(
        "join", mirror, "B", instance, target.bind, port or target.agent.port, node.addresses()
    )


def test_a_wrong_target_is_refused_and_leaves_nothing_behind(lab: Lab) -> None:
    first, second = lab.node("A"), lab.node("B")
    first.create_mirror()
    assert _join(second, first) == 2066
    second.call("enable_service", True)
    assert _join(second, first, instance="OTHER") == 2083
    assert _join(second, first, mirror="NOSUCH") == 2032
    assert _join(second, first, port=free_port(first.bind)) == 2086
    second.agent.kill()
    assert _join(second, first) == 2118
    second.agent.start()
    first.kill()
    assert _join(second, first) == 2087
    assert second.call("config.section", "Mirrors") == {}


@pytest.mark.parametrize(
    ("mirror", "member", "code"),
    [
        ("", "A", 2002),
        ("A" * 16, "A", 2012),
        ("WITH_UNDERSCORE", "A", 2110),
        ("A:B", "A", 2011),
        ("ÄÖ", "A", 2110),
        ("DEMO", "A:B", 2023),
        ("DEMO", "A" * 33, 2024),
        ("DEMO", "A B", 5001),
        ("DEMO", "A,B=1", 5001),
    ],
)
def test_names_are_checked(shared: Node, mirror: str, member: str, code: int) -> None:
    assert shared.refusal("create", mirror, member, shared.addresses()) == code
    assert shared.call("config.section", "Mirrors") == {}


def test_a_virtual_address_needs_mask_and_interface(shared: Node) -> None:
    addresses = shared.addresses()
    assert shared.refusal("create", "DEMO", "A", {**addresses, "virtual_address": "10.0.0.1"}) == 2085
    assert shared.refusal("create", "DEMO", "A", {**addresses, "virtual_address": "10.0.0.1/24"}) == 2090


def test_a_virtual_address_cannot_be_assigned_without_root(lab: Lab) -> None:
    node = lab.node("A")
    node.call("enable_service", True)
    virtual = {"virtual_address": "127.0.0.200/8", "virtual_address_interface": "lo"}
    node.call("create", MIRROR, "A", {**node.addresses(), **virtual})
    eventually(lambda: "AddVirtualAddress failed" in node.log(), "the reason is logged")
    node.wait_status("WAITING")


def test_a_lower_case_name_is_stored_in_upper_case_and_the_default_member_name_is_used(lab: Lab) -> None:
    node = lab.node("A")
    node.call("enable_service", True)
    node.call("create", "demo", "", node.addresses())
    node.wait_status("PRIMARY")
    assert node.call("mirror.mirror_name") == "DEMO"
    assert node.call("mirror.member_name") == f"{node.bind}/IRIS"
    assert node.call("mirror.is_started", "Demo") is True


def test_no_licence_no_mirror(lab: Lab) -> None:
    node = lab.node("A")
    node.create_mirror()
    node.stop()
    (node.home / "mgr" / "iris.key").unlink()
    node.start()
    assert node.call("mirror.status") == "STOPPED"
    assert node.refusal("mirror.start", MIRROR) == 2099
    other = lab.node("B")
    (other.home / "mgr" / "iris.key").unlink()
    other.call("license.reload")
    other.call("enable_service", True)
    assert other.refusal("create", "OTHER", "B", other.addresses()) == 2099


def test_journals_left_over_from_a_mirror_of_the_same_name_block_a_new_one(lab: Lab) -> None:
    first, second = lab.node("A"), lab.node("B")
    first.create_mirror()
    second.join_mirror(first)
    wait_active(first, second)
    assert first.refusal("mirror.remove_configuration") == 2116
    second.call("mirror.remove_configuration", False, False)
    assert second.call("mirror.member_type") == "Not Member"
    second.stop()
    second.start()
    assert _join(second, first) == 2174
    second.call("journal.forget_mirror", MIRROR)
    second.join_mirror(first)
    wait_active(first, second)


def test_stop_and_start_of_mirroring_on_the_backup(lab: Lab) -> None:
    first, second = lab.pair()
    assert first.refusal("mirror.stop", MIRROR) == 2022
    assert second.refusal("mirror.start", MIRROR) == 2106
    second.call("mirror.stop", MIRROR)
    assert second.call("mirror.status") == "STOPPED"
    assert second.refusal("mirror.stop", MIRROR) == 2107
    # The backup said goodbye, so the primary does not hesitate.
    first.call("set", first.directory("DATA"), "a", "1", "alone")
    assert "entering trouble" not in first.log()
    second.stop()
    second.start()
    assert second.call("mirror.status") == "STOPPED"
    second.call("mirror.start", MIRROR)
    wait_active(first, second)
    eventually(lambda: second.call("get", second.directory("DATA"), "a", "1") == "alone", "caught up")


def test_a_partner_that_left_the_mirror_holds_nobody_up(lab: Lab) -> None:
    first, second = lab.pair()
    second.call("mirror.remove_configuration")
    first.stop()
    first.start()
    first.wait_status("PRIMARY")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which change of role is planned for which member, and which is refused."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.peer import Peer
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.role import make_plan, reached
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.role_state import RoleState, RoleWish
from ansible_collections.irisops.mirror.tests.unit.support import nodes, plans

PAIR = [nodes.member(), nodes.member("MIRRORB", role="backup")]
PRIMARY = nodes.inside(members=PAIR)
READY = nodes.backup(databases=[nodes.mirrored("COMPANY")])
ORPHAN = nodes.backup(is_backup=False, status="WAITING", failover_ready=False)
DR = nodes.recovery(databases=[nodes.mirrored("COMPANY")])
ALONE = nodes.recovery(status="WAITING")
PRIMARY_PEER = Peer("mirrorA", "primary", PRIMARY)
BOTH = ["MIRRORA", "MIRRORB"]


def wish(role: str, **values: t.Any) -> RoleWish:
    return RoleWish(nodes.MIRROR, role, **values)


def state(node: Node, **values: t.Any) -> RoleState:
    if node.member_type == "dr":
        values = {"partner": "MIRRORA", **values}
    return RoleState(node, **values)


def calls(wanted: RoleWish, found: RoleState, *peers: Peer) -> list[tuple[str, str]]:
    """The method that the plan calls, with its first argument if that is a name."""
    plan = make_plan(wanted, found, peers, nodes.WAITING)
    made = [step.call for step in plan.elements if getattr(step, "acts", False)]
    first = [call.arguments[0] if call.arguments else "" for call in made]
    return [(call.method, one if isinstance(one, str) else "") for call, one in zip(made, first)]


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        (wish("primary"), state(READY), ("BecomePrimary", "")),
        (wish("primary", allow_data_loss=True), state(ORPHAN), ("BecomePrimary", "")),
        (wish("failover"), state(DR), ("Promote", "")),
        (wish("failover"), state(ALONE), ("Promote", "")),
        (wish("failover", partner="MIRRORA"), state(DR), ("Promote", "")),
        (wish("failover", allow_data_loss=True), state(DR, lost=["MIRRORB"]), ("PromoteWithPartner", "")),
        (wish("failover", allow_data_loss=True), state(ALONE, lost=["MIRRORB"]), ("PromoteWithPartner", "")),
        (wish("failover", allow_data_loss=True), state(ALONE, lost=BOTH), ("PromoteWithNoPartner", "")),
        (
            wish("failover", partner="MIRRORB", allow_data_loss=True),
            state(ALONE, lost=["MIRRORA"]),
            ("PromoteWithSelectedPartner", "MIRRORB"),
        ),
        (
            wish("failover", partner="MIRRORB", allow_data_loss=True),
            state(ALONE),
            ("PromoteWithSelectedPartner", "MIRRORB"),
        ),
        (wish("dr"), state(READY), ("Demote", "")),
        (wish("dr", member="MIRRORB"), state(PRIMARY), ("DemotePartner", "")),
    ],
)
def test_the_call_for_each_change(wanted: RoleWish, found: RoleState, expected: tuple[str, str]) -> None:
    assert not reached(wanted, found)
    assert calls(wanted, found) == [expected]


@pytest.mark.parametrize(
    ("wanted", "node"),
    [
        (wish("primary"), PRIMARY),
        (wish("failover"), PRIMARY),
        (wish("failover"), READY),
        (wish("dr"), DR),
        (wish("primary", member="MIRRORA"), PRIMARY),
        (wish("dr", member="MIRRORC"), nodes.inside(members=[*PAIR, nodes.member("MIRRORC", type="dr")])),
    ],
)
def test_a_member_that_has_the_role_is_left_alone(wanted: RoleWish, node: Node) -> None:
    assert reached(wanted, state(node))
    plan = make_plan(wanted, state(node), [], nodes.WAITING)
    assert (plan.elements, plan.waits, plan.changes) == ([], [], [])


BEHIND = [nodes.mirrored("COMPANY", caught_up=False)]


@pytest.mark.parametrize(
    ("wanted", "found", "peers", "code"),
    [
        (wish("primary"), state(nodes.outside()), [], "not_a_member"),
        (wish("primary"), state(nodes.inside(mirrors=["OTHER"])), [], "not_a_member"),
        (wish("primary"), state(DR), [], "not_a_failover_member"),
        (wish("dr"), state(nodes.recovery(member_type="reporting_ro")), [], "member_type_differs"),
        (wish("primary"), state(READY, hold="MIRRORA"), [], "no_failover_set"),
        (wish("primary"), state(nodes.backup(databases=BEHIND)), [], "databases_not_ready"),
        (wish("primary"), state(nodes.backup(missing_databases=["X"])), [], "databases_not_ready"),
        (wish("primary"), state(nodes.backup(failover_ready=False)), [], "not_ready"),
        (wish("primary"), state(ORPHAN), [], "primary_unreachable"),
        (wish("primary", allow_data_loss=True), state(ORPHAN), [PRIMARY_PEER], "not_connected"),
        (wish("primary"), state(READY), [PRIMARY_PEER, PRIMARY_PEER], "two_primaries"),
        (
            wish("primary"),
            state(READY),
            [Peer("x", "primary", nodes.inside(member_name="MIRRORX"))],
            "primary_elsewhere",
        ),
        (wish("failover"), state(DR, lost=["MIRRORB"]), [], "members_unreachable"),
        (wish("failover"), state(ALONE, lost=BOTH), [], "members_unreachable"),
        (wish("failover", allow_data_loss=True), state(ALONE, lost=BOTH), [PRIMARY_PEER], "not_connected"),
        (wish("failover"), state(nodes.recovery(status="STOPPED")), [], "mirror_not_running"),
        (wish("failover"), state(nodes.recovery(databases=BEHIND)), [], "databases_not_ready"),
        (
            wish("failover", allow_data_loss=True),
            state(nodes.recovery(missing_databases=["X"]), lost=BOTH),
            [],
            "databases_not_ready",
        ),
        (
            wish("failover"),
            state(DR, refusal="...", refusal_numbers=[2157]),
            [],
            "primary_in_trouble",
        ),
        (wish("failover", partner="MIRRORX"), state(ALONE), [], "partner_unknown"),
        (wish("failover", partner="MIRRORB"), state(DR), [], "partner_not_primary"),
        (wish("failover", partner="MIRRORB"), state(ALONE), [], "data_loss_possible"),
        (
            wish("failover", partner="MIRRORB", allow_data_loss=True),
            state(ALONE, lost=["MIRRORB"]),
            [],
            "partner_unreachable",
        ),
        (wish("dr"), state(PRIMARY), [], "is_primary"),
        (wish("dr"), state(ORPHAN), [], "primary_unreachable"),
        (wish("dr"), state(READY, hold="MIRRORA"), [], "no_failover_set"),
        (wish("dr", member="MIRRORX"), state(PRIMARY), [], "member_not_partner"),
        (wish("primary", member="MIRRORB"), state(PRIMARY), [], "member_not_partner"),
        (wish("dr", member="MIRRORA"), state(READY), [], "not_primary"),
    ],
)
def test_what_is_refused(wanted: RoleWish, found: RoleState, peers: list[Peer], code: str) -> None:
    with pytest.raises(IrisError) as raised:
        make_plan(wanted, found, peers, nodes.WAITING)
    assert raised.value.code == code
    assert raised.value.remedy


def test_a_silent_peer_does_not_stop_a_switchover() -> None:
    assert calls(wish("primary"), state(READY), PRIMARY_PEER, Peer("mirrorC")) == [("BecomePrimary", "")]


def test_the_acting_program_reads_again_what_the_plan_was_made_of() -> None:
    switchover = make_plan(wish("primary"), state(READY), [], nodes.WAITING)
    assert plans.steps(switchover.elements) == [
        "check that the member is the backup",
        "check that the mirror is ready",
        "no failover again",
        "check that failover is allowed",
        "become primary",
    ]
    promotion = make_plan(wish("failover"), state(DR), [], nodes.WAITING)
    assert plans.steps(promotion.elements) == [
        "check that the member is an async",
        "check what the member sees",
        "promotion again",
        "check who is within reach",
        "promote the member",
        "untold",
    ]


@pytest.mark.parametrize(
    ("wanted", "found", "waits"),
    [
        (wish("primary"), state(READY), {"be primary": ("PRIMARY",)}),
        (
            wish("failover"),
            state(DR),
            {
                "become a failover member": ("Failover",),
                "reach the state of a failover member": ("BACKUP",),
                "become ready for a failover": ("1",),
            },
        ),
        (
            wish("failover", allow_data_loss=True),
            state(ALONE, lost=BOTH),
            {"become a failover member": ("Failover",), "reach the state of a failover member": ("PRIMARY",)},
        ),
        (
            wish("dr"),
            state(READY),
            {"become a disaster recovery async": ("Disaster Recovery",), "be connected": ("CONNECTED",)},
        ),
    ],
)
def test_what_is_waited_for(wanted: RoleWish, found: RoleState, waits: dict[str, tuple[str, ...]]) -> None:
    plan = make_plan(wanted, found, [], nodes.WAITING)
    assert {wait.name: wait.good for wait in plan.waits} == waits
    assert make_plan(wanted, found, [], nodes.NO_WAITING).waits == []

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans to start, stop, block and remove a member."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Guard
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import lifecycle
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.lifecycle import Membership, MemberWish
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.tests.unit.support import nodes

REPORTING = nodes.inside(
    member_type="reporting_ro",
    is_primary=False,
    status="CONNECTED",
    mirrors=["OTHER", nodes.MIRROR],
    member_name="MIRRORC",
)


def member(node: t.Any, **values: t.Any) -> Membership:
    return Membership(**{"node": node, "started": True, "configured": True, "joins": True, **values})


def plan(now: Membership, check_mode: bool = False, **wish: t.Any) -> Plan:
    return lifecycle.make_plan(MemberWish(nodes.MIRROR, **wish), now, nodes.WAITING, check_mode)


def calls(made: Plan) -> list[str]:
    return [step.call.label for step in made.elements if hasattr(step, "call")]


@pytest.mark.parametrize(
    ("node", "wish", "expected", "waits"),
    [
        (nodes.backup(status="STOPPED"), {"state": "started"}, ["SYS.Mirror.StartMirror"], 1),
        (nodes.backup(), {"state": "stopped"}, ["SYS.Mirror.StopMirror"], 1),
        (nodes.backup(), {"failover": "blocked"}, ["SYS.Mirror.SetNoFailover"], 0),
        (nodes.backup(), {"state": "absent"}, ["SYS.Mirror.RemoveMirrorConfiguration"], 0),
        (REPORTING, {"state": "absent"}, ["SYS.Mirror.RemoveOneMirrorSet"], 0),
        (nodes.inside(), {"state": "absent", "remove_mirror": True}, ["Config.MirrorMember.Modify"], 0),
    ],
)
def test_what_is_called(node: t.Any, wish: dict[str, t.Any], expected: list[str], waits: int) -> None:
    made = plan(member(node), **wish)
    assert calls(made) == expected
    assert (made.changed, len(made.waits)) == (True, waits)


@pytest.mark.parametrize(
    ("state", "wish"),
    [
        (member(nodes.inside()), {"state": "started", "failover": "allowed"}),
        (member(nodes.backup(), holder="MIRRORA"), {"failover": "blocked"}),
        (member(nodes.backup(status="STOPPED"), started=False), {"state": "stopped"}),
        (member(nodes.outside(), configured=False, joins=False), {"state": "absent"}),
        (member(nodes.outside(), configured=False, joins=False, removed=True), {"state": "absent"}),
        (member(nodes.inside(), joins=False), {"state": "absent", "remove_mirror": True}),
    ],
)
def test_what_is_so_already_is_left_alone(state: Membership, wish: dict[str, t.Any]) -> None:
    made = plan(state, **wish)
    assert (made.changed, made.elements) == (False, [])


def test_a_member_that_starts_is_waited_for_without_being_started_again() -> None:
    made = plan(member(nodes.backup(status="SYNCHRONIZING")), state="started")
    assert (made.changed, len(made.waits)) == (False, 1)


@pytest.mark.parametrize(
    ("node", "wish", "code"),
    [
        (nodes.inside(), {"state": "stopped"}, "is_primary"),
        (nodes.inside(), {"state": "absent"}, "is_primary"),
        (nodes.inside(members=nodes.backup().members), {"state": "absent", "remove_mirror": True}, "other_members"),
        (REPORTING, {"failover": "blocked"}, "not_failover_member"),
        (nodes.outside(), {"state": "started"}, "not_a_member"),
    ],
)
def test_what_could_lose_something_is_refused(node: t.Any, wish: dict[str, t.Any], code: str) -> None:
    with pytest.raises(IrisError) as refused:
        plan(member(node), **wish)
    assert refused.value.code == code
    assert refused.value.remedy


def test_the_last_member_may_name_members_that_exist_no_more() -> None:
    state = member(nodes.inside(members=nodes.backup().members))
    assert plan(state, state="absent", remove_mirror=True, gone=["MIRRORB"]).changed


def test_check_mode_takes_a_node_that_would_have_joined_by_then() -> None:
    made = plan(member(nodes.outside(), configured=False), check_mode=True, state="started")
    assert not made.changed
    assert made.warnings


@pytest.mark.parametrize("wish", [{"state": "stopped"}, {"state": "absent"}])
def test_the_role_is_asked_again_where_it_is_acted_upon(wish: dict[str, t.Any]) -> None:
    first = plan(member(nodes.backup()), **wish).elements[0]
    assert isinstance(first, Guard)
    assert first.allowed == ("0",)


@pytest.mark.parametrize(
    ("state", "required"),
    [
        (member(nodes.backup()), False),
        (member(nodes.inside(), joins=False), True),
        (member(nodes.outside(), configured=False, joins=False), False),
        (member(nodes.outside(), configured=False, joins=False, removed=True), True),
    ],
)
def test_a_restart_is_asked_for_until_it_has_happened(state: Membership, required: bool) -> None:
    assert state.restart_required() is required

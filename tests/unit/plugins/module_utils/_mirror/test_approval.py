# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is let into a mirror with TLS: exactly those that are expected, whatever else waits."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.finding import Find
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import approval
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.approval import Approvals, Expected, Pending
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.tests.unit.support import nodes, plans

DN = "CN=b,O=Example"
B = Expected("MIRRORB", DN)
WAITS = Pending("MIRRORB", "G-2", DN, "member")


def state(*pending: Pending, known: t.Mapping[str, str] | None = None, **values: t.Any) -> Approvals:
    node = nodes.inside(**{"settings": nodes.settings(use_tls=True), **values})
    return Approvals(node, {"MIRRORA": "CN=a", **(known or {})}, list(pending))


def approve(before: Approvals, *expected: Expected, wait: bool = True, check: bool = False) -> Plan:
    waiting = nodes.WAITING if wait else nodes.NO_WAITING
    return approval.plan_approve(nodes.MIRROR, expected or [B], before, waiting, check)


def test_who_waits_as_expected_is_let_in() -> None:
    plan = approve(state(WAITS))
    assert plans.changes(plan) == [("MIRRORB", None, {"dn": DN})]
    assert plans.steps(plan.elements) == [
        "check that the role is the same",
        "member/find the member in the list [?]",
        "member/let in [?]",
    ]
    assert plan.warnings == []


def test_who_is_in_needs_nothing() -> None:
    plan = approve(state(known={"MIRRORB": DN}))
    assert not plan.changed
    assert plan.elements == []


def test_nobody_waits_in_a_mirror_without_tls() -> None:
    assert not approve(state(settings=nodes.settings())).changed


def test_a_stranger_is_reported_and_left_waiting() -> None:
    stranger = Pending("STRANGER", "G-9", "CN=stranger", "member")
    plan = approve(state(WAITS, stranger))
    assert [name for name, _before, _after in plans.changes(plan)] == ["MIRRORB"]
    assert plans.fields(plan, "member") == ["MIRRORB"]
    (warning,) = plan.warnings
    assert "STRANGER" in warning and "CN=stranger" in warning


@pytest.mark.parametrize(
    ("pending", "code"),
    [
        ([Pending("MIRRORB", "G-2", "CN=other", "member")], "dn_differs"),
        ([Pending("MIRRORB", "G-2", DN.lower(), "member")], "dn_differs"),
        ([Pending("STRANGER", "G-9", DN, "member")], "dn_ambiguous"),
        ([WAITS, Pending("STRANGER", "G-9", DN, "update")], "dn_ambiguous"),
    ],
    ids=["another name", "not exactly", "another member", "two of that name"],
)
@pytest.mark.parametrize("check", [False, True])
def test_what_is_not_exactly_expected_lets_nobody_in(pending: list[Pending], code: str, check: bool) -> None:
    with pytest.raises(ConflictError) as caught:
        approve(state(*pending), check=check)
    assert caught.value.code == code


def test_a_new_certificate_is_looked_for_in_the_other_list() -> None:
    update = Pending("MIRRORB", "G-2", DN, "update")
    plan = approve(state(update, known={"MIRRORB": "CN=old"}))
    assert plans.changes(plan) == [("MIRRORB", {"dn": "CN=old"}, {"dn": DN})]
    assert queries(plan) == ["PendingDNUpdates"]


def test_who_does_not_wait_yet_is_waited_for() -> None:
    plan = approve(state(), B, Expected("MIRRORA", "CN=new"))
    assert queries(plan) == ["PendingNewMembers", "PendingDNUpdates"]
    assert limits(plan) == [nodes.WAITING.limit] * 2
    assert approve(state(), check=True).warnings != []


def test_without_waiting_who_does_not_wait_is_missing() -> None:
    before = state()
    assert not approve(before, wait=False).changed
    assert approval.missing(before, [B]) == [B]
    assert limits(approve(state(WAITS), wait=False)) == [0.0]


def test_only_the_primary_lets_new_members_in() -> None:
    elsewhere = {"is_primary": False, "is_backup": True, "status": "BACKUP"}
    with pytest.raises(PreconditionError) as caught:
        approve(state(WAITS, **elsewhere))
    assert caught.value.code == "not_primary"
    update = Pending("MIRRORA", "G-1", "CN=new", "update")
    assert approve(state(update, **elsewhere), Expected("MIRRORA", "CN=new")).changed


def test_without_the_mirror_there_is_nothing_to_do() -> None:
    before = Approvals(nodes.outside(), {}, [])
    with pytest.raises(PreconditionError):
        approve(before)
    assert plans.changes(approve(before, check=True)) == [("MIRRORB", None, {"dn": DN})]


def test_a_rejection_needs_what_waits() -> None:
    stranger = Pending("STRANGER", "G-9", "CN=stranger", "member")
    plan = approval.plan_reject(nodes.MIRROR, [Expected("STRANGER")], state(WAITS, stranger), False)
    assert (plans.fields(plan, "member"), plans.fields(plan, "guid")) == (["STRANGER"], ["G-9"])
    other = approval.plan_reject(nodes.MIRROR, [Expected("STRANGER", "CN=x")], state(stranger), False)
    assert not other.changed
    with pytest.raises(PreconditionError):
        approval.plan_reject(nodes.MIRROR, [B], state(WAITS, is_primary=False, status="BACKUP"), False)


def finds(plan: Plan) -> list[Find]:
    loops = [element for element in plan.elements if isinstance(element, Each)]
    return [step for loop in loops for step in loop.steps if isinstance(step, Find)]


def queries(plan: Plan) -> list[str]:
    return [step.query for step in finds(plan)]


def limits(plan: Plan) -> list[float]:
    return [step.limit for step in finds(plan)]

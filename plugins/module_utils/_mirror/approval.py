# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Who waits to be let into a mirror with TLS, and plans to let in exactly those that somebody expects.

Sources: class reference of SYS.Mirror (AuthorizePendingMembers, RemoveFromApprovalList, queries PendingNewMembers and
PendingDNUpdates) and Config.MapMirrors (SSLComputerName), High Availability Guide 4.7.3 and 5.4. AddFailoverMember is
not used: it takes whatever certificate the other side has, while here the caller says which one it must be.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, Item
from ansible_collections.irisops.mirror.plugins.module_utils._iris.finding import Find
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Guard, Rows
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import Waiting

#: Kind of what waits -> query of SYS.Mirror
QUERIES = {"member": "PendingNewMembers", "update": "PendingDNUpdates"}
_WAITING_COLUMNS = ("Name", "GUID", "SSLComputerName")
_KNOWN_COLUMNS = ("Name", "SSLComputerName")


@dataclasses.dataclass
class Expected:
    """A member and the distinguished name of its certificate; without one (only to reject) whatever it has."""

    member: str
    dn: str = ""


@dataclasses.dataclass
class Pending:
    """A row of the lists of the primary. ``kind`` is member or update."""

    member: str
    guid: str
    dn: str
    kind: str


@dataclasses.dataclass
class Approvals:
    """The node, the members that its mirror knows with their distinguished names, and who waits."""

    node: Node
    known: dict[str, str]
    pending: list[Pending]

    @property
    def use_tls(self) -> bool:
        return self.node.settings is not None and self.node.settings.use_tls


def observe(mirror: str) -> list[Element]:
    return [
        *reader.membership_steps(mirror),
        Rows("known", "Config.MapMirrors", "List", [mirror, "*"], _KNOWN_COLUMNS),
        *(Rows("pending " + kind, "SYS.Mirror", query, [mirror], _WAITING_COLUMNS) for kind, query in QUERIES.items()),
    ]


def read(answers: Answers) -> Approvals:
    node = reader.read_node(answers)
    known = {row["Name"].upper(): row["SSLComputerName"] for row in answers.rows("known", _KNOWN_COLUMNS)}
    pending = [
        Pending(row["Name"].upper(), row["GUID"], row["SSLComputerName"], kind)
        for kind in QUERIES
        for row in answers.rows("pending " + kind, _WAITING_COLUMNS)
    ]
    return Approvals(node, known, pending)


def unexpected(state: Approvals, expected: t.Sequence[Expected]) -> list[Pending]:
    """Who waits although nobody expects it."""
    pairs = {(one.member, one.dn) for one in expected}
    return [one for one in state.pending if (one.member, one.dn) not in pairs]


def missing(state: Approvals, expected: t.Sequence[Expected]) -> list[Expected]:
    """Who is neither let in nor waits."""
    waiting = {(one.member, one.dn) for one in state.pending}
    return [one for one in expected if state.known.get(one.member) != one.dn and (one.member, one.dn) not in waiting]


def project(state: Approvals, plan: Plan) -> Approvals:
    """The state after a plan, for check mode."""
    after = {change.name: change.after for change in plan.changes}
    known = {**state.known, **{member: value["dn"] for member, value in after.items() if value}}
    return Approvals(state.node, known, [one for one in state.pending if one.member not in after])


def plan_approve(
    mirror: str, expected: t.Sequence[Expected], state: Approvals, waiting: Waiting, check_mode: bool
) -> Plan:
    """Let in those that are expected, also those that wait only a moment later; say who else waits."""
    plan = Plan()
    if not _is_in(mirror, state, plan, check_mode):
        for one in expected:
            plan.change(one.member, None, {"dn": one.dn})
        return plan
    if not state.use_tls:
        return plan
    groups: dict[str, list[Expected]] = {kind: [] for kind in QUERIES}
    for one in expected:
        if state.known.get(one.member) == one.dn:
            continue
        found = _of(one, state)
        if found is None and not waiting.enabled:
            continue
        kind = found.kind if found is not None else "update" if one.member in state.known else "member"
        if kind == "member" and not state.node.is_primary:
            raise _not_primary("let the new member %s in" % one.member)
        if found is None and check_mode:
            plan.warnings.append("%s does not wait yet; an earlier task of the same run would let it join" % one.member)
        groups[kind].append(one)
        plan.change(one.member, {"dn": state.known[one.member]} if one.member in state.known else None, {"dn": one.dn})
    if plan.changed:
        plan.elements = [
            _same_role(state),
            *(_approve(mirror, kind, groups[kind], waiting) for kind in groups if groups[kind]),
        ]
    for other in unexpected(state, expected):
        plan.warnings.append(
            "%s waits with a certificate that nobody expects and was not let in: %s" % (other.member, other.dn)
        )
    return plan


def plan_reject(mirror: str, expected: t.Sequence[Expected], state: Approvals, check_mode: bool) -> Plan:
    """Take entries off the lists of the primary."""
    plan = Plan()
    if not _is_in(mirror, state, plan, check_mode):
        return plan
    doomed = [
        one for one in state.pending for other in expected if one.member == other.member and other.dn in ("", one.dn)
    ]
    if not doomed:
        return plan
    if not state.node.is_primary:
        raise _not_primary("reject %s" % ", ".join(one.member for one in doomed))
    for one in doomed:
        plan.change(one.member, {"dn": one.dn, "waits": True}, None)
    items = [{"member": one.member, "guid": one.guid} for one in doomed]
    call = Call("SYS.Mirror", "RemoveFromApprovalList", Item("member"), Item("guid"), mirror)
    plan.elements = [_same_role(state), Each("rejected", items, [Do("reject", call)])]
    return plan


def _approve(mirror: str, kind: str, expected: t.Sequence[Expected], waiting: Waiting) -> Each:
    find = Find(
        "find the member in the list",
        "SYS.Mirror",
        QUERIES[kind],
        [mirror],
        ("SSLComputerName", Item("dn")),
        ("Name", Item("member")),
        "it alone has to wait there with that distinguished name",
        waiting.limit if waiting.enabled else 0.0,
        waiting.interval,
    )
    items = [{"member": one.member, "dn": one.dn} for one in expected]
    return Each(kind, items, [find, Do("let in", Call("SYS.Mirror", "AuthorizePendingMembers", Item("dn")))])


def _of(expected: Expected, state: Approvals) -> Pending | None:
    """What waits in the name of a member; an error when it is not what was expected, or when that is not clear."""
    for one in state.pending:
        if one.member == expected.member and one.dn != expected.dn:
            raise ConflictError(
                "dn_differs",
                "%s waits with the distinguished name '%s', not '%s'" % (one.member, one.dn, expected.dn),
                "Nobody was let in. If the certificate is the right one, expect that name; otherwise reject it.",
            )
        if one.member != expected.member and one.dn == expected.dn:
            raise ConflictError(
                "dn_ambiguous",
                "%s waits with the distinguished name of %s: '%s'" % (one.member, expected.member, one.dn),
                "IRIS lets in by that name alone, so nobody was let in. Reject the one that should not have it.",
            )
    return next((one for one in state.pending if one.member == expected.member), None)


def _is_in(mirror: str, state: Approvals, plan: Plan, check_mode: bool) -> bool:
    if mirror in (name.upper() for name in state.node.mirrors):
        return True
    if not check_mode:
        raise PreconditionError(
            "not_a_member",
            "the node is not in the mirror %s" % mirror,
            "Run it on the primary of the mirror.",
            numbers=[2074],
        )
    plan.warnings.append("there is no mirror %s yet; an earlier task of the same run would create it" % mirror)
    return False


def _same_role(state: Approvals) -> Guard:
    role = "1" if state.node.is_primary else "0"
    value = Call("%SYSTEM.Mirror", "IsPrimary")
    return Guard("check that the role is the same", value, (role,), "the node has another role by now")


def _not_primary(what: str) -> PreconditionError:
    return PreconditionError(
        "not_primary",
        "only the primary can %s (ERROR #2113)" % what,
        "Run it on the member that is primary now (irisops.mirror.iris_mirror_info).",
        numbers=[2113],
    )

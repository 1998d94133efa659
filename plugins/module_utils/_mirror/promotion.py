# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Plans to make a disaster recovery async member a failover member. Pure: state and wish in, plan out.

Sources: class reference of SYS.Mirror (Promote, PromoteWithPartner, PromoteWithSelectedPartner, PromoteWithNoPartner,
PromoteCheck); High Availability Guide 5.5. The partner is the running primary, else the member that was primary last. A
former failover member that cannot be told becomes a second primary when it starts, unless its iris.cpf says
ValidatedMember=0.
"""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, InputError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, ListItem, Output, Ref
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Guard, Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import HOPELESS
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.reader import READY_LATENCY
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.remedies import lookup
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.role_state import (
    RoleState,
    RoleWish,
    guard_promotion,
    require_databases,
)

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import Waiting
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node

#: GetStatus() of an async member that follows a primary, and of one that looks for one.
_FOLLOWS = ("CONNECTED",)
_ALONE = ("WAITING", "SYNCHRONIZING", "TRANSITION")


def plan_promotion(wish: RoleWish, state: RoleState, primary: str, waiting: Waiting) -> Plan:
    """``primary`` is the member that answered as primary, "" if nobody did."""
    node = state.node
    follows = node.status in _FOLLOWS
    if node.status not in _FOLLOWS + _ALONE:
        raise PreconditionError(
            "mirror_not_running",
            "this member does not run in the mirror (%s)" % node.status,
            "Start mirroring on it first; messages.log says why it stopped.",
        )
    if primary and not follows:
        raise PreconditionError(
            "not_connected",
            "%s is primary, but this member is not connected to it (%s)" % (primary, node.status),
            "Repair the connection first. A member is never promoted beside a primary that runs.",
        )
    if state.refusal:
        code, remedy = lookup(state.refusal_numbers, state.refusal)
        raise PreconditionError(
            code, "IRIS would refuse the promotion: %s" % state.refusal, remedy, numbers=state.refusal_numbers
        )
    reason = "this member has not all databases of the mirror in good order"
    if not wish.allow_data_loss or node.missing_databases:
        require_databases(node, reason)
    plan = Plan()
    method, selected = _method(wish, state, follows, plan)
    untold = Ref("Untold")
    arguments: list[t.Any] = [selected, untold] if method == "PromoteWithSelectedPartner" else [untold]
    status = Call("%SYSTEM.Mirror", "GetStatus", wish.mirror)
    kind = Call("%SYSTEM.Mirror", "GetMemberType")
    seen = _FOLLOWS if follows else _ALONE
    plan.elements = [
        Guard("check that the member is an async", kind, ("Disaster Recovery",), "it is not a DR async any more"),
        Guard("check what the member sees", status, seen, "a primary has appeared or disappeared"),
        *guard_promotion(state),
        Do("promote the member", Call("SYS.Mirror", method, *arguments)),
        Read("untold", {"unavailable": Output(untold.name)}),
    ]
    plan.change("type", "dr", "failover")
    if waiting.enabled:
        good = ("BACKUP",) if follows else ("PRIMARY",) if method == "PromoteWithNoPartner" else ("PRIMARY", "BACKUP")
        plan.waits.append(waiting.step("become a failover member", kind, ("Failover",)))
        plan.waits.append(waiting.step("reach the state of a failover member", status, good, HOPELESS))
        if follows:
            ready = ListItem(Call("SYS.Mirror", "IsFailoverReady", READY_LATENCY), 1)
            plan.waits.append(waiting.step("become ready for a failover", ready, ("1",)))
    return plan


def untold(names: t.Sequence[str]) -> str:
    """What to do with the members that a promotion could not tell."""
    return (
        "these members could not be told that they are failover members no more: %s. Before each of them starts, set "
        "ValidatedMember=0 in the section [MirrorMember] of its iris.cpf; otherwise it may become a second primary"
        % ", ".join(names)
    )


def _method(wish: RoleWish, state: RoleState, follows: bool, plan: Plan) -> tuple[str, str]:
    """The form of promotion that asks for no more than is needed, and the partner for the one that wants its name."""
    node, lost = state.node, state.lost
    candidates = _failover_members(node)
    if wish.partner and wish.partner not in candidates:
        raise InputError(
            "partner_unknown",
            "%s is no failover member of the mirror %s" % (wish.partner, wish.mirror),
            "Name one of these: %s." % (", ".join(candidates) or "there is none"),
        )
    if wish.partner and follows and state.partner and wish.partner != state.partner:
        raise ConflictError(
            "partner_not_primary",
            "the partner of a promoted member is the primary %s, not %s" % (state.partner, wish.partner),
            "Leave out 'partner' while a primary runs; switch over first if another one is to stay.",
        )
    if not lost and wish.partner in ("", state.partner):
        return "Promote", ""
    if not wish.allow_data_loss:
        _refuse(wish, lost)
    plan.warnings.append("the promotion may lose data that only the other members have, as 'allow_data_loss' permits")
    if follows:
        return "PromoteWithPartner", ""
    if wish.partner:
        if wish.partner in lost:
            raise PreconditionError(
                "partner_unreachable",
                "the ISCAgent of %s cannot be reached" % wish.partner,
                "Start it, or name another partner.",
            )
        return "PromoteWithSelectedPartner", wish.partner
    if any(name not in lost for name in candidates):
        # Whoever is within reach may have journals that this member lacks
        return "PromoteWithPartner", ""
    return "PromoteWithNoPartner", ""


def _refuse(wish: RoleWish, lost: t.Sequence[str]) -> t.NoReturn:
    if not lost:
        raise PreconditionError(
            "data_loss_possible",
            "%s was not primary last; a promotion with it as partner may lose data" % wish.partner,
            "Leave out 'partner', or allow it with 'allow_data_loss'.",
        )
    raise PreconditionError(
        "members_unreachable",
        "the ISCAgent of %s cannot be reached" % ", ".join(lost),
        "Bring it back. If it is gone for good, 'allow_data_loss: true' promotes without it; then set ValidatedMember=0"
        " in [MirrorMember] of its iris.cpf before it ever starts again.",
    )


def _failover_members(node: Node) -> list[str]:
    return [member.name for member in node.members if member.type == "failover"]

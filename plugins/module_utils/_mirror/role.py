# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Plans to give a member of a mirror another role: switchover, promotion, demotion. Pure: state and wish in, plan out.

Sources: class reference of SYS.Mirror (BecomePrimary, Demote, DemotePartner); High Availability Guide 3.3, 5.5, 5.6.
The former primary is forced down by a switchover and stays down until somebody starts it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import (
    ConflictError,
    InputError,
    PreconditionError,
    StatusError,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, ListItem
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Guard, Succeed
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import HOPELESS
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.promotion import plan_promotion
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.reader import READY_LATENCY
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.role_state import (
    RoleState,
    RoleWish,
    guard_hold,
    require_databases,
    require_failover_allowed,
    require_member,
    require_peers,
)

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import Waiting
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.peer import Peer

_IS_BACKUP = Call("%SYSTEM.Mirror", "IsBackup")
_READY = ListItem(Call("SYS.Mirror", "IsFailoverReady", READY_LATENCY), 1)
#: Seconds that BecomePrimary may take (High Availability Guide 6.2.3.3).
_TAKEOVER_LIMIT = 60.0


def reached(wish: RoleWish, state: RoleState) -> bool:
    """Whether the member has the role already; then nobody else has to be asked."""
    node = state.node
    if wish.mirror not in (name.upper() for name in node.mirrors):
        return False
    if wish.member and wish.member != node.member_name:
        return any(one.name == wish.member and one.type == wish.role for one in node.members)
    return node.is_primary if wish.role == "primary" else node.member_type == wish.role


def make_plan(wish: RoleWish, state: RoleState, peers: t.Sequence[Peer], waiting: Waiting) -> Plan:
    node = state.node
    require_member(wish, node)
    if reached(wish, state):
        return Plan()
    primary = require_peers(node, peers)
    if wish.member and wish.member != node.member_name:
        return _demote_partner(wish, state)
    if node.member_type not in ("failover", "dr"):
        raise ConflictError(
            "member_type_differs",
            "the member is %s in the mirror %s" % (node.member_type, wish.mirror),
            "Only failover members and disaster recovery asyncs change their roles.",
        )
    if wish.role == "failover":
        return plan_promotion(wish, state, primary, waiting)
    if wish.role == "dr":
        return _demote(wish, state, waiting)
    if node.member_type == "dr":
        raise PreconditionError(
            "not_a_failover_member",
            "a disaster recovery async cannot become primary at once",
            "Promote it first ('role: failover'), then switch over to it.",
        )
    return _switch_over(wish, state, primary, waiting)


def projected(wish: RoleWish, state: RoleState) -> dict[str, str]:
    """Parts of the value ``mirror`` as they would be after the plan, for check mode."""
    if wish.member and wish.member != state.node.member_name:
        return {}
    if wish.role == "failover":
        return {"type": "failover", "role": "backup" if state.node.status == "CONNECTED" else "primary"}
    return {"role": "primary"} if wish.role == "primary" else {"type": "dr", "role": "async"}


def _switch_over(wish: RoleWish, state: RoleState, primary: str, waiting: Waiting) -> Plan:
    node = state.node
    plan = Plan()
    require_failover_allowed(state)
    if node.is_backup:
        require_databases(node, "this member has not all databases in good order")
        if not node.failover_ready:
            raise PreconditionError(
                "not_ready",
                "the mirror is not ready for a failover: %s" % (node.failover_reason or "no reason given"),
                "Repair what the text names, then run again.",
            )
        checks = [
            Guard("check that the member is the backup", _IS_BACKUP, ("1",), "it is not the backup any more"),
            Guard("check that the mirror is ready", _READY, ("1",), "the mirror is not ready for a failover any more"),
        ]
    else:
        _require_dead_primary(wish, node, primary)
        plan.warnings.append("the takeover may lose what only the former primary has, as 'allow_data_loss' permits")
        checks = [Guard("check that no primary has come back", _IS_BACKUP, ("0",), "a primary has come back")]
    plan.elements = [
        *checks,
        *guard_hold(wish, node),
        Succeed(
            "become primary",
            Call("SYS.Mirror", "BecomePrimary"),
            "IRIS did not let this member become primary",
            failure=StatusError(
                "takeover_refused",
                "IRIS did not let this member become primary",
                "messages.log of this member says why. Ask who is primary now before anything else is done.",
            ),
            limit=_TAKEOVER_LIMIT,
        ),
    ]
    plan.change("role", node.role, "primary")
    if waiting.enabled:
        status = Call("%SYSTEM.Mirror", "GetStatus", wish.mirror)
        plan.waits.append(waiting.step("be primary", status, ("PRIMARY",), HOPELESS))
    return plan


def _require_dead_primary(wish: RoleWish, node: Node, primary: str) -> None:
    """A failover member that has lost its primary takes over only where somebody says so, and never beside one."""
    if primary:
        raise PreconditionError(
            "not_connected",
            "%s is primary, but this member is not its backup (%s)" % (primary, node.status),
            "Wait until it is, or repair the connection. Nothing takes over beside a primary that runs.",
        )
    if not wish.allow_data_loss:
        raise PreconditionError(
            "primary_unreachable",
            "this member has no connection to a primary (%s)" % node.status,
            "Bring the primary back. If it is gone for good, 'allow_data_loss: true' lets this member ask IRIS to take "
            "over without it.",
        )


def _demote(wish: RoleWish, state: RoleState, waiting: Waiting) -> Plan:
    node = state.node
    if node.is_primary:
        raise ConflictError("is_primary", "the member is primary", "Switch over first ('role: primary' on the backup).")
    require_failover_allowed(state)
    if not node.is_backup:
        raise PreconditionError(
            "primary_unreachable",
            "this member has no connection to a primary (%s)" % node.status,
            "A failover member is demoted by agreement with the primary. Bring the primary back first.",
        )
    plan = Plan()
    plan.elements = [
        Guard("check that the member is the backup", _IS_BACKUP, ("1",), "it is not the backup any more"),
        *guard_hold(wish, node),
        Do("demote the member", Call("SYS.Mirror", "Demote")),
    ]
    plan.change("type", "failover", "dr")
    if waiting.enabled:
        kind = Call("%SYSTEM.Mirror", "GetMemberType")
        status = Call("%SYSTEM.Mirror", "GetStatus", wish.mirror)
        plan.waits.append(waiting.step("become a disaster recovery async", kind, ("Disaster Recovery",)))
        plan.waits.append(waiting.step("be connected", status, ("CONNECTED",), HOPELESS))
    return plan


def _demote_partner(wish: RoleWish, state: RoleState) -> Plan:
    """The primary demotes a backup that may be down; its agent must answer."""
    node = state.node
    partners = [one.name for one in node.members if one.type == "failover" and one.name != node.member_name]
    if wish.role != "dr" or wish.member not in partners:
        raise InputError(
            "member_not_partner",
            "%s is not the failover partner of this member" % wish.member,
            "Run the task on the member itself, or demote the partner ('role: dr'): %s."
            % (", ".join(partners) or "there is none"),
        )
    if not node.is_primary:
        raise PreconditionError(
            "not_primary", "only the primary demotes its partner", "Run it on the primary, or on the member itself."
        )
    require_failover_allowed(state)
    is_primary = Call("%SYSTEM.Mirror", "IsPrimary")
    plan = Plan()
    plan.elements = [
        Guard("check that the node is primary", is_primary, ("1",), "the node is not primary any more"),
        *guard_hold(wish, node),
        Do("demote the partner", Call("SYS.Mirror", "DemotePartner")),
    ]
    plan.change("%s.type" % wish.member, "failover", "dr")
    return plan

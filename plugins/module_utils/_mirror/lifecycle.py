# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Plans to start, stop, block and remove a member. Pure: state and wish in, plan out.

Sources: class reference of SYS.Mirror (StartMirror, StopMirror, SetNoFailover, ClearNoFailover,
RemoveMirrorConfiguration, RemoveOneMirrorSet), Config.Mirrors (DefinedPrimary), Config.MirrorMember (JoinMirror); High
Availability Guide 4.9 and 4.10.4 for the order in which members are removed and for the restarts.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Array,
    Call,
    Defined,
    Global,
    Output,
    Ref,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Guard, Put, Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import HOPELESS, SETTLED, Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import Waiting


@dataclasses.dataclass
class MemberWish:
    """``state`` is started, stopped, absent or None (as it is), ``failover`` allowed, blocked or None. ``gone`` names
    members that need not be removed any more."""

    mirror: str
    state: str | None = None
    failover: str | None = None
    detach_databases: bool = False
    remove_tls: bool = False
    remove_mirror: bool = False
    gone: t.Sequence[str] = ()


@dataclasses.dataclass
class Membership:
    """What the plan needs of the node. ``holder`` is the member that alone may become primary, "" for none."""

    node: Node
    started: bool = False
    configured: bool = False
    joins: bool = False
    holder: str = ""
    removed: bool = False

    def restart_required(self) -> bool:
        """IRIS takes a removal, and JoinMirror=0, to their end when it starts (High Availability Guide 4.10.4)."""
        return self.removed or (self.node.is_member and not self.joins)


def observe(mirror: str) -> list[Element]:
    return [
        *reader.membership_steps(mirror),
        Read("started", {"value": Call("SYS.Mirror", "IsMirrorStarted", mirror)}),
        Read(
            "configured",
            {"holder": Output("Cfg", "DefinedPrimary")},
            first=Call("Config.Mirrors", "Get", mirror, Ref("Cfg")),
        ),
        Read("joins", {"value": Output("Mem", "JoinMirror")}, first=Call("Config.MirrorMember", "Get", Ref("Mem"))),
        Read("removed", {"value": Defined(_removed(mirror))}),
    ]


def read(answers: Answers) -> Membership:
    configured = answers.find("configured")
    return Membership(
        node=reader.read_node(answers),
        started=answers.value("started", "value") == "1",
        configured=configured is not None and configured.ok,
        joins=answers.value("joins", "value") == "1",
        holder=answers.value("configured", "holder").upper(),
        removed=answers.value("removed", "value") == "1",
    )


def make_plan(wish: MemberWish, state: Membership, waiting: Waiting, check_mode: bool) -> Plan:
    if wish.state == "absent":
        return _plan_absent(wish, state)
    plan = Plan()
    if wish.mirror not in (name.upper() for name in state.node.mirrors):
        _outside(wish, state, plan, check_mode)
        return plan
    if wish.failover is not None:
        _plan_failover(wish, state, plan)
    if wish.state == "started":
        _plan_started(wish, state, plan, waiting)
    elif wish.state == "stopped":
        _plan_stopped(wish, state, plan, waiting)
    return plan


def _outside(wish: MemberWish, state: Membership, plan: Plan, check_mode: bool) -> None:
    text = "the node is not a member of the mirror %s" % wish.mirror
    if not check_mode or state.node.mirrors:
        raise PreconditionError(
            "not_a_member", text, "Create or join the mirror on this node first (irisops.mirror.iris_mirror_join)."
        )
    plan.warnings.append(text + "; an earlier task of the same run would make it one")


def _plan_failover(wish: MemberWish, state: Membership, plan: Plan) -> None:
    if state.node.member_type not in ("failover", "indeterminate"):
        raise ConflictError(
            "not_failover_member",
            "the node is in the mirror %s as %s, and only failover members can block a failover (ERROR #2081)"
            % (wish.mirror, state.node.member_type),
            "Ask a failover member.",
            numbers=[2081],
        )
    blocked = bool(state.holder)
    if blocked == (wish.failover == "blocked"):
        return
    if blocked:
        step = Do("allow a failover", Call("SYS.Mirror", "ClearNoFailover", wish.mirror))
    else:
        step = Do("block failovers", Call("SYS.Mirror", "SetNoFailover", wish.mirror))
    plan.elements.append(step)
    plan.change("failover", "blocked" if blocked else "allowed", wish.failover)


def _plan_started(wish: MemberWish, state: Membership, plan: Plan, waiting: Waiting) -> None:
    stopped = state.node.status == "STOPPED"
    if stopped:
        start = Do("start the mirror on this member", Call("SYS.Mirror", "StartMirror", wish.mirror), accept=(2106,))
        plan.elements.append(start)
        plan.change("state", "stopped", "started")
    if waiting.enabled and (stopped or state.node.status not in SETTLED):
        value = Call("%SYSTEM.Mirror", "GetStatus", wish.mirror)
        # Right after StartMirror the old state may still be answered
        hopeless = tuple(word for word in HOPELESS if word != "STOPPED" or not stopped)
        plan.waits.append(waiting.step("reach the state of a member", value, SETTLED, hopeless))


def _plan_stopped(wish: MemberWish, state: Membership, plan: Plan, waiting: Waiting) -> None:
    if state.node.status == "STOPPED":
        return
    if state.node.is_primary:
        raise ConflictError(
            "is_primary",
            "the node is the primary of the mirror %s, where mirroring cannot be stopped (ERROR #2022)" % wish.mirror,
            "Switch over to the backup first (playbook irisops.mirror.switchover), then stop this member.",
            numbers=[2022],
        )
    plan.elements += [
        _role("0", "the node has become primary"),
        Do("stop the mirror on this member", Call("SYS.Mirror", "StopMirror", wish.mirror), accept=(2107,)),
    ]
    plan.change("state", "started", "stopped")
    if waiting.enabled:
        value = Call("%SYSTEM.Mirror", "GetStatus", wish.mirror)
        plan.waits.append(waiting.step("stop", value, ("STOPPED",)))


def _plan_absent(wish: MemberWish, state: Membership) -> Plan:
    plan = Plan()
    node = state.node
    if not state.configured:
        return plan
    if node.is_primary:
        _plan_last(wish, state, plan)
        return plan
    keeps_others = node.member_type.startswith("reporting") and len(node.mirrors) > 1
    detach = int(wish.detach_databases)
    if keeps_others:
        removal = Call("SYS.Mirror", "RemoveOneMirrorSet", wish.mirror, detach, 1)
    else:
        removal = Call("SYS.Mirror", "RemoveMirrorConfiguration", detach, 1, int(wish.remove_tls))
    plan.elements = [_role("0", "the node has become primary"), Do("leave the mirror", removal)]
    if not keeps_others:
        plan.elements.append(Put("note the restart that ends the removal", _removed(wish.mirror), 1))
    plan.change("member", {"mirror": wish.mirror, "member": node.member_name or None}, None)
    return plan


def _plan_last(wish: MemberWish, state: Membership, plan: Plan) -> None:
    """A primary is the last to leave: it is told to ignore the mirror, restarted, and then it can be removed."""
    node = state.node
    if not wish.remove_mirror:
        raise ConflictError(
            "is_primary",
            "the node is the primary of the mirror %s and cannot leave it (ERROR #2116)" % wish.mirror,
            "Switch over first to remove this member only. Set 'remove_mirror: true' on the last member to give the "
            "mirror up. Nothing was changed.",
            numbers=[2116],
        )
    others = [member.name for member in node.members if member.name not in (node.member_name, *wish.gone)]
    if others:
        raise ConflictError(
            "other_members",
            "the mirror %s still has the members %s" % (wish.mirror, ", ".join(others)),
            "Remove them first: asyncs, then the backup, the primary last. 'gone' names members that exist no more. "
            "Nothing was changed.",
        )
    if not state.joins:
        return
    information = Array({"JoinMirror": 0})
    plan.elements = [
        _role("1", "the node is not primary any more"),
        Do("ignore the mirror from the next start on", Call("Config.MirrorMember", "Modify", information)),
    ]
    plan.change("joins at start", True, False)


def _role(primary: str, text: str) -> Guard:
    """Read again in the acting session: a failover may have come in between."""
    return Guard("check the role of the node", Call("%SYSTEM.Mirror", "IsPrimary"), (primary,), text)


def _removed(mirror: str) -> Global:
    """Globals of this name live in IRISTEMP and are gone after a restart, like the need for one (Orientation Guide)."""
    return Global("%SYS", "IRIS.TempIrisopsMirrorRemoved", [mirror])

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""What a change of role must know of the member, and the checks that every such change makes.

Sources: class reference of SYS.Mirror (PromoteCheck, GetFailoverMemberStatus, IsFailoverReady) and Config.Mirrors
(DefinedPrimary: the member that alone may become primary while no-failover is set).
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, Joined, Output, Ref
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Guard, Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import MirroredDatabase, Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.peer import Peer, refuse_two_primaries

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element

#: Read again where it is acted upon, under another name.
_AGAIN = " again"


@dataclasses.dataclass
class RoleWish:
    """``role`` is primary, failover or dr; ``member`` who is to have it, "" for the node itself."""

    mirror: str
    role: str
    member: str = ""
    partner: str = ""
    allow_data_loss: bool = False


@dataclasses.dataclass
class RoleState:
    """``hold`` is the member that alone may become primary, "" while failover is allowed.

    ``partner`` and ``lost`` are what PromoteCheck says, ``refusal`` why it would be refused. ``left`` are the members
    that a promotion could not tell.
    """

    node: Node
    hold: str = ""
    partner: str = ""
    lost: list[str] = dataclasses.field(default_factory=list)
    refusal: str = ""
    refusal_numbers: list[int] = dataclasses.field(default_factory=list)
    left: list[str] = dataclasses.field(default_factory=list)


def observe(wish: RoleWish) -> list[Element]:
    steps: list[Element] = [*reader.membership_steps(wish.mirror), *reader.mirrored_steps(wish.mirror), *_hold(wish)]
    if wish.role == "failover":
        steps.append(promote_check())
    return steps


def read(wish: RoleWish, answers: Answers) -> RoleState:
    state = RoleState(reader.read_node(answers), answers.value("no failover", "member").upper())
    check = answers.find("promotion")
    if check is not None and state.node.member_type == "dr":
        state.partner = answers.value("promotion", "partner").upper()
        state.lost = _names(answers.value("promotion", "unavailable"))
        if not check.ok:
            state.refusal, state.refusal_numbers = check.text or "no reason given", check.codes
    state.left = _names(answers.value("untold", "unavailable"))
    return state


def promote_check(suffix: str = "") -> Read:
    """The documented dry run of a promotion: the partner it would take and the members that are out of reach."""
    lost, partner = Ref("Lost"), Ref("Partner")
    values = {"unavailable": Output(lost.name), "partner": Output(partner.name)}
    return Read("promotion" + suffix, values, first=Call("SYS.Mirror", "PromoteCheck", lost, partner))


def guard_hold(wish: RoleWish, node: Node) -> list[Element]:
    """It is still that mirror, and nobody has set no-failover since the state was read."""
    guid = node.settings.guid if node.settings is not None else ""
    value = Joined(Output("Hold", "GUID"), Output("Hold", "DefinedPrimary"), separator="|")
    allowed = Guard("check that failover is allowed", value, (guid + "|",), "no-failover was set by now")
    return [*_hold(wish, _AGAIN), allowed]


def guard_promotion(state: RoleState) -> list[Element]:
    """The same members are within reach as when the state was read."""
    text = "other members are within reach by now"
    lost = Guard("check who is within reach", Output("Lost"), (",".join(state.lost),), text)
    return [promote_check(_AGAIN), lost]


def require_member(wish: RoleWish, node: Node) -> None:
    if wish.mirror not in (name.upper() for name in node.mirrors):
        found = " but of %s" % ", ".join(node.mirrors) if node.mirrors else ""
        raise PreconditionError(
            "not_a_member",
            "the node is not a member of the mirror %s%s" % (wish.mirror, found),
            "Join the mirror on this node first (irisops.mirror.iris_mirror_join).",
        )


def require_failover_allowed(state: RoleState) -> None:
    if state.hold:
        raise PreconditionError(
            "no_failover_set",
            "no-failover is set: only %s may become primary" % state.hold,
            "Somebody wants the primary to stay where it is. Find out why, then clear no-failover.",
        )


def require_databases(node: Node, reason: str) -> None:
    """All databases of the mirror are here, mounted and caught up."""
    behind = [_trouble(one) for one in node.databases if not one.good]
    behind.extend("%s: missing here" % name for name in node.missing_databases)
    if behind:
        raise PreconditionError(
            "databases_not_ready",
            "%s (%s)" % (reason, "; ".join(behind)),
            "Wait until they are caught up, or seed them again (irisops.mirror.iris_mirror_db).",
        )


def require_peers(node: Node, peers: t.Sequence[Peer]) -> str:
    """The member that says it is primary, "" if none does; it must be one that this node knows as such."""
    refuse_two_primaries(node, peers)
    primary = next((peer for peer in peers if peer.role == "primary"), None)
    if primary is None:
        return ""
    known = [member.name for member in node.members if member.type == "failover"]
    if primary.member not in known:
        raise ConflictError(
            "primary_elsewhere",
            "%s says that it is primary, but this member knows %s as failover members"
            % (primary.member, ", ".join(known) or "nobody"),
            "The members do not agree about the mirror. Compare them with irisops.mirror.iris_mirror_info first.",
        )
    return primary.member


def _hold(wish: RoleWish, suffix: str = "") -> list[Element]:
    values = {"member": Output("Hold", "DefinedPrimary")}
    return [Read("no failover" + suffix, values, first=Call("Config.Mirrors", "Get", wish.mirror, Ref("Hold")))]


def _trouble(one: MirroredDatabase) -> str:
    if one.obsolete:
        return "%s: obsolete" % one.mirror_name
    if not one.mounted:
        return "%s: not mounted" % one.mirror_name
    return "%s: %s" % (one.mirror_name, "not caught up" if one.activated else "not activated")


def _names(text: str) -> list[str]:
    return [name.strip().upper() for name in text.split(",") if name.strip()]

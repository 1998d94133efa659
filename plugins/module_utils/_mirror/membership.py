# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Plans to create a mirror on a node or to join a node to one. Pure: state and wish in, plan out.

Sources: class reference of SYS.Mirror (CreateNewMirrorSet, JoinMirrorAsFailoverMember, JoinMirrorAsAsyncMember), High
Availability Guide 4.7. In the join calls the positional agent arguments name the other system, the array this one.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array, Call, ListItem, Scalar
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Guard, Reach, Step, Wait
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import (
    ASYNC_TYPES,
    HOPELESS,
    REPORTING,
    SETTLED,
    Node,
    Settings,
)
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.reader import READY_LATENCY

#: What repairs a difference that no public method changes.
_DRIFT_REMEDY = "No public method changes it: edit the mirror on the primary (Management Portal or ^MIRROR)."
_TLS_REMEDY = "All members take part in that change: playbooks/tls_enable.yml."
#: The one setting of a living mirror that can be changed, by its name in plans and settings.
ARBITER = "arbiter"
#: Mirrors that a reporting member can follow (HA 4.7.5).
MIRROR_LIMIT = 10
_MEMBER_REMEDY = "A member's addresses are changed on the primary (Management Portal, Edit Mirror)."


@dataclasses.dataclass
class Waiting:
    """How to wait: limit and interval in seconds, good readings in a row."""

    enabled: bool
    limit: float
    interval: float
    stable: int

    def step(self, name: str, value: t.Any, good: t.Sequence[str], bad: t.Sequence[str] = ()) -> Wait:
        return Wait(name, value, tuple(good), tuple(bad), self.limit, self.interval, self.stable)


@dataclasses.dataclass
class Addresses:
    """How the other members reach this one; always explicit, the default would be the host's own name."""

    superserver: str
    mirror: str
    agent: str
    agent_port: int
    interface: str | None = None

    def array(self) -> dict[str, Scalar]:
        values: dict[str, Scalar] = {
            "ECPAddress": self.superserver,
            "MirrorAddress": self.mirror,
            "AgentAddress": self.agent,
        }
        if self.interface:
            values["VirtualAddressInterface"] = self.interface
        return values


@dataclasses.dataclass
class CreateWish:
    """A mirror as wanted. None leaves a setting to the default of IRIS, and an existing one alone."""

    mirror: str
    member: str
    addresses: Addresses
    arbiter: str | None = None
    qos_timeout: int | None = None
    use_tls: bool | None = None
    virtual_address: str | None = None
    compression: t.Mapping[str, int] = dataclasses.field(default_factory=dict)
    parallel_dejournaling: int | None = None
    tls: t.Mapping[str, Scalar] | None = None

    def settings(self) -> dict[str, t.Any]:
        """The wished settings by the names of :class:`Settings`."""
        wished: dict[str, t.Any] = {
            "arbiter": self.arbiter,
            "qos_timeout": self.qos_timeout,
            "use_tls": self.use_tls,
            "virtual_address": self.virtual_address,
            "parallel_dejournaling": self.parallel_dejournaling,
            **self.compression,
        }
        return {key: value for key, value in wished.items() if value is not None}


#: Settings by our name -> subscript of MirrorInfo
_SUBSCRIPTS = {
    "arbiter": "ArbiterNode",
    "qos_timeout": "QOSTimeout",
    "use_tls": "UseSSL",
    "virtual_address": "VirtualAddress",
    "compression_failover": "CompressionForFailoverMembers",
    "compression_async": "CompressionForAsyncMembers",
    "compression_type_failover": "CompressionTypeForFailoverMembers",
    "compression_type_async": "CompressionTypeForAsyncMembers",
    "parallel_dejournaling": "AllowParallelDejournaling",
}


@dataclasses.dataclass
class JoinWish:
    """A membership as wanted. ``kind`` is failover, dr, reporting_ro or reporting_rw."""

    mirror: str
    member: str
    kind: str
    primary_address: str
    primary_port: int
    primary_instance: str
    addresses: Addresses
    tls: t.Mapping[str, Scalar] | None = None


def plan_create(wish: CreateWish, node: Node, waiting: Waiting, check_mode: bool) -> Plan:
    """Create the mirror unless the node is in it already, in whatever role."""
    plan = Plan()
    if _is_in(wish.mirror, wish.member, node, ("failover", "indeterminate")):
        wished = wish.settings()
        if lacks_arbiter(wish, node):
            plan.change(ARBITER, "", wished.pop(ARBITER))
        _drift(plan, wished, node.settings)
        _address_drift(plan, wish.addresses, node)
        if plan.changed:
            return plan
    else:
        _need_service(node, plan, check_mode)
        information: dict[str, t.Any] = {**wish.addresses.array(), "AgentPort": wish.addresses.agent_port}
        information.update((_SUBSCRIPTS[key], value) for key, value in wish.settings().items())
        arguments: list[t.Any] = [wish.mirror, wish.member, Array(information)]
        if wish.tls is not None:
            arguments.append(Array(wish.tls))
        plan.elements = [
            _not_a_member(),
            *_reach_arbiter(wish.arbiter),
            Do("create the mirror", Call("SYS.Mirror", "CreateNewMirrorSet", *arguments)),
        ]
        plan.change("mirror", None, {"name": wish.mirror, "member": wish.member, **wish.settings()})
    if waiting.enabled and (plan.changed or node.status not in SETTLED):
        plan.waits.append(waiting.step("become primary", _status(wish.mirror), ("PRIMARY", "BACKUP"), HOPELESS))
    return plan


def lacks_arbiter(wish: CreateWish, node: Node) -> bool:
    """Whether the mirror has no arbiter and can be given one here.

    A configuration merge adds an arbiter to a mirror that has none; nothing else of a living mirror can be changed by a
    public call (Config.Mirrors says of itself that it is for reading only). The merge file has no way to write IPv6.
    """
    has_none = node.settings is not None and not node.settings.arbiter
    return bool(wish.arbiter) and ":" not in str(wish.arbiter) and has_none and node.is_primary


def before_merge(arbiter: str) -> list[Step]:
    """What must hold on the node when its arbiter is merged in."""
    primary = Guard(
        "check that the node is primary",
        Call("%SYSTEM.Mirror", "IsPrimary"),
        ("1",),
        "the node is not primary any more",
    )
    return [primary, *_reach_arbiter(arbiter)]


def plan_join(wish: JoinWish, node: Node, waiting: Waiting, check_mode: bool) -> Plan:
    """Join the node unless it is a member of that kind already."""
    plan = Plan()
    if _is_in(wish.mirror, wish.member, node, (wish.kind, "async", "indeterminate"), wish.kind in REPORTING):
        _address_drift(plan, wish.addresses, node)
        if wish.kind == "failover" and node.status in SETTLED and not node.failover_ready:
            plan.warnings.append(
                "the mirror %s is not ready for a failover: %s"
                % (wish.mirror, node.failover_reason or "no reason given")
            )
    else:
        _need_service(node, plan, check_mode)
        plan.elements = [*_not_a_member_yet(wish, node), _join_step(wish)]
        plan.change("member", None, {"mirror": wish.mirror, "member": wish.member, "type": wish.kind})
    if not waiting.enabled or not (plan.changed or node.status not in SETTLED):
        return plan
    good = ("PRIMARY", "BACKUP") if wish.kind == "failover" else ("CONNECTED",)
    plan.waits.append(waiting.step("reach the state of a member", _status(wish.mirror), good, HOPELESS))
    if wish.kind == "failover" and plan.changed:
        ready = ListItem(Call("SYS.Mirror", "IsFailoverReady", READY_LATENCY), 1)
        plan.waits.append(waiting.step("become ready for a failover", ready, ("1",)))
    return plan


def _join_step(wish: JoinWish) -> Do:
    local: dict[str, Scalar] = wish.addresses.array()
    target: list[t.Any] = [
        wish.mirror,
        wish.member,
        wish.primary_instance,
        wish.primary_address,
        wish.primary_port,
    ]
    if wish.kind == "failover":
        # AgentPort is a subscript of the failover join only (class reference)
        local["AgentPort"] = wish.addresses.agent_port
        method = "JoinMirrorAsFailoverMember"
    else:
        target.append(ASYNC_TYPES[wish.kind])
        method = "JoinMirrorAsAsyncMember"
    target.append(Array(local))
    if wish.tls is not None:
        target.append(Array(wish.tls))
    return Do("join the mirror", Call("SYS.Mirror", method, *target))


def _is_in(mirror: str, member: str, node: Node, kinds: t.Sequence[str], several: bool = False) -> bool:
    """Whether the node is this member of this mirror; any contradiction is an error."""
    is_here = mirror in (name.upper() for name in node.mirrors)
    if not is_here and not node.is_member:
        return False
    if not is_here and not (several and node.member_type in (*kinds, *REPORTING)):
        raise ConflictError(
            "other_mirror",
            "the node is a member of the mirror %s already, not of %s" % (", ".join(node.mirrors), mirror),
            "Remove it from that mirror first, or correct the name. Nothing was changed.",
        )
    if node.member_name and node.member_name != member:
        raise ConflictError(
            "member_name_differs",
            "the node is in the mirror %s as %s, not as %s" % (", ".join(node.mirrors), node.member_name, member),
            "A member cannot be renamed after it has joined: use its name, or remove it and join again.",
        )
    if node.member_type not in kinds:
        raise ConflictError(
            "member_type_differs",
            "the node is in the mirror %s as %s, not as %s" % (", ".join(node.mirrors), node.member_type, kinds[0]),
            "Promotion and demotion change the type of a member; a join does not.",
        )
    if not is_here and len(node.mirrors) >= MIRROR_LIMIT:
        raise ConflictError(
            "too_many_mirrors",
            "the node follows %d mirrors already: %s" % (len(node.mirrors), ", ".join(node.mirrors)),
            "A reporting member can follow %d mirrors. Use another node for %s." % (MIRROR_LIMIT, mirror),
        )
    return is_here


def _need_service(node: Node, plan: Plan, check_mode: bool) -> None:
    if node.service_enabled:
        return
    if not check_mode:
        raise PreconditionError(
            "service_disabled",
            "the mirror service %Service_Mirror is not enabled (ERROR #2066)",
            "Enable it first (irisops.mirror.iris_mirror_service).",
            numbers=[2066],
        )
    plan.warnings.append("the mirror service is not enabled yet; an earlier task of the same run would do it")


def _not_a_member() -> Guard:
    """Read again in the acting session: nobody may have made the node a member in between."""
    return Guard(
        "check that the node is in no mirror",
        Call("%SYSTEM.Mirror", "IsMember"),
        ("0",),
        "the node is a member by now",
    )


def _not_a_member_yet(wish: JoinWish, node: Node) -> list[Guard]:
    """The same for one more mirror of a reporting member: still as many as were read, and not this one."""
    if not node.is_member:
        return [_not_a_member()]
    return [
        Guard(
            "check that the node is a reporting member",
            Call("%SYSTEM.Mirror", "IsMember"),
            ("2",),
            "the node is no async member any more",
        ),
        Guard(
            "check that the node is not in the mirror yet",
            _status(wish.mirror),
            ("NOTINIT",),
            "the node is a member of the mirror %s by now" % wish.mirror,
        ),
    ]


def _reach_arbiter(arbiter: t.Optional[str]) -> t.List[Reach]:
    """IRIS takes any arbiter and complains later; a wrong address is better known before anything is made."""
    if not arbiter:
        return []
    host, port = arbiter.rsplit("|", 1)
    return [Reach("reach the arbiter", host, int(port), "the arbiter %s does not answer" % arbiter)]


def _status(mirror: str) -> Call:
    return Call("%SYSTEM.Mirror", "GetStatus", mirror)


def _drift(plan: Plan, wished: t.Mapping[str, t.Any], settings: Settings | None) -> None:
    if settings is None:
        return
    actual = dataclasses.asdict(settings)
    for key, value in wished.items():
        if actual[key] != value:
            remedy = _TLS_REMEDY if key == "use_tls" else _DRIFT_REMEDY
            plan.drift("the setting %s of the mirror %s" % (key, settings.name), actual[key], value, remedy)


def _address_drift(plan: Plan, wished: Addresses, node: Node) -> None:
    own = node.own()
    if own is None:
        return
    pairs: list[tuple[str, t.Any, t.Any]] = [
        ("superserver_address", own.superserver_address, wished.superserver),
        ("mirror_address", own.mirror_address, wished.mirror),
        ("agent_address", own.agent_address, wished.agent),
        ("agent_port", own.agent_port, wished.agent_port),
    ]
    if node.member_type in REPORTING:
        # Reporting members have no use for an agent, and releases differ in what they store (CPF [MapMirrors])
        pairs = pairs[:2]
    for key, actual, value in pairs:
        if actual != value:
            plan.drift("%s of the member %s" % (key, own.name), actual, value, _MEMBER_REMEDY)

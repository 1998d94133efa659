# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who creates a mirror, who joins it, who is left alone, and what is refused."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Guard, Reach
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import (
    CreateWish,
    JoinWish,
    before_merge,
    plan_create,
    plan_join,
)
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.tests.unit.support import nodes, plans

CREATE = CreateWish(nodes.MIRROR, "MIRRORA", nodes.ADDRESSES, arbiter="arbiter|2188")
ADDRESSES_B = dataclasses.replace(nodes.ADDRESSES, superserver="10.0.0.2", mirror="10.0.0.2", agent="10.0.0.2")
JOIN = JoinWish(nodes.MIRROR, "MIRRORB", "failover", "10.0.0.1", 2188, "IRIS", ADDRESSES_B)
MEMBER_B = nodes.member(
    "MIRRORB",
    role="backup",
    superserver_address="10.0.0.2",
    mirror_address="10.0.0.2",
    agent_address="10.0.0.2",
)
ASYNC = {"is_primary": False, "is_backup": False, "members": [nodes.member(), MEMBER_B], "member_name": "MIRRORB"}


def create(node: Node, wish: CreateWish = CREATE, check_mode: bool = False, wait: bool = True) -> Plan:
    return plan_create(wish, node, nodes.WAITING if wait else nodes.NO_WAITING, check_mode)


def join(node: Node, wish: JoinWish = JOIN, check_mode: bool = False, wait: bool = True) -> Plan:
    return plan_join(wish, node, nodes.WAITING if wait else nodes.NO_WAITING, check_mode)


def joined(**values: t.Any) -> Node:
    return nodes.backup(members=[nodes.member(), MEMBER_B], **values)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_free_node_creates_the_mirror(check_mode: bool) -> None:
    plan = create(nodes.outside(), check_mode=check_mode)
    assert plans.steps(plan.elements) == [
        "check that the node is in no mirror",
        "reach the arbiter",
        "create the mirror",
    ]
    assert plans.steps(plan.waits) == ["become primary"]
    wished = {"name": nodes.MIRROR, "member": "MIRRORA", "arbiter": "arbiter|2188"}
    assert plans.changes(plan) == [("mirror", None, wished)]
    assert plan.warnings == []


def test_every_wished_setting_is_sent_and_nothing_else() -> None:
    wish = CreateWish(
        "M",
        "A",
        dataclasses.replace(nodes.ADDRESSES, agent_port=2189, interface="eth0"),
        qos_timeout=0,
        use_tls=False,
        virtual_address="192.0.2.10/24",
        compression={"compression_failover": 2, "compression_type_failover": 1},
        parallel_dejournaling=1,
        tls={"CAFile": "/ca"},
    )
    call = plans.call(create(nodes.outside(), wish).elements, "SYS.Mirror.CreateNewMirrorSet")
    assert [plans.plain(argument) for argument in call.arguments] == [
        "M",
        "A",
        {
            "ECPAddress": "10.0.0.1",
            "MirrorAddress": "10.0.0.1",
            "AgentAddress": "10.0.0.1",
            "AgentPort": 2189,
            "VirtualAddressInterface": "eth0",
            "QOSTimeout": 0,
            "UseSSL": False,
            "VirtualAddress": "192.0.2.10/24",
            "CompressionForFailoverMembers": 2,
            "CompressionTypeForFailoverMembers": 1,
            "AllowParallelDejournaling": 1,
        },
        {"CAFile": "/ca"},
    ]


@pytest.mark.parametrize(
    ("arbiter", "reached"),
    [("arbiter|2189", [("arbiter", 2189)]), ("fe80::1|2188", [("fe80::1", 2188)]), ("", []), (None, [])],
)
def test_the_arbiter_must_answer_before_anything_is_made(arbiter: str | None, reached: list[tuple[str, int]]) -> None:
    elements = create(nodes.outside(), dataclasses.replace(CREATE, arbiter=arbiter)).elements
    assert [(step.host, step.port) for step in elements if isinstance(step, Reach)] == reached
    assert isinstance(elements[-1], Do)
    assert not elements[-1].always


@pytest.mark.parametrize(
    ("node", "waits"),
    [
        (nodes.inside(), []),
        (nodes.inside(mirrors=["mirrorset"]), []),
        (nodes.inside(member_name=""), []),
        (nodes.inside(status="BACKUP", is_primary=False, is_backup=True), []),
        (nodes.inside(status="TRANSITION", is_primary=False), ["become primary"]),
        (nodes.inside(service_enabled=False), []),
    ],
    ids=["primary", "name in lower case", "name unknown", "backup after a failover", "starting", "service off"],
)
def test_a_member_is_adopted_in_whatever_role(node: Node, waits: list[str]) -> None:
    plan = create(node)
    assert (plan.changed, plan.elements, plan.warnings) == (False, [], [])
    assert plans.steps(plan.waits) == waits
    assert create(node, wait=False).waits == []


@pytest.mark.parametrize(
    ("make", "node", "code"),
    [
        (create, nodes.inside(mirrors=["OTHER"]), "other_mirror"),
        (create, nodes.inside(member_name="RENAMED"), "member_name_differs"),
        (create, nodes.inside(member_type="dr"), "member_type_differs"),
        (join, nodes.inside(mirrors=["OTHER"]), "other_mirror"),
        (join, nodes.inside(), "member_name_differs"),
        (join, joined(member_type="reporting_ro"), "member_type_differs"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_contradiction_is_a_conflict(make: t.Any, node: Node, code: str, check_mode: bool) -> None:
    with pytest.raises(ConflictError) as raised:
        make(node, check_mode=check_mode)
    assert raised.value.code == code
    assert raised.value.remedy


@pytest.mark.parametrize("make", [create, join])
def test_without_the_service_nothing_is_tried(make: t.Any) -> None:
    node = nodes.outside(service_enabled=False)
    with pytest.raises(PreconditionError) as raised:
        make(node)
    assert (raised.value.code, raised.value.numbers) == ("service_disabled", [2066])
    assert "%Service_Mirror" in raised.value.message
    plan = make(node, check_mode=True)
    assert plan.changed, "an earlier task of the same run would have enabled it"
    assert len(plan.warnings) == 1
    assert plans.changes(plan) == plans.changes(make(nodes.outside()))


@pytest.mark.parametrize(
    ("wish", "node", "setting"),
    [
        (dataclasses.replace(CREATE, arbiter="other|2188"), nodes.inside(), "arbiter"),
        (dataclasses.replace(CREATE, arbiter=""), nodes.inside(), "arbiter"),
        (dataclasses.replace(CREATE, qos_timeout=4000), nodes.inside(), "qos_timeout"),
        (dataclasses.replace(CREATE, use_tls=True), nodes.inside(), "use_tls"),
        (dataclasses.replace(CREATE, virtual_address="192.0.2.1/24"), nodes.inside(), "virtual_address"),
        (dataclasses.replace(CREATE, compression={"compression_async": 2}), nodes.inside(), "compression_async"),
        (dataclasses.replace(CREATE, parallel_dejournaling=2), nodes.inside(), "parallel_dejournaling"),
        (CREATE, nodes.inside(members=[nodes.member(superserver_address="x")]), "superserver_address"),
        (CREATE, nodes.inside(members=[nodes.member(mirror_address="x")]), "mirror_address"),
        (CREATE, nodes.inside(members=[nodes.member(agent_address="x")]), "agent_address"),
        (CREATE, nodes.inside(members=[nodes.member(agent_port=1)]), "agent_port"),
    ],
)
def test_drift_is_told_and_not_repaired(wish: CreateWish, node: Node, setting: str) -> None:
    plan = create(node, wish)
    assert not plan.changed
    (warning,) = plan.warnings
    assert setting in warning
    assert ("tls_enable.yml" if setting == "use_tls" else "Management Portal") in warning


NO_ARBITER = {"settings": nodes.settings(arbiter="")}


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_missing_arbiter_is_added(check_mode: bool) -> None:
    plan = create(nodes.inside(**NO_ARBITER), check_mode=check_mode)
    assert plans.changes(plan) == [("arbiter", "", "arbiter|2188")]
    assert (plan.warnings, plan.elements, plan.waits) == ([], [], [])


@pytest.mark.parametrize(
    ("wish", "node"),
    [
        (CREATE, nodes.inside(**NO_ARBITER, is_primary=False, is_backup=True, status="BACKUP")),
        (dataclasses.replace(CREATE, arbiter="fe80::1|2188"), nodes.inside(**NO_ARBITER)),
    ],
    ids=["on the backup", "IPv6"],
)
def test_an_arbiter_that_cannot_be_merged_in_is_drift(wish: CreateWish, node: Node) -> None:
    plan = create(node, wish)
    assert not plan.changed
    assert "arbiter" in plan.warnings[0]


def test_what_must_hold_before_the_arbiter_is_merged_in() -> None:
    primary, reach = before_merge("arbiter|2189")
    assert isinstance(primary, Guard) and primary.allowed == ("1",)
    assert isinstance(reach, Reach) and (reach.host, reach.port) == ("arbiter", 2189)


def test_what_is_not_wished_is_no_drift() -> None:
    wish = CreateWish(nodes.MIRROR, "MIRRORA", nodes.ADDRESSES)
    assert create(nodes.inside(settings=nodes.settings(use_tls=True, qos_timeout=1)), wish).warnings == []
    assert create(nodes.inside(settings=None), CREATE).warnings == []


@pytest.mark.parametrize(
    ("kind", "method", "waits"),
    [
        (
            "failover",
            "JoinMirrorAsFailoverMember",
            ["reach the state of a member", "become ready for a failover"],
        ),
        ("dr", "JoinMirrorAsAsyncMember", ["reach the state of a member"]),
        ("reporting_ro", "JoinMirrorAsAsyncMember", ["reach the state of a member"]),
        ("reporting_rw", "JoinMirrorAsAsyncMember", ["reach the state of a member"]),
    ],
)
def test_a_free_node_joins(kind: str, method: str, waits: list[str]) -> None:
    wish = dataclasses.replace(JOIN, kind=kind, primary_port=2189, tls={"CAFile": "/ca"})
    plan = join(nodes.outside(), wish)
    assert plans.steps(plan.elements) == ["check that the node is in no mirror", "join the mirror"]
    assert plans.steps(plan.waits) == waits
    assert plans.changes(plan) == [("member", None, {"mirror": nodes.MIRROR, "member": "MIRRORB", "type": kind})]
    arguments = [plans.plain(one) for one in plans.call(plan.elements, "SYS.Mirror." + method).arguments]
    local = {"ECPAddress": "10.0.0.2", "MirrorAddress": "10.0.0.2", "AgentAddress": "10.0.0.2"}
    target = [nodes.MIRROR, "MIRRORB", "IRIS", "10.0.0.1", 2189]
    if kind == "failover":
        assert arguments == [*target, {**local, "AgentPort": 2188}, {"CAFile": "/ca"}]
    else:
        number = {"dr": 0, "reporting_ro": 1, "reporting_rw": 2}[kind]
        assert arguments == [*target, number, local, {"CAFile": "/ca"}], "no AgentPort: it exists for failover only"


@pytest.mark.parametrize(
    ("kind", "good"),
    [("failover", ("PRIMARY", "BACKUP")), ("dr", ("CONNECTED",)), ("reporting_rw", ("CONNECTED",))],
)
def test_waiting_for_a_member_gives_up_on_hopeless_states(kind: str, good: tuple[str, ...]) -> None:
    wait = join(nodes.outside(), dataclasses.replace(JOIN, kind=kind)).waits[0]
    assert (wait.good, wait.bad, wait.limit, wait.stable) == (good, ("STOPPED", "CRASHED"), 30.0, 2)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "node", "waits", "warnings"),
    [
        ("failover", joined(), [], 0),
        ("failover", joined(failover_ready=False, failover_reason="not caught up"), [], 1),
        ("failover", joined(is_primary=True, is_backup=False, status="PRIMARY"), [], 0),
        ("failover", joined(status="SYNCHRONIZING", failover_ready=False), ["reach the state of a member"], 0),
        ("dr", nodes.inside(**{**ASYNC, "member_type": "dr", "status": "CONNECTED"}), [], 0),
        ("dr", nodes.inside(**{**ASYNC, "member_type": "dr", "status": "WAITING"}), ["reach the state of a member"], 0),
        ("reporting_ro", nodes.inside(**{**ASYNC, "member_type": "reporting_ro", "status": "CONNECTED"}), [], 0),
        ("dr", nodes.inside(**{**ASYNC, "member_type": "async", "status": "CONNECTED"}), [], 0),
    ],
)
def test_a_member_of_that_kind_is_left_alone(kind: str, node: Node, waits: list[str], warnings: int) -> None:
    plan = join(node, dataclasses.replace(JOIN, kind=kind))
    assert (plan.changed, plan.elements) == (False, [])
    assert plans.steps(plan.waits) == waits
    assert len(plan.warnings) == warnings


def reporting(mirrors: t.Sequence[str], kind: str = "reporting_ro") -> Node:
    """A member of other mirrors, as read for the one that it is to join."""
    return nodes.inside(
        **{**ASYNC, "member_type": kind, "mirrors": list(mirrors), "settings": None, "status": "NOTINIT"}
    )


def test_a_reporting_member_can_be_in_several_mirrors() -> None:
    plan = join(reporting(["OTHER"]), dataclasses.replace(JOIN, kind="reporting_ro"))
    assert plan.changed
    assert [(guard.value.label, guard.allowed) for guard in plan.elements[:-1]] == [  # type: ignore[union-attr]
        ("%SYSTEM.Mirror.IsMember", ("2",)),
        ("%SYSTEM.Mirror.GetStatus", ("NOTINIT",)),
    ]


@pytest.mark.parametrize(
    ("node", "kind", "code"),
    [
        (reporting(["OTHER"]), "dr", "other_mirror"),
        (reporting(["OTHER"], "dr"), "reporting_ro", "other_mirror"),
        (nodes.inside(mirrors=["OTHER"], member_name="MIRRORB"), "reporting_ro", "other_mirror"),
        (reporting(["OTHER"], "reporting_rw"), "reporting_ro", "member_type_differs"),
        (dataclasses.replace(reporting(["OTHER"]), member_name="REPORTS"), "reporting_ro", "member_name_differs"),
        (reporting([f"M{number}" for number in range(10)]), "reporting_ro", "too_many_mirrors"),
    ],
    ids=["becomes DR", "is DR", "is failover", "is of another kind", "has another name", "has ten"],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_further_mirror_is_refused_where_iris_would_refuse_it(
    node: Node, kind: str, code: str, check_mode: bool
) -> None:
    with pytest.raises(ConflictError) as raised:
        join(node, dataclasses.replace(JOIN, kind=kind), check_mode=check_mode)
    assert raised.value.code == code
    assert "OTHER" in raised.value.message or "M9" in raised.value.message


def test_the_agent_of_a_reporting_member_is_of_no_importance() -> None:
    own = dataclasses.replace(MEMBER_B, type="reporting_rw", agent_address="", agent_port=0)
    values = {**ASYNC, "status": "CONNECTED", "members": [nodes.member(), own]}
    quiet = join(
        nodes.inside(**{**values, "member_type": "reporting_rw"}), dataclasses.replace(JOIN, kind="reporting_rw")
    )
    assert quiet.warnings == []
    told = join(nodes.inside(**{**values, "member_type": "dr"}), dataclasses.replace(JOIN, kind="dr"))
    assert len(told.warnings) == 2


@pytest.mark.parametrize("plan", [create(nodes.outside()), join(nodes.outside())])
def test_membership_is_asked_again_where_it_is_acted_upon(plan: Plan) -> None:
    guard = plan.elements[0]
    assert guard.allowed == ("0",)  # type: ignore[union-attr]
    rendered = plans.text(plan.elements)
    assert rendered.index("##class(%SYSTEM.Mirror).IsMember()") < rendered.index("##class(SYS.Mirror).")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases on their way out of the mirror."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Guard
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import removal
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.mirrored import MirroredWish
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.removal import RemovalState, RemovalWish
from ansible_collections.irisops.mirror.tests.unit.support import nodes, plans

PLACE = nodes.directory("COMPANY")
COPY = nodes.mirrored("COMPANY")
LABELLED = nodes.entry("COMPANY", mirrored=True, mirror_name="COMPANY")
REMOVE = [
    "check the role of the node",
    "databases/mount the database [COMPANY]",
    "databases/take the database out of the mirror [COMPANY]",
]
DELETE = [
    "databases/remove the entry [COMPANY]",
    "databases/dismount the database [COMPANY]",
    "databases/delete the database [COMPANY]",
]


def make(
    node: Node,
    entry: t.Any = LABELLED,
    primary: Node | None = None,
    database: MirroredWish = MirroredWish("COMPANY", "COMPANY"),
    **wish: t.Any,
) -> Plan:
    state = RemovalState(node, [entry] if entry is not None else [], primary)
    return removal.make_plan(RemovalWish(nodes.MIRROR, [database], **wish), state)


def reporting(**values: t.Any) -> Node:
    return nodes.recovery(**{"member_type": "reporting_rw", "databases": [COPY], **values})


WITHOUT = nodes.inside(databases=[nodes.mirrored("OTHER")])


@pytest.mark.parametrize(
    ("node", "options", "role"),
    [
        (nodes.inside(databases=[COPY]), {}, "1"),
        (nodes.backup(databases=[COPY]), {"primary": WITHOUT}, "0"),
        (nodes.backup(databases=[COPY]), {"only_here": True}, "0"),
        (nodes.recovery(databases=[COPY]), {"primary": WITHOUT}, "0"),
        (reporting(), {}, "0"),
        (nodes.outside(), {}, "0"),
    ],
    ids=["primary", "backup", "backup only", "recovery", "reporting", "left the mirror"],
)
def test_the_attribute_goes_and_the_data_stay(node: Node, options: dict[str, t.Any], role: str) -> None:
    plan = make(node, **options)
    assert plans.steps(plan.elements) == REMOVE
    before = {"mirror": nodes.MIRROR, "directory": PLACE, "data": "kept"}
    assert plans.changes(plan) == [("COMPANY", before, {**before, "mirror": None})]
    guard = plan.elements[0]
    assert isinstance(guard, Guard) and guard.allowed == (role,)


def test_data_are_deleted_only_by_name() -> None:
    plan = make(nodes.inside(databases=[COPY]), delete_data=True)
    assert plans.steps(plan.elements) == REMOVE + DELETE
    assert plan.changes[0].after["data"] == "deleted"


def test_a_deletion_that_was_interrupted_is_finished() -> None:
    plan = make(nodes.inside(), nodes.entry("COMPANY"), delete_data=True)
    assert plan.changed
    assert plans.fields(plan, "mirrored") == [0]


def test_the_entry_is_found_by_the_place_of_the_copy() -> None:
    plan = make(
        nodes.inside(databases=[COPY]),
        nodes.entry("HERE", directory=PLACE, mirrored=True, mirror_name="COMPANY"),
        delete_data=True,
    )
    assert plans.fields(plan, "name") == ["HERE"]


@pytest.mark.parametrize(
    ("node", "entry"),
    [
        (nodes.inside(), nodes.entry("COMPANY")),
        (nodes.backup(), None),
        (nodes.outside(), nodes.entry("COMPANY")),
        (nodes.outside(), nodes.entry("COMPANY", mirrored=True, mirror_name="OTHER")),
        (nodes.inside(mirrors=["OTHER"]), LABELLED),
    ],
)
def test_what_is_not_in_the_mirror_is_left_alone(node: Node, entry: t.Any) -> None:
    plan = make(node, entry)
    assert (plan.changed, plan.elements) == (False, [])


@pytest.mark.parametrize(
    ("node", "options", "code"),
    [
        (nodes.backup(databases=[COPY]), {}, "order_unknown"),
        (nodes.recovery(databases=[COPY]), {}, "order_unknown"),
        (nodes.backup(databases=[COPY]), {"primary": nodes.inside(databases=[COPY])}, "primary_has_database"),
        (nodes.backup(databases=[COPY]), {"primary": nodes.recovery()}, "source_not_primary"),
        (nodes.backup(databases=[COPY]), {"primary": nodes.inside(mirrors=["OTHER"])}, "source_not_primary"),
        (nodes.inside(databases=[COPY]), {"database": MirroredWish("COMPANY", "COMPANY", "/x/")}, "directory_differs"),
        (nodes.inside(mirrors=["OTHER"]), {"delete_data": True}, "database_mirrored"),
    ],
)
def test_what_is_refused(node: Node, options: dict[str, t.Any], code: str) -> None:
    with pytest.raises(ConflictError) as refused:
        make(node, **options)
    assert refused.value.code == code
    assert "Nothing was changed" in refused.value.remedy


def test_the_primary_is_asked_only_where_its_answer_decides() -> None:
    wish = RemovalWish(nodes.MIRROR, [MirroredWish("COMPANY", "COMPANY")])
    asked = [
        removal.needs_primary(wish, RemovalState(node, [LABELLED]))
        for node in (nodes.backup(databases=[COPY]), nodes.inside(databases=[COPY]), nodes.backup(), reporting())
    ]
    assert asked == [True, False, False, False]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases, namespaces and globals of one instance: what is made, corrected, left alone and refused."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import parse
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import databases, global_nodes, namespaces
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.databases import DatabaseWish
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.global_nodes import NodeState, NodeWish
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import InstanceDatabase
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.namespaces import (
    Mapping,
    NamespaceState,
    NamespaceWish,
)
from ansible_collections.irisops.mirror.tests.unit.support import nodes, plans
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Reply, failed, transcript


def wish(name: str = "COMPANY", **values: t.Any) -> DatabaseWish:
    return DatabaseWish(name, nodes.directory(name), **values)


CREATED = ("COMPANY", None, {"directory": nodes.directory("COMPANY"), "size": 1, "mounted": True})


@pytest.mark.parametrize(
    ("wishes", "found", "groups", "changes"),
    [
        ([wish()], [], ["create"], [CREATED]),
        ([wish()], [nodes.entry("COMPANY")], [], []),
        ([wish()], [nodes.entry("COMPANY", size=100)], [], []),
        ([wish()], [nodes.entry("COMPANY", mounted=False)], ["mount"], [("COMPANY.mounted", False, True)]),
        ([wish()], [nodes.entry("COMPANY", known=False, mounted=False)], ["mount"], [("COMPANY.mounted", False, True)]),
        ([wish(size=10)], [nodes.entry("COMPANY")], ["modify"], [("COMPANY.size", 1, 10)]),
        (
            [wish(resource="%DB_X")],
            [nodes.entry("COMPANY")],
            ["modify"],
            [("COMPANY.resource", "%DB_%DEFAULT", "%DB_X")],
        ),
        ([wish(journal=False)], [nodes.entry("COMPANY")], ["modify"], [("COMPANY.journal", True, False)]),
        ([wish(journal=False)], [nodes.entry("COMPANY", mirrored=True)], [], []),
        ([wish(size=10)], [nodes.entry("COMPANY", mirrored=True)], ["modify"], [("COMPANY.size", 1, 10)]),
        ([wish(size=10)], [nodes.entry("COMPANY", mirrored=True, read_only=True)], [], []),
        ([wish(), wish("OTHER")], [nodes.entry("OTHER")], ["create"], [CREATED]),
    ],
    ids=[
        "missing",
        "there",
        "larger",
        "dismounted",
        "unknown to the mount table",
        "too small",
        "other resource",
        "journaled",
        "mirrored ones are journaled",
        "too small on the primary",
        "too small on the backup",
        "one of two",
    ],
)
def test_databases(
    wishes: list[DatabaseWish], found: list[InstanceDatabase], groups: list[str], changes: list[t.Any]
) -> None:
    plan = databases.plan_present(wishes, found)
    assert sorted({step.split("/")[0] for step in plans.steps(plan.elements)}) == groups
    assert plans.changes(plan) == changes
    assert plan.warnings == []


def test_a_new_database_is_made_in_the_order_that_iris_needs() -> None:
    plan = databases.plan_present([wish(max_size=100, expansion_size=5, resource="%DB_X", journal=False)], [])
    assert plans.steps(plan.elements) == [
        "create/create the directory [COMPANY]",
        "create/create the database [COMPANY]",
        "create/register the database [COMPANY]",
        "create/mount the database [COMPANY]",
    ]
    assert [plans.fields(plan, name) for name in ("max", "expansion", "resource", "journal")] == [
        [100],
        [5],
        ["%DB_X"],
        [2],
    ]
    rendered = plans.text(plan.elements)
    created = next(line for line in rendered.splitlines() if "CreateDatabase" in line)
    assert created.index("##class(%Library.File).Exists(") < created.index(
        "else { set mSc=##class(SYS.Database).Create"
    ), "a file that is there is registered, never overwritten"


def test_unchanged_settings_are_passed_on_as_they_are() -> None:
    plan = databases.plan_present([wish(size=5)], [nodes.entry("COMPANY", size=50, resource="%DB_X", journaled=False)])
    assert [plans.fields(plan, name) for name in ("size", "resource", "journal")] == [[50], ["%DB_X"], [3]]
    assert plans.changes(plan) == [("COMPANY.journal", False, True)]


@pytest.mark.parametrize(
    ("values", "drift"), [({"max_size": 10}, "max_size"), ({"expansion_size": 10}, "expansion_size"), ({}, "")]
)
def test_limits_that_cannot_be_changed_are_told(values: dict[str, int], drift: str) -> None:
    plan = databases.plan_present([wish(**values)], [nodes.entry("COMPANY")])
    assert not plan.changed
    assert [drift in warning for warning in plan.warnings] == ([True] if drift else [])


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (nodes.entry("COMPANY", directory="/elsewhere/"), "directory_differs"),
        (nodes.entry("OTHER", directory=nodes.directory("COMPANY")), "directory_in_use"),
    ],
)
def test_a_database_is_neither_moved_nor_given_to_two_names(found: InstanceDatabase, code: str) -> None:
    with pytest.raises(ConflictError) as raised:
        databases.plan_present([wish()], [found])
    assert raised.value.code == code


@pytest.mark.parametrize("delete_data", [False, True])
def test_removing_deletes_the_file_only_when_told(delete_data: bool) -> None:
    plan = databases.plan_absent([wish(), wish("GONE")], [nodes.entry("COMPANY")], delete_data)
    names = ["remove the entry", *(["dismount the database", "delete the database"] if delete_data else [])]
    assert plans.steps(plan.elements) == [f"remove/{name} [COMPANY]" for name in names]
    assert ("DeleteDatabase" in plans.text(plan.elements)) is delete_data
    assert not databases.plan_absent([wish("GONE")], [], delete_data).changed


def test_a_mirrored_database_is_not_removed() -> None:
    with pytest.raises(ConflictError) as raised:
        databases.plan_absent([wish()], [nodes.entry("COMPANY", mirrored=True)], True)
    assert raised.value.numbers == [318]


# Namespaces

MAPPINGS = [Mapping("APP", "globals", "Company*", "COMPANY"), Mapping("APP", "packages", "Lib", "CODE")]
APP = NamespaceWish("APP", "COMPANY", "", "", MAPPINGS)
DEFAULTS = {"globals": "COMPANY", "routines": "COMPANY", "temporary": "IRISTEMP"}
NAMES = ["COMPANY", "CODE"]


def state(databases: dict[str, str] | None = None, company: str = "COMPANY", lib: str = "CODE") -> NamespaceState:
    mappings = {("globals", "Company*"): company, ("packages", "Lib"): lib}
    return NamespaceState({**DEFAULTS, **(databases or {})}, True, mappings)


MISSING = NamespaceState(mappings={("globals", "Company*"): "", ("packages", "Lib"): ""})


@pytest.mark.parametrize(
    ("found", "steps", "changes"),
    [
        (state(), [], []),
        (
            MISSING,
            [
                "create the namespace APP",
                "create globals/create the mapping [Company*]",
                "create packages/create the mapping [Lib]",
            ],
            [
                ("APP", None, {"globals": "COMPANY", "routines": "COMPANY"}),
                ("APP.globals.Company*", None, "COMPANY"),
                ("APP.packages.Lib", None, "CODE"),
            ],
        ),
        (state(lib=""), ["create packages/create the mapping [Lib]"], [("APP.packages.Lib", None, "CODE")]),
        (
            state(company="OLD"),
            ["modify globals/modify the mapping [Company*]"],
            [("APP.globals.Company*", "OLD", "COMPANY")],
        ),
        (state({"routines": "OLD"}), ["modify the namespace APP"], [("APP.routines", "OLD", "COMPANY")]),
        (state({"temporary": "OTHERTEMP"}), [], []),
    ],
    ids=["there", "missing", "mapping missing", "mapping elsewhere", "default elsewhere", "not wished"],
)
def test_namespaces(found: NamespaceState, steps: list[str], changes: list[t.Any]) -> None:
    plan = namespaces.plan_present([APP], [found], NAMES, False)
    assert plans.steps(plan.elements) == steps
    assert plans.changes(plan) == changes


def test_a_namespace_needs_its_databases() -> None:
    with pytest.raises(PreconditionError) as raised:
        namespaces.plan_present([APP], [MISSING], ["COMPANY"], False)
    assert raised.value.code == "database_missing"
    assert "CODE" in raised.value.message
    plan = namespaces.plan_present([APP], [MISSING], [], True)
    assert plan.changed
    assert len(plan.warnings) == 1


def test_removing_a_namespace() -> None:
    plan = namespaces.plan_absent([APP, NamespaceWish("GONE")], [state(), NamespaceState()])
    assert plans.steps(plan.elements) == ["delete the namespace APP"]
    assert plans.changes(plan) == [("APP", DEFAULTS, None)]
    with pytest.raises(ConflictError):
        namespaces.plan_absent([NamespaceWish("%SYS")], [NamespaceState(exists=True)])


def test_namespaces_are_read_with_their_mappings() -> None:
    wishes = [NamespaceWish("GONE"), APP]
    program = Program(*namespaces.observe(wishes))
    program.lines()
    script = {
        "namespace 0": failed(433),
        "namespace 1": Reply(value={"globals": "company", "routines": "COMPANY", "temporary": "IRISTEMP"}),
        "mapping 1 0": Reply(value={"database": "Company"}),
        "mapping 1 1": failed(421),
    }
    found = namespaces.read(wishes, parse(program, transcript(program, script)))
    assert found == [NamespaceState(), state(lib="")]


# Globals


def node(value: str | None = "new", *subscripts: str) -> NodeWish:
    return NodeWish("USER", "Company", list(subscripts), value)


@pytest.mark.parametrize(
    ("found", "present", "absent"),
    [
        (None, [(None, "new")], []),
        (NodeState(0, ""), [(None, "new")], []),
        (NodeState(10, ""), [(None, "new")], [("(descendants)", None)]),
        (NodeState(1, "old"), [("old", "new")], [("old", None)]),
        (NodeState(1, "new"), [], [("new", None)]),
        (NodeState(11, "new"), [], [("new", None)]),
        (NodeState(1, ""), [("", "new")], [("", None)]),
    ],
)
def test_globals(found: NodeState | None, present: list[t.Any], absent: list[t.Any]) -> None:
    for make, expected in ((global_nodes.plan_present, present), (global_nodes.plan_absent, absent)):
        plan = make([node()], [found])
        assert [(change.before, change.after) for change in plan.changes] == expected
        assert len(plan.elements) == len(expected)


def test_nodes_of_globals_are_read_and_described() -> None:
    wishes = [node("v", "1", "a b"), node(), node()]
    program = Program(*global_nodes.observe(wishes))
    program.lines()
    script = {
        "node 0": Reply(value={"defined": 11, "value": 1.0}),
        "node 1": failed(5002),
        "node 2": Reply(value={"defined": 10, "value": ""}),
    }
    states = global_nodes.read(wishes, parse(program, transcript(program, script)))
    assert states == [NodeState(11, "1"), None, NodeState(10, "")]
    described = global_nodes.describe(wishes, states)
    assert [(one["defined"], one["value"]) for one in described] == [(True, "1"), (False, None), (False, None)]
    assert wishes[0].path() == "USER:^Company(1,a b)"

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as a difference between two members, and what is done about it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import (
    ConflictError,
    PreconditionError,
    StatusError,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answer
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array
from ansible_collections.irisops.mirror.plugins.module_utils._iris.objects import Day, Found, Save
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import config_apply, config_drift, config_kinds
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.config_drift import Observation, Options
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.tests.unit.support import nodes

TODAY = 67000
KIND = {kind.label or kind.option: kind for kind in config_kinds.KINDS}


def observed(**objects: t.Mapping[str, t.Mapping[str, str]]) -> Observation:
    """Objects by their kind, mappings by globals, routines and packages; a mapping is in the namespace APP."""
    seen = Observation(nodes.backup(), ["USER", "COMPANY"])
    for number, kind in enumerate(config_kinds.KINDS):
        found = []
        for name, values in objects.get(kind.label or kind.option, {}).items():
            own = {"Name": name, "JobGUID": "G-" + name} if kind.create == "save" else {}
            found.append(Found("APP" if kind.owners else "", name, {**own, **values}))
        if kind.create == "save":
            config_drift._tasks(found, TODAY)
        seen.objects[number] = {config_drift._key(kind, one): one for one in found}
    return seen


def options(**values: t.Any) -> Options:
    rules = [{"kind": None, "name": "*", "property": None, **rule} for rule in values.pop("ignore", [])]
    return Options(config_kinds.OPTIONS, ignore=rules, **values)


def compared(primary: Observation, here: Observation, **values: t.Any) -> list[tuple[str, str, str]]:
    found = config_drift.compare(options(**values), primary, here)
    return [(one.name, one.property, one.action) for one in found]


def planned(primary: Observation, here: Observation, check: bool = False, **values: t.Any) -> Plan:
    wanted = options(**values)
    found = config_drift.compare(wanted, primary, here)
    return config_apply.make_plan(found, wanted, here, lambda: "random", check)


def steps(plan: Plan) -> list[tuple[str, str]]:
    return [(one.name, step.name) for one in plan.elements if isinstance(one, Each) for step in one.steps]


def array(plan: Plan, item: str, step: str) -> dict[str, t.Any]:
    """The properties that a call gets."""
    for one in plan.elements:
        if isinstance(one, Each) and one.name == item and one.steps[0].name == step:
            found = one.steps[0]
            if isinstance(found, Save):
                return dict(found.properties)
            assert isinstance(found, Do)
            return next(dict(given.values) for given in found.call.arguments if isinstance(given, Array))
    raise AssertionError(steps(plan))


def test_equal_members_do_not_differ() -> None:
    both = {"users": {"alice": {"Roles": "A,B", "Flags": "1"}}, "tasks": {"T": {"Settings": "x"}}}
    assert compared(observed(**both), observed(**both)) == []


@pytest.mark.parametrize(
    ("primary", "here"),
    [
        ({"users": {"Alice": {"Roles": "A,B"}}}, {"users": {"alice": {"Roles": "b, a"}}}),
        ({"roles": {"R": {"Resources": "X:RW,Y:U"}}}, {"roles": {"R": {"Resources": "Y:U,X:RW"}}}),
        ({"applications": {"/a": {"Path": "/p"}}}, {"applications": {"/a": {"Path": "/p/"}}}),
        # Only one of the releases knows the property
        ({"applications": {"/a": {"WSGIType": "1"}}}, {"applications": {"/a": {}}}),
        # Read to decide or to create, never compared
        ({"users": {"a": {"ChangePassword": "0"}}}, {"users": {"a": {"ChangePassword": "1"}}}),
        ({"resources": {"r": {"Type": "1"}}}, {"resources": {"r": {"Type": "0"}}}),
        # Who comes from LDAP or from delegated authentication is made at login
        ({"users": {"ldap": {"Flags": "2"}}}, {}),
        ({}, {"users": {"ldap": {"Flags": "4"}}}),
        # The first day says when the task was made
        ({"tasks": {"T": {"StartDate": str(TODAY - 9)}}}, {"tasks": {"T": {"StartDate": str(TODAY + 1)}}}),
        ({"tasks": {"T": {"JobGUID": "1"}}}, {"tasks": {"T": {"JobGUID": "2"}}}),
    ],
)
def test_what_is_no_difference(primary: t.Any, here: t.Any) -> None:
    assert compared(observed(**primary), observed(**here), prune=True) == []


def test_a_task_is_compared_with_the_name_of_the_one_before_it() -> None:
    primary = observed(tasks={"A": {}, "B": {"RunAfterGUID": "1"}, "X": {"JobGUID": "1"}})
    here = observed(tasks={"A": {"JobGUID": "1"}, "B": {"RunAfterGUID": "1"}, "X": {}})
    assert compared(primary, here) == [("B", "RunAfterGUID", "modify")]
    assert array(planned(primary, here), "tasks B", "modify")["RunAfterGUID"] == "G-X"


def test_a_task_in_the_future_begins_there_as_well() -> None:
    primary = observed(tasks={"T": {"StartDate": str(TODAY + 30), "TimePeriod": "0"}})
    here = observed(tasks={"T": {"StartDate": str(TODAY - 1), "TimePeriod": "0"}})
    assert array(planned(primary, here), "tasks T", "modify") == {"StartDate": str(TODAY + 30)}


def test_another_time_of_day_begins_tomorrow() -> None:
    primary = observed(tasks={"T": {"StartDate": "1", "TimePeriod": "0", "DailyStartTime": "5"}})
    here = observed(tasks={"T": {"StartDate": "1", "TimePeriod": "0", "DailyStartTime": "6"}})
    values = array(planned(primary, here), "tasks T", "modify")
    assert values["DailyStartTime"] == "5" and isinstance(values["StartDate"], Day)


def test_tasks_are_made_after_the_one_they_follow() -> None:
    primary = observed(tasks={"A": {"RunAfterGUID": "G-B"}, "B": {"RunAfterGUID": "G-C"}, "C": {}})
    assert [name for name, _step in steps(planned(primary, observed()))] == ["tasks C", "tasks B", "tasks A"]


def test_what_tasks_take_as_settings_is_not_shown() -> None:
    primary = observed(tasks={"T": {"Settings": "Token\x1fgeheim"}, "N": {"Settings": "Token\x1fgeheim"}})
    found = config_drift.compare(options(), primary, observed(tasks={"T": {"Settings": "Token\x1fother"}}))
    plan = planned(primary, observed(tasks={"T": {"Settings": "Token\x1fother"}}))
    assert len(found) == 2
    for text in (repr([one.describe() for one in found]), repr(plan.changes)):
        assert "geheim" not in text and "other\x1f" not in text and "\x1f" not in text
    assert primary.hidden() == ["Token", "Token\x1fgeheim", "geheim"]


# Users


def test_a_new_user_without_a_password_is_disabled() -> None:
    primary = observed(users={"alice": {"Enabled": "1", "Roles": "R", "ChangePassword": "0"}})
    plan = planned(primary, observed())
    assert array(plan, "users alice", "create") == {
        "Roles": "R",
        "Enabled": "0",
        "ChangePassword": "0",
        "Password": "random",
    }
    (found,) = config_drift.compare(options(), primary, observed())
    assert found.primary["Enabled"] == "0" and "disabled" in found.reason
    assert "random" not in repr(plan.changes)


def test_a_new_user_gets_the_password_that_is_given() -> None:
    primary = observed(users={"alice": {"Enabled": "1"}})
    plan = planned(primary, observed(), passwords={"ALICE": "given"})
    assert array(plan, "users alice", "create") == {"Enabled": "1", "Password": "given"}
    assert "given" not in repr(plan.changes)


@pytest.mark.parametrize(
    ("there", "here", "passwords", "expected"),
    [
        ("1", "0", {}, "none"),
        ("1", "0", {"alice": "given"}, "modify"),
        ("0", "1", {}, "modify"),
    ],
)
def test_nobody_is_enabled_without_a_password(there: str, here: str, passwords: dict[str, str], expected: str) -> None:
    primary, own = observed(users={"alice": {"Enabled": there}}), observed(users={"alice": {"Enabled": here}})
    assert compared(primary, own, passwords=passwords) == [("alice", "Enabled", expected)]
    plan = planned(primary, own, passwords=passwords)
    assert plan.changed is (expected == "modify")
    if passwords:
        assert array(plan, "users alice", "modify") == {"Enabled": "1", "Password": "given"}


# Order and limits


def test_what_refers_to_others_is_made_after_them() -> None:
    primary = observed(
        users={"u": {"Roles": "a"}},
        roles={"a": {"GrantedRoles": "b"}, "b": {"GrantedRoles": ""}},
        resources={"r": {"PublicPermission": "1"}},
        namespaces={"APP": {"Globals": "USER"}},
        globals={"X*": {"Database": "USER"}},
    )
    assert steps(planned(primary, observed())) == [
        ("resources r", "create"),
        ("resources r", "modify"),
        ("roles a", "create"),
        ("roles b", "create"),
        ("roles a", "modify"),
        ("roles b", "modify"),
        ("namespaces APP", "create"),
        ("mappings APP/globals/X*", "create"),
        ("users u", "create"),
    ]


def test_only_prune_deletes_and_never_what_iris_brings() -> None:
    here = observed(
        users={"old": {}, "_SYSTEM": {}, "irisowner": {}},
        roles={"%Developer": {}, "%DB_OLD": {}, "%DB_USER": {}},
        resources={"sys": {"Type": "1"}, "mine": {"Type": "0"}},
        applications={"/csp/sys": {"Type": "3"}, "/old": {"Type": "2"}},
        services={"%Service_New": {}},
        namespaces={"%SYS": {}, "OLD": {}},
        tasks={"Purge": {"Type": "0"}, "Mine": {"Type": "2"}},
    )
    assert {action for _name, _property, action in compared(observed(), here)} == {"none"}
    deleted = [name for name, _property, action in compared(observed(), here, prune=True) if action == "delete"]
    assert deleted == ["Mine", "/old", "old", "OLD", "%DB_OLD", "mine"]
    assert steps(planned(observed(), here, prune=True))[0] == ("tasks Mine", "delete")


def test_what_belongs_to_iris_is_not_made() -> None:
    primary = observed(
        services={"%Service_New": {"Enabled": "1"}},
        tasks={"Purge": {"Type": "0"}},
        applications={"/csp/new": {"Type": "3"}},
    )
    assert {action for _name, _property, action in compared(primary, observed())} == {"none"}
    assert not planned(primary, observed()).changed


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ({}, []),
        ({"kind": "users"}, [("r", "Description")]),
        ({"kind": "users", "name": "AL*"}, [("r", "Description")]),
        ({"kind": "users", "name": "bob"}, [("r", "Description"), ("alice", "Comment"), ("alice", "FullName")]),
        ({"kind": "users", "property": "Comment"}, [("r", "Description"), ("alice", "FullName")]),
        ({"property": "*"}, []),
    ],
)
def test_rules_leave_out(rule: dict[str, str], left: list[tuple[str, str]]) -> None:
    primary = observed(users={"alice": {"Comment": "1", "FullName": "1"}}, roles={"r": {"Description": "1"}})
    here = observed(users={"alice": {"Comment": "2", "FullName": "2"}}, roles={"r": {"Description": "2"}})
    found = [(name, key) for name, key, _action in compared(primary, here, ignore=[rule])]
    assert sorted(found) == sorted(left)


def test_databases_must_be_there() -> None:
    primary = observed(namespaces={"APP": {"Globals": "LACKING", "Routines": "USER"}})
    with pytest.raises(PreconditionError) as raised:
        planned(primary, observed())
    assert raised.value.code == "database_missing" and "LACKING" in raised.value.message
    assert "LACKING" in planned(primary, observed(), check=True).warnings[0]


def test_objects_of_one_name_are_left_alone() -> None:
    kind = KIND["tasks"]
    rows = [["=", "=7", *("=T" if name == "Name" else "" for name in kind.step.properties)]] * 2
    found = kind.step.read(Answer(kind.step, True, rows=rows))
    assert [one.key for one in found] == ["7", "7"] and found[0].values == {"Name": "T"}


def test_an_answer_that_failed_is_no_empty_list() -> None:
    step = KIND["users"].step
    with pytest.raises(StatusError) as raised:
        step.read(Answer(step, False, codes=[822], text="no right"))
    assert raised.value.code == "config_unreadable" and raised.value.numbers == [822]


# Members


def test_the_source_must_be_the_primary() -> None:
    config_drift.check_primary(nodes.MIRROR, nodes.inside())
    for node, says in ((nodes.backup(), "it is BACKUP"), (nodes.outside(), "in no mirror")):
        with pytest.raises(PreconditionError, match=says) as raised:
            config_drift.check_primary(nodes.MIRROR, node)
        assert raised.value.code == "not_primary"


def test_the_node_must_be_a_member_and_no_other_primary() -> None:
    config_drift.check_member(nodes.MIRROR, nodes.backup(), nodes.inside())
    config_drift.check_member(nodes.MIRROR, nodes.inside(), nodes.inside())
    with pytest.raises(PreconditionError, match="no member"):
        config_drift.check_member(nodes.MIRROR, nodes.outside(), nodes.inside())
    other = nodes.inside()
    other.member_name = "MIRRORB"
    with pytest.raises(ConflictError, match="MIRRORB and MIRRORA both"):
        config_drift.check_member(nodes.MIRROR, other, nodes.inside())

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""From differences to a plan that copies the configuration of the primary. Pure.

Every object is an item of its own in the program, so one that IRIS refuses does not stop the others.
"""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Argument,
    Array,
    Call,
    Output,
    Ref,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.objects import Day, ListFrom, Save
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Guard, Step
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.config_drift import (
    CREATE,
    DELETE,
    NONE,
    Difference,
    Observation,
    Options,
)
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.objects import Found
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.config_kinds import Kind

#: Properties of a task that say when it runs: with another one its first day must be in the future.
_TIMES = ("DailyStartTime", "StartDate", "TimePeriod")
_ON_REQUEST = ("4", "5")


def make_plan(
    differences: t.Sequence[Difference],
    options: Options,
    here: Observation,
    make_password: t.Callable[[], str],
    check_mode: bool,
) -> Plan:
    """Everything whose action is not none."""
    plan = Plan()
    wanted = [difference for difference in differences if difference.action != NONE]
    for difference in wanted:
        plan.change(_path(difference), difference.here, difference.primary)
    _need_databases(wanted, here.databases, plan, check_mode)
    objects: dict[tuple[str, str, str], list[Difference]] = {}
    for difference in wanted:
        objects.setdefault((difference.kind.class_name, difference.name, difference.action), []).append(difference)
    made = _Maker(options, here, make_password)
    # A role may be granted one that is made after it
    later: list[Element] = []
    for (_class_name, name, action), group in objects.items():
        kind, found = group[0].kind, group[0].found
        if kind.option != "roles":
            plan.elements.extend(later)
            later = []
        label = "%s %s" % (kind.option, name)
        if action == DELETE:
            plan.elements.append(Each(label, [{}], [made.delete(kind, found)]))
            continue
        if action == CREATE:
            values = _properties(kind, found)
            plan.elements.append(Each(label, [{}], [made.create(kind, name, found, values)]))
            if kind.create != "bare":
                continue
        else:
            values = {one.property: one.found.values[one.property] for one in group}
        modify = Each(label, [{}], [made.modify(kind, name, found, values)])
        (later if kind.option == "roles" else plan.elements).append(modify)
    plan.elements.extend(later)
    if plan.elements:
        primary = Call("%SYSTEM.Mirror", "IsPrimary")
        text = "the node has become primary"
        plan.elements.insert(0, Guard("check that the node is not primary", primary, ("0",), text))
    return plan


class _Maker:
    """Steps for one object."""

    def __init__(self, options: Options, here: Observation, make_password: t.Callable[[], str]) -> None:
        self.options = options
        self.make_password = make_password
        self.tasks = here.of("tasks")
        self.new_tasks: dict[str, str] = {}

    def create(self, kind: Kind, name: str, model: Found, values: t.Mapping[str, str]) -> Step:
        if kind.create == "save":
            self.new_tasks[name] = "Task%d" % len(self.new_tasks)
            properties = {"Name": name, **self._task({key: value for key, value in values.items() if value}, model)}
            return Save("create", kind.class_name, None, properties, ("JobGUID", self.new_tasks[name]))
        if kind.create == "bare":
            # The resource of a database brings a role of its name
            exists = Call(kind.class_name, "Exists", model.key, Ref("Object"), Ref("Status"))
            return Do("create", Call(kind.class_name, "Create", model.key, *kind.arguments), unless=exists)
        array: dict[str, Argument] = dict(values)
        if kind.option == "users":
            array["Password"] = self.options.password(name)
            if array["Password"] is None:
                # IRIS wants a password; nobody knows this one, and nobody can log in
                array.update(Enabled="0", Password=self.make_password())
        return Do("create", Call(kind.class_name, "Create", *_names(kind, model), Array(array)))

    def modify(self, kind: Kind, name: str, model: Found, values: t.Mapping[str, str]) -> Step:
        if kind.create == "save":
            return Save("modify", kind.class_name, self.tasks[name].key, self._task(values, model))
        array: dict[str, Argument] = dict(values)
        if kind.option == "users" and values.get("Enabled") == "1":
            array["Password"] = self.options.password(name)
        return Do("modify", Call(kind.class_name, "Modify", *_names(kind, model), Array(array)))

    @staticmethod
    def delete(kind: Kind, found: Found) -> Step:
        method = "%DeleteId" if kind.create == "save" else "Delete"
        return Do("delete", Call(kind.class_name, method, *_names(kind, found)))

    def _task(self, values: t.Mapping[str, str], model: Found) -> dict[str, Argument]:
        """Properties of a task as they are written on this instance."""
        found: dict[str, Argument] = dict(values)
        if "Settings" in found:
            found["Settings"] = ListFrom(values["Settings"])
        if "RunAfterGUID" in found:
            found["RunAfterGUID"] = self._guid(values["RunAfterGUID"])
        if any(key in values for key in _TIMES):
            start = model.values["StartDate"]
            found["StartDate"] = start or ("" if model.values["TimePeriod"] in _ON_REQUEST else Day(1))
        return found

    def _guid(self, name: str) -> Argument:
        if name in self.new_tasks:
            return Output(self.new_tasks[name])
        return self.tasks[name].values["JobGUID"] if name in self.tasks else ""


def _properties(kind: Kind, found: Found) -> dict[str, str]:
    return {key: found.values[key] for key in kind.compared + kind.initial if key in found.values}


def _names(kind: Kind, found: Found) -> list[str]:
    return [found.owner, found.key] if kind.owners else [found.key]


def _path(difference: Difference) -> str:
    end = "." + difference.property if difference.property else ""
    return "%s %s%s" % (difference.kind.option, difference.name, end)


def _need_databases(
    differences: t.Sequence[Difference], databases: t.Collection[str], plan: Plan, check_mode: bool
) -> None:
    """Namespaces and mappings point to databases, and those are made elsewhere."""
    wanted = set()
    for difference in differences:
        values = difference.found.values
        if difference.action != DELETE:
            keys = [difference.property] if difference.property else list(values)
            wanted |= {values[key].upper() for key in keys if key in difference.kind.databases and values[key]}
    missing = sorted(name for name in wanted - set(databases) if not name.startswith(("%", "^")))
    if not missing:
        return
    text = "namespaces or mappings of the primary need databases that are not here: %s" % ", ".join(missing)
    if not check_mode:
        raise PreconditionError(
            "database_missing",
            text,
            "Create them first (irisops.mirror.iris_database), or leave the objects out with 'ignore'. "
            "Nothing was changed.",
        )
    plan.warnings.append(text)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Plans for namespaces and their mappings. Neither is replicated by a mirror, so every member needs them.

Sources: class reference of Config.Namespaces, Config.MapGlobals, Config.MapRoutines, Config.MapPackages.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array, Call, Item, Output, Ref
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element

#: Kind of mapping by option name -> class
MAPPING_CLASSES = {"globals": "Config.MapGlobals", "routines": "Config.MapRoutines", "packages": "Config.MapPackages"}
#: Our name of a property -> name in Config.Namespaces
PROPERTIES = {"globals": "Globals", "routines": "Routines", "temporary": "TempGlobals"}
#: Namespaces that IRIS itself needs
SYSTEM_NAMESPACES = ("%SYS",)


@dataclasses.dataclass
class Mapping:
    """One mapping of a namespace: ``kind`` is globals, routines or packages."""

    namespace: str
    kind: str
    name: str
    database: str


@dataclasses.dataclass
class NamespaceWish:
    """A namespace as wanted: default databases, and mappings in addition to those that are there."""

    name: str
    globals: str = ""
    routines: str = ""
    temporary: str = ""
    mappings: list[Mapping] = dataclasses.field(default_factory=list)

    def defaults(self) -> dict[str, str]:
        """The wished default databases by option name; routines follow globals as in the Management Portal."""
        wished = {"globals": self.globals, "routines": self.routines or self.globals, "temporary": self.temporary}
        return {key: value for key, value in wished.items() if value}


@dataclasses.dataclass
class NamespaceState:
    """What is there; ``mappings`` holds the databases of the wished mappings, "" for a missing one."""

    databases: dict[str, str] = dataclasses.field(default_factory=dict)
    exists: bool = False
    mappings: dict[tuple[str, str], str] = dataclasses.field(default_factory=dict)


def observe(wishes: t.Sequence[NamespaceWish]) -> list[Element]:
    steps: list[Element] = []
    for number, wish in enumerate(wishes):
        steps.append(
            Read(
                "namespace %d" % number,
                {key: Output("Ns", name) for key, name in PROPERTIES.items()},
                first=Call("Config.Namespaces", "Get", wish.name, Ref("Ns")),
            )
        )
        for index, mapping in enumerate(wish.mappings):
            steps.append(
                Read(
                    "mapping %d %d" % (number, index),
                    {"database": Output("Map", "Database")},
                    first=Call(MAPPING_CLASSES[mapping.kind], "Get", mapping.namespace, mapping.name, Ref("Map")),
                )
            )
    return steps


def read(wishes: t.Sequence[NamespaceWish], answers: Answers) -> list[NamespaceState]:
    states = []
    for number, wish in enumerate(wishes):
        step = "namespace %d" % number
        state = NamespaceState(exists=answers.get(step).value is not None)
        state.databases = {key: answers.value(step, key).upper() for key in PROPERTIES} if state.exists else {}
        for index, mapping in enumerate(wish.mappings):
            found = answers.value("mapping %d %d" % (number, index), "database").upper()
            state.mappings[(mapping.kind, mapping.name)] = found
        states.append(state)
    return states


def plan_present(
    wishes: t.Sequence[NamespaceWish],
    states: t.Sequence[NamespaceState],
    databases: t.Collection[str],
    check_mode: bool,
) -> Plan:
    """Create what is missing, correct what points elsewhere. ``databases`` are the names of the instance."""
    plan = Plan()
    for wish, state in zip(wishes, states):
        _need_databases(wish, databases, plan, check_mode)
        wished = wish.defaults()
        if not state.exists:
            properties = {PROPERTIES[key]: value for key, value in wished.items()}
            plan.elements.append(
                Do(
                    "create the namespace %s" % wish.name,
                    Call("Config.Namespaces", "Create", wish.name, Array(properties)),
                )
            )
            plan.change(wish.name, None, wished)
        else:
            different = {key: value for key, value in wished.items() if state.databases[key] != value}
            if different:
                properties = {PROPERTIES[key]: value for key, value in different.items()}
                plan.elements.append(
                    Do(
                        "modify the namespace %s" % wish.name,
                        Call("Config.Namespaces", "Modify", wish.name, Array(properties)),
                    )
                )
            for key, value in different.items():
                plan.change("%s.%s" % (wish.name, key), state.databases[key], value)
    for action, method in (("create", "Create"), ("modify", "Modify")):
        for kind, class_name in MAPPING_CLASSES.items():
            _plan_mappings(plan, wishes, states, action, method, kind, class_name)
    return plan


def _plan_mappings(
    plan: Plan,
    wishes: t.Sequence[NamespaceWish],
    states: t.Sequence[NamespaceState],
    action: str,
    method: str,
    kind: str,
    class_name: str,
) -> None:
    items: list[dict[str, str | int]] = []
    for wish, state in zip(wishes, states):
        for mapping in wish.mappings:
            found = state.mappings[(mapping.kind, mapping.name)]
            if mapping.kind != kind or found == mapping.database or bool(found) != (action == "modify"):
                continue
            items.append({"namespace": wish.name, "name": mapping.name, "database": mapping.database})
            plan.change("%s.%s.%s" % (wish.name, kind, mapping.name), found or None, mapping.database)
    if items:
        call = Call(class_name, method, Item("namespace"), Item("name"), Array({"Database": Item("database")}))
        plan.elements.append(Each("%s %s" % (action, kind), items, [Do("%s the mapping" % action, call)]))


def plan_absent(wishes: t.Sequence[NamespaceWish], states: t.Sequence[NamespaceState]) -> Plan:
    """Remove the namespace with its mappings; databases stay."""
    plan = Plan()
    for wish, state in zip(wishes, states):
        if wish.name in SYSTEM_NAMESPACES:
            raise ConflictError(
                "system_namespace", "the namespace %s belongs to IRIS" % wish.name, "It is never removed."
            )
        if state.exists:
            plan.elements.append(
                Do("delete the namespace %s" % wish.name, Call("Config.Namespaces", "Delete", wish.name))
            )
            plan.change(wish.name, state.databases, None)
    return plan


def _need_databases(wish: NamespaceWish, databases: t.Collection[str], plan: Plan, check_mode: bool) -> None:
    wanted = set(wish.defaults().values()) | {mapping.database for mapping in wish.mappings}
    missing = sorted(wanted - set(databases))
    if not missing:
        return
    text = "the namespace %s needs databases that are not there: %s" % (wish.name, ", ".join(missing))
    if not check_mode:
        raise PreconditionError("database_missing", text, "Create them first (irisops.mirror.iris_database).")
    plan.warnings.append(text + "; an earlier task of the same run would create them")

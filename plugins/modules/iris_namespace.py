#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_namespace
short_description: Create namespaces and their mappings on an IRIS instance
version_added: 0.1.0
description:
  - Makes sure that namespaces exist with their default databases and that mappings point where they should. A mirror
    replicates neither, so every member needs them.
  - Mappings that are not listed are left alone.
author: Contributors to the irisops.mirror project (@irisops)

options:
  namespaces:
    description: The namespaces.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the namespace. IRIS stores it in upper case.
        type: str
        required: true
      globals:
        description: Default database for globals. Required to create the namespace.
        type: str
      routines:
        description: Default database for routines. The default is the one for O(namespaces[].globals).
        type: str
      temporary:
        description: Database for temporary globals. The default of IRIS is C(IRISTEMP).
        type: str
      global_mappings:
        description: Globals that this namespace takes from other databases.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the global, or the beginning of names followed by an asterisk.
            type: str
            required: true
          database:
            description: Database that holds it.
            type: str
            required: true
      routine_mappings:
        description: Routines that this namespace takes from other databases.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the routine, or the beginning of names followed by an asterisk.
            type: str
            required: true
          database:
            description: Database that holds it.
            type: str
            required: true
      package_mappings:
        description: Class packages that this namespace takes from other databases.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the package.
            type: str
            required: true
          database:
            description: Database that holds it.
            type: str
            required: true
  state:
    description: V(absent) removes a namespace with its mappings and keeps all databases.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_database
"""

EXAMPLES = r"""
- name: Give an application its namespaces
  irisops.mirror.iris_namespace:
    container: mirrorA
    namespaces:
      - name: COMPANY
        globals: COMPANY
      - name: PHONEBOOK
        globals: PERSONAL
        global_mappings:
          - name: Company*
            database: COMPANY
          - name: Customer*
            database: CUSTOMER
"""

RETURN = r"""
namespaces:
  description: The namespaces of O(namespaces) as read after the work.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the namespace.
      type: str
      returned: always
    present:
      description: Whether it is there.
      type: bool
      returned: always
    globals:
      description: Default database for globals.
      type: str
      returned: always
    routines:
      description: Default database for routines.
      type: str
      returned: always
    temporary:
      description: Database for temporary globals.
      type: str
      returned: always
    mappings:
      description: The listed mappings, with RV(ignore:kind), RV(ignore:name) and the RV(ignore:database) they point
        to, empty for none.
      type: list
      elements: dict
      returned: always
  sample:
    - name: PHONEBOOK
      present: true
      globals: PERSONAL
      routines: PERSONAL
      temporary: IRISTEMP
      mappings:
        - kind: globals
          name: Company*
          database: COMPANY
actions:
  description:
    - What was done, in order; in check mode what would be done, with RV(ignore:status=planned).
    - Secrets are masked.
  returned: always
  type: list
  elements: dict
  contains:
    step:
      description: What was attempted, in words.
      type: str
      returned: always
    call:
      description: Class and method that were called, empty for work outside IRIS.
      type: str
      returned: when it was executed
    target:
      description: What it was done to, empty where the step concerns the whole node.
      type: str
      returned: always
    status:
      description: V(ok), V(failed) or V(planned).
      type: str
      returned: always
    codes:
      description: IRIS error numbers of the answer.
      type: list
      elements: int
      returned: when it was executed
    text:
      description: Text of the answer, empty on success.
      type: str
      returned: when it was executed
    seconds:
      description: How long it took.
      type: float
      returned: when it was executed
  sample:
    - step: create the namespace PHONEBOOK
      call: Config.Namespaces.Create
      target: ""
      status: ok
      codes: []
      text: ""
      seconds: 0.01
duration:
  description: Seconds spent waiting for a state.
  returned: always
  type: float
  sample: 1.2
sessions:
  description: Number of C(iris session) runs on this node. A run that changes nothing needs one.
  returned: always
  type: int
  sample: 1
error:
  description: What failed.
  returned: on failure
  type: dict
  contains:
    code:
      description: Stable name of the cause, such as V(agent_unreachable).
      type: str
      returned: always
    numbers:
      description: IRIS error numbers, such as V(2086).
      type: list
      elements: int
      returned: always
    text:
      description: What was asked and what came back.
      type: str
      returned: always
    remedy:
      description: What to do next.
      type: str
      returned: always
    member:
      description: The node, as container or host name.
      type: str
      returned: always
  sample:
    code: service_disabled
    numbers: [2066]
    text: "the mirror service %Service_Mirror is not enabled (ERROR #2066)"
    remedy: "Enable it first (irisops.mirror.iris_mirror_service)."
    member: mirrorA
"""

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import names, namespaces, reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule


class State(t.NamedTuple):
    namespaces: list[namespaces.NamespaceState]
    databases: list[str]


class NamespaceJob(Job[State]):
    noun = "namespaces"

    def __init__(self, params: t.Mapping[str, t.Any]) -> None:
        self.absent = params["state"] == "absent"
        self.wishes = [_wish(wish) for wish in params["namespaces"]]

    def observe(self) -> list[t.Any]:
        return [*namespaces.observe(self.wishes), *reader.database_steps()]

    def read(self, answers: t.Any) -> State:
        return State(
            namespaces.read(self.wishes, answers), [database.name for database in reader.read_databases(answers)]
        )

    def plan(self, state: State, check_mode: bool) -> Plan:
        if self.absent:
            return namespaces.plan_absent(self.wishes, state.namespaces)
        for wish, found in zip(self.wishes, state.namespaces):
            if not found.exists and not wish.globals:
                raise InputError(
                    "globals_missing",
                    "the namespace %s does not exist, and 'globals' does not name its database" % wish.name,
                    "Set 'globals'.",
                )
        return namespaces.plan_present(self.wishes, state.namespaces, state.databases, check_mode)

    def result(self, state: State) -> list[dict[str, t.Any]]:
        return [
            {
                "name": wish.name,
                "present": found.exists,
                **{key: found.databases.get(key, "") for key in namespaces.PROPERTIES},
                "mappings": [
                    {"kind": kind, "name": name, "database": database}
                    for (kind, name), database in found.mappings.items()
                ],
            }
            for wish, found in zip(self.wishes, state.namespaces)
        ]

    def projected(self, state: State, plan: Plan) -> list[dict[str, t.Any]]:
        values = self.result(state)
        for value, wish in zip(values, self.wishes):
            value["present"] = not self.absent
            if not self.absent:
                value.update(wish.defaults())
                value["mappings"] = [
                    {"kind": one.kind, "name": one.name, "database": one.database} for one in wish.mappings
                ]
        return values


def _wish(option: t.Mapping[str, t.Any]) -> namespaces.NamespaceWish:
    name = names.namespace_name(option["name"])
    mappings = [
        namespaces.Mapping(name, kind, names.mapping_name(entry["name"]), names.database_name(entry["database"]))
        for kind, key in (
            ("globals", "global_mappings"),
            ("routines", "routine_mappings"),
            ("packages", "package_mappings"),
        )
        for entry in option[key]
    ]
    databases = {key: names.database_name(option[key]) for key in namespaces.PROPERTIES if option[key]}
    return namespaces.NamespaceWish(name, mappings=mappings, **databases)


def main() -> None:
    mapping = {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"name": {"type": "str", "required": True}, "database": {"type": "str", "required": True}},
    }
    module = IrisModule(
        argument_spec=connection(
            namespaces={
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "globals": {"type": "str"},
                    "routines": {"type": "str"},
                    "temporary": {"type": "str"},
                    "global_mappings": mapping,
                    "routine_mappings": mapping,
                    "package_mappings": mapping,
                },
            },
            state={"type": "str", "choices": ["present", "absent"], "default": "present"},
        )
    )
    module.run(lambda frame: NamespaceJob(frame.params))


if __name__ == "__main__":
    main()

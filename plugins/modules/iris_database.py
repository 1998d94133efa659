#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_database
short_description: Create databases on an IRIS instance
version_added: 0.1.0
description:
  - Makes sure that databases exist, have an entry in the configuration and are mounted. Takes a list, so that any
    number costs two sessions at most.
  - A database file that is already in a directory is registered as it is and never overwritten. A database is never
    shrunk or moved.
  - Settings of a mirrored database on a member that is not primary are left alone, because the mirror copies them
    from the primary.
author: Contributors to the irisops.mirror project (@irisops)

options:
  databases:
    description: The databases.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the database. IRIS stores it in upper case.
        type: str
        required: true
      directory:
        description: Absolute directory of the database file on the node. Created where it is missing.
        type: str
        required: true
      size:
        description: Size in MB that the database has at least.
        type: int
        default: 1
      max_size:
        description: Limit of the size in MB, 0 for none. Set at creation, later differences are reported as a warning.
        type: int
      expansion_size:
        description: Step by which it grows, in MB. Set at creation, later differences are reported as a warning.
        type: int
      resource:
        description: Resource that guards the database. The default at creation is C(%DB_%DEFAULT).
        type: str
      journal:
        description: Whether its globals are journaled. Mirrored databases always are.
        type: bool
        default: true
  state:
    description:
      - V(present) creates, mounts and enlarges.
      - V(absent) removes the entry from the configuration and keeps the file, unless O(delete_data) is set.
    type: str
    choices: [present, absent]
    default: present
  delete_data:
    description: With O(state=absent), also delete the database file. There is no way back.
    type: bool
    default: false
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_namespace
  - module: irisops.mirror.iris_mirror_db
"""

EXAMPLES = r"""
- name: Create the databases of an application
  irisops.mirror.iris_database:
    container: mirrorA
    databases:
      - name: COMPANY
        directory: /shared/durable/mgr/COMPANY/
      - name: CUSTOMER
        directory: /shared/durable/mgr/CUSTOMER/
        size: 64

- name: Remove an entry and keep its file
  irisops.mirror.iris_database:
    container: mirrorA
    state: absent
    databases:
      - name: OLD
        directory: /shared/durable/mgr/OLD/
"""

RETURN = r"""
databases:
  description: The databases of O(databases) as read after the work.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name in the configuration.
      type: str
      returned: always
    directory:
      description: Directory of the database file on this node.
      type: str
      returned: always
    present:
      description: Whether the entry is there.
      type: bool
      returned: always
    mounted:
      description: Whether it is mounted.
      type: bool
      returned: always
    read_only:
      description: Whether it is mounted read-only, as mirrored databases are on every member but the primary.
      type: bool
      returned: always
    journaled:
      description: Whether its globals are journaled.
      type: bool
      returned: always
    size:
      description: Size in MB.
      type: int
      returned: always
    max_size:
      description: Limit of the size in MB, 0 for none.
      type: int
      returned: always
    expansion_size:
      description: Step by which it grows, in MB, 0 for a choice of IRIS.
      type: int
      returned: always
    resource:
      description: Resource that guards the database.
      type: str
      returned: always
    mirrored:
      description: Whether it carries the mirrored attribute.
      type: bool
      returned: always
  sample:
    - name: COMPANY
      directory: /shared/durable/mgr/COMPANY/
      present: true
      mounted: true
      read_only: false
      journaled: true
      size: 1
      max_size: 0
      expansion_size: 0
      resource: "%DB_%DEFAULT"
      mirrored: false
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
    - step: create the database
      call: SYS.Database.CreateDatabase
      target: COMPANY
      status: ok
      codes: []
      text: ""
      seconds: 0.08
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

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import databases, names, reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import InstanceDatabase
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

State = t.List[InstanceDatabase]


class DatabaseJob(Job[State]):
    noun = "databases"

    def __init__(self, params: t.Mapping[str, t.Any]) -> None:
        self.absent = params["state"] == "absent"
        self.delete_data = params["delete_data"]
        self.wishes = [
            databases.DatabaseWish(
                names.database_name(wish["name"]),
                names.directory(wish["directory"]),
                **{key: wish[key] for key in ("size", "max_size", "expansion_size", "resource", "journal")},
            )
            for wish in params["databases"]
        ]

    def observe(self) -> list[t.Any]:
        return list(reader.database_steps())

    def read(self, answers: t.Any) -> State:
        return reader.read_databases(answers)

    def plan(self, state: State, check_mode: bool) -> Plan:
        if self.absent:
            return databases.plan_absent(self.wishes, state, self.delete_data)
        return databases.plan_present(self.wishes, state)

    def result(self, state: State) -> list[dict[str, t.Any]]:
        by_name = {database.name: database for database in state}
        return [
            _describe(by_name.get(wish.name, InstanceDatabase(wish.name, wish.directory)), wish.name in by_name)
            for wish in self.wishes
        ]

    def projected(self, state: State, plan: Plan) -> list[dict[str, t.Any]]:
        values = self.result(state)
        for value, wish in zip(values, self.wishes):
            if not self.absent and not value["mirrored"]:
                item = wish.item()
                value.update(
                    journaled=wish.journal,
                    resource=wish.resource or value["resource"] or item["resource"],
                    size=max(value["size"], wish.size),
                )
            value.update(present=not self.absent, mounted=not self.absent)
        return values


def _describe(database: InstanceDatabase, present: bool) -> dict[str, t.Any]:
    value = dataclasses.asdict(database)
    for internal in ("server", "known", "mirror_name"):
        del value[internal]
    return {**value, "present": present}


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            databases={
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "directory": {"type": "str", "required": True},
                    "size": {"type": "int", "default": 1},
                    "max_size": {"type": "int"},
                    "expansion_size": {"type": "int"},
                    "resource": {"type": "str"},
                    "journal": {"type": "bool", "default": True},
                },
            },
            state={"type": "str", "choices": ["present", "absent"], "default": "present"},
            delete_data={"type": "bool", "default": False},
        )
    )
    module.run(lambda frame: DatabaseJob(frame.params))


if __name__ == "__main__":
    main()

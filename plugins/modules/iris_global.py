#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_global
short_description: Write values into globals of an IRIS instance
version_added: 0.1.0
description:
  - Makes sure that nodes of globals have a value, or are not there. Meant for settings and small reference data that an
    application keeps in globals, and for checks that a mirror replicates.
  - On a member that is not primary, IRIS refuses to write into mirrored databases (C(<PROTECT>)).
author: Contributors to the irisops.mirror project (@irisops)

options:
  globals:
    description: The nodes.
    type: list
    elements: dict
    required: true
    suboptions:
      namespace:
        description: Namespace through which the node is reached.
        type: str
        required: true
      name:
        description: Name of the global, with or without caret.
        type: str
        required: true
      subscripts:
        description: Subscripts of the node, outermost first. An empty list means the global itself.
        type: list
        elements: str
        default: []

      value:
        description: Value of the node. Required with O(state=present).
        type: str
  state:
    description: V(absent) kills the node with everything below it.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_global_info
"""

EXAMPLES = r"""
- name: Register a company
  irisops.mirror.iris_global:
    container: mirrorA
    globals:
      - namespace: COMPANY
        name: Company
        subscripts: ["1", name]
        value: Hospital General
"""

RETURN = r"""
globals:
  description: The nodes of O(globals) as read after the work.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: Namespace through which the node is seen.
      type: str
      returned: always
    name:
      description: Name of the global, without caret.
      type: str
      returned: always
    subscripts:
      description: Subscripts of the node.
      type: list
      elements: str
      returned: always
    defined:
      description: Whether the node has a value.
      type: bool
      returned: always
    value:
      description: The value, or null.
      type: str
      returned: always
  sample:
    - namespace: COMPANY
      name: Company
      subscripts: ["1", name]
      defined: true
      value: Hospital General
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
    - step: set COMPANY:^Company(1,name)
      call: ""
      target: ""
      status: ok
      codes: []
      text: ""
      seconds: 0.001
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
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import global_nodes
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

State = t.List[t.Optional[global_nodes.NodeState]]


class GlobalJob(Job[State]):
    noun = "globals"

    def __init__(self, params: t.Mapping[str, t.Any]) -> None:
        self.absent = params["state"] == "absent"
        self.wishes = global_nodes.wishes(params["globals"])
        if not self.absent and any(wish.value is None for wish in self.wishes):
            raise InputError("value_missing", "every node needs a value", "Set 'value', or 'state: absent'.")

    def observe(self) -> list[t.Any]:
        return global_nodes.observe(self.wishes)

    def read(self, answers: t.Any) -> State:
        return global_nodes.read(self.wishes, answers)

    def plan(self, state: State, check_mode: bool) -> Plan:
        plan = global_nodes.plan_absent if self.absent else global_nodes.plan_present
        return plan(self.wishes, state)

    def result(self, state: State) -> list[dict[str, t.Any]]:
        return global_nodes.describe(self.wishes, state)

    def projected(self, state: State, plan: Plan) -> list[dict[str, t.Any]]:
        values = [None if self.absent else wish.value for wish in self.wishes]
        return [{**node, "defined": not self.absent, "value": value} for node, value in zip(self.result(state), values)]


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            globals={
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "namespace": {"type": "str", "required": True},
                    "name": {"type": "str", "required": True},
                    "subscripts": {"type": "list", "elements": "str", "default": []},
                    "value": {"type": "str"},
                },
            },
            state={"type": "str", "choices": ["present", "absent"], "default": "present"},
        )
    )
    module.run(lambda frame: GlobalJob(frame.params))


if __name__ == "__main__":
    main()

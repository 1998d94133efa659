#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_global_info
short_description: Read values of globals of an IRIS instance
version_added: 0.1.0
description:
  - Reads nodes of globals, on any member of a mirror. A node that is not there is no failure.
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
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes.info_module
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_global
"""

EXAMPLES = r"""
- name: Read on the backup what was written on the primary
  irisops.mirror.iris_global_info:
    container: mirrorB
    globals:
      - namespace: COMPANY
        name: Company
        subscripts: ["1", name]
  register: result

- name: It has arrived
  ansible.builtin.assert:
    that: result.globals[0].value == 'Hospital General'
"""

RETURN = r"""
globals:
  description: The nodes of O(globals) as read.
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
  sample: []
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
from ansible_collections.irisops.mirror.plugins.module_utils._errors import PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import global_nodes
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

State = t.List[t.Optional[global_nodes.NodeState]]


class GlobalInfoJob(Job[State]):
    noun = "globals"

    def __init__(self, params: t.Mapping[str, t.Any]) -> None:
        self.wishes = global_nodes.wishes(params["globals"])

    def observe(self) -> list[t.Any]:
        return global_nodes.observe(self.wishes)

    def read(self, answers: t.Any) -> State:
        return global_nodes.read(self.wishes, answers)

    def plan(self, state: State, check_mode: bool) -> Plan:
        for wish, node in zip(self.wishes, state):
            if node is None:
                raise PreconditionError(
                    "not_readable",
                    "%s cannot be read" % wish.path(),
                    "Is the namespace there, and are its databases mounted?",
                )
        return Plan()

    def result(self, state: State) -> list[dict[str, t.Any]]:
        return global_nodes.describe(self.wishes, state)


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
                },
            },
        )
    )
    module.run(lambda frame: GlobalInfoJob(frame.params))


if __name__ == "__main__":
    main()

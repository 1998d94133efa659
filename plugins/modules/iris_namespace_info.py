#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_namespace_info
short_description: List the namespaces of an IRIS instance with their mappings
version_added: 0.1.0
description:
  - Returns all namespaces except those that IRIS itself needs (C(%SYS)), in the form in which
    M(irisops.mirror.iris_namespace) takes them.
author: Contributors to the irisops.mirror project (@irisops)
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes.info_module
  - irisops.mirror.attributes.actiongroup_iris
options: {}

seealso:
  - module: irisops.mirror.iris_namespace
  - module: irisops.mirror.iris_mirror_config_drift
"""

EXAMPLES = r"""
- name: List the namespaces of the primary
  irisops.mirror.iris_namespace_info:
    container: mirrorA
  register: primary

- name: Make the same ones on another node
  irisops.mirror.iris_namespace:
    container: mirrorB
    namespaces: "{{ primary.namespaces }}"
"""

RETURN = r"""
namespaces:
  description: The namespaces, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the namespace.
      type: str
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
    global_mappings:
      description: Globals that it takes from other databases, each with RV(ignore:name) and RV(ignore:database).
      type: list
      elements: dict
      returned: always
    routine_mappings:
      description: The same for routines.
      type: list
      elements: dict
      returned: always
    package_mappings:
      description: The same for class packages.
      type: list
      elements: dict
      returned: always
  sample:
    - name: PHONEBOOK
      globals: PERSONAL
      routines: PERSONAL
      temporary: IRISTEMP
      global_mappings:
        - name: Company*
          database: COMPANY
      routine_mappings: []
      package_mappings: []
other_mappings:
  description: Mappings that M(irisops.mirror.iris_namespace) cannot make, such as those of subscripts, as
    C(NAMESPACE/globals/NAME).
  returned: success
  type: list
  elements: str
  sample: []
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
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import namespace_list
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

State = namespace_list.Listed


class NamespaceInfoJob(Job[State]):
    noun = "namespaces"

    def observe(self) -> t.List[t.Any]:
        return namespace_list.observe()

    def read(self, answers: t.Any) -> State:
        return namespace_list.read(answers)

    def plan(self, state: State, check_mode: bool) -> Plan:
        return Plan()

    def result(self, state: State) -> t.List[t.Dict[str, t.Any]]:
        return state.namespaces

    def extras(self, state: State) -> t.Dict[str, t.Any]:
        return {"other_mappings": state.others}


def main() -> None:
    IrisModule(argument_spec=connection()).run(lambda frame: NamespaceInfoJob())


if __name__ == "__main__":
    main()

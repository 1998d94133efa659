#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_service
short_description: Enable or disable the mirror service of an IRIS instance
version_added: 0.1.0
description:
  - Manages the system service C(%Service_Mirror). It is off after installation, and without it IRIS refuses to create
    or join a mirror (C(ERROR) 2066).
author: Contributors to the irisops.mirror project (@irisops)

options:
  state:
    description: Whether the service is enabled. A service that a member needs is not disabled unless O(force) is set.
    type: str
    choices: [enabled, disabled]
    default: enabled
  force:
    description: Disable the service although the instance is a member of a mirror. Its mirroring stops with that.
    type: bool
    default: false
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_mirror_create
  - module: irisops.mirror.iris_mirror_join
"""

EXAMPLES = r"""
- name: Enable the mirror service in a container
  irisops.mirror.iris_mirror_service:
    container: mirrorA

- name: Enable it on a host that runs IRIS itself
  irisops.mirror.iris_mirror_service:
    state: enabled
"""

RETURN = r"""
service:
  description: The service as read after the work.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the service.
      type: str
      returned: always
    enabled:
      description: Whether it is enabled.
      type: bool
      returned: always
  sample:
    name: "%Service_Mirror"
    enabled: true
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
    - step: enable the mirror service
      call: Security.Services.Modify
      target: ""
      status: ok
      codes: []
      text: ""
      seconds: 0.004
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
from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array, Call
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule


class ServiceJob(Job[Node]):
    noun = "service"

    def __init__(self, enabled: bool, force: bool) -> None:
        self.enabled = enabled
        self.force = force

    def observe(self) -> list[t.Any]:
        return list(reader.membership_steps())

    def read(self, answers: t.Any) -> Node:
        return reader.read_node(answers)

    def plan(self, state: Node, check_mode: bool) -> Plan:
        plan = Plan()
        if state.service_enabled == self.enabled:
            return plan
        if not self.enabled and state.is_member and not self.force:
            raise ConflictError(
                "is_member",
                "the instance is a member of the mirror %s, which needs the service" % ", ".join(state.mirrors),
                "Remove it from the mirror first, or set 'force: true' to stop mirroring on it.",
            )
        modify = Call("Security.Services", "Modify", reader.SERVICE, Array({"Enabled": int(self.enabled)}))
        plan.elements.append(Do("%s the mirror service" % ("enable" if self.enabled else "disable"), modify))
        plan.change("enabled", state.service_enabled, self.enabled)
        return plan

    def result(self, state: Node) -> dict[str, t.Any]:
        return {"name": reader.SERVICE, "enabled": state.service_enabled}

    def projected(self, state: Node, plan: Plan) -> dict[str, t.Any]:
        return {"name": reader.SERVICE, "enabled": self.enabled}


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            state={"type": "str", "choices": ["enabled", "disabled"], "default": "enabled"},
            force={"type": "bool", "default": False},
        )
    )
    module.run(lambda frame: ServiceJob(frame.params["state"] == "enabled", frame.params["force"]))


if __name__ == "__main__":
    main()

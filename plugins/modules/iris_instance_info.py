#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_instance_info
short_description: Tell whether an IRIS instance is ready, and what it is
version_added: 0.1.0
description:
  - Returns readiness, version and licence of an instance. With O(wait) it waits until the instance takes sign-ons,
    which is the way to wait for a container that has just been started.
author: Contributors to the irisops.mirror project (@irisops)

options:
  wait:
    description: Wait until the instance is ready and fail when it does not become so. Otherwise RV(instance.ready)
      tells.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 300
  wait_sleep:
    description: Seconds between two attempts.
    type: float
    default: 1.0
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes.info_module
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_mirror_info
"""

EXAMPLES = r"""
- name: Wait for the instance
  irisops.mirror.iris_instance_info:
    container: mirrorA
    wait: true
    wait_timeout: 120
"""

RETURN = r"""
instance:
  description: The instance.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the instance.
      type: str
      returned: always
    ready:
      description: Whether it takes sign-ons.
      type: bool
      returned: always
    reason:
      description: Why it is not ready.
      type: str
      returned: always
    zversion:
      description: What C($zversion) says.
      type: str
      returned: when it is ready
    version:
      description: Release, such as V(2024.1).
      type: str
      returned: when it is ready
    licence:
      description: Customer, expiration (days as C($horolog) counts them) and units of the active licence key. Empty
        without a key.
      type: dict
      returned: when it is ready
    member_type:
      description: V(none), or what kind of mirror member the instance is.
      type: str
      returned: when it is ready
  sample:
    name: IRIS
    ready: true
    reason: ""
    zversion: IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2024.1 (Build 267_2U)
    version: "2024.1"
    licence:
      customer: Example Hospital
      expires: "69000"
      units: "64"
    member_type: failover
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

import time
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job, run
from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError, WaitTimeout
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import instance
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

#: Causes that time cannot cure
PERMANENT = ("sdk_missing", "engine_unreachable", "command_not_found")


class InstanceJob(Job[instance.Instance]):
    noun = "instance"

    def __init__(self, name: str) -> None:
        self.name = name

    def observe(self) -> list[t.Any]:
        return instance.observe()

    def read(self, answers: t.Any) -> instance.Instance:
        return instance.read(self.name, answers)

    def plan(self, state: instance.Instance, check_mode: bool) -> Plan:
        return Plan()

    def result(self, state: instance.Instance) -> dict[str, t.Any]:
        return state.describe()


def ask(frame: IrisModule) -> None:
    """Try until the instance answers, the time is over, or nothing can help."""
    params = frame.params
    job = InstanceJob(params["instance"])
    wait = params["wait"] and not frame.check_mode
    deadline = time.monotonic() + params["wait_timeout"]
    while True:
        try:
            session = frame.session({"ready_timeout": 0})
            frame.exit(run(job, session, frame.check_mode), session)
            return
        except IrisError as error:
            if error.code in PERMANENT:
                frame.fail(error)
            if not wait:
                frame.module.exit_json(
                    changed=False,
                    instance={"name": job.name, "ready": False, "reason": error.sentence()},
                    actions=[],
                    duration=0.0,
                    sessions=0,
                )
            if time.monotonic() >= deadline:
                late = "the instance is not ready after %d seconds; last seen: %s" % (
                    params["wait_timeout"],
                    error.message,
                )
                frame.fail(WaitTimeout("wait_timeout", late, error.remedy or "Look at its messages.log.", error.node))
        time.sleep(params["wait_sleep"])


def main() -> None:
    ask(
        IrisModule(
            argument_spec=connection(
                wait={"type": "bool", "default": False},
                wait_timeout={"type": "int", "default": 300},
                wait_sleep={"type": "float", "default": 1.0},
            )
        )
    )


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_member
short_description: Start, stop, block or remove a member of a mirror
version_added: 0.1.0
description:
  - Says whether mirroring runs on this member, whether the mirror may fail over, or that the node is no member any
    more.
  - A primary is neither stopped nor removed while the mirror has other members. Switch over first.
author: Contributors to the irisops.mirror project (@irisops)

options:
  mirror:
    description: Name of the mirror.
    type: str
    required: true
  state:
    description:
      - V(started) starts mirroring on a member where it was stopped by hand.
      - V(stopped) stops it on the backup or on an async member. It stays stopped when the instance restarts.
      - V(absent) takes the node out of the mirror. Its databases stay where they are. IRIS ends the removal when the
        instance restarts, see RV(member.restart_required).
      - Without this option the state is left as it is.
    type: str
    choices: [started, stopped, absent]
  failover:
    description:
      - V(blocked) sets I(no failover), for the time of a maintenance. IRIS clears it by itself when the member that is
        primary starts again as primary.
      - V(allowed) clears it. It fails where the other failover member cannot be told.
      - Without this option it is left as it is.
    type: str
    choices: [allowed, blocked]
  detach_databases:
    description:
      - With O(state=absent), make the databases of the mirror ordinary ones that can be written. They keep their data.
      - Otherwise they stay mirrored copies, which can be activated again after a new join.
    type: bool
    default: false
  remove_tls:
    description: With O(state=absent), delete the TLS configurations C(%MirrorClient) and C(%MirrorServer), too.
    type: bool
    default: false
  remove_mirror:
    description:
      - With O(state=absent) on the primary, give up the mirror itself. The primary must be its last member.
      - It is told to ignore the mirror when it starts; after that restart a second run removes it.
    type: bool
    default: false
  gone:
    description: With O(remove_mirror), members that the mirror still lists although they exist no more.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.wait
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_mirror_join
  - module: irisops.mirror.iris_mirror_info
"""

EXAMPLES = r"""
- name: Let no failover happen during a maintenance
  irisops.mirror.iris_mirror_member:
    container: mirrorA
    mirror: MIRRORSET
    failover: blocked

- name: Start mirroring where somebody stopped it
  irisops.mirror.iris_mirror_member:
    container: mirrorB
    mirror: MIRRORSET
    state: started

- name: Take a node out of the mirror
  irisops.mirror.iris_mirror_member:
    container: mirrorC
    mirror: MIRRORSET
    state: absent
"""

RETURN = r"""
member:
  description: The member as read after the work.
  returned: success
  type: dict
  contains:
    mirror:
      description: Name of the mirror, empty where the node is in none.
      type: str
      returned: always
    name:
      description: Name of the member, empty where the node is in no mirror.
      type: str
      returned: always
    type:
      description: V(failover), V(dr), V(reporting_ro), V(reporting_rw), or V(none).
      type: str
      returned: always
    role:
      description: V(primary), V(backup) or V(async) now, empty while it is none of them.
      type: str
      returned: always
    status:
      description: State of the member as C($SYSTEM.Mirror.GetStatus) tells it, such as V(STOPPED).
      type: str
      returned: always
    started:
      description: Whether mirroring runs on the member.
      type: bool
      returned: always
    failover:
      description: V(allowed) or V(blocked).
      type: str
      returned: always
    may_become_primary:
      description: The only member that may become primary, empty while failovers are allowed.
      type: str
      returned: always
    restart_required:
      description: Whether a removal, or a part of it, waits for a restart of the instance.
      type: bool
      returned: always
  sample:
    mirror: MIRRORSET
    name: MIRRORB
    type: failover
    role: backup
    status: BACKUP
    started: true
    failover: allowed
    may_become_primary: ""
    restart_required: false
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

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import WAIT, connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import lifecycle, names
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

State = lifecycle.Membership


class MemberJob(Job[State]):
    noun = "member"

    def __init__(self, frame: IrisModule) -> None:
        params = frame.params
        self.waiting = frame.waiting()
        self.wish = lifecycle.MemberWish(
            mirror=names.mirror_name(params["mirror"]),
            state=params["state"],
            failover=params["failover"],
            detach_databases=params["detach_databases"],
            remove_tls=params["remove_tls"],
            remove_mirror=params["remove_mirror"],
            gone=[names.member_name(name) for name in params["gone"]],
        )

    def observe(self) -> list[t.Any]:
        return lifecycle.observe(self.wish.mirror)

    def read(self, answers: t.Any) -> State:
        return lifecycle.read(answers)

    def plan(self, state: State, check_mode: bool) -> Plan:
        return lifecycle.make_plan(self.wish, state, self.waiting, check_mode)

    def result(self, state: State) -> dict[str, t.Any]:
        node = state.node
        inside = self.wish.mirror in (name.upper() for name in node.mirrors)
        return {
            "mirror": self.wish.mirror if inside else "",
            "name": node.member_name if inside else "",
            "type": node.member_type,
            "role": node.role,
            "status": node.status,
            "started": state.started,
            "failover": "blocked" if state.holder else "allowed",
            "may_become_primary": state.holder,
            "restart_required": state.restart_required(),
        }

    def projected(self, state: State, plan: Plan) -> dict[str, t.Any]:
        value = self.result(state)
        if self.wish.state == "absent" and not state.node.is_primary:
            value.update(mirror="", name="", type="none", role="", status="NOTINIT", started=False)
        if self.wish.state == "absent":
            value["restart_required"] = True
        elif self.wish.state is not None:
            value["started"] = self.wish.state == "started"
        if self.wish.failover is not None:
            value["failover"] = self.wish.failover
        return value


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            mirror={"type": "str", "required": True},
            state={"type": "str", "choices": ["started", "stopped", "absent"]},
            failover={"type": "str", "choices": ["allowed", "blocked"]},
            detach_databases={"type": "bool", "default": False},
            remove_tls={"type": "bool", "default": False},
            remove_mirror={"type": "bool", "default": False},
            gone={"type": "list", "elements": "str", "default": []},
            **WAIT,
        ),
        required_one_of=[("state", "failover")],
    )
    module.run(MemberJob)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_join
short_description: Join an IRIS instance to a mirror
version_added: 0.1.0
description:
  - Makes the instance a member of an existing mirror, with the fields of the forms I(Join as Failover) and I(Join as
    Async) of the Management Portal.
  - A node that is this member already is left as it is, in whatever role, so a run after a failover changes nothing.
  - A reporting member can follow up to ten mirrors, of which it is the same type under the same name; run the module
    once for each of them.
  - With O(wait) a failover member is done when it is backup and the mirror is ready to fail over; an async member
    when it is connected.
author: Contributors to the irisops.mirror project (@irisops)

options:
  name:
    description: Name of the mirror.
    type: str
    required: true
    aliases: [mirror]
  member:
    description: Name of this node in the mirror, up to 32 characters. IRIS stores it in upper case.
    type: str
    required: true
  type:
    description:
      - V(failover) joins as the second failover member; the mirror has exactly one then.
      - V(dr) joins as disaster recovery async, V(reporting_ro) and V(reporting_rw) as reporting async.
    type: str
    choices: [failover, dr, reporting_ro, reporting_rw]
    default: failover
  primary:
    description: A failover member of the mirror that answers for it, usually the primary (I(Agent Address on Other
      System)).
    type: dict
    required: true
    suboptions:
      address:
        description: Host name or address of its ISCAgent.
        type: str
        required: true
      agent_port:
        description: TCP port of its ISCAgent.
        type: int
        default: 2188
      instance:
        description: Name of the IRIS instance there.
        type: str
        default: IRIS
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.addresses
  - irisops.mirror.wait
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_mirror_create
  - module: irisops.mirror.iris_mirror_db
"""

EXAMPLES = r"""
- name: Join as the second failover member
  irisops.mirror.iris_mirror_join:
    container: mirrorB
    name: MIRRORSET
    member: MIRRORB
    superserver_address: mirrorB
    primary:
      address: mirrorA

- name: Join as disaster recovery async
  irisops.mirror.iris_mirror_join:
    container: mirrorC
    name: MIRRORSET
    member: MIRRORC
    type: dr
    superserver_address: mirrorC
    primary:
      address: mirrorA

- name: Follow a second mirror with a reporting member
  irisops.mirror.iris_mirror_join:
    container: mirrorD
    name: "{{ item.mirror }}"
    member: MIRRORD
    type: reporting_rw
    superserver_address: mirrorD
    primary:
      address: "{{ item.primary }}"
  loop:
    - {mirror: MIRRORSET, primary: mirrorA}
    - {mirror: ARCHIVE, primary: archiveA}
"""

RETURN = r"""
mirror:
  description: The mirror and this node's place in it, as read after the work.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the mirror, empty where the node is in none.
      type: str
      returned: always
    member:
      description: Name of this member.
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
      description: State of this member as C($SYSTEM.Mirror.GetStatus) tells it, such as V(PRIMARY).
      type: str
      returned: always
    failover_ready:
      description: Whether the mirror could fail over without loss now.
      type: bool
      returned: always
    failover_reason:
      description: Why it could not, in the words of IRIS.
      type: str
      returned: always
    settings:
      description: Settings of the mirror, empty where the node is in none.
      type: dict
      returned: always
      contains:
        name:
          description: Name of the mirror.
          type: str
          returned: when the node is in a mirror
        guid:
          description: Identity of the mirror.
          type: str
          returned: when the node is in a mirror
        arbiter:
          description: The arbiter as C(host|port), empty for none.
          type: str
          returned: when the node is in a mirror
        qos_timeout:
          description: Quality of service timeout in milliseconds.
          type: int
          returned: when the node is in a mirror
        use_tls:
          description: Whether members must use TLS.
          type: bool
          returned: when the node is in a mirror
        virtual_address:
          description: Virtual IP address, empty for none.
          type: str
          returned: when the node is in a mirror
        compression_failover:
          description: Compression towards failover members - 0 chosen by IRIS, 1 none, 2 compressed.
          type: int
          returned: when the node is in a mirror
        compression_async:
          description: Compression towards async members, by the same numbers.
          type: int
          returned: when the node is in a mirror
        compression_type_failover:
          description: Method towards failover members - 0 zlib, 1 zstd, 2 lz4.
          type: int
          returned: when the node is in a mirror
        compression_type_async:
          description: Method towards async members, by the same numbers.
          type: int
          returned: when the node is in a mirror
        parallel_dejournaling:
          description: Who may dejournal in parallel - 0 failover and DR members, 1 failover members, 2 all.
          type: int
          returned: when the node is in a mirror
    members:
      description: All members with their addresses, RV(ignore:role) and state. Texts under RV(ignore:display) may be
        localised.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: Name of the member.
          type: str
          returned: always
        type:
          description: V(failover), V(dr), V(reporting_ro), V(reporting_rw), or V(async) where the kind is not known.
          type: str
          returned: always
        role:
          description: V(primary), V(backup), V(async) or V(unknown).
          type: str
          returned: always
        status:
          description: State of a failover member as IRIS tells programs, such as V(Active).
          type: str
          returned: always
        superserver_address:
          description: Address for clients.
          type: str
          returned: always
        superserver_port:
          description: Port of the superserver.
          type: int
          returned: always
        mirror_address:
          description: Mirror private address.
          type: str
          returned: always
        agent_address:
          description: Address of the ISCAgent.
          type: str
          returned: always
        agent_port:
          description: Port of the ISCAgent.
          type: int
          returned: always
        display:
          description: Texts of the Mirror Monitor for people, which may be localised.
          type: dict
          returned: always
  sample:
    name: MIRRORSET
    member: MIRRORA
    type: failover
    role: primary
    status: PRIMARY
    failover_ready: false
    failover_reason: There is no other failover member
    settings:
      name: MIRRORSET
      arbiter: arbiter|2188
      qos_timeout: 8000
      use_tls: false
    members:
      - name: MIRRORA
        type: failover
        role: primary
        status: Active
        superserver_address: mirrorA
        superserver_port: 1972
        mirror_address: mirrorA
        agent_address: mirrorA
        agent_port: 2188
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
    - step: join the mirror
      call: SYS.Mirror.JoinMirrorAsFailoverMember
      target: ""
      status: ok
      codes: []
      text: ""
      seconds: 0.6
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

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import ADDRESSES, MIRROR_TLS, WAIT, connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import address, membership, names, reader, report
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule


class JoinJob(Job[Node]):
    noun = "mirror"

    def __init__(self, frame: IrisModule) -> None:
        params = frame.params
        self.waiting = frame.waiting()
        self.wish = membership.JoinWish(
            mirror=names.mirror_name(params["name"]),
            member=names.member_name(params["member"]),
            kind=params["type"],
            primary_address=address.host(params["primary"]["address"], "primary.address"),
            primary_port=address.port(params["primary"]["agent_port"], "primary.agent_port"),
            primary_instance=params["primary"]["instance"],
            addresses=frame.addresses(),
            tls=frame.mirror_tls(),
        )

    def observe(self) -> list[t.Any]:
        # A reporting member may be in other mirrors: what counts is its place in this one
        return list(reader.membership_steps(self.wish.mirror))

    def read(self, answers: t.Any) -> Node:
        return reader.read_node(answers)

    def plan(self, state: Node, check_mode: bool) -> Plan:
        return membership.plan_join(self.wish, state, self.waiting, check_mode)

    def result(self, state: Node) -> dict[str, t.Any]:
        return report.mirror(state)

    def projected(self, state: Node, plan: Plan) -> dict[str, t.Any]:
        role = "backup" if self.wish.kind == "failover" else "async"
        return report.projected(state, plan, self.wish.mirror, self.wish.member, self.wish.kind, role)


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            name={"type": "str", "required": True, "aliases": ["mirror"]},
            member={"type": "str", "required": True},
            type={"type": "str", "choices": ["failover", "dr", "reporting_ro", "reporting_rw"], "default": "failover"},
            primary={
                "type": "dict",
                "required": True,
                "options": {
                    "address": {"type": "str", "required": True},
                    "agent_port": {"type": "int", "default": 2188},
                    "instance": {"type": "str", "default": "IRIS"},
                },
            },
            **ADDRESSES,
            **MIRROR_TLS,
            **WAIT,
        )
    )
    module.run(JoinJob)


if __name__ == "__main__":
    main()

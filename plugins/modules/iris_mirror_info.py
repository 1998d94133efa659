#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_info
short_description: Read the state of a mirror from one of its members
version_added: 0.1.0
description:
  - Returns what the Mirror Monitor of the Management Portal shows, as this node sees it - members, roles, states,
    settings, databases and whether a failover is possible. A node that is in no mirror is no failure.
  - One session reads everything.
author: Contributors to the irisops.mirror project (@irisops)

options:
  mirror:
    description:
      - Name of the mirror, for reporting members that follow several.
      - The default is the first one of the node, with the databases of all its mirrors.
    type: str
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes.info_module
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_instance_info
"""

EXAMPLES = r"""
- name: Ask a node
  irisops.mirror.iris_mirror_info:
    container: mirrorA
  register: result

- name: Say who is primary
  ansible.builtin.debug:
    msg: "{{ result.mirror.members | selectattr('role', 'eq', 'primary') | map(attribute='name') | first }}"
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
databases:
  description: The mirrored databases of this node.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name in the mirror.
      type: str
      returned: always
    mirror:
      description: Name of the mirror that it belongs to.
      type: str
      returned: always
    directory:
      description: Directory of the database file on this node.
      type: str
      returned: always
    status:
      description: Status in the words of the Mirror Monitor, empty where the database is not in the mirror. May be
        localised.
      type: str
      returned: always
    mirrored:
      description: Whether it is in the mirror on this node.
      type: bool
      returned: always
    mounted:
      description: Whether it is mounted.
      type: bool
      returned: always
    read_only:
      description: Whether it is mounted read-only, as on every member but the primary and read-write reporting ones.
      type: bool
      returned: always
    activated:
      description: Whether the copy is activated.
      type: bool
      returned: always
    caught_up:
      description: Whether it needs no catch up.
      type: bool
      returned: always
    latency:
      description: Latency in the words of IRIS.
      type: str
      returned: always
  sample:
    - name: COMPANY
      mirror: MIRRORSET
      directory: /shared/durable/mgr/COMPANY/
      status: Dejournaling
      mirrored: true
      mounted: true
      read_only: true
      activated: true
      caught_up: true
      latency: Caught up
mirrors:
  description: Names of all mirrors that the node is a member of. Only reporting members can be in several.
  returned: success
  type: list
  elements: str
  sample: [MIRRORSET]
configured_databases:
  description: All database entries of the instance, mirrored or not.
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
    mounted:
      description: Whether it is mounted.
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
      description: Step by which it grows, in MB.
      type: int
      returned: always
    resource:
      description: Resource that guards it.
      type: str
      returned: always
    mirrored:
      description: Whether it carries the mirrored attribute.
      type: bool
      returned: always
    mirror_name:
      description: Its name in the mirror, empty where it is in none.
      type: str
      returned: always
  sample:
    - name: COMPANY
      directory: /shared/durable/mgr/COMPANY/
      mounted: true
      size: 1
      max_size: 0
      expansion_size: 0
      resource: "%DB_%DEFAULT"
      mirrored: true
      mirror_name: COMPANY
missing_databases:
  description: Names of mirrored databases that the mirror has and this node has not.
  returned: success
  type: list
  elements: str
  sample: []
service:
  description: The mirror service.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether it is enabled.
      type: bool
      returned: always
  sample:
    enabled: true
version:
  description: What C($zversion) says.
  returned: success
  type: str
  sample: IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2024.1 (Build 267_2U)
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
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import names, reader, report
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import InstanceDatabase, Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

CONFIGURED = (
    "name",
    "directory",
    "mounted",
    "size",
    "max_size",
    "expansion_size",
    "resource",
    "mirrored",
    "mirror_name",
)


class State(t.NamedTuple):
    node: Node
    configured: t.List[InstanceDatabase]


class InfoJob(Job[State]):
    noun = "mirror"

    def __init__(self, mirror: t.Optional[str]) -> None:
        self.mirror = names.mirror_name(mirror) if mirror else None

    def observe(self) -> t.List[t.Any]:
        return [
            *reader.membership_steps(self.mirror),
            *reader.mirrored_steps(self.mirror),
            *reader.database_steps(),
        ]

    def read(self, answers: t.Any) -> State:
        return State(reader.read_node(answers), reader.read_databases(answers))

    def plan(self, state: State, check_mode: bool) -> Plan:
        return Plan()

    def result(self, state: State) -> t.Dict[str, t.Any]:
        return report.mirror(state.node)

    def extras(self, state: State) -> t.Dict[str, t.Any]:
        node = state.node
        return {
            "databases": [
                {**report.mirrored(one.mirror_name, one.directory, [one]), "mirror": one.mirror}
                for one in node.databases
            ],
            "mirrors": [name.upper() for name in node.mirrors],
            "missing_databases": node.missing_databases,
            "configured_databases": [
                {key: getattr(one, key) for key in CONFIGURED} for one in state.configured
            ],
            "service": {"enabled": node.service_enabled},
            "version": node.version,
        }


def main() -> None:
    module = IrisModule(argument_spec=connection(mirror={"type": "str"}))
    module.run(lambda frame: InfoJob(frame.params["mirror"]))


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_create
short_description: Create a mirror on an IRIS instance
version_added: 0.1.0
description:
  - Makes the instance the first failover member of a new mirror, with the fields of the form I(Create Mirror) of the
    Management Portal.
  - A node that is in the mirror already, in whatever role, is left as it is, so a run after a failover changes
    nothing. A node that is in another mirror is a conflict; a second mirror is never created beside an existing one.
  - A living mirror that has no arbiter gets O(arbiter) by a configuration merge on the primary, the only public way.
    Other settings of an existing mirror that differ from the options are reported as warnings with both values,
    because no public method of IRIS changes them.
author: Contributors to the irisops.mirror project (@irisops)

options:
  name:
    description: Name of the mirror, 1 to 15 letters and digits. IRIS stores it in upper case.
    type: str
    required: true
    aliases: [mirror]
  member:
    description: Name of this node in the mirror, up to 32 characters. IRIS stores it in upper case.
    type: str
    required: true
  arbiter:
    description:
      - The arbiter of the mirror. Strongly recommended, without one the loss of the primary's host needs a person.
      - Its address must be reachable from every failover member.
    type: dict
    suboptions:
      address:
        description: Host name or address of the arbiter.
        type: str
        required: true
      port:
        description: TCP port of the arbiter's ISCAgent.
        type: int
        default: 2188
  require_tls:
    description: Whether members must use TLS between them. Needs the certificates of O(mirror_tls) on every member.
    type: bool
  qos_timeout:
    description:
      - Quality of service timeout in milliseconds, at most 300000. How long a member waits for another before it
        takes it as hung.
      - The default of IRIS is 8000.
    type: int
  virtual_address:
    description:
      - Virtual IP address of the mirror as C(address/bits), with O(virtual_address_interface).
      - It needs a host where IRIS may change interfaces. In containers it usually cannot be used.
    type: str
  compression:
    description: Compression of the data that goes to other members.
    type: dict
    suboptions:
      failover:
        description: For the failover members. V(system) lets IRIS choose, V(none) sends uncompressed.
        type: str
        choices: [system, none, zlib, zstd, lz4]
        default: system
      async:
        description: For async members.
        type: str
        choices: [system, none, zlib, zstd, lz4]
        default: system
  parallel_dejournaling:
    description: Which members may dejournal in parallel.
    type: str
    choices: [failover_and_dr, failover, all]
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.addresses
  - irisops.mirror.wait
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_mirror_service
  - module: irisops.mirror.iris_mirror_join
"""

EXAMPLES = r"""
- name: Create the mirror with its arbiter
  irisops.mirror.iris_mirror_create:
    container: mirrorA
    name: MIRRORSET
    member: MIRRORA
    superserver_address: mirrorA
    arbiter:
      address: arbiter

- name: Create a mirror whose members use TLS
  irisops.mirror.iris_mirror_create:
    container: mirrorA
    name: MIRRORSET
    member: MIRRORA
    superserver_address: mirrorA
    require_tls: true
    mirror_tls:
      ca_file: /install/ca.pem
      certificate_file: /install/mirrorA.pem
      private_key_file: /install/mirrorA.key.pem
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
    - step: create the mirror
      call: SYS.Mirror.CreateNewMirrorSet
      target: ""
      status: ok
      codes: []
      text: ""
      seconds: 0.4
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
from ansible_collections.irisops.mirror.plugins.module_utils._engine import merger
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import address, membership, names, reader, report
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

#: Option value -> (CompressionFor..., CompressionTypeFor...) of the class reference
COMPRESSION = {"system": (0, 0), "none": (1, 0), "zlib": (2, 0), "zstd": (2, 1), "lz4": (2, 2)}
PARALLEL = {"failover_and_dr": 0, "failover": 1, "all": 2}
QOS_LIMIT = 300000


class CreateJob(Job[Node]):
    noun = "mirror"

    def __init__(self, frame: IrisModule) -> None:
        self.waiting = frame.waiting()
        self.wish = _wish(frame)

    def observe(self) -> list[t.Any]:
        return list(reader.membership_steps())

    def read(self, answers: t.Any) -> Node:
        return reader.read_node(answers)

    def plan(self, state: Node, check_mode: bool) -> Plan:
        return membership.plan_create(self.wish, state, self.waiting, check_mode)

    def announce(self, plan: Plan) -> list[dict[str, t.Any]]:
        return merger.announce(plan)

    def prepare(self, session: t.Any, state: Node, plan: Plan) -> list[dict[str, t.Any]]:
        return merger.carry_out(self, session, self.wish.mirror, plan)

    def result(self, state: Node) -> dict[str, t.Any]:
        return report.mirror(state)

    def projected(self, state: Node, plan: Plan) -> dict[str, t.Any]:
        if state.is_member:
            return report.adjusted(state, plan)
        return report.projected(state, plan, self.wish.mirror, self.wish.member, "failover", "primary")


def _wish(frame: IrisModule) -> membership.CreateWish:
    params = frame.params
    qos_timeout = params["qos_timeout"]
    if qos_timeout is not None and not 0 <= qos_timeout <= QOS_LIMIT:
        raise InputError(
            "qos_timeout_invalid", "qos_timeout is %d" % qos_timeout, "It is 0 to %d milliseconds." % QOS_LIMIT
        )
    virtual_address = params["virtual_address"]
    if bool(virtual_address) != bool(params["virtual_address_interface"]):
        raise InputError(
            "virtual_address_invalid",
            "virtual_address and virtual_address_interface belong together (ERROR #2090)",
            "Set both or none.",
            numbers=[2090],
        )
    if virtual_address and "/" not in virtual_address:
        raise InputError(
            "virtual_address_invalid",
            "the virtual address %r has no subnet mask (ERROR #2085)" % virtual_address,
            "Write it as address/bits, such as 192.0.2.10/24.",
            numbers=[2085],
        )
    compression: dict[str, int] = {}
    for kind in ("failover", "async"):
        if params["compression"]:
            mode, algorithm = COMPRESSION[params["compression"][kind]]
            compression["compression_" + kind] = mode
            compression["compression_type_" + kind] = algorithm
    parallel = params["parallel_dejournaling"]
    return membership.CreateWish(
        mirror=names.mirror_name(params["name"]),
        member=names.member_name(params["member"]),
        addresses=frame.addresses(),
        arbiter=None if params["arbiter"] is None else address.arbiter(params["arbiter"]),
        qos_timeout=qos_timeout,
        use_tls=params["require_tls"],
        virtual_address=virtual_address,
        compression=compression,
        parallel_dejournaling=None if parallel is None else PARALLEL[parallel],
        tls=frame.mirror_tls(),
    )


def main() -> None:
    methods = {"type": "str", "choices": list(COMPRESSION), "default": "system"}
    module = IrisModule(
        argument_spec=connection(
            name={"type": "str", "required": True, "aliases": ["mirror"]},
            member={"type": "str", "required": True},
            arbiter={
                "type": "dict",
                "options": {"address": {"type": "str", "required": True}, "port": {"type": "int", "default": 2188}},
            },
            require_tls={"type": "bool"},
            qos_timeout={"type": "int"},
            virtual_address={"type": "str"},
            compression={"type": "dict", "options": {"failover": methods, "async": methods}},
            parallel_dejournaling={"type": "str", "choices": list(PARALLEL)},
            **ADDRESSES,
            **MIRROR_TLS,
            **WAIT,
        )
    )
    module.run(CreateJob)


if __name__ == "__main__":
    main()

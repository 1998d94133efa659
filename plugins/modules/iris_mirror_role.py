#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_role
short_description: Give a member of a mirror another role
version_added: 0.1.0
description:
  - Says which role a member shall have. A member that has it already is left as it is.
  - O(role=primary) asked of the backup is a switchover (C(SYS.Mirror.BecomePrimary)). The former primary is forced
    down by it and stays down until it is started; it comes back as backup. The playbook C(irisops.mirror.switchover)
    does both.
  - O(role=failover) asked of a disaster recovery async is a promotion. While a primary runs, the member becomes its
    backup and the former backup a disaster recovery async. Without a primary it becomes primary, or backup of the
    member that was primary last.
  - O(role=dr) asked of the backup is a demotion.
  - Nothing is done while two members say that they are primary, while databases are not caught up, while somebody has
    set no-failover, or beside a primary that runs. What was decided on is read again in the session that acts.
author: Contributors to the irisops.mirror project (@irisops)

options:
  mirror:
    description: Name of the mirror.
    type: str
    required: true
    aliases: [name]
  role:
    description:
      - V(primary) for the backup.
      - V(failover) for a disaster recovery async. A member that is primary or backup has this role.
      - V(dr) for the backup.
    type: str
    required: true
    choices: [primary, failover, dr]
  member:
    description:
      - Name of the member that is to have the role. The default is the node itself.
      - On the primary, the name of the backup with O(role=dr) demotes it from there (C(SYS.Mirror.DemotePartner)), also
        while its instance is down, as long as its ISCAgent answers.
    type: str
  partner:
    description:
      - Name of the failover member that stays as partner of the promoted one, where no primary runs.
      - The default is the member that was primary last. Another one needs O(allow_data_loss).
    type: str
  allow_data_loss:
    description:
      - Allow what can lose data. A promotion goes on although failover members are out of reach, in the form that asks
        for no more than is needed; a failover member that has lost its primary asks IRIS to take over without it.
      - It does not allow a second primary. IRIS itself refuses while it finds one, and so does this module.
      - A primary that nobody can see may still run. Make sure that it does not.
    type: bool
    default: false
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.peers
  - irisops.mirror.wait
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_mirror_info
  - module: irisops.mirror.iris_mirror_join
"""

EXAMPLES = r"""
- name: Switch over to mirrorB
  irisops.mirror.iris_mirror_role:
    container: mirrorB
    mirror: MIRRORSET
    role: primary
    peers:
      - container: mirrorA

- name: Promote the disaster recovery async while the primary runs
  irisops.mirror.iris_mirror_role:
    container: mirrorC
    mirror: MIRRORSET
    role: failover
    peers:
      - container: mirrorA
      - container: mirrorB

- name: Both failover members are lost, go on with the disaster recovery async
  irisops.mirror.iris_mirror_role:
    container: mirrorC
    mirror: MIRRORSET
    role: failover
    allow_data_loss: true
    peers:
      - container: mirrorA
      - container: mirrorB

- name: Demote the backup
  irisops.mirror.iris_mirror_role:
    container: mirrorB
    mirror: MIRRORSET
    role: dr
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
    failover_reason: The other failover member is not active
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
peers:
  description: What the members in O(peers) said before anything was done; empty where nothing was to be done.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The container, or the command.
      type: str
      returned: always
    answered:
      description: Whether it answered.
      type: bool
      returned: always
    member:
      description: Name of the member, empty where it did not answer.
      type: str
      returned: always
    role:
      description: V(primary), V(backup), V(dr), V(reporting), V(async), V(indeterminate), V(outside) or V(silent).
      type: str
      returned: always
    status:
      description: State of the member as C($SYSTEM.Mirror.GetStatus) tells it.
      type: str
      returned: always
    error:
      description: Why it did not answer.
      type: str
      returned: always
  sample:
    - name: mirrorA
      answered: true
      member: MIRRORA
      role: primary
      status: PRIMARY
      error: ""
unavailable_members:
  description:
    - Members that the promotion could not tell that they are failover members no more; in check mode those that are
      out of reach now.
    - Before each of them starts, set C(ValidatedMember=0) in the section C([MirrorMember]) of its C(iris.cpf).
      Otherwise it may become a second primary.
  returned: success
  type: list
  elements: str
  sample: []
partner:
  description: The member that IRIS would take, or took, as partner of a promoted member; empty in all other cases.
  returned: success
  type: str
  sample: ""
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
    - step: become primary
      call: SYS.Mirror.BecomePrimary
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
    code: no_failover_set
    numbers: []
    text: "no-failover is set: only MIRRORA may become primary"
    remedy: "Somebody wants the primary to stay where it is. Find out why, then clear no-failover."
    member: mirrorB
"""

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import PEERS, WAIT, connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.peers import ask
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import names, report, role
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import role_state as states
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.peer import Peer
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.promotion import untold
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

State = states.RoleState


class RoleJob(Job[State]):
    noun = "mirror"

    def __init__(self, frame: IrisModule) -> None:
        params = frame.params
        self.frame = frame
        self.waiting = frame.waiting()
        self.wish = states.RoleWish(
            names.mirror_name(params["mirror"]),
            params["role"],
            names.member_name(params["member"]) if params["member"] else "",
            names.member_name(params["partner"]) if params["partner"] else "",
            params["allow_data_loss"],
        )
        self.peers: t.List[Peer] = []
        self.decided = Plan()

    def observe(self) -> t.List[t.Any]:
        return states.observe(self.wish)

    def read(self, answers: t.Any) -> State:
        state = states.read(self.wish, answers)
        if state.left:
            self.decided.warnings.append(untold(state.left))
        return state

    def consult(self, session: t.Any, state: State) -> None:
        if not role.reached(self.wish, state):
            self.peers = ask(self.frame.peers(), self.wish.mirror, state.node)

    def plan(self, state: State, check_mode: bool) -> Plan:
        self.decided = role.make_plan(self.wish, state, self.peers, self.waiting)
        return self.decided

    def result(self, state: State) -> t.Dict[str, t.Any]:
        return report.mirror(state.node)

    def extras(self, state: State) -> t.Dict[str, t.Any]:
        return {
            "peers": [peer.describe() for peer in self.peers],
            "unavailable_members": state.left or state.lost,
            "partner": state.partner,
        }

    def projected(self, state: State, plan: Plan) -> t.Dict[str, t.Any]:
        return {**self.result(state), **role.projected(self.wish, state)}


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            mirror={"type": "str", "required": True, "aliases": ["name"]},
            role={"type": "str", "required": True, "choices": ["primary", "failover", "dr"]},
            member={"type": "str"},
            partner={"type": "str"},
            allow_data_loss={"type": "bool", "default": False},
            **PEERS,
            **WAIT,
        )
    )
    module.run(RoleJob)


if __name__ == "__main__":
    main()

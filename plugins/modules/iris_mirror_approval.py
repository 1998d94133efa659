#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_approval
short_description: Let expected members into a mirror that requires TLS
version_added: 0.1.0
description:
  - In a mirror that requires TLS, a new member, and a member whose certificate has another distinguished name than
    before, wait in a list of the primary until somebody lets them in. This module lets in those whose name and
    distinguished name are both expected, and nobody else. Whoever else waits is left waiting and reported as a warning.
  - On another member than the primary it approves the changed name of the primary, which waits there when that member
    was away while it changed.
author: Contributors to the irisops.mirror project (@irisops)

options:
  name:
    description: Name of the mirror.
    type: str
    required: true
    aliases: [mirror]
  expected:
    description: The members that may be in the mirror.
    type: list
    elements: dict
    required: true
    suboptions:
      member:
        description: Name of the member. IRIS stores it in upper case.
        type: str
        required: true
      dn:
        description:
          - Distinguished name of its certificate exactly as IRIS writes it, from the last part to the first, such as
            V(CN=mirrorB,O=Example\\, Inc,C=ES).
          - Required with O(state=approved). With O(state=absent) an entry without it means whatever name waits.
        type: str
  state:
    description:
      - V(approved) lets the expected members in, also when they begin to wait only within O(wait_timeout).
      - V(absent) rejects them if they wait. A member that is in the mirror already stays in it. A rejected member asks
        again when its mirroring is started anew.
    type: str
    choices: [approved, absent]
    default: approved
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.wait
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_mirror_tls
  - module: irisops.mirror.iris_mirror_join
notes:
  - IRIS offers C(SYS.Mirror.AddFailoverMember) for a second failover member as well. It is not used, because it takes
    whatever certificate the other side has.
"""

EXAMPLES = r"""
- name: Let the second failover member in
  irisops.mirror.iris_mirror_approval:
    container: mirrorA
    name: MIRRORSET
    expected:
      - member: MIRRORB
        dn: CN=mirrorB,O=Example

- name: Reject a member that should not be there
  irisops.mirror.iris_mirror_approval:
    container: mirrorA
    name: MIRRORSET
    expected:
      - member: STRANGER
    state: absent
"""

RETURN = r"""
approval:
  description: Who is in and who waits, as read after the work.
  returned: success
  type: dict
  contains:
    mirror:
      description: Name of the mirror.
      type: str
      returned: always
    required:
      description: Whether the mirror requires TLS; nobody waits where it does not.
      type: bool
      returned: always
    members:
      description: The members that the mirror knows.
      type: list
      elements: dict
      returned: always
      contains:
        member:
          description: Name of the member.
          type: str
          returned: always
        dn:
          description: Distinguished name that its certificate must have, empty for none.
          type: str
          returned: always
    pending:
      description: Who waits.
      type: list
      elements: dict
      returned: always
      contains:
        member:
          description: Name of the member.
          type: str
          returned: always
        dn:
          description: Distinguished name of its certificate.
          type: str
          returned: always
        kind:
          description: V(member) for a new one, V(update) for one with another certificate than before.
          type: str
          returned: always
        expected:
          description: Whether O(expected) has exactly this member with this name.
          type: bool
          returned: always
    missing:
      description: Names of expected members that are neither in nor waiting.
      type: list
      elements: str
      returned: always
  sample:
    mirror: MIRRORSET
    required: true
    members:
      - member: MIRRORA
        dn: CN=mirrorA,O=Example
      - member: MIRRORB
        dn: CN=mirrorB,O=Example
    pending:
      - member: STRANGER
        dn: CN=stranger,O=Example
        kind: member
        expected: false
    missing: []
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
    - step: let in
      call: SYS.Mirror.AuthorizePendingMembers
      target: ""
      status: ok
      codes: []
      text: ""
      seconds: 0.02
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
    code: dn_differs
    numbers: []
    text: "MIRRORB waits with the distinguished name 'CN=other', not 'CN=mirrorB'"
    remedy: "Nobody was let in. If the certificate is the right one, expect that name; otherwise reject it."
    member: mirrorA
"""

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import WAIT, connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import approval, names
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule


class ApprovalJob(Job[approval.Approvals]):
    noun = "approval"

    def __init__(self, frame: IrisModule) -> None:
        self.waiting = frame.waiting()
        self.mirror = names.mirror_name(frame.params["name"])
        self.approve = frame.params["state"] == "approved"
        self.expected = [_expected(one, self.approve) for one in frame.params["expected"]]

    def observe(self) -> list[t.Any]:
        return approval.observe(self.mirror)

    def read(self, answers: t.Any) -> approval.Approvals:
        return approval.read(answers)

    def plan(self, state: approval.Approvals, check_mode: bool) -> Plan:
        if self.approve:
            plan = approval.plan_approve(self.mirror, self.expected, state, self.waiting, check_mode)
        else:
            plan = approval.plan_reject(self.mirror, self.expected, state, check_mode)
        self.loops = [element for element in plan.elements if isinstance(element, Each)]
        return plan

    def result(self, state: approval.Approvals) -> dict[str, t.Any]:
        strangers = approval.unexpected(state, self.expected)
        return {
            "mirror": self.mirror,
            "required": state.use_tls,
            "members": [{"member": member, "dn": dn} for member, dn in sorted(state.known.items())],
            "pending": [
                {"member": one.member, "dn": one.dn, "kind": one.kind, "expected": one not in strangers}
                for one in state.pending
            ],
            "missing": [one.member for one in approval.missing(state, self.expected)] if self.approve else [],
        }

    def projected(self, state: approval.Approvals, plan: Plan) -> dict[str, t.Any]:
        return self.result(approval.project(state, plan))

    def item_label(self, group: str, item: int) -> str:
        return next(str(loop.items[item]["member"]) for loop in self.loops if loop.name == group)


def _expected(option: t.Mapping[str, t.Any], with_name: bool) -> approval.Expected:
    member = names.member_name(option["member"])
    if with_name and not option["dn"]:
        raise InputError(
            "dn_missing",
            "no distinguished name is given for the member %s" % member,
            "Give the one of its certificate (expected.dn), as IRIS writes it.",
        )
    return approval.Expected(member, option["dn"] or "")


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            name={"type": "str", "required": True, "aliases": ["mirror"]},
            expected={
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {"member": {"type": "str", "required": True}, "dn": {"type": "str"}},
            },
            state={"type": "str", "choices": ["approved", "absent"], "default": "approved"},
            **WAIT,
        )
    )
    module.run(ApprovalJob)


if __name__ == "__main__":
    main()

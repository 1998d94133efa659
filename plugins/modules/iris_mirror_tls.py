#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_tls
short_description: Certificates of a mirror member, and whether its mirror requires TLS
version_added: 0.1.0
description:
  - Makes the TLS configurations C(%MirrorClient) and C(%MirrorServer) of an instance what the options say. IRIS sets
    both together, with the same certificate and key.
  - On the primary it can also make the mirror require TLS (O(require)), after every member has shown a valid
    certificate.
  - The files must be on the node already, where IRIS and nobody else can read the key. The roles of the collection do
    that, see R(the guide,ansible_collections.irisops.mirror.docsite.guide_tls).
author: Contributors to the irisops.mirror project (@irisops)

options:
  name:
    description:
      - Name of the mirror. Needed only on a reporting async member of several mirrors, for O(require) and O(verify).
    type: str
    aliases: [mirror]
  ca_file:
    description:
      - File on the node with the CA certificates that verify all other members. A relative path begins in the directory
        of the manager.
      - O(ca_file), O(certificate_file) and O(private_key_file) belong together. Without them the configurations are
        left alone.
    type: str
  certificate_file:
    description: File on the node with the certificate of this member. It must serve TLS clients and TLS servers.
    type: str
  private_key_file:
    description: File on the node with the private key of the certificate.
    type: str
  private_key_password:
    description:
      - Password of the private key, if it has one.
      - It is sent whenever the configurations are set, and never read back or compared. A new password for the same
        files is sent with O(renewed).
    type: str
  crl_file:
    description: File on the node with the certificates that the CA has revoked. An empty text for none.
    type: str
  renewed:
    description:
      - The files have new contents under their old names, so they are given to IRIS again. The result is always
        changed, because IRIS does not tell which contents it has read.
      - Files with new names need no such hint. The roles name them by their contents for that reason.
    type: bool
    default: false
  dn:
    description:
      - Distinguished name of the certificate, in the form of IRIS, such as V(CN=mirrorA,O=Example). When the mirror
        knows this member by another name, the new one is told to it. The primary then has to approve it
        (M(irisops.mirror.iris_mirror_approval)), except its own.
    type: str
  reconnect:
    description:
      - A connection keeps the certificate with which it was made. With V(changed) this member leaves its mirror for a
        moment and comes back when something was changed, with V(always) in any case.
      - Nothing happens on the primary, on a member that is not connected, and in a mirror without TLS.
    type: str
    choices: [never, changed, always]
    default: never
  verify:
    description:
      - Whether the certificates are tried out at the end - V(member) between this member and the others, V(all) between
        all of them. A member that cannot be reached is a failure.
    type: str
    choices: [none, member, all]
    default: none
  require:
    description:
      - Whether the mirror requires TLS, set on its primary. Not given, that is left as it is.
      - With V(true) the certificates of all members are verified first, and nothing is done if one fails or is away.
        The other members then have to be approved (M(irisops.mirror.iris_mirror_approval)) before they are connected
        again.
      - With V(false) the members talk to each other without TLS again, which InterSystems strongly discourages.
    type: bool
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.wait
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_mirror_approval
  - module: irisops.mirror.iris_mirror_create
  - module: irisops.mirror.iris_mirror_join
"""

EXAMPLES = r"""
- name: Set up the certificates of a member
  irisops.mirror.iris_mirror_tls:
    container: mirrorB
    ca_file: /shared/mirror-tls/ca.pem
    certificate_file: /shared/mirror-tls/mirrorB.pem
    private_key_file: /shared/mirror-tls/mirrorB.key.pem

- name: Require TLS in the whole mirror, once all members have their certificates
  irisops.mirror.iris_mirror_tls:
    container: mirrorA
    require: true

- name: Use a renewed certificate on the backup
  irisops.mirror.iris_mirror_tls:
    container: mirrorB
    ca_file: /shared/mirror-tls/ca.pem
    certificate_file: /shared/mirror-tls/mirrorB-2027.pem
    private_key_file: /shared/mirror-tls/mirrorB-2027.key.pem
    reconnect: changed
    verify: member
"""

RETURN = r"""
tls:
  description: The TLS of this member as read after the work.
  returned: success
  type: dict
  contains:
    configured:
      description: Whether both configurations are there.
      type: bool
      returned: always
    enabled:
      description: Whether both are enabled.
      type: bool
      returned: always
    ca_file:
      description: File with the CA certificates.
      type: str
      returned: always
    certificate_file:
      description: File with the certificate.
      type: str
      returned: always
    private_key_file:
      description: File with the private key.
      type: str
      returned: always
    crl_file:
      description: File with revoked certificates, empty for none.
      type: str
      returned: always
    dn:
      description: Distinguished name by which the mirror knows this member, empty where it needs none.
      type: str
      returned: always
    required:
      description: Whether the mirror requires TLS.
      type: bool
      returned: always
  sample:
    configured: true
    enabled: true
    ca_file: /shared/mirror-tls/ca.pem
    certificate_file: /shared/mirror-tls/mirrorA.pem
    private_key_file: /shared/mirror-tls/mirrorA.key.pem
    crl_file: ""
    dn: CN=mirrorA,O=Example
    required: true
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
    - step: set the TLS configurations
      call: SYS.Mirror.UpdateMirrorSSL
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
    code: key_mismatch
    numbers: [733]
    text: "failed to set the TLS configurations: ERROR #733: Certificate and private key do not match"
    remedy: "Give the private key that belongs to the certificate."
    member: mirrorA
"""

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import WAIT, connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import names, tls
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

_TOGETHER = ("ca_file", "certificate_file", "private_key_file")


class TlsJob(Job[tls.TlsState]):
    noun = "tls"

    def __init__(self, frame: IrisModule) -> None:
        params = frame.params
        self.waiting = frame.waiting()
        self.wish = tls.TlsWish(
            mirror=names.mirror_name(params["name"]) if params["name"] else "",
            files={key: params[key] for key in tls.FILES if params["ca_file"] and params[key] is not None},
            password=params["private_key_password"] or "",
            renewed=params["renewed"],
            dn=params["dn"] or "",
            reconnect=params["reconnect"],
            verify=params["verify"],
            require=params["require"],
        )

    def observe(self) -> list[t.Any]:
        return tls.observe()

    def read(self, answers: t.Any) -> tls.TlsState:
        return tls.read(answers)

    def plan(self, state: tls.TlsState, check_mode: bool) -> Plan:
        return tls.plan(self.wish, state, self.waiting, check_mode)

    def result(self, state: tls.TlsState) -> dict[str, t.Any]:
        return tls.describe(state)

    def projected(self, state: tls.TlsState, plan: Plan) -> dict[str, t.Any]:
        after = {change.name: change.after for change in plan.changes}
        now = tls.describe(state)
        future = {key: after.get(key, value) for key, value in now.items()}
        return {**future, "configured": True, "enabled": True} if self.wish.files else future


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            name={"type": "str", "aliases": ["mirror"]},
            ca_file={"type": "str"},
            certificate_file={"type": "str"},
            private_key_file={"type": "str"},
            private_key_password={"type": "str", "no_log": True},
            crl_file={"type": "str"},
            renewed={"type": "bool", "default": False},
            dn={"type": "str"},
            reconnect={"type": "str", "choices": ["never", "changed", "always"], "default": "never"},
            verify={"type": "str", "choices": ["none", "member", "all"], "default": "none"},
            require={"type": "bool"},
            **WAIT,
        ),
        required_together=[_TOGETHER],
        required_by={"private_key_password": ["ca_file"], "crl_file": ["ca_file"]},
    )
    module.run(TlsJob)


if __name__ == "__main__":
    main()

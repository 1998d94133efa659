#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_config_drift
short_description: Compare with the primary what a mirror does not replicate, and copy it
version_added: 0.1.0
description:
  - A mirror replicates databases. Users, roles, resources, web applications, tasks, namespaces, mappings and services
    are each instance's own, and after a failover the new primary has those that were made there.
  - Compares them between the primary and this member. With O(apply), makes this member like the primary.
  - Only what is configuration is compared. When somebody logged in or changed a password, when an object was changed,
    ids and GUIDs are not.
  - Passwords, their hashes and other secrets are neither read nor copied nor shown. What tasks take as settings is
    compared and copied, but not shown, because a class of your own can keep a password there.
  - Objects are made and changed with the documented methods of their classes, each on its own, so that one that IRIS
    refuses does not stop the others. What IRIS brings itself is corrected, but neither made nor deleted.
  - The privileges on tables that SQL keeps with users and roles are not compared.
author: Contributors to the irisops.mirror project (@irisops)

options:
  mirror:
    description: Name of the mirror.
    type: str
    required: true
  source:
    description:
      - The primary, with which this member is compared. That it is primary is asked when the module runs and again
        before anything is changed here.
      - It is reached like the node itself, with these options in place of the module's own.
    required: true
    type: dict
    suboptions:
      container:
        description: Container of the primary. When not set, the primary runs on the host where the module is executed.
        type: str
      instance:
        description: Name of the instance.
        type: str
        default: IRIS
      executable:
        description: The C(iris) command of the primary.
        type: str
        default: iris
      exec_user:
        description: User in the container.
        type: str
      docker_host:
        description: Engine of the primary, when it is another one than O(docker_host).
        type: str
      tls:
        description: As O(tls), for the engine of the primary.
        type: bool
      validate_certs:
        description: As O(validate_certs), for the engine of the primary.
        type: bool
      ca_path:
        description: As O(ca_path), for the engine of the primary.
        type: path
      client_cert:
        description: As O(client_cert), for the engine of the primary.
        type: path
      client_key:
        description: As O(client_key), for the engine of the primary.
        type: path
      api_version:
        description: As O(api_version), for the engine of the primary.
        type: str
      timeout:
        description: As O(timeout), for the engine of the primary.
        type: int
      use_ssh_client:
        description: As O(use_ssh_client), for the engine of the primary.
        type: bool
  kinds:
    description:
      - What is compared and copied.
      - V(applications) are web applications. V(mappings) are those of globals, routines and packages. Services are only
        modified, for IRIS has no method that makes one.
    type: list
    elements: str
    choices: [users, roles, resources, applications, tasks, namespaces, mappings, services]
    default: [users, roles, resources, applications, tasks, namespaces, mappings, services]
  ignore:
    description: What is left out. A rule without O(ignore[].property) leaves out whole objects.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: The kind that the rule is for. By default it is for all of them.
        type: str
        choices: [users, roles, resources, applications, tasks, namespaces, mappings, services]
      name:
        description: Pattern of names with C(*) and C(?), as RV(differences[].name) shows them.
        type: str
        default: "*"
      property:
        description: Pattern of the names of properties that are left out.
        type: str
  apply:
    description:
      - Copy what differs from the primary to this member. By default differences are only reported.
      - A user who is not here is created with the password in O(user_passwords); without one, disabled, with a
        password that nobody knows. For the same reason a disabled user is enabled only with a password from
        O(user_passwords).
    type: bool
    default: false
  prune:
    description:
      - With O(apply), also delete what the primary has not. What comes with IRIS is never deleted.
    type: bool
    default: false
  user_passwords:
    description:
      - Passwords by user for those who are created here, or enabled here.
      - A user who is here and enabled keeps the password.
    type: dict
    default: {}
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_namespace
  - module: irisops.mirror.iris_mirror_info
"""

EXAMPLES = r"""
- name: Does the backup have the users and roles of the primary?
  irisops.mirror.iris_mirror_config_drift:
    container: mirrorB
    mirror: MIRRORSET
    source:
      container: mirrorA
    kinds: [users, roles, resources]

- name: Make the backup like the primary, but leave the tasks of its own backups alone
  irisops.mirror.iris_mirror_config_drift:
    container: mirrorB
    mirror: MIRRORSET
    source:
      container: mirrorA
    apply: true
    user_passwords:
      webapp: "{{ vault_webapp_password }}"
    ignore:
      - kind: tasks
        name: Nightly backup*
      - kind: tasks
        property: Suspended
"""

RETURN = r"""
differences:
  description: What differed before the module did anything.
  returned: success
  type: list
  elements: dict
  contains: &contains
    kind:
      description: As in O(kinds).
      type: str
      returned: always
    name:
      description: Name of the object. That of a mapping is C(NAMESPACE/globals/NAME), and so on.
      type: str
      returned: always
    property:
      description: The property that differs, empty where one of the two has no such object.
      type: str
      returned: always
    here:
      description: The value here, or all properties of an object that the primary has not.
      type: raw
      returned: always
    primary:
      description: The value on the primary, or all properties of an object that is not here.
      type: raw
      returned: always
    action:
      description: What O(apply) does about it - V(create), V(modify), V(delete) or V(none).
      type: str
      returned: always
    reason:
      description: Why it does nothing, or not all.
      type: str
      returned: always
  sample:
    - kind: users
      name: alice
      property: Roles
      here: "%Developer"
      primary: "%Developer,%SQL"
      action: modify
      reason: ""
remaining:
  description: What differs after the work, in the form of RV(differences). Without O(apply) the same as that.
  returned: success
  type: list
  elements: dict
  contains: *contains
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
  sample:
    - step: create
      call: Security.Users.Create
      target: users alice
      status: ok
      codes: []
      text: ""
      seconds: 0.01
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

import secrets
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import SOURCE, connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine import reference
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import config_apply, config_drift, names
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.config_kinds import OPTIONS
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

State = config_drift.Observation
#: What each object adds to the limit of a session.
SECONDS = 0.5


class ConfigDriftJob(Job[State]):
    noun = "remaining"

    def __init__(self, frame: IrisModule) -> None:
        params = frame.params
        self.mirror = names.mirror_name(params["mirror"])
        self.apply: bool = params["apply"]
        self.options = config_drift.Options(
            params["kinds"], params["ignore"], params["prune"], params["user_passwords"] or {}
        )
        self.source = frame.session({**params["source"], "container": params["source"]["container"] or ""})
        self.primary = reference.observe(self.source, self.mirror, self.options)
        self.passwords: list[str] = []
        self.found: list[config_drift.Difference] | None = None

    def observe(self) -> list[t.Any]:
        return config_drift.observe(self.mirror, self.options)

    def read(self, answers: t.Any) -> State:
        return config_drift.read(self.options, answers)

    def plan(self, state: State, check_mode: bool) -> Plan:
        config_drift.check_member(self.mirror, state.node, self.primary.node)
        self.found = self._differences(state)
        plan = config_apply.make_plan(self.found, self.options, state, self._password, check_mode or not self.apply)
        if not self.apply:
            plan.reported, plan.elements = True, []
        plan.warnings.extend(config_drift.doubts(self.primary, state))
        return plan

    def prepare(self, session: t.Any, state: State, plan: Plan) -> list[dict[str, t.Any]]:
        """Nothing but the last look: is the source still the primary? IRIS needs its time to hash a password."""
        session.hide(*self.passwords, *self.primary.hidden())
        reference.check(self.source)
        session.limit += SECONDS * len(plan.elements)
        return []

    def item_label(self, group: str, item: int) -> str:
        return group

    def result(self, state: State) -> list[dict[str, t.Any]]:
        return [one.describe() for one in self._differences(state)]

    def projected(self, state: State, plan: Plan) -> list[dict[str, t.Any]]:
        return [one.describe() for one in self.found or [] if one.action == config_drift.NONE]

    def extras(self, state: State) -> dict[str, t.Any]:
        return {"differences": [one.describe() for one in self.found or []]}

    def _differences(self, state: State) -> list[config_drift.Difference]:
        return [] if state.node.is_primary else config_drift.compare(self.options, self.primary, state)

    def _password(self) -> str:
        """Long, with all sorts of signs that a pattern for passwords may demand."""
        self.passwords.append("aZ1!" + secrets.token_urlsafe(24))
        return self.passwords[-1]


def main() -> None:
    kinds = list(OPTIONS)
    module = IrisModule(
        argument_spec=connection(
            mirror={"type": "str", "required": True},
            source={**SOURCE["source"], "required": True},
            kinds={"type": "list", "elements": "str", "choices": kinds, "default": kinds},
            ignore={
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "kind": {"type": "str", "choices": kinds},
                    "name": {"type": "str", "default": "*"},
                    "property": {"type": "str"},
                },
            },
            apply={"type": "bool", "default": False},
            prune={"type": "bool", "default": False},
            user_passwords={"type": "dict", "default": {}, "no_log": True},
        )
    )
    module.run(ConfigDriftJob)


if __name__ == "__main__":
    main()

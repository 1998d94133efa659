#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_db
short_description: Bring databases into a mirror with their data, or take them out
version_added: 0.1.0
description:
  - On the primary, adds databases to the mirror. On any other member, makes them follow the primary - a consistent
    copy of each C(IRIS.DAT) is taken on O(source), moved as a stream, put in place, mounted, activated and caught up.
  - Which of the two is done depends on the role that IRIS reports when the task runs, not on the inventory.
  - Takes a list, so that any number of databases costs the same few sessions. One that fails does not stop the others.
  - An interrupted run is finished by the next one. A file that belongs to something else is never overwritten.
  - With O(state=absent) it takes databases out of the mirror on this member. Do so on the primary first, then on the
    backup, then on async members. Data are kept unless O(delete_data) is set.
author: Contributors to the irisops.mirror project (@irisops)

options:
  mirror:
    description: Name of the mirror.
    type: str
    required: true
  state:
    description:
      - V(present) brings the databases into the mirror.
      - V(absent) takes them out of it on this member, for good where that is the primary. They become ordinary
        databases with the data that they have. Also works on a node that has left the mirror and kept its copies.
    type: str
    choices: [present, absent]
    default: present
  delete_data:
    description:
      - With O(state=absent), also remove the entries of these databases and delete their files. There is no way back.
      - Namespaces and mappings that use them are not touched; remove them first (M(irisops.mirror.iris_namespace)).
    type: bool
    default: false
  only_here:
    description:
      - With O(state=absent), take the copy from this member although the primary may still have the database.
      - By default the module refuses that on a failover member and on a disaster recovery async, because the database
        would be missing after a failover; O(source) is asked.
    type: bool
    default: false
  databases:
    description: The databases.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the database entry on this node.
        type: str
        required: true
      directory:
        description:
          - Absolute directory of the database on this node, created where it is missing.
          - Required on members that are not primary. On the primary the directory of the entry is used.
        type: str
      mirror_name:
        description: Name of the database in the mirror. The default is O(databases[].name).
        type: str
  source:
    description:
      - The member to copy from - the primary, or any member whose copy is caught up. Ignored on the primary.
      - It is reached like the node itself, with these options in place of the module's own.
      - On the source, O(seed_method) is carried out; that is all that is done there.
      - With O(state=absent) it is the primary, and only asked whether it still has the databases.
    type: dict
    suboptions:
      container:
        description: Container of the source. When not set, the source runs on the host where the module is executed.
        type: str
      instance:
        description: Name of the instance.
        type: str
        default: IRIS
      executable:
        description: The C(iris) command of the source.
        type: str
        default: iris
      exec_user:
        description: User in the container.
        type: str
      docker_host:
        description: Engine of the source, when it is another one than O(docker_host).
        type: str
      tls:
        description: As O(tls), for the engine of the source.
        type: bool
      validate_certs:
        description: As O(validate_certs), for the engine of the source.
        type: bool
      ca_path:
        description: As O(ca_path), for the engine of the source.
        type: path
      client_cert:
        description: As O(client_cert), for the engine of the source.
        type: path
      client_key:
        description: As O(client_key), for the engine of the source.
        type: path
      api_version:
        description: As O(api_version), for the engine of the source.
        type: str
      timeout:
        description: As O(timeout), for the engine of the source.
        type: int
      use_ssh_client:
        description: As O(use_ssh_client), for the engine of the source.
        type: bool
  seed_method:
    description:
      - How a consistent copy is taken on the source. Both need room there for a second file of each database, for as
        long as the run takes.
      - V(frozen_copy) suspends writing to database files (C(Backup.General.ExternalFreeze)) while they are copied
        beside themselves. Applications go on, journaled.
      - V(cold_copy) dismounts each database on the source while it is copied. Applications get errors meanwhile.
    type: str
    choices: [frozen_copy, cold_copy]
    default: frozen_copy
  freeze_limit:
    description:
      - Seconds after which IRIS resumes writing by itself if the copy has not ended. The product's own limit is 600.
      - A freeze that is there already, of another backup or of a run that was killed, is waited for as long, and never
        thawed.
    type: int
    default: 300
  replace:
    description:
      - What to do when another database file is at the place of a copy. By default the module fails.
      - With V(true) that database is dismounted and its file kept beside the new one under another name.
    type: bool
    default: false
  rebuild:
    description:
      - Which copies on a member that is not primary are seeded anew from O(source) although they are there. The old
        file is kept beside the new one under another name. On the primary anything but V(never) is refused.
      - V(never) only mounts, activates and catches up what is not in use. An obsolete copy makes the module fail.
      - V(needed) also seeds obsolete copies anew, and resumes those whose dejournaling was stopped.
      - V(always) seeds every database of O(databases) anew, so name only the damaged ones.
    type: str
    choices: [never, needed, always]
    default: never
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.wait
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_database
  - module: irisops.mirror.iris_mirror_info
"""

EXAMPLES = r"""
- name: Add the databases on the primary
  irisops.mirror.iris_mirror_db:
    container: mirrorA
    mirror: MIRRORSET
    databases:
      - name: COMPANY
      - name: CUSTOMER

- name: Seed them on the backup from the primary
  irisops.mirror.iris_mirror_db:
    container: mirrorB
    mirror: MIRRORSET
    source:
      container: mirrorA
    databases:
      - name: COMPANY
        directory: /shared/durable/mgr/COMPANY/
      - name: CUSTOMER
        directory: /shared/durable/mgr/CUSTOMER/

- name: Seed a damaged copy anew
  irisops.mirror.iris_mirror_db:
    container: mirrorB
    mirror: MIRRORSET
    source:
      container: mirrorA
    rebuild: always
    databases:
      - name: COMPANY
        directory: /shared/durable/mgr/COMPANY/

- name: Take a database out of the mirror on the primary, for good
  irisops.mirror.iris_mirror_db:
    container: mirrorA
    mirror: MIRRORSET
    state: absent
    databases:
      - name: CUSTOMER

- name: Take it out on the backup, too
  irisops.mirror.iris_mirror_db:
    container: mirrorB
    mirror: MIRRORSET
    state: absent
    source:
      container: mirrorA
    databases:
      - name: CUSTOMER
"""

RETURN = r"""
databases:
  description: The databases of O(databases) as read after the work.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name in the mirror.
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
      description: Whether it is mounted read-only, as on every member but the primary.
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
      directory: /shared/durable/mgr/COMPANY/
      status: Dejournaling
      mirrored: true
      mounted: true
      read_only: true
      activated: true
      caught_up: true
      latency: Caught up
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
    bytes:
      description: Size of the file that was moved.
      type: int
      returned: when a copy was moved
  sample:
    - step: move the copy
      call: ""
      target: COMPANY
      status: ok
      codes: []
      text: ""
      seconds: 0.05
      bytes: 1048576
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

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import SOURCE, WAIT, connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.removal_job import RemovalJob
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._engine.seeder import Seeder, announce
from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import mirrored, names, placing, removal, report
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

State = mirrored.MemberState
FREEZE_LIMIT = 600


class MirrorDatabaseJob(Job[State]):
    noun = "databases"

    def __init__(self, frame: IrisModule) -> None:
        self.frame = frame
        params = frame.params
        self.mirror = names.mirror_name(params["mirror"])
        self.waiting = frame.waiting()
        self.wishes = [mirrored.make_wish(wish) for wish in params["databases"]]
        if not 1 <= params["freeze_limit"] <= FREEZE_LIMIT:
            raise InputError(
                "freeze_limit_invalid", "freeze_limit is %d" % params["freeze_limit"], "It is 1 to 600 seconds."
            )
        self.rebuild: str = params["rebuild"]
        keeps = params["replace"] or self.rebuild != mirrored.NEVER
        self.kept = placing.kept_name(time.strftime("%Y%m%d%H%M%S")) if keeps else ""
        self.items: list[t.Any] = []
        self.seeder: Seeder | None = None

    def observe(self) -> list[t.Any]:
        return mirrored.observe(self.mirror, self.wishes)

    def read(self, answers: t.Any) -> State:
        return mirrored.read(self.wishes, answers)

    def plan(self, state: State, check_mode: bool) -> Plan:
        has_source = self.frame.params["source"] is not None
        plan = mirrored.make_plan(
            self.mirror, self.wishes, state, self.waiting, self.kept, has_source, check_mode, self.rebuild
        )
        self.items = [item for element in plan.elements if isinstance(element, Each) for item in element.items]
        return plan

    def announce(self, plan: Plan) -> list[dict[str, t.Any]]:
        return announce(mirrored.seeds(plan))

    def prepare(self, session: t.Any, state: State, plan: Plan) -> list[dict[str, t.Any]]:
        items = mirrored.seeds(plan)
        if not items:
            return []
        params = self.frame.params
        self.seeder = Seeder(self.frame.source(), session, self.mirror, params["seed_method"], params["freeze_limit"])
        return self.seeder.copy(items)

    def finish(self) -> None:
        if self.seeder is not None:
            self.seeder.clean()

    def item_label(self, group: str, item: int) -> str:
        return str(self.items[item]["mirror_name"]) if group == mirrored.GROUP else ""

    def result(self, state: State) -> list[dict[str, t.Any]]:
        return [report.mirrored(wish.mirror_name, wish.directory, state.node.databases) for wish in self.wishes]

    def projected(self, state: State, plan: Plan) -> list[dict[str, t.Any]]:
        good = {"mirrored": True, "mounted": True, "activated": True, "caught_up": True}
        return [{**value, **good, "read_only": not state.node.is_primary} for value in self.result(state)]


def _removal(frame: IrisModule) -> RemovalJob:
    params = frame.params
    wishes = [mirrored.make_wish(wish) for wish in params["databases"]]
    wish = removal.RemovalWish(names.mirror_name(params["mirror"]), wishes, params["delete_data"], params["only_here"])
    return RemovalJob(wish, frame.source if params["source"] is not None else None)


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            mirror={"type": "str", "required": True},
            databases={
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "directory": {"type": "str"},
                    "mirror_name": {"type": "str"},
                },
            },
            seed_method={"type": "str", "choices": ["frozen_copy", "cold_copy"], "default": "frozen_copy"},
            freeze_limit={"type": "int", "default": 300},
            replace={"type": "bool", "default": False},
            rebuild={"type": "str", "choices": list(mirrored.REBUILD), "default": mirrored.NEVER},
            state={"type": "str", "choices": ["present", "absent"], "default": "present"},
            delete_data={"type": "bool", "default": False},
            only_here={"type": "bool", "default": False},
            **SOURCE,
            **WAIT,
        )
    )
    module.run(_removal if module.params["state"] == "absent" else MirrorDatabaseJob)


if __name__ == "__main__":
    main()

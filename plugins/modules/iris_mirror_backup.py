#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_backup
short_description: Take a verified copy of the databases of a mirror
version_added: 0.1.0
description:
  - Copies the mirrored databases of one member into a directory of its node, all in one freeze, so that together they
    are one moment of the mirror. Applications go on meanwhile, journaled.
  - Sizes are compared while the freeze lasts, IRIS reads the label of each copy, and a manifest with checksums is
    written last. A directory without manifest is no backup.
  - A backup or async member is preferred, because it spares the users of the primary. Only caught up copies are
    taken.
  - An interrupted run leaves files without a manifest. Remove that directory, or use another name.
author: Contributors to the irisops.mirror project (@irisops)

options:
  mirror:
    description: Name of the mirror.
    type: str
    required: true
  directory:
    description: Absolute directory on the node under which backups are kept. IRIS must be able to write there.
    type: str
    required: true
  name:
    description:
      - Name of the backup, a directory below O(directory). The default is the time as C(20261231T235959Z).
      - With a name, the task is done once - a backup of that name that has a manifest is left alone.
    type: str
  databases:
    description: Names in the mirror of the databases. The default is all that this member has.
    type: list
    elements: str
    default: []
  allow_primary:
    description: Whether the backup may be taken on the primary. There, IRIS may fail over when it is frozen too long.
    type: bool
    default: false
  checksum:
    description: Whether to read each copy again and put its SHA-256 into the manifest.
    type: bool
    default: true
  freeze_limit:
    description: Seconds after which IRIS resumes writing by itself if the copy has not ended. The product's own limit
      is 600.
    type: int
    default: 300
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

seealso:
  - module: irisops.mirror.iris_mirror_db
  - module: irisops.mirror.iris_mirror_info
"""

EXAMPLES = r"""
- name: Take a backup on the backup member
  irisops.mirror.iris_mirror_backup:
    container: mirrorB
    mirror: MIRRORSET
    directory: /shared/backups
"""

RETURN = r"""
backup:
  description: The backup. In check mode, the one that would be taken.
  returned: success
  type: dict
  contains:
    directory:
      description: Its directory on the node.
      type: str
      returned: always
    manifest:
      description: Path of its manifest on the node.
      type: str
      returned: always
    databases:
      description: Names in the mirror of its databases.
      type: list
      elements: str
      returned: always
    content:
      description: What the manifest says, empty where no backup was taken in this run.
      type: dict
      returned: always
  sample:
    directory: /shared/backups/20261231T235959Z/
    manifest: /shared/backups/20261231T235959Z/irisops-backup.json
    databases: [COMPANY]
    content:
      mirror: MIRRORSET
      databases:
        - name: COMPANY
          directory: /shared/durable/mgr/COMPANY/
          file: COMPANY/IRIS.DAT
          size: 1048576
          sha256: 9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0
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
    - step: verify the copies
      call: ""
      target: ""
      status: ok
      codes: []
      text: ""
      seconds: 0.05
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

import re
import time
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.backup import BackupTaker, announce
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import backup, names, reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import MirroredDatabase, Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

FREEZE_LIMIT = 600


class State(t.NamedTuple):
    node: Node
    done: bool


class BackupJob(Job[State]):
    noun = "backup"

    def __init__(self, frame: IrisModule) -> None:
        params = frame.params
        self.mirror = names.mirror_name(params["mirror"])
        self.wanted = [names.mirrored_database_name(name) for name in params["databases"]]
        self.moment = time.gmtime()
        self.name: str = params["name"] or time.strftime("%Y%m%dT%H%M%SZ", self.moment)
        if not re.match(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z", self.name):
            raise InputError(
                "backup_name_invalid",
                "name is %r" % self.name,
                "Use 1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit.",
            )
        if not 1 <= params["freeze_limit"] <= FREEZE_LIMIT:
            raise InputError(
                "freeze_limit_invalid", "freeze_limit is %d" % params["freeze_limit"], "It is 1 to 600 seconds."
            )
        self.place = "%s%s/" % (names.directory(params["directory"]), self.name)
        self.allow_primary: bool = params["allow_primary"]
        self.limit: int = params["freeze_limit"]
        self.checksum: bool = params["checksum"]
        self.chosen: list[MirroredDatabase] = []
        self.content: dict[str, t.Any] = {}

    def observe(self) -> list[t.Any]:
        return backup.observe(self.mirror, self.place)

    def read(self, answers: t.Any) -> State:
        return State(reader.read_node(answers), answers.value("backup", "exists") == "1")

    def plan(self, state: State, check_mode: bool) -> Plan:
        plan = Plan()
        if not state.done:
            self.chosen = backup.choose(self.mirror, self.wanted, state.node, "this node", self.allow_primary)
            plan.change(self.place, None, {"databases": [database.mirror_name for database in self.chosen]})
        return plan

    def announce(self, plan: Plan) -> list[dict[str, t.Any]]:
        return announce() if plan.changed else []

    def prepare(self, session: t.Any, state: State, plan: Plan) -> list[dict[str, t.Any]]:
        taker = BackupTaker(session, self.mirror, self.place, self.limit, self.checksum)
        settings = state.node.settings
        head = {
            "mirror": self.mirror,
            "guid": settings.guid if settings is not None else "",
            "member": state.node.member_name,
            "role": state.node.role,
            "version": state.node.version,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", self.moment),
        }
        actions = taker.take(backup.items(self.chosen, self.place), head)
        self.content = taker.manifest
        return actions

    def result(self, state: State) -> dict[str, t.Any]:
        return {
            "directory": self.place,
            "manifest": self.place + backup.MANIFEST,
            "databases": [database.mirror_name for database in self.chosen],
            "content": self.content,
        }


def main() -> None:
    module = IrisModule(
        argument_spec=connection(
            mirror={"type": "str", "required": True},
            directory={"type": "str", "required": True},
            name={"type": "str"},
            databases={"type": "list", "elements": "str", "default": []},
            allow_primary={"type": "bool", "default": False},
            checksum={"type": "bool", "default": True},
            freeze_limit={"type": "int", "default": 300},
        )
    )
    module.run(BackupJob)


if __name__ == "__main__":
    main()

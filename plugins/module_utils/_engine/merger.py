# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Gives a living mirror the arbiter that it lacks, by a configuration merge.

The only public way: ConfigMirror leaves an existing mirror as it is, except that it adds an arbiter where there is none
(Configuration Parameter File Reference, ConfigMirror). `iris merge` applies a file to a running instance (System
Administration Guide).
"""

from __future__ import annotations

import time
import typing as t
import uuid

from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import failure
from ansible_collections.irisops.mirror.plugins.module_utils._errors import StatusError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, Output, Ref
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import membership
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import FileStream

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

STEP = "add the arbiter by a configuration merge"
#: Where merge files stay while they are applied.
DIRECTORY = "/tmp"


def merge_text(mirror: str, arbiter: str) -> str:
    """The merge file. ``arbiter`` is host|port; both values consist of characters that need no quotes there."""
    host, port = arbiter.rsplit("|", 1)
    return "[Actions]\nConfigMirror:Name=%s,Member=primary,Primary=localhost,ArbiterURL=%s:%s\n" % (mirror, host, port)


def carry_out(job: Job[t.Any], session: Session, mirror: str, plan: Plan) -> list[dict[str, t.Any]]:
    """Add the arbiter if that is planned; returns the actions."""
    actions = []
    for arbiter in _planned(plan):
        error = failure(job, session, session.run(Program(*membership.before_merge(arbiter))))
        if error is not None:
            raise error
        actions.append(_add(session, mirror, arbiter))
    return actions


def announce(plan: Plan) -> list[dict[str, t.Any]]:
    """The actions of :func:`carry_out` as check mode shows them."""
    return [{"step": STEP, "target": arbiter, "status": "planned"} for arbiter in _planned(plan)]


def _planned(plan: Plan) -> list[str]:
    return [change.after for change in plan.changes if change.name == membership.ARBITER]


def _add(session: Session, mirror: str, arbiter: str) -> dict[str, t.Any]:
    """Merge on the primary and read whether it has helped; returns the action."""
    started = time.monotonic()
    path = "%s/irisops-merge-%s.cpf" % (DIRECTORY, uuid.uuid4().hex)
    content = merge_text(mirror, arbiter).encode("utf-8")
    session.transport.write_file(path, FileStream(len(content), 0o644, iter([content])))
    try:
        merged = session.transport.execute([session.executable, "merge", session.instance, path], "", session.limit)
    finally:
        session.transport.execute(["rm", "-f", path], "", session.limit)
    found = session.run(Program(_read_arbiter(mirror))).value("settings", "arbiter")
    if merged.rc != 0 or found != arbiter:
        raise StatusError(
            "merge_failed",
            "the configuration merge ended with exit code %d, and the arbiter of the mirror %s is %r: %s"
            % (merged.rc, mirror, found, session.mask((merged.stdout + merged.stderr).strip())[-400:]),
            "messages.log of the node says more. In the Management Portal the arbiter is set with Edit Mirror.",
            node=session.node,
        )
    return {
        "step": STEP,
        "call": "",
        "target": arbiter,
        "status": "ok",
        "codes": [],
        "text": "",
        "seconds": round(time.monotonic() - started, 3),
    }


def _read_arbiter(mirror: str) -> Read:
    found = {"arbiter": Output("Set", "ArbiterNode")}
    return Read("settings", found, first=Call("Config.Mirrors", "Get", mirror, Ref("Set")))

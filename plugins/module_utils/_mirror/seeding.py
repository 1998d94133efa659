# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Programs that take a consistent copy of database files on the source member.

`Backup.General` ExternalFreeze suspends the write daemon while journaling goes on, so a file copied then is whole; the
limits make IRIS resume by itself if nobody thaws (class reference of Backup.General; Data Integrity Guide).
"""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Call,
    Collected,
    Item,
    Joined,
    ListItem,
    Not,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import (
    Cleanup,
    Collect,
    Do,
    Guard,
    Read,
    Succeed,
    Wait,
)
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.databases import FILE, file_of

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Step
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import MirroredDatabase, Node

#: Name of the copy beside the source's file; one of that name is always ours.
CLONE = FILE + ".irisops-clone"
GROUP = "copies"


def sources(mirror: str, names: t.Sequence[str], node: Node, source: str) -> list[MirroredDatabase]:
    """The databases of the source member that are fit to be copied, in the order of ``names``."""
    if mirror not in (name.upper() for name in node.mirrors):
        raise PreconditionError(
            "source_not_a_member",
            "the source %s is not a member of the mirror %s" % (source, mirror),
            "Name a member whose databases are caught up; 'iris_mirror_info' shows them.",
        )
    by_name = {database.mirror_name: database for database in node.databases}
    found = []
    for name in names:
        database = by_name.get(name)
        if database is None or not database.good:
            raise PreconditionError(
                "source_not_ready",
                "the source %s has %s of the database %s"
                % (source, "no copy" if database is None else "no caught up copy (%s)" % database.status, name),
                "Add the database to the mirror on the primary first, or name another source.",
            )
        found.append(database)
    return found


def frozen_copy(directories: t.Sequence[str], limit: int) -> Program:
    """Freeze, copy every file beside itself, thaw."""
    return frozen(_copies(directories, [], limit=float(limit)), limit)


def frozen(copies: Each, limit: int, *reads: Read) -> Program:
    """Copy while the write daemon is suspended: one program, so that it thaws when only the controller dies.

    A freeze belongs to the instance, not to the process that asked for it: when this session is killed too, nobody
    thaws before the limit. A later run cannot know whose freeze it finds, so it waits as long as one of ours can last,
    and thaws none that is not its own.
    """
    suspended = Call("Backup.General", "IsWDSuspended")
    freeze = Call("Backup.General", "ExternalFreeze", "", "", 1, 10, 0, 0, limit, "", "", limit)
    return Program(
        Wait(
            "wait for the end of another backup",
            suspended,
            ("0",),
            limit=float(limit),
            stable=1,
            text="the write daemon was still suspended after %d seconds: another backup is running" % limit,
        ),
        Do("freeze", freeze),
        Collect("note the freeze", "Frozen", Joined(1)),
        *reads,
        copies,
        # IRIS resumes by itself at the limit: what was copied after that is worthless
        Guard(
            "check that the freeze has held",
            suspended,
            ("1",),
            "IRIS went on writing before the copy had ended: set a longer 'freeze_limit'",
        ),
        # Only what this program has frozen is thawed by it. A $LIST is false by itself, its element is what counts
        Cleanup("thaw", Call("Backup.General", "ExternalThaw"), unless=Not(ListItem(Collected("Frozen"), 1))),
    )


def cold_copy(directories: t.Sequence[str]) -> Program:
    """Dismount, copy, mount, one database after the other."""
    dismount = Do("dismount", Call("SYS.Database", "DismountDatabase", Item("directory")))
    mount = Cleanup("mount", Call("SYS.Database", "MountDatabase", Item("directory")))
    return Program(_copies(directories, [dismount], [mount]))


def remove_clones(directories: t.Sequence[str]) -> Program:
    path = Joined(Item("directory"), CLONE)
    remove = Succeed(
        "remove the copy",
        Call("%Library.File", "Delete", path),
        "the copy cannot be removed",
        unless=Not(Call("%Library.File", "Exists", path)),
    )
    return Program(Each(GROUP, [{"directory": directory} for directory in directories], [remove]))


def _copies(
    directories: t.Sequence[str], before: t.Sequence[Step], after: t.Sequence[Step] = (), limit: float = 0.0
) -> Each:
    copy = Succeed(
        "copy the file",
        Call("%Library.File", "CopyFile", file_of(Item("directory")), Joined(Item("directory"), CLONE), 1),
        "the file cannot be copied; is there room for a second one?",
        limit=limit,
    )
    return Each(GROUP, [{"directory": directory} for directory in directories], [*before, copy, *after])

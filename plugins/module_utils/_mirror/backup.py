# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Programs for a backup of mirrored databases: frozen copies in directories of their own, and what they are asked.

Sources: as for ``seeding.py``; GetPrimaryJournalPosition in the class reference of SYS.Mirror.
"""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Call,
    Item,
    Not,
    Output,
    Property,
    Ref,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read, Succeed
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader, seeding
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.databases import exists, file_of, make_directory

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import MirroredDatabase, Node

#: The file that makes a directory a backup: written last.
MANIFEST = "irisops-backup.json"
#: Groups of the programs.
COPIES, LABELS = "copies", "labels"

Fields = t.Dict[str, t.Union[str, int]]


def observe(mirror: str, place: str) -> list[Element]:
    return [
        *reader.membership_steps(mirror),
        *reader.mirrored_steps(mirror),
        Read("backup", {"exists": exists(place + MANIFEST)}),
    ]


def choose(mirror: str, wanted: t.Sequence[str], node: Node, name: str, allow_primary: bool) -> list[MirroredDatabase]:
    """The databases of this member that a backup is made of."""
    if node.is_primary and not allow_primary:
        raise ConflictError(
            "backup_on_primary",
            "this member is the primary: while files are copied, its users' writes are not written to disk",
            "Take the backup or an async member, or set 'allow_primary: true'. Nothing was changed.",
        )
    names = list(wanted) or [database.mirror_name for database in node.databases]
    found = seeding.sources(mirror, names, node, name)
    if not found:
        raise PreconditionError(
            "nothing_to_back_up",
            "this member has no database of the mirror %s" % mirror,
            "Add databases to the mirror first (irisops.mirror.iris_mirror_db).",
        )
    return found


def items(databases: t.Sequence[MirroredDatabase], place: str) -> list[Fields]:
    """What is copied where; ``place`` ends in a slash."""
    return [
        {
            "name": database.mirror_name,
            "directory": database.directory,
            "target": "%s%s/" % (place, database.mirror_name),
        }
        for database in databases
    ]


def make_directories(copies: t.Sequence[Fields]) -> Program:
    return Program(Each(COPIES, [{"directory": copy["target"]} for copy in copies], [make_directory()]))


def copy(mirror: str, copies: t.Sequence[Fields], limit: int) -> Program:
    """Copy all files in one freeze, and note sizes and the place in the journal while it lasts."""
    target = file_of(Item("target"))
    steps = [
        Succeed(
            "copy the file",
            Call("%Library.File", "CopyFile", file_of(Item("directory")), target, 0),
            "the file cannot be copied; is there room, and no other file of that name?",
            limit=float(limit),
        ),
        Read(
            "sizes",
            {
                "file": Call("%Library.File", "GetFileSize", file_of(Item("directory"))),
                "copy": Call("%Library.File", "GetFileSize", target),
            },
        ),
    ]
    position = Read(
        "position",
        {"value": Output("Position")},
        first=Call("SYS.Mirror", "GetPrimaryJournalPosition", mirror, Ref("Position")),
    )
    return seeding.frozen(Each(COPIES, list(copies), steps), limit, position)


def labels(copies: t.Sequence[Fields]) -> Program:
    """What IRIS reads in the label of each copy, which it does without mounting it."""
    read = Read("label", {"name": Property("SYS.Database", Item("target"), "MirrorDBName")})
    return Program(Each(LABELS, list(copies), [read]))


def remove(copies: t.Sequence[Fields]) -> Program:
    """Remove the copies of a backup that failed."""
    path = file_of(Item("target"))
    delete = Succeed(
        "remove the copy",
        Call("%Library.File", "Delete", path),
        "the copy cannot be removed",
        unless=Not(exists(path)),
    )
    return Program(Each(COPIES, list(copies), [delete]))

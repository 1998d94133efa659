# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Steps that turn a copied database file into a database that follows the primary.

Sources: class reference of SYS.Database, SYS.Mirror and %Library.File; High Availability Guide 4.8.4.3.
"""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Call,
    Collected,
    Either,
    Empty,
    FileNumber,
    Item,
    Joined,
    Mounted,
    Not,
    Property,
    Ref,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Collect, Do, Invoke, Succeed
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.databases import FILE, file_of, register

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Step
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import Waiting

#: Name of a file on its way; one of that name is always ours and may be overwritten.
PARTIAL = FILE + ".irisops-seed"

#: Directory that says, while it is there, that the database file beside it was placed by this module and is not yet
#: known to the mirror: a run that is interrupted then can be finished.
MARK = FILE + ".irisops-placed"

#: Beginning of the name under which a file that was in the way is kept beside the new one.
KEPT = FILE + ".irisops-kept-"

_FLAGS = ("Mounted", "MirrorActivationRequired", "MirrorDBCatchup", "MirrorObsolete", "MirrorDBPaused")
#: Mounted, activated, caught up, not obsolete, not paused.
_GOOD = "10000"


def kept_name(stamp: str) -> str:
    """The name under which a file that is in the way is kept; ``stamp`` tells the runs apart."""
    return KEPT + stamp


def place_steps() -> list[Step]:
    """From a copied file to a database that follows the primary; an item that fails does not stop the others."""
    directory = Item("directory")
    files = Collected("Files")
    rename = "the file cannot be renamed"
    return [
        Do(
            "dismount the old database",
            Call("SYS.Database", "DismountDatabase", directory),
            unless=Either(Not(Item("keep")), Not(Mounted(directory))),
        ),
        Succeed(
            "keep the old file",
            Call("%Library.File", "Rename", file_of(directory), Joined(directory, Item("kept"))),
            rename,
            unless=Not(Item("keep")),
        ),
        Succeed(
            "mark the place",
            Call("%Library.File", "CreateDirectoryChain", mark()),
            "the mark cannot be made",
            unless=Either(Not(Item("seed")), Call("%Library.File", "DirectoryExists", mark())),
        ),
        Succeed(
            "place the copied file",
            Call("%Library.File", "Rename", Joined(directory, PARTIAL), file_of(directory)),
            rename,
            unless=Not(Item("seed")),
        ),
        register(),
        mount(),
        Do("activate", Call("SYS.Mirror", "ActivateMirroredDatabase", directory), accept=(2078,)),
        Succeed(
            "remove the mark",
            Call("%Library.File", "RemoveDirectory", mark()),
            "the mark cannot be removed",
            unless=Not(Call("%Library.File", "DirectoryExists", mark())),
        ),
        Collect("collect the file number", "Files", FileNumber(directory)),
        # One pass through the journals for all of them (class reference of SYS.Database, mirrorcatchup)
        Invoke("catch up", Call("SYS.Mirror", "CatchupDB", files, "", Ref("Behind")), unless=Empty(files)),
    ]


def mark() -> Joined:
    return Joined(Item("directory"), MARK)


def mount() -> Do:
    """Mount without catching up: that is done for all databases together."""
    return Do(
        "mount the database",
        Call("SYS.Database", "MountDatabase", Item("directory"), 0, 0, 0),
        unless=Mounted(Item("directory")),
    )


def wait(waiting: Waiting) -> list[Step]:
    if not waiting.enabled:
        return []
    flags = Joined(*(Property("SYS.Database", Item("directory"), name) for name in _FLAGS))
    return [waiting.step("be mounted, active and caught up", flags, (_GOOD,))]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Plans for the databases of one instance: file, mount, entry in [Databases].

Sources: class reference of SYS.Database (CreateDatabase, MountDatabase, ModifyDatabase, DeleteDatabase),
Config.Databases and %Library.File. CreateDatabase wants an existing directory and registers no name.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Array,
    Call,
    Item,
    Joined,
    Mounted,
    Not,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Succeed
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Step
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import InstanceDatabase

FILE = "IRIS.DAT"
#: Default block size in bytes and the values of GlobalJournalState (class reference of SYS.Database).
BLOCK_SIZE = 8192
JOURNAL_YES, JOURNAL_NO = 3, 2


@dataclasses.dataclass
class DatabaseWish:
    """A database as wanted; sizes in MB, 0 means unlimited (max) or chosen by IRIS (expansion). None: leave alone."""

    name: str
    directory: str
    size: int = 1
    max_size: int | None = None
    expansion_size: int | None = None
    resource: str | None = None
    journal: bool = True

    def item(self) -> dict[str, str | int]:
        return {
            "name": self.name,
            "directory": self.directory,
            "size": self.size,
            "max": self.max_size or 0,
            "expansion": self.expansion_size or 0,
            "resource": self.resource or "%DB_%DEFAULT",
            "journal": JOURNAL_YES if self.journal else JOURNAL_NO,
        }


def file_of(directory: t.Any) -> Joined:
    """The path of the database file in a directory (which ends in a slash)."""
    return Joined(directory, FILE)


def exists(path: t.Any) -> Call:
    return Call("%Library.File", "Exists", path)


def make_directory() -> Succeed:
    """Create the item's directory and its parents unless it is there."""
    return Succeed(
        "create the directory",
        Call("%Library.File", "CreateDirectoryChain", Item("directory")),
        "the directory cannot be created; its parent must be writable by the IRIS owner",
        unless=Call("%Library.File", "DirectoryExists", Item("directory")),
    )


def register() -> Do:
    """Enter the item's name in [Databases]."""
    return Do(
        "register the database",
        Call("Config.Databases", "Create", Item("name"), Array({"Directory": Item("directory")})),
        unless=Call("Config.Databases", "Exists", Item("name")),
    )


def plan_present(wishes: t.Sequence[DatabaseWish], found: t.Sequence[InstanceDatabase]) -> Plan:
    """Create what is missing, mount what is dismounted, enlarge what is too small. Nothing is shrunk or overwritten."""
    plan = Plan()
    by_name = {database.name: database for database in found}
    by_directory = {database.directory: database for database in found}
    create: list[DatabaseWish] = []
    mount: list[DatabaseWish] = []
    modify: list[DatabaseWish] = []
    for wish in wishes:
        database = by_name.get(wish.name)
        if database is None:
            other = by_directory.get(wish.directory)
            if other is not None:
                raise ConflictError(
                    "directory_in_use",
                    "the directory %s belongs to the database %s already" % (wish.directory, other.name),
                    "Choose another directory for %s. Nothing was changed." % wish.name,
                )
            create.append(wish)
            plan.change(wish.name, None, {"directory": wish.directory, "size": wish.size, "mounted": True})
            continue
        if database.directory != wish.directory:
            raise ConflictError(
                "directory_differs",
                "the database %s is in %s, not in %s" % (wish.name, database.directory, wish.directory),
                "A database is not moved by this module. Correct the directory. Nothing was changed.",
            )
        if not database.mounted:
            mount.append(wish)
            plan.change(wish.name + ".mounted", False, True)
        elif not database.mirrored or not database.read_only:
            _plan_settings(wish, database, modify, plan)
    plan.elements = [
        Each("create", [wish.item() for wish in create], _create_steps()),
        Each("mount", [wish.item() for wish in mount], _mount_steps()),
        Each("modify", [wish.item() for wish in modify], _modify_steps()),
    ]
    plan.elements = [element for element in plan.elements if isinstance(element, Each) and element.items]
    return plan


def _plan_settings(wish: DatabaseWish, database: InstanceDatabase, modify: list[DatabaseWish], plan: Plan) -> None:
    """ModifyDatabase sets size, resource and journaling together, so unchanged ones are passed on as they are."""
    size = max(wish.size, database.size)
    resource = wish.resource or database.resource
    # A mirrored database is always journaled (ERROR #2129): nothing to compare
    journal = True if database.mirrored else wish.journal
    before = {"size": database.size, "resource": database.resource, "journal": database.journaled}
    after = {"size": size, "resource": resource, "journal": journal}
    if before != after:
        modify.append(dataclasses.replace(wish, size=size, resource=resource, journal=journal))
        for key, value in after.items():
            if before[key] != value:
                plan.change("%s.%s" % (wish.name, key), before[key], value)
    for key, actual, wanted in (
        ("max_size", database.max_size, wish.max_size),
        ("expansion_size", database.expansion_size, wish.expansion_size),
    ):
        if wanted is not None and actual != wanted:
            plan.drift(
                "%s of the database %s" % (key, wish.name),
                actual,
                wanted,
                "Change it in the Management Portal (Local Databases).",
            )


def plan_absent(wishes: t.Sequence[DatabaseWish], found: t.Sequence[InstanceDatabase], delete_data: bool) -> Plan:
    """Remove entries; with ``delete_data`` also the files."""
    plan = Plan()
    by_name = {database.name: database for database in found}
    items = []
    for wish in wishes:
        database = by_name.get(wish.name)
        if database is None:
            continue
        if database.mirrored:
            raise ConflictError(
                "database_mirrored",
                "the database %s is mirrored and cannot be removed (ERROR #318)" % wish.name,
                "Remove it from the mirror first.",
                numbers=[318],
            )
        items.append({"name": database.name, "directory": database.directory})
        plan.change(
            wish.name, {"directory": database.directory, "data": "kept"}, {"data": "deleted"} if delete_data else None
        )
    if items:
        plan.elements = [Each("remove", items, remove_steps(delete_data))]
    return plan


def remove_steps(delete_data: bool) -> list[Step]:
    """The entry first: while something still needs it, that fails and the data stay."""
    steps: list[Step] = [
        Do(
            "remove the entry",
            Call("Config.Databases", "Delete", Item("name")),
            unless=Not(Call("Config.Databases", "Exists", Item("name"))),
        )
    ]
    if delete_data:
        steps += [
            Do(
                "dismount the database",
                Call("SYS.Database", "DismountDatabase", Item("directory")),
                unless=Not(Mounted(Item("directory"))),
            ),
            Do("delete the database", Call("SYS.Database", "DeleteDatabase", Item("directory"))),
        ]
    return steps


def _create_steps() -> list[Step]:
    return [
        make_directory(),
        Do(
            "create the database",
            Call(
                "SYS.Database",
                "CreateDatabase",
                Item("directory"),
                Item("size"),
                BLOCK_SIZE,
                0,
                Item("resource"),
                Item("journal"),
                "",
                "",
                1,
                Item("max"),
                Item("expansion"),
            ),
            # A file that an interrupted run or somebody else left is registered as it is, never overwritten
            unless=exists(file_of(Item("directory"))),
        ),
        register(),
        *_mount_steps(),
    ]


def _mount_steps() -> list[Step]:
    return [
        Do(
            "mount the database",
            Call("SYS.Database", "MountDatabase", Item("directory")),
            unless=Mounted(Item("directory")),
        )
    ]


def _modify_steps() -> list[Step]:
    return [
        Do(
            "modify the database",
            Call("SYS.Database", "ModifyDatabase", Item("directory"), Item("size"), Item("resource"), Item("journal")),
        )
    ]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Database: free space, details, integrity, journaling of single databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from irissim.engine.database import Database
from irissim.engine.mirror.places import configured_name
from irissim.library.database_view import DatabaseView, mount_words
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, method, query
from irissim.values.errors import StatusError
from irissim.values.oslist import is_list, list_items
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_string

_MEGABYTE = 1 << 20
_NO, _YES = 2, 3


class Space:
    """Part of SYS.Database."""

    @class_method(byref=("FreeSpace",))
    def GetDatabaseFreeSpace(ctx: Context, Directory: Value, FreeSpace: LocalArray) -> Status:
        _, free = _mounted(ctx, to_string(Directory)).space()
        FreeSpace.value = round(free / _MEGABYTE, 2)
        return OK

    @class_method(byref=("FreeSpace", "FreeBlocks"))
    def GetFreeSpace(ctx: Context, Directory: Value, FreeSpace: LocalArray, FreeBlocks: LocalArray) -> Status:
        database = _mounted(ctx, to_string(Directory))
        _, free = database.space()
        FreeSpace.value, FreeBlocks.value = round(free / _MEGABYTE, 2), free // database.label.block_size
        return OK

    @query(
        columns=(
            "DatabaseName", "Directory", "MaxSize", "Size", "ExpansionSize", "Available", "Free", "DiskFreeSpace",
            "Status", "SizeInt", "AvailableNum", "DiskFreeSpaceNum", "ReadOnly",
        )
    )  # fmt: skip
    def FreeSpace(ctx: Context, Mask: Value = "*", Unused: Value = "") -> Iterable[Sequence[Value]]:
        # FIDELITY(documented; CR24): only mounted databases are listed, by directory or by database name
        # FIDELITY(assumed): sizes are shown as <number>MB
        for database in _chosen(ctx, Mask):
            if database.mounted:
                view, label = DatabaseView(engine(ctx), database.directory), database.label
                available = round(database.space()[1] / _MEGABYTE, 2)
                disk = shutil.disk_usage(database.directory).free // _MEGABYTE
                percent = round(100 * available / label.size_mb, 2)
                maximum: Value = f"{label.max_mb}MB" if label.max_mb else "Unlimited"
                yield (
                    configured_name(engine(ctx), database.directory), database.directory, maximum,
                    f"{label.size_mb}MB", label.expansion_mb or "System Default", f"{available}MB", percent,
                    f"{disk}MB", mount_words(view), label.size_mb, available, disk, int(view.read_only_mounted),
                )  # fmt: skip

    @query(
        columns=(
            "Directory", "MirrorDBName", "MaxSize", "Size", "Status", "BlockSize", "ClusterMountMode", "ClusterMounted",
            "ExpansionSize", "LastExpansionTime", "Mounted", "NewGlobalCollation", "NewGlobalGrowthBlock",
            "NewGlobalIsKeep", "GlobalJournalState", "NewGlobalPointerBlock", "ReadOnly", "ResourceName",
            "MountedReadOnly", "EncryptedDB", "EncryptionKeyID",
        )
    )  # fmt: skip
    def Detail(ctx: Context, Mask: Value = "*", Unused: Value = "") -> Iterable[Sequence[Value]]:
        for database in _chosen(ctx, Mask):
            view = DatabaseView(engine(ctx), database.directory)
            label = view.label
            if label is not None:
                yield (
                    view.directory, view.mirror.database_name if view.mirror else "", label.max_mb, label.size_mb,
                    mount_words(view), label.block_size, 0, 0, label.expansion_mb, "", int(view.mounted),
                    label.collation, 50, 0, _YES if label.journaled else _NO, 16, int(database.read_only),
                    label.resource, int(view.read_only_mounted), 0, "",
                )  # fmt: skip

    @method()
    def EnableJournaling(self: Any, val: Value) -> Status:
        _journaling(self, to_bool(val))
        return OK

    @method()
    def DisableJournaling(self: Any) -> Status:
        _journaling(self, False)
        return OK

    @method()
    def CheckIntegrity(self: Any) -> Status:
        damage = _mounted(self, to_string(self.Directory)).damage()
        if damage:
            raise StatusError(5001, f"{to_string(self.Directory)}: {damage}")
        return OK

    @class_method()
    def SilentIntegrityCheck(
        ctx: Context, Filename: Value, dirlist: Value = "", gbllist: Value = "", StopAfterAnyError: Value = 0
    ) -> Status:
        # FIDELITY(documented; CR24): the results go to a file; without a $LIST of directories all databases are checked
        # FIDELITY(assumed): the words in that file, and that it is complete when the method returns (IRIS: a job)
        if to_string(gbllist):
            raise StatusError(5001, "The simulator checks whole databases only")
        lines = []
        for database in _checked(ctx, dirlist):
            damage = database.damage()
            lines.append(f"Directory: {database.directory}  {damage or 'No Errors were found in this directory.'}\n")
            if damage and to_bool(StopAfterAnyError):
                break
        try:
            Path(to_string(Filename)).write_text("".join(lines), encoding="utf-8")
        except OSError as error:
            raise StatusError(5001, f"Cannot write {to_string(Filename)}: {error.strerror}") from error
        return OK


def _journaling(database: Any, journaled: bool) -> None:
    engine(database).databases.modify(to_string(database.Directory), journaled=journaled)


def _mounted(context: Context, directory: str) -> Database:
    database = engine(context).databases.find(directory)
    if database is None or not database.mounted:
        raise StatusError(300, directory)
    return database


def _chosen(context: Context, mask: Value) -> Iterator[Database]:
    text = to_string(mask)
    wanted = [to_string(item) for item in list_items(text) if item is not None] if is_list(text) else None
    for database in engine(context).databases:
        if wanted is not None:
            if database.directory in wanted:
                yield database
        elif matches(database.directory, text) or matches(configured_name(engine(context), database.directory), text):
            yield database


def _checked(context: Context, directories: Value) -> list[Database]:
    if not to_string(directories):
        return [database for database in engine(context).databases if database.mounted]
    return [_mounted(context, to_string(item)) for item in list_items(to_string(directories)) if item is not None]

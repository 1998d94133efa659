# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.Databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from irissim.engine.label import Label
from irissim.engine.mirror.types import DatabaseState
from irissim.library.config_entry import Entry
from irissim.library.config_named import RemovableEntry
from irissim.library.config_table import check_active
from irissim.library.database_view import DatabaseView, mount_words
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_int, to_string

SYSTEM_DATABASES = frozenset(
    ("IRISSYS", "IRISSECURITY", "IRISLIB", "IRISTEMP", "IRISLOCALDATA", "IRISAUDIT", "ENSLIB", "IRISMETRICS")
)
_LIST_COLUMNS = (
    "Name", "Directory", "Server", "ClusterMountMode", "MountRequired", "MountAtStartup", "StreamLocation", "Comments",
)  # fmt: skip


class Databases(RemovableEntry):
    """Names of databases and the directories they are in."""

    NAME = "Config.Databases"
    SECTION = "Databases"
    KIND = "Database"
    EXISTS = 459
    # FIDELITY(assumed; DUR): a database name is a letter or _ and up to 29 more letters, digits, _ and -
    NAME_PATTERN = re.compile(r"[A-Z_%][A-Z0-9_-]{0,29}")
    ENTRIES = (
        Entry("Directory", required=True, directory=True),
        Entry("Server"),
        Entry("ClusterMountMode", 0),
        Entry("MountRequired", 0),
        Entry("MountAtStartup", 0),
        Entry("StreamLocation", directory=True),
    )
    # FIDELITY(documented; CPF): a line of [Databases] is Directory,Server,... and in most cases the directory alone
    LAYOUT = ("Directory", "Server", "MountRequired", "ClusterMountMode", "MountAtStartup", "StreamLocation")

    @classmethod
    def check_delete(cls, context: Context, name: str) -> None:
        # FIDELITY(documented; ERR 427, 429): system databases and databases that a namespace uses stay
        if name in SYSTEM_DATABASES:
            raise StatusError(427, name)
        for line in engine(context).config.section("Namespaces").values():
            if name in (piece.upper() for piece in line.split(",")):
                raise StatusError(429, name)

    @class_method()
    def DatabaseByName(ctx: Context, Name: Value) -> Value:
        # FIDELITY(documented; CR24, R-HC): the answer is "^system^directory", the system is empty for local ones
        config = engine(ctx).config
        if not config.has("Databases", to_string(Name)):
            return ""
        directory, server = config.fields("Databases", to_string(Name), 2)[:2]
        return f"^{server}^{directory}"

    @class_method(byref=("DBList",))
    def DatabasesByDirectory(
        ctx: Context, Server: Value, Directory: Value, DBList: LocalArray, CPFFile: Value = ""
    ) -> Status:
        wanted = to_string(Directory).rstrip("/") + "/"
        found = [name for name, line in _entries(ctx) if line["Directory"] == wanted and line["Server"] == Server]
        DBList.value = ",".join(found)
        return OK

    @class_method(byref=("DatabaseList",))
    def DatabasesByServer(ctx: Context, Server: Value, DatabaseList: LocalArray, CPFFile: Value = "") -> Status:
        # FIDELITY(assumed): the list is written with commas, as that of DatabasesByDirectory
        check_active(ctx, CPFFile)
        wanted = to_string(Server).casefold()
        found = [name for name, line in _entries(ctx) if to_string(line["Server"]).casefold() == wanted]
        DatabaseList.value = ",".join(found)
        return OK

    @query(columns=_LIST_COLUMNS)
    def List(
        ctx: Context, Names: Value = "*", CPFFile: Value = "", Flags: Value = 0, Format: Value = 0
    ) -> Iterable[Sequence[Value]]:
        return _rows(ctx, Names, Flags)

    @query(columns=_LIST_COLUMNS)
    def List1(ctx: Context, Names: Value = "*", CPFFile: Value = "", Flags: Value = 0) -> Iterable[Sequence[Value]]:
        check_active(ctx, CPFFile)
        return _rows(ctx, Names, Flags)

    @query(columns=("Name", "Directory"))
    def LocalDatabaseCanMirrorList(ctx: Context, Names: Value = "*", CPFFile: Value = "") -> Iterable[Sequence[Value]]:
        # FIDELITY(documented; CR24): mounted read-write, journaled, not mirrored and no system database
        for name, view in _local(ctx, Names):
            label = view.label
            fits = view.mounted and not view.read_only_mounted and label is not None and label.journaled
            if fits and view.mirror is None and name not in SYSTEM_DATABASES:
                yield name, view.directory

    @query(
        columns=(
            "Name", "Mirror", "Directory", "Maximum Size in GB", "Size in MB", "Status", "Resource", "Encrypted",
            "Journal", "StatusInt", "MirrorStatus", "MirrorDBName", "MirrorFailoverDB", "MirrorStatusInt",
        )
    )  # fmt: skip
    def MirrorDatabaseList(ctx: Context, Names: Value = "*", CPFFile: Value = "") -> Iterable[Sequence[Value]]:
        # FIDELITY(observed; LIVE): on a backup this query returns nothing
        # FIDELITY(assumed): neither does it on an async member; MirrorStatusInt is 1 for Normal, otherwise 0
        if not engine(ctx).mirror.is_primary():
            return
        states = {row.directory: row.state for row in engine(ctx).mirror.database_rows()}
        for name, view in _local(ctx, Names):
            label, mirror = view.label, view.mirror
            if label is not None and mirror is not None and view.directory in states:
                state = states[view.directory]
                yield (
                    *_columns(name, view, label), state.value, mirror.database_name, int(mirror.failover),
                    int(state is DatabaseState.NORMAL),
                )  # fmt: skip

    @query(
        columns=(
            "Name", "Mirror", "Directory", "Maximum Size in GB", "Size in MB", "Status", "Resource", "Encrypted",
            "Journal", "StatusInt",
        )
    )  # fmt: skip
    def LocalDatabaseList(ctx: Context, Names: Value = "*", CPFFile: Value = "") -> Iterable[Sequence[Value]]:
        # FIDELITY(documented; CR24): all databases that are not remote
        # FIDELITY(assumed): one without a readable file is listed without its properties; the words are those of
        #   MirrorDatabaseList
        for name, view in _local(ctx, Names):
            label = view.label
            empty = (name, "", view.directory, "", "", mount_words(view), "", "", "", 0)
            yield empty if label is None else _columns(name, view, label)


def _columns(name: str, view: DatabaseView, label: Label) -> tuple[Value, ...]:
    """What the lists of local and of mirrored databases have in common."""
    maximum: Value = label.max_mb / 1024 if label.max_mb else "Unlimited"
    return (
        name, view.mirror.mirror_name if view.mirror else "", view.directory, maximum, label.size_mb, mount_words(view),
        label.resource, "No", "Yes" if label.journaled else "No", int(view.mounted),
    )  # fmt: skip


def _local(context: Context, names: Value) -> Iterator[tuple[str, DatabaseView]]:
    for name, entry in _entries(context):
        if matches(name, to_string(names)) and not entry["Server"]:
            yield name, DatabaseView(engine(context), to_string(entry["Directory"]))


def _rows(context: Context, names: Value, flags: Value) -> Iterator[Sequence[Value]]:
    # FIDELITY(documented; CR24): Flags 1 leaves out remote databases, 2 local ones
    unwanted = {1: True, 2: False}.get(to_int(flags))
    for name, entry in _entries(context):
        if matches(name, to_string(names)) and bool(entry["Server"]) is not unwanted:
            yield (name, *(entry[column] for column in _LIST_COLUMNS[1:-1]), "")


def _entries(context: Context) -> list[tuple[str, dict[str, Value]]]:
    return [(name, Databases.decode(line)) for name, line in engine(context).config.section("Databases").items()]

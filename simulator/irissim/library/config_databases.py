# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.Databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from irissim.library.config_entry import Entry
from irissim.library.config_named import RemovableEntry
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_string

SYSTEM_DATABASES = frozenset(
    ("IRISSYS", "IRISSECURITY", "IRISLIB", "IRISTEMP", "IRISLOCALDATA", "IRISAUDIT", "ENSLIB", "IRISMETRICS")
)


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

    @query(
        columns=(
            "Name",
            "Directory",
            "Server",
            "ClusterMountMode",
            "MountRequired",
            "MountAtStartup",
            "StreamLocation",
            "Comments",
        )
    )
    def List(
        ctx: Context, Names: Value = "*", CPFFile: Value = "", Flags: Value = 0, Format: Value = 0
    ) -> Iterable[Sequence[Value]]:
        columns = ("Directory", "Server", "ClusterMountMode", "MountRequired", "MountAtStartup", "StreamLocation")
        for name, entry in _entries(ctx):
            if matches(name, to_string(Names)):
                yield (name, *(entry[column] for column in columns), "")


def _entries(context: Context) -> list[tuple[str, dict[str, Value]]]:
    return [(name, Databases.decode(line)) for name, line in engine(context).config.section("Databases").items()]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.MapGlobals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from irissim.engine.mapping import check_mapping
from irissim.library.config_entry import Entry
from irissim.library.config_mapping import MappingEntry
from irissim.objectscript.classes import Context, query
from irissim.values.value import Value


class MapGlobals(MappingEntry):
    """Globals that a namespace sees in another database."""

    NAME = "Config.MapGlobals"
    KIND = "Global mapping"
    PREFIX = "Global_"
    ENTRIES = (
        Entry("Database", required=True, upper=True),
        Entry("Collation", 5, required=True, bounds=(1, 133)),
        Entry("LockDatabase", upper=True),
    )
    LAYOUT = ("Database", "Collation", "LockDatabase")

    @classmethod
    def check_name(cls, name: str) -> None:
        super().check_name(name)
        check_mapping(name)

    @query(columns=("Name", "Global", "Subscript", "Database", "Collation", "LockDatabase"))
    def List(
        ctx: Context, Namespace: Value, Names: Value = "*", CPFFile: Value = "", Flags: Value = 0
    ) -> Iterable[Sequence[Value]]:
        for name, entry in MapGlobals.listed(ctx, Namespace, Names):
            name_only, bracket, subscript = name.partition("(")
            yield name, name_only, bracket + subscript, entry["Database"], entry["Collation"], entry["LockDatabase"]

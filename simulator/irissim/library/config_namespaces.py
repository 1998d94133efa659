# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.Namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from irissim.library.config_entry import Entry
from irissim.library.config_mapping import check_database
from irissim.library.config_named import RemovableEntry
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, query
from irissim.values.errors import StatusError
from irissim.values.value import Value, to_string


class Namespaces(RemovableEntry):
    """Names of namespaces and the databases they use."""

    NAME = "Config.Namespaces"
    SECTION = "Namespaces"
    KIND = "Namespace"
    EXISTS = 428
    MISSING = 433
    # FIDELITY(assumed; DUR): a namespace name is a letter or % and then letters, digits, - and _
    NAME_PATTERN = re.compile(r"[A-Z%][A-Z0-9_-]{0,254}")
    ENTRIES = (
        Entry("Globals", required=True, upper=True),
        Entry("Routines", required=True, upper=True),
        Entry("TempGlobals", "IRISTEMP", required=True, upper=True),
        Entry("Interop", 0),
    )
    LAYOUT = ("Globals", "Routines", "TempGlobals")

    @classmethod
    def decode(cls, line: str) -> dict[str, Value]:
        # FIDELITY(documented; CPF): a line of [Namespaces] with one database stands for globals and routines
        values = super().decode(line)
        values["Routines"] = values["Routines"] or values["Globals"]
        return values

    @classmethod
    def check_change(cls, context: Context, properties: LocalArray) -> None:
        for name in ("Globals", "Routines", "TempGlobals"):
            check_database(context, properties.get(name))

    @classmethod
    def check_delete(cls, context: Context, name: str) -> None:
        # FIDELITY(documented; ERR 434): %SYS cannot be deleted
        if name == "%SYS":
            raise StatusError(434, name)

    @query(
        columns=(
            "Namespace",
            "Globals",
            "Routines",
            "System Globals",
            "System Routines",
            "Library",
            "Temp Storage",
        )
    )
    def List(
        ctx: Context, Names: Value = "*", CPFFile: Value = "", Flags: Value = 0, Format: Value = 0
    ) -> Iterable[Sequence[Value]]:
        for name, line in engine(ctx).config.section("Namespaces").items():
            if matches(name, to_string(Names)):
                entry = Namespaces.decode(line)
                # FIDELITY(documented; CR24): library and system databases default to IRISLIB and IRISSYS
                fixed = ("IRISSYS", "IRISSYS", "IRISLIB")
                yield (name, entry["Globals"], entry["Routines"], *fixed, entry["TempGlobals"])

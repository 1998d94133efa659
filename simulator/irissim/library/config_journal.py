# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.Journal."""

from __future__ import annotations

from irissim.library.config_entry import Entry
from irissim.library.config_single import SingleEntry
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, class_method
from irissim.values.value import Value, to_int


class Journal(SingleEntry):
    """Journal settings."""

    NAME = "Config.Journal"
    SECTION = "Journal"
    KIND = "Section"
    ENTRIES = (
        Entry("AlternateDirectory", directory=True),
        Entry("ArchiveName"),
        Entry("BackupsBeforePurge", 2, bounds=(0, 10)),
        Entry("CurrentDirectory", directory=True),
        Entry("DaysBeforePurge", 2, bounds=(0, 100)),
        Entry("FileSizeLimit", 1024, bounds=(0, 4079)),
        Entry("FreezeOnError", 0, bounds=(0, 1)),
        Entry("JournalFilePrefix"),
        Entry("JournalcspSession", 0, bounds=(0, 1)),
        Entry("PurgeArchived", 0, bounds=(0, 1)),
    )

    @class_method(byref=("ScaleFactor",))
    def TranslateTime(ctx: Context, TimeValue: Value, ScaleFactor: LocalArray) -> Value:
        # FIDELITY(documented; CR24): the largest of seconds, minutes, hours and days that gives a whole number
        seconds = to_int(TimeValue)
        ScaleFactor.value = next(unit for unit in (86400, 3600, 60, 1) if seconds % unit == 0)
        return seconds // ScaleFactor.value

    @classmethod
    def read(cls, context: Context) -> dict[str, Value]:
        values = super().read(context)
        directory = str(engine(context).journal.directory).rstrip("/") + "/"
        for name in ("CurrentDirectory", "AlternateDirectory"):
            values[name] = values[name] or directory
        return values

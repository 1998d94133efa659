# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror: mirrored databases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from irissim.engine.mirror.types import DatabaseRow, DatabaseState
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.oslist import list_build, list_items
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_int, to_string


class Databases:
    """Part of SYS.Mirror."""

    @class_method()
    def AddDatabase(ctx: Context, Directory: Value, MirrorDBName: Value = "", enableJournalOK: Value = 1) -> Status:
        engine(ctx).mirror.add_database(to_string(Directory), to_string(MirrorDBName), to_bool(enableJournalOK))
        return OK

    @class_method()
    def AddDatabaseNonPrimary(
        ctx: Context,
        Directory: Value,
        MirrorSetName: Value = "",
        MirrorDBName: Value = "",
        JrnPointMirfcnt: Value = "",
        JrnPointOffset: Value = "",
        DBInfo: Value = "",
        RunCatchupDB: Value = 1,
        enableJournalOK: Value = 1,
    ) -> Status:
        engine(ctx).mirror.add_database_non_primary(
            to_string(Directory),
            to_string(MirrorSetName),
            to_string(MirrorDBName),
            to_int(JrnPointMirfcnt),
            to_int(JrnPointOffset),
            to_bool(RunCatchupDB),
            to_bool(enableJournalOK),
        )
        return OK

    @class_method()
    def ActivateMirroredDatabase(ctx: Context, Directory: Value) -> Status:
        engine(ctx).mirror.activate(to_string(Directory))
        return OK

    @class_method(byref=("DBErrList",))
    def CatchupDB(ctx: Context, DBList: Value, JournalLocation: Value = "", DBErrList: LocalArray = OMITTED) -> Value:
        # FIDELITY(documented; CR24): DBList is a $LIST of SFNs; the answer is 1 if at least one was caught up
        numbers = [to_int(item) for item in list_items(to_string(DBList)) if item is not None]
        done, failed = engine(ctx).mirror.catchup(numbers)
        DBErrList.value = list_build(failed) if failed else ""
        return int(bool(done))

    @class_method()
    def RemoveMirroredDatabase(ctx: Context, Directory: Value) -> Status:
        engine(ctx).mirror.remove_database(to_string(Directory))
        return OK

    @class_method()
    def DejournalPauseDatabase(ctx: Context, DatabasePath: Value = "") -> Status:
        engine(ctx).mirror.pause_database(to_string(DatabasePath))
        return OK

    # FIDELITY(observed; LIVE): seen in 2026.1
    @class_method(since="2026.1")
    def DownloadMirrorDatabase(
        ctx: Context, MirrorSetName: Value, MirrorDBName: Value, RunBackground: Value = 1
    ) -> Status:
        engine(ctx).mirror.download_database(to_string(MirrorSetName), to_string(MirrorDBName), to_bool(RunBackground))
        return OK

    @query(columns=("Name", "Directory", "MirrorName", "MirrorStatus", "Latency"))
    def MirroredDatabaseList(
        ctx: Context, DBName: Value = "*", MirrorSetName: Value = "*", CPFFile: Value = ""
    ) -> Iterable[Sequence[Value]]:
        say = engine(ctx).traps.words.say
        for row in _database_rows(ctx, DBName, MirrorSetName):
            yield (row.name, row.directory, row.mirror, say(row.state.value), say(row.latency))

    @query(columns=("Name", "Directory", "MirrorName", "MirrorStatus", "MirrorStatusInt", "LastDejournalRecord"))
    def MirroredDatabaseDisplay(
        ctx: Context, DBName: Value = "*", MirrorSetName: Value = "*", CPFFile: Value = ""
    ) -> Iterable[Sequence[Value]]:
        say = engine(ctx).traps.words.say
        for row in _database_rows(ctx, DBName, MirrorSetName):
            word, number = _DISPLAY.get(row.state, ("Active", 1))
            yield (row.name, row.directory, row.mirror, say(word), number, row.last_record)

    @query(columns=("Name",))
    def MissingMirroredDatabases(
        ctx: Context, MirrorSetName: Value = "", CPFFile: Value = ""
    ) -> Iterable[Sequence[Value]]:
        return [(name,) for name in engine(ctx).mirror.missing_databases(to_string(MirrorSetName))]


# FIDELITY(documented; CLS, HA 5.1.2): MirroredDatabaseDisplay says Active, NeedCatchup, NeedActivation or Obsolete
# FIDELITY(assumed): the numbers beside these words
_DISPLAY = {
    DatabaseState.NEEDS_CATCHUP: ("NeedCatchup", 2),
    DatabaseState.NEEDS_ACTIVATION: ("NeedActivation", 3),
    DatabaseState.OBSOLETE: ("Obsolete", 4),
}


def _database_rows(context: Context, database: Value, mirror: Value) -> list[DatabaseRow]:
    rows = engine(context).mirror.database_rows()
    return [row for row in rows if matches(row.name, to_string(database)) and matches(row.mirror, to_string(mirror))]

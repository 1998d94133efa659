# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple

from irissim.engine.mirror.types import DatabaseRow, DatabaseState, FailoverMemberInfo
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.library.mirror_arrays import read_local_info, read_mirror_info
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method, query
from irissim.values.errors import StatusError
from irissim.values.oslist import list_build, list_items
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_int, to_seconds, to_string


class Mirror(SystemClass):
    """Management and status of the mirror this instance is in."""

    NAME = "SYS.Mirror"
    NAMESPACE = "%SYS"

    # Create, join, leave --------------------------------------------------------------------------------------------

    @class_method(byref=("MirrorInfo", "SSLInfo"))
    def CreateNewMirrorSet(
        ctx: Context,
        MirrorSetName: Value,
        SystemName: Value = "",
        MirrorInfo: LocalArray = OMITTED,
        SSLInfo: LocalArray = OMITTED,
    ) -> Status:
        info = read_mirror_info(ctx, MirrorInfo)
        _refuse_tls(info.use_ssl, SSLInfo)
        engine(ctx).mirror.create(to_string(MirrorSetName), to_string(SystemName), info)
        return OK

    @class_method(byref=("LocalInfo", "SSLInfo"))
    def JoinMirrorAsFailoverMember(
        ctx: Context,
        MirrorSetName: Value,
        SystemName: Value = "",
        InstanceName: Value = "",
        AgentAddress: Value = "",
        AgentPort: Value = 2188,
        LocalInfo: LocalArray = OMITTED,
        SSLInfo: LocalArray = OMITTED,
    ) -> Status:
        _refuse_tls(False, SSLInfo)
        engine(ctx).mirror.join_failover(
            to_string(MirrorSetName),
            to_string(SystemName),
            to_string(InstanceName),
            to_string(AgentAddress),
            to_int(AgentPort) or 2188,
            read_local_info(ctx, LocalInfo, "SYS.Mirror.JoinMirrorAsFailoverMember"),
        )
        return OK

    @class_method()
    def RemoveMirrorConfiguration(
        ctx: Context, DeleteDB: Value = 0, CleanJournal: Value = 1, CleanSSL: Value = 0
    ) -> Status:
        engine(ctx).mirror.remove_configuration(to_bool(DeleteDB), to_bool(CleanJournal), to_bool(CleanSSL))
        return OK

    @class_method()
    def DefaultSystemName(ctx: Context) -> Value:
        return engine(ctx).mirror.default_system_name()

    @class_method()
    def CheckISCAgent(ctx: Context) -> Status:
        engine(ctx).mirror.check_agent()
        return OK

    # Databases ------------------------------------------------------------------------------------------------------

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

    # Start, stop, roles ---------------------------------------------------------------------------------------------

    @class_method()
    def StartMirror(ctx: Context, MirrorName: Value = "") -> Status:
        engine(ctx).mirror.start(to_string(MirrorName))
        return OK

    @class_method()
    def StopMirror(ctx: Context, MirrorName: Value = "", Timeout: Value = 10) -> Status:
        engine(ctx).mirror.stop(to_string(MirrorName), to_seconds(Timeout))
        return OK

    @class_method()
    def IsMirrorStarted(ctx: Context, MirrorName: Value) -> Value:
        return int(engine(ctx).mirror.is_started(to_string(MirrorName)))

    @class_method()
    def BecomePrimary(ctx: Context) -> Value:
        return int(engine(ctx).mirror.become_primary())

    @class_method()
    def IsFailoverReady(ctx: Context, numSecOfDBLatency: Value = 60) -> Value:
        # FIDELITY(documented; CR24): $LB(1) or $LB(0,reason); 0 stands for 60 seconds
        ready, reason = engine(ctx).mirror.is_failover_ready(to_int(numSecOfDBLatency) or 60)
        return list_build([1]) if ready else list_build([0, reason])

    # Status ---------------------------------------------------------------------------------------------------------

    @class_method(byref=("ThisMember", "OtherMember"))
    def GetFailoverMemberStatus(ctx: Context, ThisMember: LocalArray, OtherMember: LocalArray) -> Status:
        this, other = engine(ctx).mirror.failover_status()
        ThisMember.value = _member_list(this)
        OtherMember.value = _member_list(other) if other is not None else ""
        return OK

    @class_method()
    def DistanceFromPrimaryJournalFiles(ctx: Context) -> Value:
        return engine(ctx).mirror.journal_distance()

    @class_method()
    def DistanceFromPrimaryDatabases(ctx: Context) -> Value:
        return engine(ctx).mirror.database_distance()

    @class_method()
    def JournalFilesLatency(ctx: Context, MirrorName: Value = "") -> Value:
        return engine(ctx).mirror.journal_latency(to_string(MirrorName))

    @class_method()
    def DatabasesLatency(ctx: Context, MirrorName: Value = "") -> Value:
        return engine(ctx).mirror.database_latency(to_string(MirrorName))

    @class_method(byref=("JournalPosition",))
    def GetPrimaryJournalPosition(
        ctx: Context, MirrorSetName: Value = "", JournalPosition: LocalArray = OMITTED
    ) -> Status:
        # FIDELITY(documented; CLS): the position is "" after a failure
        JournalPosition.value = ""
        JournalPosition.value = engine(ctx).mirror.journal_position(to_string(MirrorSetName))
        return OK

    # Queries --------------------------------------------------------------------------------------------------------

    @query(
        columns=(
            "MemberName",
            "CurrentRole",
            "CurrentStatus",
            "JournalLatency",
            "DatabaseLatency",
            "JournalTimeLatency",
            "DatabaseTimeLatency",
            "DisplayType",
            "DisplayStatus",
        )
    )
    def MemberStatusList(ctx: Context, MirrorName: Value = "") -> Iterable[Sequence[Value]]:
        return [astuple(row) for row in engine(ctx).mirror.member_rows(to_string(MirrorName))]

    @query(columns=("Name", "Directory", "MirrorName", "MirrorStatus", "Latency"))
    def MirroredDatabaseList(
        ctx: Context, DBName: Value = "*", MirrorSetName: Value = "*", CPFFile: Value = ""
    ) -> Iterable[Sequence[Value]]:
        for row in _database_rows(ctx, DBName, MirrorSetName):
            yield (row.name, row.directory, row.mirror, row.state.value, row.latency)

    @query(columns=("Name", "Directory", "MirrorName", "MirrorStatus", "MirrorStatusInt", "LastDejournalRecord"))
    def MirroredDatabaseDisplay(
        ctx: Context, DBName: Value = "*", MirrorSetName: Value = "*", CPFFile: Value = ""
    ) -> Iterable[Sequence[Value]]:
        for row in _database_rows(ctx, DBName, MirrorSetName):
            word, number = _DISPLAY.get(row.state, ("Active", 1))
            yield (row.name, row.directory, row.mirror, word, number, row.last_record)

    @query(columns=("Name",))
    def MissingMirroredDatabases(
        ctx: Context, MirrorSetName: Value = "", CPFFile: Value = ""
    ) -> Iterable[Sequence[Value]]:
        return [(name,) for name in engine(ctx).mirror.missing_databases(to_string(MirrorSetName))]

    @query(columns=("FilePath", "FileCount", "Time", "Reason", "FileGUID"))
    def JournalList(ctx: Context, MirrorName: Value) -> Iterable[Sequence[Value]]:
        return [astuple(row) for row in engine(ctx).mirror.journal_rows(to_string(MirrorName))]


# FIDELITY(documented; CLS, HA 5.1.2): MirroredDatabaseDisplay says Active, NeedCatchup, NeedActivation or Obsolete
# FIDELITY(assumed): the numbers beside these words
_DISPLAY = {
    DatabaseState.NEEDS_CATCHUP: ("NeedCatchup", 2),
    DatabaseState.NEEDS_ACTIVATION: ("NeedActivation", 3),
    DatabaseState.OBSOLETE: ("Obsolete", 4),
}


def _database_rows(context: Context, database: Value, mirror: Value) -> list[DatabaseRow]:
    rows = engine(context).mirror.database_rows()
    return [
        row
        for row in rows
        if matches(row.name, to_string(database)) and matches(row.mirror, to_string(mirror))
    ]


def _member_list(member: FailoverMemberInfo) -> str:
    return list_build(astuple(member))


def _refuse_tls(wanted: bool, ssl_info: LocalArray) -> None:
    """TLS between members is not simulated; saying so is better than an open connection that claims to be safe."""
    if wanted or ssl_info.data() > 1:
        raise StatusError(5001, "This simulator does not do TLS between mirror members")

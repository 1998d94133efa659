# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror: what members and journals are doing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple

from irissim.engine.mirror.types import FailoverMemberInfo
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.oslist import list_build
from irissim.values.status import OK
from irissim.values.value import Value, to_string


class State:
    """Part of SYS.Mirror."""

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
        say = engine(ctx).traps.words.say
        rows = (astuple(row) for row in engine(ctx).mirror.member_rows(to_string(MirrorName)))
        return [(name, *(say(text) for text in texts)) for name, *texts in rows]

    @query(columns=("FilePath", "FileCount", "Time", "Reason", "FileGUID"))
    def JournalList(ctx: Context, MirrorName: Value) -> Iterable[Sequence[Value]]:
        return [astuple(row) for row in engine(ctx).mirror.journal_rows(to_string(MirrorName))]


def _member_list(member: FailoverMemberInfo) -> str:
    return list_build(astuple(member))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror: async members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple

from irissim.engine.mirror.registration import Target
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.library.mirror_arrays import read_async_local_info
from irissim.library.sys_mirror_tls import read_ssl_info
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.status import OK
from irissim.values.value import Value, to_int, to_string


class AsyncMembers:
    """Part of SYS.Mirror."""

    @class_method(byref=("LocalInfo", "SSLInfo"))
    def JoinMirrorAsAsyncMember(
        ctx: Context,
        MirrorSetName: Value,
        SystemName: Value = "",
        InstanceName: Value = "",
        AgentAddress: Value = "",
        AgentPort: Value = 2188,
        AsyncMemberType: Value = "",
        LocalInfo: LocalArray = OMITTED,
        SSLInfo: LocalArray = OMITTED,
    ) -> Status:
        kind = to_string(AsyncMemberType)
        engine(ctx).mirror.join_async(
            to_string(MirrorSetName),
            to_string(SystemName),
            Target(to_string(InstanceName), to_string(AgentAddress), to_int(AgentPort) or 2188),
            to_int(kind) if kind else None,
            read_async_local_info(ctx, LocalInfo),
            read_ssl_info(ctx, SSLInfo, "SYS.Mirror.JoinMirrorAsAsyncMember"),
        )
        engine(ctx).traps.device.leave(ctx.session)
        return OK

    @class_method()
    def AsyncDejournalStatus(ctx: Context, MirrorName: Value = "") -> Value:
        return engine(ctx).mirror.dejournal_status(to_string(MirrorName))

    @class_method()
    def AsyncDejournalStart(ctx: Context, MirrorName: Value = "") -> Status:
        engine(ctx).mirror.dejournal_start(to_string(MirrorName))
        return OK

    @class_method()
    def AsyncDejournalStop(ctx: Context, MirrorName: Value = "") -> Status:
        engine(ctx).mirror.dejournal_stop(to_string(MirrorName))
        return OK

    @query(columns=("Name", "Type", "X509DN", "Status"))
    def AsyncMemberList(ctx: Context, Name: Value = "") -> Iterable[Sequence[Value]]:
        words = engine(ctx).traps.words
        for row in engine(ctx).mirror.connected_asyncs(to_string(Name)):
            yield (row.name, words.say(row.kind), row.distinguished_name, words.say(row.status))

    @query(
        columns=(
            "Name",
            "AgentAddress",
            "AgentPort",
            "InstanceDirectory",
            "AsyncMemberType",
            "Status",
            "StatusInt",
            "JournalLatency",
            "DatabaseLatency",
            "DNUpdates",
            "Filter",
        )
    )
    def MirrorTrackedByAsyncMember(ctx: Context, Names: Value = "*") -> Iterable[Sequence[Value]]:
        words = engine(ctx).traps.words
        for row in engine(ctx).mirror.tracked_mirrors():
            if matches(row.name, to_string(Names)):
                name, address, port, directory, kind, status, number, journal, database, updates, filter_class = (
                    astuple(row)
                )
                said = [words.say(text) for text in (status, journal, database)]
                yield (name, address, port, directory, kind, said[0], number, said[1], said[2], updates, filter_class)

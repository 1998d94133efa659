# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror: create, join and leave a mirror."""

from __future__ import annotations

from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.library.mirror_arrays import read_local_info, read_mirror_info
from irissim.library.sys_mirror_tls import read_ssl_info
from irissim.objectscript.classes import Context, LocalArray, Status, class_method
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_int, to_string


class Setup:
    """Part of SYS.Mirror."""

    @class_method(byref=("MirrorInfo", "SSLInfo"))
    def CreateNewMirrorSet(
        ctx: Context,
        MirrorSetName: Value,
        SystemName: Value = "",
        MirrorInfo: LocalArray = OMITTED,
        SSLInfo: LocalArray = OMITTED,
    ) -> Status:
        info = read_mirror_info(ctx, MirrorInfo)
        ssl_info = read_ssl_info(ctx, SSLInfo, "SYS.Mirror.CreateNewMirrorSet")
        engine(ctx).mirror.create(to_string(MirrorSetName), to_string(SystemName), info, ssl_info)
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
        engine(ctx).mirror.join_failover(
            to_string(MirrorSetName),
            to_string(SystemName),
            to_string(InstanceName),
            to_string(AgentAddress),
            to_int(AgentPort) or 2188,
            read_local_info(ctx, LocalInfo, "SYS.Mirror.JoinMirrorAsFailoverMember"),
            read_ssl_info(ctx, SSLInfo, "SYS.Mirror.JoinMirrorAsFailoverMember"),
        )
        engine(ctx).traps.device.leave(ctx.session)
        return OK

    @class_method()
    def RemoveMirrorConfiguration(
        ctx: Context, DeleteDB: Value = 0, CleanJournal: Value = 1, CleanSSL: Value = 0
    ) -> Status:
        engine(ctx).mirror.remove_configuration(to_bool(DeleteDB), to_bool(CleanJournal), to_bool(CleanSSL))
        return OK

    @class_method()
    def RemoveOneMirrorSet(
        ctx: Context, MirrorName: Value, DeleteDBs: Value = 0, CleanJournal: Value = 1
    ) -> Status:
        engine(ctx).mirror.remove_one(to_string(MirrorName), to_bool(DeleteDBs), to_bool(CleanJournal))
        return OK

    @class_method()
    def CheckLeftOverJournalFile(ctx: Context, mirname: Value, MirrorGUID: Value = "") -> Status:
        engine(ctx).mirror.check_leftovers(to_string(mirname))
        return OK

    @class_method()
    def DefaultSystemName(ctx: Context) -> Value:
        return engine(ctx).mirror.default_system_name()

    @class_method()
    def CheckISCAgent(ctx: Context) -> Status:
        engine(ctx).mirror.check_agent()
        return OK

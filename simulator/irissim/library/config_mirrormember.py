# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.MirrorMember."""

from __future__ import annotations

from irissim.engine.mirror.types import MemberKind
from irissim.library.config_entry import Entry
from irissim.library.config_single import SingleEntry
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, method
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value

MIRROR_SERVICE = "%Service_Mirror"


class MirrorMember(SingleEntry):
    """What this instance is in its mirror."""

    NAME = "Config.MirrorMember"
    SECTION = "MirrorMember"
    KIND = "Section"
    ENTRIES = (
        Entry("AgentAddress"),
        Entry("AsyncMemberGUID"),
        Entry("AsyncMemberType", 0, bounds=(0, 2)),
        Entry("AsyncUseSystemPurgeInterval", 0, bounds=(0, 1)),
        Entry("JoinMirror", 0, bounds=(0, 1)),
        Entry("SystemName", upper=True),
        Entry("ValidatedMember", 0, bounds=(0, 1)),
        Entry("VirtualAddressInterface"),
    )

    @class_method(byref=("CPFFile",))
    def isAsyncMember(ctx: Context, CPFFile: LocalArray) -> Value:
        return int(engine(ctx).mirror.is_member() == 2)

    @class_method(byref=("CPFFile",))
    def IsDRMember(ctx: Context, CPFFile: LocalArray) -> Value:
        return int(engine(ctx).mirror.kind() is MemberKind.DISASTER_RECOVERY)

    @class_method(byref=("CPFFile",))
    def IsReadOnlyReportingMember(ctx: Context, CPFFile: LocalArray) -> Value:
        return int(engine(ctx).mirror.kind() is MemberKind.READ_ONLY_REPORTING)

    @class_method(byref=("CPFFile",))
    def IsReadWriteReportingMember(ctx: Context, CPFFile: LocalArray) -> Value:
        return int(engine(ctx).mirror.kind() is MemberKind.READ_WRITE_REPORTING)

    @class_method(byref=("CPFFile",))
    def AllowClearFailoverDBFlag(ctx: Context, CPFFile: LocalArray) -> Value:
        return int(engine(ctx).mirror.allows_clearing_failover_flag())

    @class_method(byref=("CPFFile",))
    def AllowNewMirrorSet(ctx: Context, CPFFile: LocalArray) -> Value:
        return int(engine(ctx).mirror.allows_new_mirror())

    @method()
    def GetAsyncMemberGUID(self) -> Value:
        return self.get_property("AsyncMemberGUID")

    @class_method(byref=("enabled",))
    def CheckSecurity(ctx: Context, enabled: LocalArray) -> Status:
        is_enabled = engine(ctx).security.is_enabled(MIRROR_SERVICE)
        enabled.value = int(is_enabled)
        if not is_enabled:
            raise StatusError(2066)
        return OK

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror: forbidding a failover for a while."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, Status, class_method
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_string


class NoFailover:
    """Part of SYS.Mirror."""

    @class_method()
    def SetNoFailover(ctx: Context, MirrorSetName: Value = "") -> Status:
        engine(ctx).mirror.set_no_failover(to_string(MirrorSetName))
        return OK

    @class_method()
    def ClearNoFailover(ctx: Context, MirrorSetName: Value = "", AlwaysClearLocal: Value = 0) -> Status:
        engine(ctx).mirror.clear_no_failover(to_string(MirrorSetName), to_bool(AlwaysClearLocal))
        return OK

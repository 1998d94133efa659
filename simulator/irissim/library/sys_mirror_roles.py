# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror: start, stop and failover."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, Status, class_method
from irissim.values.oslist import list_build
from irissim.values.status import OK
from irissim.values.value import Value, to_int, to_seconds, to_string


class Roles:
    """Part of SYS.Mirror."""

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
        became = engine(ctx).mirror.become_primary()
        engine(ctx).traps.device.leave(ctx.session)
        return int(became)

    @class_method()
    def IsFailoverReady(ctx: Context, numSecOfDBLatency: Value = 60) -> Value:
        # FIDELITY(documented; CR24): $LB(1) or $LB(0,reason); 0 stands for 60 seconds
        ready, reason = engine(ctx).mirror.is_failover_ready(to_int(numSecOfDBLatency) or 60)
        return list_build([1]) if ready else list_build([0, reason])

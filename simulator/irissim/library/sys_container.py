# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Container."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, Status, SystemClass, class_method
from irissim.values.status import OK


class Container(SystemClass):
    """What concerns the container around the instance."""

    NAME = "SYS.Container"
    NAMESPACE = "%SYS"

    @class_method()
    def SetMonitorStateOK(ctx: Context) -> Status:
        # FIDELITY(documented; CR24): alerts of severity 1 and 2 no longer make the container look unhealthy
        engine(ctx).log.write("System Monitor state set to OK", 0, "SystemMonitor.Cleared")
        return OK

    @class_method()
    def PreventFailoverMessage(ctx: Context) -> Status:
        return OK

    @class_method()
    def PreventJournalRolloverMessage(ctx: Context) -> Status:
        return OK

    @class_method()
    def EnableOSAuthentication(ctx: Context) -> Status:
        return OK

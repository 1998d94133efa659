# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYS.System."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.library.system_names import host_name, system_name
from irissim.objectscript.classes import Context, Status, SystemClass, class_method
from irissim.values.status import OK
from irissim.values.value import Value, to_int, to_string


class System(SystemClass):
    """What this instance is called."""

    NAME = "%SYS.System"

    @class_method()
    def GetInstanceName(ctx: Context) -> Value:
        return str(engine(ctx).name)

    @class_method()
    def GetNodeName(ctx: Context, Flag: Value = 0) -> Value:
        return host_name(ctx)

    @class_method()
    def WriteToConsoleLog(
        ctx: Context, Message: Value, Flag: Value = 0, Severity: Value = 0, Event: Value = "Utility.Event"
    ) -> Status:
        # FIDELITY(documented; CR24): severities -2 and -1 are for debugging, 0 to 3 as in every line of messages.log
        # FIDELITY(assumed): lines for debugging are left out of the log
        if to_int(Severity) >= 0:
            engine(ctx).log.write(to_string(Message), min(3, to_int(Severity)), to_string(Event))
        return OK

    @class_method()
    def GetUniqueInstanceName(ctx: Context) -> Value:
        return system_name(ctx)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.Monitor: the system state and the alerts of this instance."""

from __future__ import annotations

from irissim.engine.system_monitor import GREEN, HUNG, RED
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method
from irissim.values.status import OK
from irissim.values.value import Value, to_int, to_string


class Monitor(SystemClass):
    """Also $SYSTEM.Monitor."""

    NAME = "%SYSTEM.Monitor"

    @class_method()
    def State(ctx: Context) -> Value:
        return engine(ctx).monitor.state()

    @class_method()
    def SetState(ctx: Context, State: Value) -> Value:
        # FIDELITY(assumed): it answers the state that is set then; one that does not exist changes nothing
        wanted = to_int(State)
        if HUNG <= wanted <= RED:
            engine(ctx).monitor.set_state(wanted)
        return engine(ctx).monitor.state()

    @class_method()
    def Alerts(ctx: Context) -> Value:
        return engine(ctx).monitor.posted

    @class_method()
    def ClearAlerts(ctx: Context) -> Value:
        # FIDELITY(assumed): what ClearAlerts and Clear return
        engine(ctx).monitor.clear_counter()
        return 0

    @class_method()
    def Clear(ctx: Context) -> Value:
        # FIDELITY(documented; CR24): clears the counter of alerts and sets the state to OK
        engine(ctx).monitor.clear_counter()
        engine(ctx).monitor.set_state(GREEN)
        return GREEN

    @class_method(byref=("Alerts", "Messages", "LastAlert"))
    def GetAlerts(
        ctx: Context, Alerts: LocalArray, Messages: LocalArray, LastAlert: LocalArray = OMITTED
    ) -> Status:
        # FIDELITY(documented; CR24): the messages of alerts.log behind LastAlert, counted and as an array; LastAlert
        #   becomes the newest, to be handed in again
        lines = engine(ctx).monitor.logged()
        seen = to_string(LastAlert.value) if LastAlert.value is not None else ""
        if seen in lines:
            lines = lines[len(lines) - lines[::-1].index(seen):]
        Messages.kill()
        for number, line in enumerate(lines, 1):
            Messages.set(line, number)
        Alerts.value = len(lines)
        if lines:
            LastAlert.value = lines[-1]
        return OK

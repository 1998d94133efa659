# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYS.Journal.System: state and place of the journal."""

from __future__ import annotations

from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method
from irissim.values.status import OK
from irissim.values.value import Value


class System(SystemClass):
    """The journal of this instance; it is always on."""

    NAME = "%SYS.Journal.System"
    NAMESPACE = "%SYS"

    @class_method()
    def GetState(ctx: Context) -> Value:
        # FIDELITY(documented; CR24): 0 enabled, 1 disabled, 2 suspended, 3 frozen, 4 paused
        return 0

    @class_method()
    def GetStateString(ctx: Context) -> Value:
        return "Normal"

    @class_method(byref=("Cause",))
    def IsDisabled(ctx: Context, Status: Value = "", Cause: LocalArray = OMITTED) -> Value:
        Cause.value = ""
        return 0

    @class_method()
    def IsJournalEncryptionEnabled(ctx: Context, Type: Value = 1) -> Value:
        return 0

    @class_method()
    def GetCurrentFileName(ctx: Context) -> Value:
        return str(engine(ctx).journal.current_file())

    @class_method(byref=("Status",))
    def GetPrimaryDirectory(ctx: Context, Status: LocalArray) -> Value:
        Status.value = OK
        return str(engine(ctx).journal.directory).rstrip("/") + "/"

    @class_method(byref=("Status",))
    def GetAlternateDirectory(ctx: Context, Status: LocalArray) -> Value:
        Status.value = OK
        return str(engine(ctx).journal.directory).rstrip("/") + "/"

    @class_method()
    def SwitchFile(
        ctx: Context,
        curdir: Value = "",
        altdir: Value = "",
        maxsiz: Value = "",
        expsiz: Value = "",
        okshdw: Value = 0,
        reason: Value = "",
    ) -> Status:
        engine(ctx).journal.switch()
        return OK

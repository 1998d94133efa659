# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.CPF."""

from __future__ import annotations

from irissim.library.config_table import check_active
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method
from irissim.values.status import OK
from irissim.values.value import Value


class CPF(SystemClass):
    """iris.cpf as a whole; changes are always written and in force at once."""

    NAME = "Config.CPF"
    NAMESPACE = "%SYS"

    @class_method()
    def Activate(ctx: Context) -> Status:
        return OK

    @class_method(byref=("CPFFile",))
    def Write(ctx: Context, CPFFile: LocalArray) -> Value:
        check_active(ctx, CPFFile.get())
        engine(ctx).config.save()
        return ""

    @class_method(byref=("Msg",))
    def CPFFileNeedsActivation(ctx: Context, Msg: LocalArray) -> Value:
        Msg.value = ""
        return 0

    @class_method(byref=("Reasons",))
    def PendingRestart(ctx: Context, Reasons: LocalArray) -> Value:
        Reasons.value = ""
        return 0

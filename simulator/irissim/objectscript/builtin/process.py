# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.Process: the current process and others."""

from __future__ import annotations

from irissim.objectscript.classes import Context, SystemClass, class_method
from irissim.objectscript.signals import Halt
from irissim.values.value import Value, to_int


class Process(SystemClass):
    """What scripts use of it: ending a process, with an exit code that the shell sees."""

    NAME = "%SYSTEM.Process"

    @class_method()
    def Terminate(ctx: Context, pid: Value = "", return_code: Value = 0) -> Value:
        # FIDELITY(observed; LIVE): do $SYSTEM.Process.Terminate($JOB,rc) ends the session with exit code rc
        if pid == "" or to_int(pid) == ctx.session.job:
            raise Halt(to_int(return_code) & 0xFF)
        return int(ctx.session.terminate(to_int(pid), to_int(return_code)))

    @class_method()
    def UserName(ctx: Context) -> Value:
        return ctx.session.username

    @class_method()
    def NameSpace(ctx: Context) -> Value:
        return ctx.session.namespace

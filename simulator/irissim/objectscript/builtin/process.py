# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.Process: the current process and others."""

from __future__ import annotations

import os

from irissim.objectscript.classes import Context, SystemClass, class_method
from irissim.objectscript.runtime import runtime_of
from irissim.objectscript.signals import Halt
from irissim.values.errors import OsError
from irissim.values.value import Value, to_bool, to_int, to_string


class Process(SystemClass):
    """What scripts use of it: ending a process with an exit code that the shell sees, commits that wait."""

    NAME = "%SYSTEM.Process"

    @class_method()
    def Terminate(ctx: Context, pid: Value = "", return_code: Value = 0) -> Value:
        # FIDELITY(observed; LIVE): do $SYSTEM.Process.Terminate($JOB,rc) ends the session with exit code rc
        if pid == "" or to_int(pid) == ctx.session.job:
            raise Halt(to_int(return_code) & 0xFF)
        return int(ctx.session.terminate(to_int(pid), to_int(return_code)))

    @class_method()
    def CurrentDirectory(ctx: Context, directory: Value = "", flag: Value = 0) -> Value:
        # FIDELITY(documented; CR24): gives the directory from before the change
        runtime = runtime_of(ctx.session)
        before = runtime.directory or to_string(ctx.classes.call(ctx.session, "%Library.File", "ManagerDirectory"))
        if directory != "":
            wanted = os.path.join(before, to_string(directory))
            if not os.path.isdir(wanted):
                raise OsError("<DIRECTORY>", "*" + to_string(directory))
            runtime.directory = os.path.normpath(wanted) + "/"
        return before

    @class_method()
    def SynchCommit(ctx: Context, switch: Value = "") -> Value:
        # FIDELITY(documented; CR24): without a switch it asks; the answer is the setting before
        before = ctx.session.commits_wait
        if switch != "":
            ctx.session.commits_wait = to_bool(switch)
        return int(before)

    @class_method()
    def UserName(ctx: Context) -> Value:
        return ctx.session.username

    @class_method()
    def NameSpace(ctx: Context) -> Value:
        return ctx.session.namespace

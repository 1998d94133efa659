# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.Status, also called $SYSTEM.Status: making and reading %Status values."""

from __future__ import annotations

from irissim.objectscript.classes import Context, LocalArray, SystemClass, class_method
from irissim.objectscript.host import Session
from irissim.values import status
from irissim.values.value import Value, to_int, to_string


def _write_error(session: Session, sc: Value) -> None:
    if not status.is_ok(sc):
        session.write("\r\n" + status.text(sc, session.classes.language))


def _language(ctx: Context, asked: Value) -> str:
    # FIDELITY(documented; CR24 %SYSTEM.Status): texts come in the language asked for, else in that of the process
    # FIDELITY(assumed): the simulator knows English and, as a trap, another one
    return "" if to_string(asked).lower().startswith("en") else ctx.classes.language


class SystemStatus(SystemClass):
    """The documented class methods."""

    NAME = "%SYSTEM.Status"

    @class_method()
    def OK(ctx: Context) -> Value:
        return status.OK

    @class_method()
    def Error(ctx: Context, Code: Value, *args: Value) -> Value:
        return status.make_status(to_int(Code), *args)

    @class_method()
    def IsOK(ctx: Context, sc: Value) -> Value:
        return int(status.is_ok(sc))

    @class_method()
    def IsError(ctx: Context, sc: Value) -> Value:
        return int(not status.is_ok(sc))

    @class_method()
    def GetErrorText(ctx: Context, sc: Value, language: Value = "") -> Value:
        return status.text(sc, _language(ctx, language))

    @class_method()
    def GetOneErrorText(ctx: Context, sc: Value, index: Value = 1, language: Value = "") -> Value:
        found = status.errors(sc)[to_int(index) - 1 : to_int(index)]
        return status.error_text(*found[0], _language(ctx, language)) if found else ""

    @class_method()
    def GetOneStatusText(ctx: Context, sc: Value, index: Value = 1, language: Value = "") -> Value:
        found = status.errors(sc)[to_int(index) - 1 : to_int(index)]
        return status.error_text(*found[0], _language(ctx, language)).partition(": ")[2] if found else ""

    @class_method()
    def GetErrorCodes(ctx: Context, sc: Value) -> Value:
        return ",".join(str(code) for code in status.codes(sc))

    @class_method()
    def AppendStatus(ctx: Context, s1: Value, s2: Value) -> Value:
        return status.append_status(s1, s2)

    @class_method(byref=("err",))
    def DecomposeStatus(ctx: Context, sc: Value, err: LocalArray, flag: Value = "", language: Value = "") -> Value:
        err.kill()
        found = status.errors(sc)
        err.set(len(found))
        for index, (code, arguments) in enumerate(found, 1):
            err.set(status.error_text(code, arguments, _language(ctx, language)), index)
            err.set(code, index, "code")
            err.set(len(arguments), index, "param")
            for number, argument in enumerate(arguments, 1):
                err.set(argument, index, "param", number)
        if "d" in str(flag):
            _write_error(ctx.session, sc)
        return status.OK

    @class_method()
    def DisplayError(ctx: Context, sc: Value, *args: Value) -> Value:
        _write_error(ctx.session, sc)
        return status.OK

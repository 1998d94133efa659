# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%Exception.*: what TRY and CATCH pass around."""

from __future__ import annotations

from irissim.objectscript.classes import Context, SystemClass, class_method, field, method
from irissim.objectscript.signals import Thrown
from irissim.values import status
from irissim.values.errors import OsError
from irissim.values.value import Value, to_int, to_string

# FIDELITY(assumed; GCOS): ex.Code of a system error; only the number of <DIVIDE> is established here
_SYSTEM_CODES: dict[str, Value] = {"<DIVIDE>": 18}


class AbstractException(SystemClass):
    """What all exceptions have."""

    NAME = "%Exception.AbstractException"
    Name = field()
    Code = field()
    Location = field()
    Data = field()
    InnerException = field()

    def display(self) -> str:
        """The exception as one line."""
        parts = (self.Name, self.Code, self.Location, self.Data)
        return " ".join(text for part in parts if (text := to_string(part)))

    def error(self) -> OsError:
        """The error that THROW raises for this object."""
        return Thrown(self, "<THROW>", f"*{self.class_name()} {self.display()}")

    def as_status(self) -> Value:
        """The exception as a %Status."""
        return status.make_status(status.GENERAL_ERROR, self.display())

    @method()
    def DisplayString(self, Level: Value = 0) -> Value:
        return self.display()

    @method()
    def OutputText(self) -> Value:
        return self.display()

    @method()
    def AsStatus(self) -> Value:
        return self.as_status()

    @method()
    def AsSystemError(self) -> Value:
        return str(OsError(to_string(self.Name), to_string(self.Data), to_string(self.Location)))

    @method()
    def Log(self) -> Value:
        return status.OK


def _fill(exception: AbstractException, name: Value, code: Value, location: Value, data: Value, inner: Value) -> None:
    exception.Name, exception.Code, exception.Location = name, code, location
    exception.Data, exception.InnerException = data, inner


class GeneralException(AbstractException):
    """%Exception.General, for programs' own errors."""

    NAME = "%Exception.General"

    @class_method(name="%New")
    def New(
        ctx: Context, name: Value = "", code: Value = "", location: Value = "", data: Value = "", inner: Value = ""
    ) -> Value:
        exception = GeneralException(ctx)
        _fill(exception, name, code, location, data, inner)
        return exception


class SystemException(AbstractException):
    """%Exception.SystemException, which a run-time error becomes in CATCH."""

    NAME = "%Exception.SystemException"

    @class_method(name="%New")
    def New(
        ctx: Context, name: Value = "", code: Value = "", location: Value = "", data: Value = "", inner: Value = ""
    ) -> Value:
        exception = SystemException(ctx)
        _fill(exception, name, code, location, data, inner)
        return exception

    def error(self) -> OsError:
        return Thrown(self, to_string(self.Name), to_string(self.Data), to_string(self.Location))

    def as_status(self) -> Value:
        return status.make_status(status.OBJECTSCRIPT_ERROR, to_string(self.call_method("AsSystemError", [])))


class StatusException(AbstractException):
    """%Exception.StatusException, made from a bad %Status."""

    NAME = "%Exception.StatusException"

    def __init__(self, ctx: Context, bad: Value) -> None:
        super().__init__(ctx)
        self.status = bad
        for code, arguments in status.errors(bad)[:1]:
            self.Code = code
            self.Name = status.error_text(code, arguments, ctx.classes.language)
            self.Data = ",".join(to_string(argument) for argument in arguments)

    @class_method()
    def CreateFromStatus(ctx: Context, sc: Value, inner: Value = "") -> Value:
        return StatusException(ctx, sc)

    def display(self) -> str:
        return status.text(self.status, self.classes.language)

    def as_status(self) -> Value:
        return self.status


class SqlException(AbstractException):
    """%Exception.SQL, made from an SQLCODE."""

    NAME = "%Exception.SQL"

    @class_method()
    def CreateFromSQLCODE(ctx: Context, SQLCODE: Value, Message: Value = "") -> Value:
        exception = SqlException(ctx)
        _fill(exception, f"SQLCODE: {to_int(SQLCODE)}", SQLCODE, "", Message, "")
        return exception


def exception_of(context: Context, error: OsError) -> AbstractException:
    """The object that CATCH receives for an error."""
    if isinstance(error, Thrown) and isinstance(error.exception, AbstractException):
        return error.exception
    exception = SystemException(context)
    _fill(exception, error.name, _SYSTEM_CODES.get(error.name, ""), error.location, error.detail, "")
    return exception

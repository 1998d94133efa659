# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How control leaves a command early: never an error, never caught by TRY as one."""

from __future__ import annotations

from irissim.values.errors import OsError
from irissim.values.value import OsObject, Value


class Signal(BaseException):
    """Base of all changes of the flow of control."""


class Halt(Signal):
    """The process ends, with this exit code."""

    def __init__(self, code: int = 0) -> None:
        super().__init__(code)
        self.code = code


class QuitSignal(Signal):
    """QUIT: leave the innermost loop, TRY block, XECUTE or line."""

    def __init__(self, value: Value | None = None) -> None:
        super().__init__()
        self.value = value


class ReturnSignal(Signal):
    """RETURN: leave the line or XECUTE through all loops and blocks."""

    def __init__(self, value: Value | None = None) -> None:
        super().__init__()
        self.value = value


class ContinueSignal(Signal):
    """CONTINUE: the next turn of the innermost loop."""


class Thrown(OsError):
    """An exception object on its way to a CATCH; uncaught, it prints as the error it stands for."""

    def __init__(self, exception: OsObject, name: str, detail: str, location: str = "") -> None:
        super().__init__(name, detail, location)
        self.exception = exception


class Unsupported(OsError):
    """Something that IRIS does and the simulator does not."""


def unsupported(what: str) -> Unsupported:
    """Valid ObjectScript that this interpreter does not run; the error says what it is."""
    return Unsupported("<SYNTAX>", f"*{what} is not supported by the simulator")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running lines and expressions of ObjectScript in a session."""

from __future__ import annotations

from irissim.objectscript import commands, functions, json_literals, operators, references, specials
from irissim.objectscript.compiler import compile_expression, compile_line
from irissim.objectscript.host import Session
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import ContinueSignal, QuitSignal, ReturnSignal
from irissim.values.errors import OsError
from irissim.values.value import Value

__all__ = ["HANDLERS", "Interpreter"]

HANDLERS = (commands, functions, json_literals, operators, references, specials)
"""The packages that register what the compiler can translate."""


class Interpreter:
    """One process: keeps its local variables and error state from line to line."""

    def __init__(self, session: Session) -> None:
        self.runtime = Runtime(session)

    def execute(self, line: str) -> None:
        """Run a terminal line. Raises OsError for an error that nothing caught, Halt when the process is to end."""
        try:
            self._run(line)
        except OsError as error:
            self.runtime.remember(error)
            if not self._trapped():
                raise

    def evaluate(self, text: str) -> Value:
        """The value of an expression."""
        try:
            return compile_expression(text)(self.runtime)
        except RecursionError:
            raise OsError("<FRAMESTACK>") from None

    def close(self) -> None:
        """The end of the process."""
        self.runtime.end()

    def _run(self, line: str) -> None:
        try:
            compile_line(line)(self.runtime)
        except QuitSignal as signal:
            self.runtime.leave_stopped(signal.value)
        except (ReturnSignal, ContinueSignal):
            return
        except RecursionError:
            raise OsError("<FRAMESTACK>") from None

    def _trapped(self) -> bool:
        """Run $ETRAP; the error is dealt with when that cleared $ECODE."""
        trap = self.runtime.etrap
        if not trap:
            return False
        self._run(trap)
        return not self.runtime.ecode

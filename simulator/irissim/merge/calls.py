# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of system classes in the name of a merge: what a class refuses fails the merge, with its error."""

from __future__ import annotations

from collections.abc import Mapping

from irissim.engine.instance import Instance
from irissim.objectscript.classes import Argument, SessionContext, SystemClass
from irissim.objectscript.host import Session
from irissim.objectscript.interpreter import Interpreter
from irissim.objectscript.locals import LocalArray
from irissim.values.errors import OsError
from irissim.values.status import codes, is_ok, text
from irissim.values.value import OsObject, Value, to_bool, to_string

EVENT = "Utility.Event"
"""What messages.log calls the lines of a merge."""


class Refusal(Exception):
    """A call of a system class failed; the text is the class's own."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Calls:
    """The system classes as one process in %SYS sees them."""

    def __init__(self, instance: Instance, session: Session) -> None:
        self.instance = instance
        self.session = session

    @property
    def context(self) -> SessionContext:
        """For what asks for the context of a call."""
        return SessionContext(self.session)

    def kind(self, class_name: str) -> type[SystemClass] | None:
        """A class; None if the simulator does not have it."""
        return self.session.classes.kind(class_name)

    def status(self, class_name: str, method: str, *arguments: Argument) -> None:
        """Call a method that returns a %Status."""
        self.check(self.value(class_name, method, *arguments))

    def value(self, class_name: str, method: str, *arguments: Argument) -> Value:
        """Call a method."""
        try:
            return self.session.classes.call(self.session, class_name, method, arguments)
        except OsError as error:
            raise Refusal(str(error)) from None

    def exists(self, class_name: str, *names: str) -> bool:
        """Whether an object of that name exists."""
        return to_bool(self.value(class_name, "Exists", *names, LocalArray(), LocalArray()))

    def save(self, opened: Value, properties: Mapping[str, str]) -> None:
        """Assign properties of an object and save it."""
        assert isinstance(opened, SystemClass)
        try:
            for name, value in properties.items():
                opened.set_property(name, value)
            self.check(opened.call_method("%Save", ()))
        except OsError as error:
            raise Refusal(str(error)) from None

    def evaluate(self, namespace: str, expression: str) -> None:
        """Evaluate an expression that is worth a %Status."""
        before = self.session.namespace
        interpreter = Interpreter(self.session)
        try:
            self.session.namespace = namespace
            result = interpreter.evaluate(expression)
        except OsError as error:
            raise Refusal(str(error)) from None
        finally:
            interpreter.close()
            self.session.namespace = before
        # FIDELITY(documented; CPF Execute): what is executed must return a %Status
        if isinstance(result, OsObject) or not to_string(result).startswith(("1", "0 ")):
            raise Refusal("it returned no %Status")
        self.check(result)

    @staticmethod
    def check(status: Value) -> None:
        """Raise what a status says."""
        if not is_ok(status):
            found = codes(status)
            raise Refusal(text(status).replace("\r\n", " "), found[0] if found else 0)


def record(properties: Mapping[str, str]) -> LocalArray:
    """A property array."""
    array = LocalArray()
    for name, value in properties.items():
        array.set(value, name)
    return array


def quoted(text: str) -> str:
    """A string literal."""
    return '"' + text.replace('"', '""') + '"'

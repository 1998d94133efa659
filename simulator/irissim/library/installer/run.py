# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a manifest: its variables, its log, the calls it makes."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Argument, Context, LocalArray
from irissim.objectscript.commands.newline import NEW_LINE
from irissim.objectscript.compiler import compile_expression
from irissim.objectscript.runtime import runtime_of
from irissim.values import status
from irissim.values.errors import StatusError
from irissim.values.value import Value, to_int, to_string

_EXPRESSION = re.compile(r"#\{(.*?)\}", re.DOTALL)
_VARIABLE = re.compile(r"\$\{(\w+)\}")
YES = ("yes", "true", "1")


class Run:
    """The state between the tags."""

    def __init__(self, context: Context, title: str, variables: LocalArray, level: Value) -> None:
        self.context = context
        self.title = title
        self.namespace = ""
        self._given = variables
        self._level = to_int(level)
        self._fixed = _predefined(context)
        self._fixed["ISCUPPER"], self._fixed["NAMESPACE"] = "IRIS", context.session.namespace

    def log(self, level: int, source: str, text: str) -> None:
        """A line of the log, if the level asks for it."""
        # FIDELITY(assumed; R-IA): time, level, source and text; lines above the log level are left out
        if level <= self._level:
            now = time.strftime("%Y-%m-%d %H:%M:%S")
            self.context.session.write(f"{NEW_LINE}{now} {level} {source}: {text}")

    def variable(self, name: str) -> str | None:
        """The value of a variable; those that the caller gave come before the predefined ones."""
        node = self._given.node(name)
        if node is not None and node.value is not None:
            return to_string(node.value)
        return self._fixed.get(name)

    def set_variable(self, name: str, value: str) -> None:
        """<Var>, <Default>, <ForEach> and Return of <Invoke>."""
        self._given.set(value, name)

    def expand(self, text: str) -> str:
        """A text with ${variables} and #{expressions} replaced."""

        # FIDELITY(documented; GCI): ${Name} is a variable, #{expression} an ObjectScript expression
        def variable(match: re.Match[str]) -> str:
            value = self.variable(match[1])
            if value is None:
                raise StatusError(5001, f"The variable {match[1]} of the manifest is not defined")
            return value

        text = _VARIABLE.sub(variable, text)
        return _EXPRESSION.sub(lambda match: to_string(self.evaluate(match[1])), text)

    def evaluate(self, text: str) -> Value:
        """An expression, with the variables as tVars."""
        runtime = runtime_of(self.context.session)
        with runtime.procedure({"pVars": self._given}, ()):
            return compile_expression(text)(runtime)

    def call(self, class_name: str, method: str, *arguments: Argument) -> Value:
        """Call a class method of a system class in %SYS."""
        with self.inside("%SYS"):
            return self.context.classes.call(self.context.session, class_name, method, list(arguments))

    def check(self, class_name: str, method: str, *arguments: Argument) -> None:
        """Call a method whose status must be good."""
        check(self.call(class_name, method, *arguments))

    def known(self, class_name: str) -> bool:
        """Whether the simulator has a class."""
        return self.context.classes.kind(class_name) is not None

    @contextmanager
    def inside(self, namespace: str) -> Iterator[None]:
        """Work in a namespace for a while."""
        session = self.context.session
        before = session.namespace
        session.namespace = namespace
        try:
            yield
        finally:
            session.namespace = before


def check(result: Value) -> None:
    """Raise what a status tells."""
    for code, arguments in status.errors(result)[:1]:
        raise StatusError(code, *(to_string(argument) for argument in arguments))


def properties(**fields: str) -> LocalArray:
    """An array of properties; empty ones are left out."""
    array = LocalArray()
    for name, value in fields.items():
        if value != "":
            array.set(value, name)
    return array


def _predefined(context: Context) -> dict[str, str]:
    # FIDELITY(documented; GCI): the variables that are always there
    instance = engine(context)
    home = str(instance.install_dir).rstrip("/") + "/"
    return {
        "CFGFILE": str(instance.cpf_path),
        "CFGNAME": instance.name,
        "CPUCOUNT": str(os.cpu_count() or 1),
        "CSPDIR": home + "csp/",
        "HOSTNAME": instance.addresses.host_name,
        "HTTPPORT": str(instance.addresses.web_port),
        "INSTALLDIR": home,
        "MGRDIR": str(instance.mgr).rstrip("/") + "/",
        "OS": "UNIX",
        "PLATFORM": "UNIX",
        "PORT": str(instance.addresses.superserver_port),
        "USERNAME": context.session.username,
    }

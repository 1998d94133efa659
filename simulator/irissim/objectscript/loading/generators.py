# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Method generators: methods whose body runs when the class is compiled and writes the code of the method."""

from __future__ import annotations

from irissim.objectscript.classes import Context, SystemClass, field, method
from irissim.objectscript.host import Session
from irissim.objectscript.loading.code import Code, level
from irissim.objectscript.loading.definition import ClassDefinition, MethodDefinition
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.runtime import runtime_of
from irissim.values import status
from irissim.values.errors import OsError
from irissim.values.value import Value, to_string


class GeneratedCode(SystemClass):
    """%code: takes the lines of the generated method."""

    NAME = "%Library.MethodGenerator"

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.lines: list[str] = [""]

    @method()
    def WriteLine(self, data: Value = "") -> Value:
        self.lines[-1] += to_string(data)
        self.lines.append("")
        return status.OK

    @method()
    def Write(self, data: Value = "") -> Value:
        self.lines[-1] += to_string(data)
        return status.OK


class CompiledClass(SystemClass):
    """%class and %compiledclass: what a generator can ask about the class that is compiled."""

    NAME = "%Dictionary.CompiledClass"
    Name = field()
    Super = field()

    def __init__(self, ctx: Context, definition: ClassDefinition) -> None:
        super().__init__(ctx)
        self.definition = definition
        self.Name = definition.name
        self.Super = ",".join(definition.parents)


class CompiledMethod(SystemClass):
    """%method and %compiledmethod."""

    NAME = "%Dictionary.CompiledMethod"
    Name = field()


def generated_code(
    definition: ClassDefinition, method_: MethodDefinition, generator: Code, session: Session
) -> list[str]:
    """Run a generator and give the lines it wrote."""
    runtime = runtime_of(session)
    code, about = GeneratedCode(runtime.context), CompiledClass(runtime.context, definition)
    of_method = CompiledMethod(runtime.context)
    of_method.Name = method_.name
    given: dict[str, Value] = {
        "%code": code,
        "%class": about,
        "%compiledclass": about,
        "%method": of_method,
        "%compiledmethod": of_method,
        "%mode": "method",
    }
    with runtime.procedure({name: LocalArray(value) for name, value in given.items()}, ()), level(runtime, "d"):
        result = generator.run(runtime)
    if result != "" and not status.is_ok(result):
        raise OsError("<GENERATOR>", "*" + status.text(result))
    return code.lines

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$DATA, $GET, $ORDER and what else looks at variables and their subscripts."""

from __future__ import annotations

from irissim.objectscript.calls import function_arguments
from irissim.objectscript.compiler import (
    Expression,
    Reference,
    compile_reference,
    expression,
    on_function,
    reference,
)
from irissim.objectscript.functions.strict import Given, strict
from irissim.objectscript.names import reference_text, split_reference
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.variables import GlobalVariable, LocalVariable, Variable
from irissim.values.errors import OsError
from irissim.values.value import Value, canonical, to_int


def _variable_and_rest(node: Node, most: int) -> tuple[Reference, list[Node | None]]:
    nodes = function_arguments(node)
    if not 1 <= len(nodes) <= most or nodes[0] is None:
        raise OsError("<SYNTAX>")
    return reference(nodes[0]), nodes[1:]


def _optional(nodes: list[Node | None], index: int) -> Expression | None:
    node = nodes[index] if index < len(nodes) else None
    return None if node is None else expression(node)


def _optional_variable(nodes: list[Node | None], index: int) -> Reference | None:
    node = nodes[index] if index < len(nodes) else None
    return None if node is None else reference(node)


@on_function("data", "d")
def _data(node: Node) -> Expression:
    variable, rest = _variable_and_rest(node, 2)
    target = _optional_variable(rest, 0)

    def run(runtime: Runtime) -> Value:
        place = variable(runtime)
        state = place.data()
        if target is not None and state % 2:
            target(runtime).set(place.value())
        return state

    return run


@on_function("get", "g")
def _get(node: Node) -> Expression:
    variable, rest = _variable_and_rest(node, 2)
    default = _optional(rest, 0)

    def run(runtime: Runtime) -> Value:
        value = variable(runtime).get()
        if value is not None:
            return value
        return "" if default is None else default(runtime)

    return run


@on_function("increment", "i", "sequence", "seq")
def _increment(node: Node) -> Expression:
    variable, rest = _variable_and_rest(node, 2)
    step = _optional(rest, 0)
    return lambda runtime: variable(runtime).increment(1 if step is None else step(runtime))


@on_function("order", "o")
def _order(node: Node) -> Expression:
    variable, rest = _variable_and_rest(node, 3)
    direction, target = _optional(rest, 0), _optional_variable(rest, 1)

    def run(runtime: Runtime) -> Value:
        place = variable(runtime)
        found = place.order(_direction(direction, runtime))
        if target is not None and found != "":
            value = _sibling(runtime, place, found).get()
            if value is not None:
                target(runtime).set(value)
        return found

    return run


@on_function("query", "q")
def _query(node: Node) -> Expression:
    variable, rest = _variable_and_rest(node, 3)
    direction, target = _optional(rest, 0), _optional_variable(rest, 1)

    def run(runtime: Runtime) -> Value:
        found = variable(runtime).query(_direction(direction, runtime))
        if target is not None and found:
            target(runtime).set(compile_reference(found)(runtime).value())
        return found

    return run


def _direction(direction: Expression | None, runtime: Runtime) -> int:
    wanted = 1 if direction is None else to_int(direction(runtime))
    if wanted not in (1, -1):
        raise OsError("<FUNCTION>")
    return wanted


def _sibling(runtime: Runtime, place: Variable, subscript: Value) -> Variable:
    if isinstance(place, LocalVariable):
        return LocalVariable(place.table, place.name, (*place.subscripts[:-1], canonical(subscript)))
    if isinstance(place, GlobalVariable):
        return place.sibling(canonical(subscript))
    raise OsError("<FUNCTION>")


@on_function("name", "na")
def _name(node: Node) -> Expression:
    variable, rest = _variable_and_rest(node, 2)
    depth = _optional(rest, 0)

    def run(runtime: Runtime) -> Value:
        text = variable(runtime).text()
        if depth is None:
            return text
        name, subscripts = split_reference(text)
        return reference_text(name, subscripts[: max(to_int(depth(runtime)), 0)])

    return run


@strict("qlength", "ql", least=1, most=1)
def _qlength(given: Given) -> Value:
    return len(split_reference(given.text(0))[1])


@strict("qsubscript", "qs", least=2, most=2)
def _qsubscript(given: Given) -> Value:
    name, subscripts = split_reference(given.text(0))
    index = given.integer(1)
    environment = ""
    if name.startswith(("^|", "^[")) and not name.startswith("^||"):
        closing = {"|": "|", "[": "]"}[name[1]]
        inside, _, bare = name[2:].rpartition(closing)
        environment, name = inside.strip('"'), "^" + bare
    if index == -1:
        return environment
    if index == 0:
        return name
    return subscripts[index - 1] if 1 <= index <= len(subscripts) else ""

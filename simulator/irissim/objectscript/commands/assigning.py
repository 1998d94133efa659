# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SET, MERGE and XECUTE, and argument indirection."""

from __future__ import annotations

from irissim.objectscript.compiler import (
    Assignment,
    Expression,
    Reference,
    Statement,
    assignment,
    compile_line,
    conditional,
    expression,
    on_statement,
    post_condition,
    reference,
)
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.variables import MAX_STRING
from irissim.values.errors import OsError
from irissim.values.value import Value, to_bool, to_string


@on_statement("command_set")
def _set(node: Node) -> Statement:
    parts = [_set_argument(child) for child in node.children if child.type == "set_argument"]
    return conditional(node, _sequence(parts))


def _sequence(parts: list[Statement]) -> Statement:
    if len(parts) == 1:
        return parts[0]
    fixed = tuple(parts)

    def run(runtime: Runtime) -> None:
        for part in fixed:
            part(runtime)

    return run


def _set_argument(node: Node) -> Statement:
    first = node.children[0]
    if first.type == "indirection":
        return argument_indirection("set", first)
    value = expression(node.children[-1])
    if first.type == "set_target_list":
        targets = [_target(child) for child in first.children if child.type == "set_target"]

        def assign_all(runtime: Runtime) -> None:
            found = value(runtime)
            for target in targets:
                target(runtime, found)

        return assign_all
    inner = first.children[0]
    if inner.type == "lvn" and len(inner.children) == 1:
        return _simple(node_text(inner)[:31], value)
    return _assign(_target(first), inner, value)


def _simple(name: str, value: Expression) -> Statement:
    """The by far most common form, a local without subscripts."""

    def run(runtime: Runtime) -> None:
        found = value(runtime)
        array = runtime.locals.get(name)
        if array is None:
            array = runtime.locals[name] = LocalArray()
        array.value = found

    return run


def _assign(target: Assignment, node: Node, value: Expression) -> Statement:
    if node.type not in ("lvn", "gvn", "indirection"):
        return lambda runtime: target(runtime, value(runtime))
    variable = reference(node)

    def run(runtime: Runtime) -> None:
        # IRIS evaluates subscripts on the left before the right side; the naked reference depends on it.
        place = variable(runtime)
        place.set(_checked(value(runtime)))

    return run


def _checked(value: Value) -> Value:
    if isinstance(value, str) and len(value) > MAX_STRING:
        raise OsError("<MAXSTRING>")
    return value


def _target(node: Node) -> Assignment:
    inner = node.children[0]
    if inner.type == "system_defined_function":
        text = node_text(inner)
        return assignment(text[1 : text.index("(")].strip().lower(), inner)
    if inner.type == "system_defined_variable":
        return assignment(node_text(inner).lower(), inner)
    variable = reference(inner)
    return lambda runtime, value: variable(runtime).set(value)


def argument_indirection(command: str, node: Node) -> Statement:
    """``set @x`` where x holds whole arguments."""
    if len(node.children) != 2:
        raise OsError("<SYNTAX>")
    source = expression(node.children[1])
    return lambda runtime: compile_line(f"{command} {to_string(source(runtime))}")(runtime)


@on_statement("command_merge")
def _merge(node: Node) -> Statement:
    parts = [_merge_argument(child) for child in node.children if child.type == "merge_argument"]
    return conditional(node, _sequence(parts))


def _merge_argument(node: Node) -> Statement:
    if node.children[0].type == "indirection" and len(node.children) == 1:
        return argument_indirection("merge", node.children[0])
    first = node.children[0]
    target: Reference = reference(first.children[0] if first.type == "set_target" else first)
    source = reference(node.children[-1])
    return lambda runtime: target(runtime).merge(source(runtime).nodes())


@on_statement("command_xecute")
def _xecute(node: Node) -> Statement:
    parts = [_xecute_argument(child) for child in node.children if child.type == "xecute_argument"]
    return conditional(node, _sequence(parts))


def _xecute_argument(node: Node) -> Statement:
    source, condition = expression(node.children[0]), post_condition(node)

    def run(runtime: Runtime) -> None:
        if condition is not None and not to_bool(condition(runtime)):
            return
        code = compile_line(to_string(source(runtime)))
        with runtime.frame():
            code(runtime)

    return run

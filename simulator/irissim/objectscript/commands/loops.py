# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IF, ELSE, FOR, WHILE, DO-WHILE, QUIT, RETURN and CONTINUE."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from irissim.objectscript.compiler import (
    Expression,
    Statement,
    braced,
    conditional,
    expression,
    on_statement,
    reference,
)
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import ContinueSignal, QuitSignal, ReturnSignal
from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.numbers import Number
from irissim.values.value import Value, to_bool, to_number

_TURNS_BETWEEN_CHECKS = 256
Range = Callable[[Runtime, Callable[[], Value]], Iterator[Value]]


def _all(node: Node) -> Expression:
    """Conditions between commas, which must all hold; later ones are not evaluated after a false one."""
    conditions = [expression(child) for child in node.children if child.type == "expression"]

    def run(runtime: Runtime) -> Value:
        return int(all(to_bool(condition(runtime)) for condition in conditions))

    if len(conditions) == 1:
        return conditions[0]
    return run


@on_statement("command_if")
def _if(node: Node) -> Statement:
    if node.children[0].type == "keyword_old_if":
        return _line_if(node)
    # FIDELITY(documented; GCOS): IF with braces neither reads nor sets $TEST
    branches = [(_all(node), braced(node))]
    otherwise: Statement | None = None
    for child in node.children:
        if child.type == "elseif_block":
            branches.append((_all(child), braced(child)))
        elif child.type == "else_block":
            otherwise = braced(child)

    def run(runtime: Runtime) -> None:
        for condition, body in branches:
            if to_bool(condition(runtime)):
                body(runtime)
                return
        if otherwise is not None:
            otherwise(runtime)

    return run


def _line_if(node: Node) -> Statement:
    """IF without braces: governs the rest of its line and sets $TEST. Without condition it reads $TEST."""
    has_condition = any(child.type == "expression" for child in node.children)
    condition, body = _all(node), braced(node)

    def run(runtime: Runtime) -> None:
        if has_condition:
            runtime.test = to_bool(condition(runtime))
        if runtime.test:
            body(runtime)

    return run


@on_statement("command_else")
def _else(node: Node) -> Statement:
    body = braced(node)

    def run(runtime: Runtime) -> None:
        if not runtime.test:
            body(runtime)

    return run


def _turn(body: Statement, runtime: Runtime) -> bool:
    """One turn of a loop; False when it was left."""
    runtime.turns += 1
    if not runtime.turns % _TURNS_BETWEEN_CHECKS:
        runtime.session.check()
    try:
        body(runtime)
    except ContinueSignal:
        return True
    except QuitSignal as signal:
        if signal.value is not None:
            raise OsError("<COMMAND>") from None
        return False
    return True


@on_statement("command_while")
def _while(node: Node) -> Statement:
    condition, body = _all(node), braced(node)

    def run(runtime: Runtime) -> None:
        while to_bool(condition(runtime)) and _turn(body, runtime):
            pass

    return run


@on_statement("command_dowhile")
def _do_while(node: Node) -> Statement:
    condition, body = _all(node), braced(node)

    def run(runtime: Runtime) -> None:
        while _turn(body, runtime) and to_bool(condition(runtime)):
            pass

    return run


@on_statement("command_for")
def _for(node: Node) -> Statement:
    body = braced(node)
    parameter = next((child for child in node.children if child.type == "for_parameter"), None)
    if parameter is None:

        def forever(runtime: Runtime) -> None:
            while _turn(body, runtime):
                pass

        return forever
    variable = reference(parameter.children[0])
    ranges = [_range(child) for child in parameter.children if child.type == "for_parameter_arg"]

    def run(runtime: Runtime) -> None:
        def current() -> Value:
            return variable(runtime).value()

        for values in ranges:
            for value in values(runtime, current):
                variable(runtime).set(value)
                if not _turn(body, runtime):
                    return

    return run


def _range(node: Node) -> Range:
    """One argument of FOR: a value, ``start:step`` or ``start:step:end``."""
    parts = [expression(child) for child in node.children if child.type != ":"]

    def values(runtime: Runtime, current: Callable[[], Value]) -> Iterator[Value]:
        if len(parts) == 1:
            yield parts[0](runtime)
            return
        value, step = to_number(parts[0](runtime)), to_number(parts[1](runtime))
        end = to_number(parts[2](runtime)) if len(parts) > 2 else None
        while end is None or not _beyond(value, step, end):
            yield value
            found = current()
            value = found + step if type(found) is int and type(step) is int else _plus(found, step)

    return values


def _beyond(value: Number, step: Number, end: Number) -> bool:
    return value > end if step >= 0 else value < end


def _plus(value: Value, step: Number) -> Number:
    return numbers.add(to_number(value), step)


@on_statement("command_quit")
def _quit(node: Node) -> Statement:
    value = _result(node)

    def run(runtime: Runtime) -> None:
        raise QuitSignal(None if value is None else value(runtime))

    return conditional(node, run)


@on_statement("command_return")
def _return(node: Node) -> Statement:
    value = _result(node)

    def run(runtime: Runtime) -> None:
        raise ReturnSignal(None if value is None else value(runtime))

    return conditional(node, run)


def _result(node: Node) -> Expression | None:
    last = node.children[-1]
    if last.type.startswith("keyword") or last.type == "post_conditional":
        return None
    if not node_text(last):
        raise OsError("<SYNTAX>")
    return expression(last)


@on_statement("command_continue")
def _continue(node: Node) -> Statement:
    def run(runtime: Runtime) -> None:
        raise ContinueSignal

    return conditional(node, run)

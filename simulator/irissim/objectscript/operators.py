# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary and unary operators. All binary ones have the same precedence and are taken from left to right."""

from __future__ import annotations

from collections.abc import Callable

from irissim.objectscript.compiler import Expression, expression, on_expression
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.patterns import matches
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.variables import MAX_STRING
from irissim.values import numbers
from irissim.values.collation import encode_subscript
from irissim.values.errors import OsError
from irissim.values.value import Value, same, to_bool, to_number, to_string

Operator = Callable[[Value, Value], Value]


def concatenate(left: Value, right: Value) -> str:
    """``left_right``; <MAXSTRING> when it gets too long."""
    text = to_string(left) + to_string(right)
    if len(text) > MAX_STRING:
        raise OsError("<MAXSTRING>")
    return text


def _add(left: Value, right: Value) -> Value:
    return numbers.add(to_number(left), to_number(right))


def _less(left: Value, right: Value) -> bool:
    return to_number(left) < to_number(right)


def _greater(left: Value, right: Value) -> bool:
    return to_number(left) > to_number(right)


def _follows(left: Value, right: Value) -> bool:
    return to_string(left) > to_string(right)


def _sorts_after(left: Value, right: Value) -> bool:
    return encode_subscript(left) > encode_subscript(right)


def _contains(left: Value, right: Value) -> bool:
    return to_string(right) in to_string(left)


_ARITHMETIC: dict[str, Operator] = {
    "+": _add,
    "-": lambda left, right: numbers.subtract(to_number(left), to_number(right)),
    "*": lambda left, right: numbers.multiply(to_number(left), to_number(right)),
    "/": lambda left, right: numbers.divide(to_number(left), to_number(right)),
    "\\": lambda left, right: numbers.integer_divide(to_number(left), to_number(right)),
    "#": lambda left, right: numbers.modulo(to_number(left), to_number(right)),
    "**": lambda left, right: numbers.power(to_number(left), to_number(right)),
    "_": concatenate,
}
_RELATIONS: dict[str, Callable[[Value, Value], bool]] = {
    "=": same,
    "<": _less,
    ">": _greater,
    "]": _follows,
    "]]": _sorts_after,
    "[": _contains,
    "&": lambda left, right: to_bool(left) and to_bool(right),
    "!": lambda left, right: to_bool(left) or to_bool(right),
}
_SAME_AS = {"<=": "'>", ">=": "'<"}


def _binary(symbol: str, left: Expression, right: Expression) -> Expression:
    if symbol == "&&":
        return lambda runtime: int(to_bool(left(runtime)) and to_bool(right(runtime)))
    if symbol == "||":
        return lambda runtime: int(to_bool(left(runtime)) or to_bool(right(runtime)))
    if symbol == "+":
        return _sum(left, right)
    if symbol in _ARITHMETIC:
        operator = _ARITHMETIC[symbol]
        return lambda runtime: operator(left(runtime), right(runtime))
    symbol = _SAME_AS.get(symbol, symbol)
    relation = _RELATIONS.get(symbol.lstrip("'"))
    if relation is None:
        raise OsError("<SYNTAX>")
    if symbol.startswith("'"):
        return lambda runtime: int(not relation(left(runtime), right(runtime)))
    return lambda runtime: int(relation(left(runtime), right(runtime)))


def _sum(left: Expression, right: Expression) -> Expression:
    def run(runtime: Runtime) -> Value:
        first, second = left(runtime), right(runtime)
        if type(first) is int and type(second) is int:
            total = first + second
            if -numbers.MAX_MANTISSA <= total <= numbers.MAX_MANTISSA:
                return total
        return _add(first, second)

    return run


@on_expression("unary_expression")
def _unary(node: Node) -> Expression:
    operator, operand = node_text(node.children[0]), expression(node.children[1])
    if operator == "-":
        return lambda runtime: numbers.negate(to_number(operand(runtime)))
    if operator == "+":
        return lambda runtime: to_number(operand(runtime))
    if operator == "'":
        return lambda runtime: int(not to_bool(operand(runtime)))
    raise OsError("<SYNTAX>")


@on_expression("expression")
def _expression(node: Node) -> Expression:
    children = node.children
    position = 0
    if node_text(children[0]) == "(":
        result, position = expression(children[1]), 3
    else:
        result, position = expression(children[0]), 1
    while position < len(children):
        operator = children[position]
        if operator.type == "pattern_operator":
            result = _pattern(result, operator)
            position += 1
        elif operator.type == "binary_operator":
            result = _binary(node_text(operator).replace(" ", ""), result, expression(children[position + 1]))
            position += 2
        else:
            raise OsError("<SYNTAX>")
    return result


def _pattern(operand: Expression, node: Node) -> Expression:
    wanted = not node_text(node.children[0]).startswith("'")
    pattern = node.children[-1]
    if pattern.type == "indirection":
        source = expression(pattern.children[-1])
        return lambda runtime: int(matches(to_string(operand(runtime)), to_string(source(runtime))) is wanted)
    fixed = node_text(pattern)
    matches("", fixed)
    return lambda runtime: int(matches(to_string(operand(runtime)), fixed) is wanted)


@on_expression("numeric_literal")
def _numeric_literal(node: Node) -> Expression:
    number = numbers.parse_leading_number(node_text(node))
    return lambda runtime: number


@on_expression("string_literal")
def _string_literal(node: Node) -> Expression:
    text = node_text(node)[1:-1].replace('""', '"')
    return lambda runtime: text

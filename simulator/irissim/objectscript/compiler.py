# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Syntax trees to Python closures. The handlers of node types, commands and functions register themselves here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from irissim.objectscript.parser import Node, is_blank, node_text, parse_expression, parse_line
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import Unsupported, unsupported
from irissim.objectscript.variables import Variable
from irissim.values.errors import OsError
from irissim.values.value import Value, to_bool

Expression = Callable[[Runtime], Value]
Statement = Callable[[Runtime], None]
Reference = Callable[[Runtime], Variable]
Assignment = Callable[[Runtime, Value], None]

ExpressionHandler = Callable[[Node], Expression]
StatementHandler = Callable[[Node], Statement]
ReferenceHandler = Callable[[Node], Reference]
AssignmentHandler = Callable[[Node], Assignment]
_Handler = TypeVar("_Handler")

_expressions: dict[str, ExpressionHandler] = {}
_statements: dict[str, StatementHandler] = {}
_references: dict[str, ReferenceHandler] = {}
_assignments: dict[str, AssignmentHandler] = {}
_functions: dict[str, ExpressionHandler] = {}
_units = threading.local()


def on_expression(*types: str) -> Callable[[ExpressionHandler], ExpressionHandler]:
    """Register the compiler of these nodes where a value is wanted."""
    return _registrar(_expressions, types)


def on_statement(*types: str) -> Callable[[StatementHandler], StatementHandler]:
    """Register the compiler of these commands."""
    return _registrar(_statements, types)


def on_reference(*types: str) -> Callable[[ReferenceHandler], ReferenceHandler]:
    """Register the compiler of these nodes where a variable is wanted."""
    return _registrar(_references, types)


def on_assignment(*names: str) -> Callable[[AssignmentHandler], AssignmentHandler]:
    """Register what SET does with these $functions and special variables (lower case names)."""
    return _registrar(_assignments, names)


def on_function(*names: str) -> Callable[[ExpressionHandler], ExpressionHandler]:
    """Register the compiler of these $functions (lower case, full name and abbreviations)."""
    return _registrar(_functions, names)


def _registrar(table: dict[str, _Handler], keys: Sequence[str]) -> Callable[[_Handler], _Handler]:
    def register(handler: _Handler) -> _Handler:
        for key in keys:
            if key in table:
                raise ValueError(f"{key} has two handlers")
            table[key] = handler
        return handler

    return register


def expression(node: Node) -> Expression:
    """Compile a node to its value."""
    handler = _expressions.get(node.type)
    if handler is None:
        raise unsupported(node_text(node))
    return handler(node)


def reference(node: Node) -> Reference:
    """Compile a node to the variable it names."""
    handler = _references.get(node.type)
    if handler is None:
        raise OsError("<SYNTAX>")
    return handler(node)


def assignment(name: str, node: Node) -> Assignment:
    """Compile a $function or special variable on the left of SET."""
    handler = _assignments.get(name)
    if handler is None:
        raise OsError("<SYNTAX>")
    return handler(node)


def function(name: str, node: Node) -> Expression:
    """Compile a call of a $function."""
    handler = _functions.get(name)
    if handler is None:
        raise unsupported("$" + name.upper())
    return handler(node)


def is_reference(node: Node) -> bool:
    """Whether a node can be compiled to a variable."""
    return node.type in _references


def statement(node: Node) -> Statement:
    """Compile one command."""
    inner = node.children[0] if node.type in ("statement", "do_statement_after") else node
    unit: SourceUnit | None = getattr(_units, "current", None)
    if unit is None:
        return _handled(inner)
    try:
        body = _handled(inner)
    except Unsupported as refusal:
        body = _refusing(refusal)
        unit.refused.append(refusal.detail)
    return _located(body, unit.locate(inner))


def _handled(node: Node) -> Statement:
    handler = _statements.get(node.type)
    if handler is None:
        raise unsupported(node_text(node).split(" ")[0].upper())
    return handler(node)


def _refusing(refusal: Unsupported) -> Statement:
    """In a loaded source what cannot be run fails when it is reached, and not before."""

    def run(runtime: Runtime) -> None:
        raise Unsupported(refusal.name, refusal.detail)

    return run


def _located(body: Statement, place: str) -> Statement:
    def run(runtime: Runtime) -> None:
        try:
            body(runtime)
        except OsError as error:
            error.location = error.location or place
            raise

    return run


class SourceUnit:
    """A loaded source while it is compiled: where its statements are, and what of it cannot be run."""

    def __init__(self, locate: Callable[[Node], str]) -> None:
        self.locate = locate
        self.refused: list[str] = []

    def __enter__(self) -> SourceUnit:
        self._outer = getattr(_units, "current", None)
        _units.current = self
        return self

    def __exit__(self, *_: object) -> None:
        _units.current = self._outer


def block(nodes: Sequence[Node]) -> Statement:
    """Compile commands that follow each other."""
    parts = tuple(statement(node) for node in nodes)
    if len(parts) == 1:
        return parts[0]

    def run(runtime: Runtime) -> None:
        for part in parts:
            part(runtime)

    return run


def braced(node: Node) -> Statement:
    """Compile the statements a node holds itself (its block)."""
    return block([child for child in node.children if child.type in ("statement", "do_statement_after")])


def conditional(node: Node, body: Statement) -> Statement:
    """A command under its postconditional, if it has one."""
    condition = post_condition(node)
    if condition is None:
        return body

    def run(runtime: Runtime) -> None:
        if to_bool(condition(runtime)):
            body(runtime)

    return run


def post_condition(node: Node) -> Expression | None:
    """The postconditional of a command or argument."""
    for child in node.children:
        if child.type == "post_conditional":
            return expression(child.children[-1])
    return None


@lru_cache(maxsize=2048)
def compile_line(line: str) -> Statement:
    """A whole line, compiled once."""
    if is_blank(line):
        return block([])
    return _guarded(lambda: block(parse_line(line)))


@lru_cache(maxsize=512)
def compile_expression(text: str) -> Expression:
    """The text of an expression, compiled once."""
    return _guarded(lambda: expression(parse_expression(text)))


@lru_cache(maxsize=512)
def compile_reference(text: str) -> Reference:
    """The text of a variable name, compiled once (name indirection)."""
    return _guarded(lambda: reference(parse_expression(text)))


_Result = TypeVar("_Result")


def _guarded(compile_it: Callable[[], _Result]) -> _Result:
    # Thousands of nested brackets are too deep for Python, and for IRIS as well.
    try:
        return compile_it()
    except RecursionError:
        raise OsError("<SYNTAX>") from None

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WRITE and READ."""

from __future__ import annotations

from irissim.objectscript.commands.newline import NEW_LINE
from irissim.objectscript.commands.zwrite import write_locals
from irissim.objectscript.compiler import (
    Statement,
    conditional,
    expression,
    on_statement,
    reference,
)
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import unsupported
from irissim.values.errors import OsError
from irissim.values.value import to_int, to_seconds, to_string

_NEW_PAGE = "\r\f"


def _sequence(parts: list[Statement]) -> Statement:
    def run(runtime: Runtime) -> None:
        for part in parts:
            part(runtime)

    return run


@on_statement("command_write")
def _write(node: Node) -> Statement:
    arguments = [child for child in node.children if child.type == "write_argument"]
    if not arguments:
        # Argumentless WRITE shows all local variables, like ZWRITE.
        return conditional(node, write_locals)
    return conditional(node, _sequence([_write_argument(argument.children[0]) for argument in arguments]))


def _write_argument(node: Node) -> Statement:
    if node.type == "write_device_control":
        return _sequence([_control(child) for child in node.children])
    value = expression(node)
    return lambda runtime: runtime.session.write(to_string(value(runtime)))


def _control(node: Node) -> Statement:
    if node.type == "write_device_fflf":
        text = "".join(NEW_LINE if child.type == "!" else _NEW_PAGE for child in node.children)
        return lambda runtime: runtime.session.write(text)
    if node.type not in ("write_device_tab", "write_device_char"):
        raise unsupported("WRITE " + node_text(node))
    operand = expression(node.children[-1])
    if node.type == "write_device_tab":
        return lambda runtime: _tab(runtime, to_int(operand(runtime)))
    return lambda runtime: _character(runtime, to_int(operand(runtime)))


def _tab(runtime: Runtime, column: int) -> None:
    missing = column - runtime.session.column
    if missing > 0:
        runtime.session.write(" " * missing)


def _character(runtime: Runtime, code: int) -> None:
    # Negative codes are device controls such as "flush", which have nothing to do here.
    if code >= 0:
        runtime.session.write(chr(code))


@on_statement("command_read")
def _read(node: Node) -> Statement:
    parts = [_read_argument(child) for child in node.children if child.type == "read_argument"]
    return conditional(node, _sequence(parts))


def _read_argument(node: Node) -> Statement:
    inner = node.children[0]
    if inner.type == "string_literal":
        return _write_argument(inner)
    if inner.type == "read_fchar":
        text = "".join(NEW_LINE if mark == "!" else _NEW_PAGE for mark in node_text(inner))
        return lambda runtime: runtime.session.write(text)
    if inner.type != "read_variable":
        raise OsError("<SYNTAX>")
    return _read_variable(inner)


def _read_variable(node: Node) -> Statement:
    children = node.children
    single = children[0].type == "*"
    target = reference(children[1 if single else 0])
    kinds = [child.type for child in children]
    limit = expression(children[kinds.index("#") + 1]) if "#" in kinds else None
    timeout = expression(children[kinds.index(":") + 1]) if ":" in kinds else None

    def run(runtime: Runtime) -> None:
        seconds = None if timeout is None else max(to_seconds(timeout(runtime)), 0.0)
        text = runtime.session.read_line(seconds)
        if timeout is not None:
            runtime.test = text is not None
        elif text is None:
            raise OsError("<ENDOFFILE>")
        if single:
            target(runtime).set(ord(text[0]) if text else (-1 if text is None else 13))
            return
        text = text or ""
        target(runtime).set(text if limit is None else text[: to_int(limit(runtime))])

    return run

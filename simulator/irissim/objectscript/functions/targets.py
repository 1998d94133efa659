# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SET on the left side: $PIECE, $EXTRACT, $LIST and $LISTBUILD as targets."""

from __future__ import annotations

from collections.abc import Callable

from irissim.objectscript.calls import function_arguments
from irissim.objectscript.compiler import Assignment, Expression, Reference, expression, on_assignment, reference
from irissim.objectscript.functions.strict import position_of
from irissim.objectscript.functions.text import with_piece, with_span
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.variables import MAX_STRING
from irissim.values.errors import OsError
from irissim.values.oslist import list_build, list_items
from irissim.values.value import Value, to_string


def _parts(node: Node, least: int, most: int) -> tuple[Reference, list[Expression | None]]:
    nodes = function_arguments(node)
    if not least <= len(nodes) <= most or nodes[0] is None:
        raise OsError("<SYNTAX>")
    return reference(nodes[0]), [None if part is None else expression(part) for part in nodes[1:]]


def _at(parts: list[Expression | None], index: int, runtime: Runtime, length: int, default: int) -> int:
    part = parts[index] if index < len(parts) else None
    return default if part is None else position_of(part(runtime), length)


def _edit(variable: Reference, change: Callable[[Runtime, str, Value], str]) -> Assignment:
    def run(runtime: Runtime, value: Value) -> None:
        place = variable(runtime)
        current = place.get()
        place.set(change(runtime, "" if current is None else to_string(current), value))

    return run


@on_assignment("piece", "p")
def _set_piece(node: Node) -> Assignment:
    variable, parts = _parts(node, 2, 4)
    delimiter = parts[0]
    if delimiter is None:
        raise OsError("<SYNTAX>")

    def change(runtime: Runtime, text: str, value: Value) -> str:
        separator = to_string(delimiter(runtime))
        count = text.count(separator) + 1 if separator else 0
        start = _at(parts, 1, runtime, count, 1)
        return with_piece(text, separator, start, _at(parts, 2, runtime, count, start), to_string(value))

    return _edit(variable, change)


@on_assignment("extract", "e")
def _set_extract(node: Node) -> Assignment:
    variable, parts = _parts(node, 1, 3)

    def change(runtime: Runtime, text: str, value: Value) -> str:
        start = _at(parts, 0, runtime, len(text), 1)
        return with_span(text, start, _at(parts, 1, runtime, len(text), start), to_string(value))

    return _edit(variable, change)


@on_assignment("list", "li")
def _set_list(node: Node) -> Assignment:
    variable, parts = _parts(node, 1, 3)

    def change(runtime: Runtime, text: str, value: Value) -> str:
        items = list_items(text)
        start = _list_position(_at(parts, 0, runtime, len(items), 1), len(items))
        if len(parts) < 2:
            items.extend([None] * (start - len(items)))
            items[start - 1] = value
            return list_build(items)
        end = _list_position(_at(parts, 1, runtime, len(items), start), len(items))
        items.extend([None] * (start - 1 - len(items)))
        items[start - 1 : max(end, start - 1)] = list_items(to_string(value))
        return list_build(items)

    return _edit(variable, change)


def _list_position(position: int, length: int) -> int:
    if position == -1:
        return max(length, 1)
    if position < 1:
        raise OsError("<RANGE>")
    if position > MAX_STRING:
        raise OsError("<MAXSTRING>")
    return position


@on_assignment("listbuild", "lb")
def _set_listbuild(node: Node) -> Assignment:
    targets = [None if part is None else reference(part) for part in function_arguments(node)]

    def run(runtime: Runtime, value: Value) -> None:
        items = list_items(to_string(value))
        for index, target in enumerate(targets):
            item = items[index] if index < len(items) else None
            if target is not None and item is not None:
                target(runtime).set(item)
            elif target is not None:
                target(runtime).kill()

    return run

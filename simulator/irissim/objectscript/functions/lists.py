# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The $LIST family."""

from __future__ import annotations

from collections.abc import Callable

from irissim.objectscript.calls import function_arguments
from irissim.objectscript.compiler import Expression, expression, is_reference, on_function, reference
from irissim.objectscript.functions.strict import Given, strict
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.values.errors import OsError
from irissim.values.oslist import is_list, list_build, list_items
from irissim.values.value import Value, same, to_bool, to_int, to_string


@on_function("listbuild", "lb")
def _listbuild(node: Node) -> Expression:
    parts = [_element(part) for part in function_arguments(node)]
    return lambda runtime: list_build([part(runtime) for part in parts] or [None])


def _element(node: Node | None) -> Callable[[Runtime], Value | None]:
    """An undefined variable is an element without value, not an error."""
    if node is None:
        return lambda runtime: None
    operand = node.children[0] if node.type == "expression" and len(node.children) == 1 else node
    if is_reference(operand) and operand.type in ("lvn", "gvn"):
        variable = reference(operand)
        return lambda runtime: variable(runtime).get()
    return expression(node)


@strict("list", "li", least=1, most=3)
def _list(given: Given) -> Value:
    items = list_items(given.text(0))
    if len(given) == 3:
        start = _position(given, 1, len(items), 1)
        end = _position(given, 2, len(items), len(items))
        return list_build(items[max(start, 1) - 1 : max(end, 0)])
    position = _position(given, 1, len(items), 1)
    if not 1 <= position <= len(items) or (item := items[position - 1]) is None:
        raise OsError("<NULL VALUE>")
    return item


@strict("listget", "lg", least=1, most=3)
def _listget(given: Given) -> Value:
    items = list_items(given.text(0))
    position = _position(given, 1, len(items), 1)
    item = items[position - 1] if 1 <= position <= len(items) else None
    return given.value(2, "") if item is None else item


@strict("listlength", "ll", least=1, most=1)
def _listlength(given: Given) -> Value:
    return len(list_items(given.text(0)))


@strict("listfind", "lf", least=2, most=3)
def _listfind(given: Given) -> Value:
    items, wanted = list_items(given.text(0)), given.value(1)
    start = max(given.integer(2, 0), 0)
    for index, item in enumerate(items[start:], start + 1):
        if item is not None and same(item, wanted):
            return index
    return 0


@strict("listdata", "ld", least=1, most=2)
def _listdata(given: Given) -> Value:
    items = list_items(given.text(0))
    position = _position(given, 1, len(items), 1)
    return int(1 <= position <= len(items) and items[position - 1] is not None)


@strict("listvalid", "lv", least=1, most=1)
def _listvalid(given: Given) -> Value:
    return int(is_list(given.text(0)))


@strict("listsame", "ls", least=2, most=2)
def _listsame(given: Given) -> Value:
    first, second = list_items(given.text(0)), list_items(given.text(1))
    if len(first) != len(second):
        return 0
    return int(
        all(
            (left is None and right is None) or (left is not None and right is not None and same(left, right))
            for left, right in zip(first, second, strict=True)
        )
    )


@strict("listtostring", "lts", least=1, most=3)
def _listtostring(given: Given) -> Value:
    items = list_items(given.text(0))
    if not to_bool(given.value(2, 1)) and any(item is None for item in items):
        raise OsError("<NULL VALUE>")
    return given.text(1, ",").join("" if item is None else to_string(item) for item in items)


@strict("listfromstring", "lfs", least=1, most=2)
def _listfromstring(given: Given) -> Value:
    delimiter = given.text(1, ",")
    text = given.text(0)
    return list_build(text.split(delimiter) if delimiter else [text])


@on_function("listnext")
def _listnext(node: Node) -> Expression:
    nodes = function_arguments(node)
    if len(nodes) != 3 or nodes[0] is None or nodes[1] is None or nodes[2] is None:
        raise OsError("<SYNTAX>")
    source, pointer, target = expression(nodes[0]), reference(nodes[1]), reference(nodes[2])

    def run(runtime: Runtime) -> Value:
        items = list_items(to_string(source(runtime)))
        place = pointer(runtime)
        index = to_int(place.value())
        if index >= len(items):
            place.set(0)
            return 0
        item = items[index]
        place.set(index + 1)
        variable = target(runtime)
        if item is None:
            variable.kill()
        else:
            variable.set(item)
        return 1

    return run


def _position(given: Given, index: int, length: int, default: int) -> int:
    position = given.position(index, length, default)
    if position < -1:
        raise OsError("<RANGE>")
    return length if position == -1 else position

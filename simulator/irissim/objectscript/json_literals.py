# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON objects and arrays written in code: ``{"a":1,"b":[true,(x)]}``."""

from __future__ import annotations

from collections.abc import Callable

from irissim.objectscript.builtin.dynamic import DynamicArray, DynamicObject
from irissim.objectscript.builtin.json_values import FALSE, NULL, TRUE, JsonValue, json_value, load
from irissim.objectscript.compiler import Expression, expression, on_expression
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.runtime import Runtime
from irissim.values.errors import OsError
from irissim.values.value import Value

Member = Callable[[Runtime], JsonValue]


def _member(nodes: list[Node]) -> Member:
    """A value after a colon or between commas; brackets around an ObjectScript expression are separate nodes."""
    node = nodes[1] if len(nodes) == 3 else nodes[0]
    constant = {"json_null_literal": NULL, "true": TRUE, "false": FALSE}.get(_kind(node))
    if constant is not None:
        return lambda runtime: constant
    if node.type == "json_string_literal":
        text = JsonValue("string", _string(node))
        return lambda runtime: text
    value = expression(node)
    return lambda runtime: json_value(value(runtime))


def _kind(node: Node) -> str:
    return node_text(node).lower() if node.type == "json_boolean_literal" else node.type


def _string(node: Node) -> str:
    try:
        return str(load(node_text(node)))
    except ValueError:
        raise OsError("<SYNTAX>") from None


def _groups(nodes: list[Node]) -> list[list[Node]]:
    groups: list[list[Node]] = []
    current: list[Node] = []
    for node in nodes:
        if node.type == ",":
            groups.append(current)
            current = []
        else:
            current.append(node)
    if current:
        groups.append(current)
    return groups


@on_expression("json_object_literal")
def _object(node: Node) -> Expression:
    pairs = [child for child in node.children if child.type == "json_object_literal_pair"]
    members = [(_string(pair.children[0]), _member(pair.children[2:])) for pair in pairs]

    def run(runtime: Runtime) -> Value:
        created = DynamicObject(runtime.context)
        for name, member in members:
            created.put(name, member(runtime))
        return created

    return run


@on_expression("json_array_literal")
def _array(node: Node) -> Expression:
    elements = [_member(group) for group in _groups(node.children[1:-1])]

    def run(runtime: Runtime) -> Value:
        created = DynamicArray(runtime.context)
        created.elements = [element(runtime) for element in elements]
        return created

    return run

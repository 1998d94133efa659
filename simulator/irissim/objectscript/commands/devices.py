# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OPEN, USE and CLOSE."""

from __future__ import annotations

from collections.abc import Callable

from irissim.objectscript.compiler import Expression, Statement, conditional, expression, on_statement
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import unsupported
from irissim.values.value import Value, to_seconds, to_string

Parameters = Callable[[Runtime], list[Value]]


def _device(runtime: Runtime, device: Expression) -> str:
    """0 is the principal device."""
    name = to_string(device(runtime))
    return runtime.session.principal if name == "0" else name


def _expressions(node: Node) -> list[Node]:
    """The outermost expressions below a node."""
    found: list[Node] = []
    for child in node.children:
        if child.type in ("expression", "string_literal", "numeric_literal"):
            found.append(child)
        else:
            found.extend(_expressions(child))
    return found


def _parameters(node: Node) -> Parameters:
    parts = [
        expression(part) for child in node.children if child.type == "device_params" for part in _expressions(child)
    ]
    return lambda runtime: [part(runtime) for part in parts]


def _part(node: Node, kind: str) -> Expression:
    device = next((child for child in node.children if child.type == "device"), None)
    if device is None:
        raise unsupported(kind + " of this form")
    return expression(device.children[0])


def _sequence(node: Node, kind: str, compile_argument: Callable[[Node], Statement]) -> Statement:
    parts = [compile_argument(child) for child in node.children if child.type == kind]

    def run(runtime: Runtime) -> None:
        for part in parts:
            part(runtime)

    return conditional(node, run)


@on_statement("command_use")
def _use(node: Node) -> Statement:
    return _sequence(node, "use_argument", _use_argument)


def _use_argument(node: Node) -> Statement:
    device, parameters = _part(node, "USE"), _parameters(node)
    return lambda runtime: runtime.session.use(_device(runtime, device), parameters(runtime))


@on_statement("command_open")
def _open(node: Node) -> Statement:
    return _sequence(node, "open_argument", _open_argument)


def _open_argument(node: Node) -> Statement:
    device, parameters = _part(node, "OPEN"), _parameters(node)
    limits = [child for child in node.children if child.type == "expression"]
    limit = expression(limits[0]) if limits else None

    def run(runtime: Runtime) -> None:
        timeout = None if limit is None else max(to_seconds(limit(runtime)), 0.0)
        opened = runtime.session.open(_device(runtime, device), parameters(runtime), timeout)
        if timeout is not None:
            runtime.test = opened

    return run


@on_statement("command_close")
def _close(node: Node) -> Statement:
    return _sequence(node, "close_argument", _close_argument)


def _close_argument(node: Node) -> Statement:
    device = _part(node, "CLOSE")
    return lambda runtime: runtime.session.close(_device(runtime, device))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$CLASSMETHOD, $METHOD, $PROPERTY and $PARAMETER: names that are known only when the code runs."""

from __future__ import annotations

from irissim.objectscript.calls import argument_list, call_method, function_arguments
from irissim.objectscript.compiler import Expression, expression, on_function
from irissim.objectscript.parser import Node
from irissim.objectscript.registry import object_of
from irissim.objectscript.runtime import Runtime
from irissim.values.errors import OsError
from irissim.values.value import Value, to_string


@on_function("classmethod")
def _classmethod(node: Node) -> Expression:
    nodes = function_arguments(node)
    if len(nodes) < 2 or nodes[0] is None or nodes[1] is None:
        raise OsError("<SYNTAX>")
    name, method, arguments = expression(nodes[0]), expression(nodes[1]), argument_list(nodes[2:])
    return lambda runtime: runtime.session.classes.call(
        runtime.session, to_string(name(runtime)), to_string(method(runtime)), arguments(runtime)
    )


@on_function("method")
def _method(node: Node) -> Expression:
    nodes = function_arguments(node)
    if len(nodes) < 2 or nodes[0] is None or nodes[1] is None:
        raise OsError("<SYNTAX>")
    target, method, arguments = expression(nodes[0]), expression(nodes[1]), argument_list(nodes[2:])
    return lambda runtime: call_method(target(runtime), to_string(method(runtime)), arguments(runtime))


@on_function("property")
def _property(node: Node) -> Expression:
    target, name = two_arguments(node)
    return lambda runtime: object_of(target(runtime)).get_property(to_string(name(runtime)))


@on_function("parameter")
def _parameter(node: Node) -> Expression:
    target, name = two_arguments(node)

    def run(runtime: Runtime) -> Value:
        owner = target(runtime)
        class_name = owner if isinstance(owner, str) else object_of(owner).class_name()
        return runtime.session.classes.parameter(runtime.session, class_name, to_string(name(runtime)))

    return run


def two_arguments(node: Node) -> tuple[Expression, Expression]:
    """The arguments of a $function that takes exactly two."""
    nodes = function_arguments(node)
    if len(nodes) != 2 or nodes[0] is None or nodes[1] is None:
        raise OsError("<SYNTAX>")
    return expression(nodes[0]), expression(nodes[1])

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$SELECT and $CASE, which evaluate only what they need."""

from __future__ import annotations

from irissim.objectscript.compiler import Expression, expression, on_function
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.values.errors import OsError
from irissim.values.value import Value, same, to_bool


def _pairs(node: Node) -> list[tuple[Expression, Expression]]:
    return [
        (expression(child.children[0]), expression(child.children[2]))
        for child in node.children
        if child.type == "dollar_arg_pair"
    ]


@on_function("select", "s")
def _select(node: Node) -> Expression:
    pairs = _pairs(node)
    if not pairs:
        raise OsError("<SYNTAX>")

    def run(runtime: Runtime) -> Value:
        for condition, value in pairs:
            if to_bool(condition(runtime)):
                return value(runtime)
        raise OsError("<SELECT>")

    return run


@on_function("case")
def _case(node: Node) -> Expression:
    children = [child for child in node.children if child.type != ")"]
    target = expression(children[0])
    pairs = _pairs(node)
    # The default is ":" and an expression that belong to no pair.
    default = expression(children[-1]) if len(children) > 2 and children[-2].type == ":" else None

    def run(runtime: Runtime) -> Value:
        wanted = target(runtime)
        for candidate, value in pairs:
            if same(candidate(runtime), wanted):
                return value(runtime)
        if default is None:
            raise OsError("<ILLEGAL VALUE>")
        return default(runtime)

    return run

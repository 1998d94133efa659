# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NEW and KILL."""

from __future__ import annotations

from irissim.objectscript.commands.assigning import argument_indirection
from irissim.objectscript.compiler import Reference, Statement, conditional, on_statement, reference
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.specials import new_special
from irissim.values.errors import OsError


def _names(node: Node, kind: str) -> frozenset[str]:
    """The plain variable names in an exclusive list."""
    found = [child.children[0] for child in node.children if child.type == kind]
    if any(child.type != "lvn" or len(child.children) != 1 for child in found):
        raise OsError("<SYNTAX>")
    return frozenset(node_text(child) for child in found)


def _sequence(parts: list[Statement]) -> Statement:
    def run(runtime: Runtime) -> None:
        for part in parts:
            part(runtime)

    return run


@on_statement("command_new")
def _new(node: Node) -> Statement:
    arguments = [child for child in node.children if child.type == "command_new_argument"]
    if not arguments:
        return conditional(node, lambda runtime: runtime.new_except(frozenset()))
    return conditional(node, _sequence([_new_argument(argument) for argument in arguments]))


def _new_argument(node: Node) -> Statement:
    if node.children[0].type == "(":
        kept = _names(node, "command_new_item")
        return lambda runtime: runtime.new_except(kept)
    item = node.children[0].children[0]
    name = node_text(item)
    if item.type == "system_defined_variable":
        return lambda runtime: new_special(runtime, name)
    if item.type != "lvn" or len(item.children) != 1:
        raise OsError("<SYNTAX>")
    return lambda runtime: runtime.new(name)


@on_statement("command_kill")
def _kill(node: Node) -> Statement:
    parts: list[Statement] = []
    for child in node.children:
        if child.type == "kill_target_list":
            parts.append(_kill_except(_names(child, "set_target")))
        elif child.type == "kill_target":
            parts.append(_kill_one(child.children[0]))
    return conditional(node, _sequence(parts or [_kill_except(frozenset())]))


def _kill_except(kept: frozenset[str]) -> Statement:
    return lambda runtime: runtime.kill_except(kept)


def _kill_one(node: Node) -> Statement:
    if node.type == "indirection" and len(node.children) == 2:
        return argument_indirection("kill", node)
    variable = reference(node)
    return lambda runtime: variable(runtime).kill()


@on_statement("command_zkill")
def _zkill(node: Node) -> Statement:
    variables = [reference(child) for child in node.children if child.type in ("lvn", "gvn", "indirection")]
    return conditional(node, _sequence([_kill_value(variable) for variable in variables]))


def _kill_value(variable: Reference) -> Statement:
    return lambda runtime: variable(runtime).kill_value()

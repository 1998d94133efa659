# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locals, globals, indirection and properties, as values and as variables."""

from __future__ import annotations

from irissim.objectscript.calls import chain_owner, current_object, name_of, own_property_name
from irissim.objectscript.compiler import (
    Expression,
    Reference,
    compile_reference,
    expression,
    on_expression,
    on_reference,
    reference,
)
from irissim.objectscript.names import checked_subscripts, reference_text
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import unsupported
from irissim.objectscript.variables import GlobalVariable, LocalVariable, PropertyVariable, Variable
from irissim.values.errors import OsError
from irissim.values.value import Scalar, Value, to_string

_LONGEST_NAME = 31


def subscripts_of(node: Node | None) -> list[Expression]:
    """The subscripts in the brackets after a name."""
    if node is None:
        return []
    found: list[Expression] = []
    for child in node.children[1:-1]:
        if child.type == "method_arg" and child.children[0].type == "expression":
            found.append(expression(child.children[0]))
        elif child.type == "method_arg":
            raise OsError("<SYNTAX>")
    if not found:
        raise OsError("<SYNTAX>")
    return found


def _brackets(node: Node) -> Node | None:
    last = node.children[-1]
    return last if last.type == "method_args" else None


def _evaluate(name: str, subscripts: list[Expression], runtime: Runtime) -> tuple[Scalar, ...]:
    return checked_subscripts(name, [subscript(runtime) for subscript in subscripts])


@on_expression("lvn")
def _local_value(node: Node) -> Expression:
    name = node_text(node.children[0])[:_LONGEST_NAME]
    subscripts = subscripts_of(_brackets(node))

    def read(runtime: Runtime) -> Value:
        array = runtime.locals.get(name)
        if array is None or array.value is None:
            raise OsError("<UNDEFINED>", "*" + name)
        return array.value

    def read_node(runtime: Runtime) -> Value:
        path = _evaluate(name, subscripts, runtime)
        array = runtime.locals.get(name)
        found = array.node(*path) if array is not None else None
        if found is None or found.value is None:
            raise OsError("<UNDEFINED>", "*" + reference_text(name, path))
        return found.value

    return read_node if subscripts else read


@on_reference("lvn")
def _local(node: Node) -> Reference:
    name = node_text(node.children[0])[:_LONGEST_NAME]
    subscripts = subscripts_of(_brackets(node))
    return lambda runtime: LocalVariable(runtime.locals, name, _evaluate(name, subscripts, runtime))


@on_reference("gvn")
def _global(node: Node) -> Reference:
    kinds = [child.type for child in node.children]
    subscripts = subscripts_of(_brackets(node))
    if "identifier" not in kinds:
        return _naked(subscripts)
    name = node_text(node.children[kinds.index("identifier")])[:_LONGEST_NAME]
    if "||" in kinds:
        return lambda runtime: LocalVariable(runtime.private, "^||" + name, _evaluate(name, subscripts, runtime))
    if "|" not in kinds and "[" not in kinds:
        return lambda runtime: GlobalVariable(runtime, "", name, _evaluate("^" + name, subscripts, runtime))
    named = [child for child in node.children if child.type in ("expression", "string_literal")]
    if len(named) > 2 or not named:
        raise unsupported(node_text(node))
    environments = [expression(child) for child in named]

    def resolve(runtime: Runtime) -> Variable:
        environment = _environment(runtime, [to_string(part(runtime)) for part in environments])
        return GlobalVariable(runtime, environment, name, _evaluate("^" + name, subscripts, runtime))

    return resolve


def _environment(runtime: Runtime, parts: list[str]) -> str:
    """A namespace, or ``^^/directory/``; the two-part form is directory and system."""
    if len(parts) == 2:
        if parts[1]:
            raise unsupported("a reference to a remote system")
        return "^^" + parts[0]
    if parts[0].startswith(("^^", "/")):
        return parts[0] if parts[0].startswith("^^") else "^^" + parts[0]
    return parts[0].upper() or runtime.session.namespace


def _naked(subscripts: list[Expression]) -> Reference:
    def resolve(runtime: Runtime) -> Variable:
        base = runtime.naked
        if base is None or not base.subscripts:
            raise OsError("<NAKED>")
        path = checked_subscripts(base.name, [*base.subscripts[:-1], *(part(runtime) for part in subscripts)])
        return GlobalVariable(runtime, base.environment, base.name, path)

    return resolve


@on_reference("indirection")
def _indirection(node: Node) -> Reference:
    children = node.children
    source = expression(children[1])
    extra = subscripts_of(_brackets(node))

    def resolve(runtime: Runtime) -> Variable:
        variable = compile_reference(to_string(source(runtime)))(runtime)
        if not extra:
            return variable
        more = checked_subscripts("@", [part(runtime) for part in extra])
        if isinstance(variable, LocalVariable):
            return LocalVariable(variable.table, variable.name, variable.subscripts + more)
        if isinstance(variable, GlobalVariable):
            return variable.below(more)
        raise OsError("<SYNTAX>")

    return resolve


@on_reference("expression")
def _only_operand(node: Node) -> Reference:
    if len(node.children) != 1:
        raise OsError("<SYNTAX>")
    return reference(node.children[0])


@on_reference("oref_chain_expr")
def _property(node: Node) -> Reference:
    owner, last = chain_owner(node)
    if last.type == "oref_property":
        name = name_of(last)
        return lambda runtime: PropertyVariable(owner(runtime), name)
    if last.type == "oref_method":
        name = name_of(last.children[0])
        subscripts = subscripts_of(last.children[1])
        return lambda runtime: PropertyVariable(
            owner(runtime), name, tuple(subscript(runtime) for subscript in subscripts)
        )
    raise OsError("<SYNTAX>")


@on_reference("relative_dot_property", "instance_variable")
def _own_property(node: Node) -> Reference:
    name = own_property_name(node)
    return lambda runtime: PropertyVariable(current_object(runtime), name)


@on_reference("relative_dot_method")
def _own_node(node: Node) -> Reference:
    """``..Name(subscript)`` of a multidimensional property."""
    link = node.children[-1]
    name, subscripts = name_of(link.children[0]), subscripts_of(link.children[1])
    return lambda runtime: PropertyVariable(
        current_object(runtime), name, tuple(subscript(runtime) for subscript in subscripts)
    )


@on_expression("gvn")
def _read_global(node: Node) -> Expression:
    variable = reference(node)
    return lambda runtime: variable(runtime).value()


@on_expression("indirection")
def _read_indirection(node: Node) -> Expression:
    variable = reference(node)
    return lambda runtime: variable(runtime).value()

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls: arguments by value and by reference, class methods, chains of objects, labels of routines."""

from __future__ import annotations

from collections.abc import Callable

from irissim.objectscript.classes import ClassContext, SystemClass
from irissim.objectscript.compiler import (
    Expression,
    compile_reference,
    expression,
    function,
    on_expression,
)
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.registry import object_of, parameter_of
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import unsupported
from irissim.objectscript.signatures import Argument
from irissim.objectscript.variables import LocalVariable
from irissim.values.errors import OsError
from irissim.values.value import Value, to_int, to_string

ArgumentCode = Callable[[Runtime], list[Argument]]


def arguments_of(node: Node | None) -> ArgumentCode:
    """The arguments in brackets; an empty place between commas is an omitted argument."""
    if node is None:
        return lambda runtime: []
    return argument_list(function_arguments(node))


def function_arguments(node: Node) -> list[Node | None]:
    """The arguments of a node with brackets and commas among its children; ``None`` where one is left out."""
    found: list[Node | None] = []
    current: Node | None = None
    commas = 0
    for child in node.children:
        if child.type == ",":
            found.append(current)
            current, commas = None, commas + 1
        elif child.type == "method_arg":
            current = child.children[0]
        elif child.type in ("dollar_func_pos", "line_ref"):
            current = child
    if current is not None:
        found.append(current)
    elif commas:
        found.append(None)
    return found


def argument_list(nodes: list[Node | None]) -> ArgumentCode:
    """Code that evaluates arguments in order."""
    parts = [_argument(node) for node in nodes]

    def run(runtime: Runtime) -> list[Argument]:
        found: list[Argument] = []
        for part in parts:
            found.extend(part(runtime))
        return found

    return run


def _argument(node: Node | None) -> ArgumentCode:
    if node is None:
        return lambda runtime: [None]
    if node.type == "byref_arg":
        return _by_reference(node.children[-1])
    if node.type == "variadic_arg":
        name = node_text(node.children[0])
        return lambda runtime: _spread(runtime.locals.get(name))
    value = expression(node)
    return lambda runtime: [value(runtime)]


def _by_reference(node: Node) -> ArgumentCode:
    if node.type == "lvn" and len(node.children) == 1:
        name = node_text(node)
        return lambda runtime: [LocalVariable(runtime.locals, name).array()]
    if node.type == "indirection":
        source = expression(node.children[1])
        return lambda runtime: [_named_array(runtime, to_string(source(runtime)))]
    raise OsError("<SYNTAX>")


def _named_array(runtime: Runtime, name: str) -> LocalArray:
    variable = compile_reference(name)(runtime)
    if isinstance(variable, LocalVariable) and not variable.subscripts:
        return variable.array()
    raise OsError("<SYNTAX>")


def _spread(array: LocalArray | None) -> list[Argument]:
    """``args...``: the array's value says how many there are."""
    if array is None:
        return []
    return [array.get(index + 1) for index in range(to_int(array.get(default=0)))]


@on_expression("class_method_call")
def _class_method_call(node: Node) -> Expression:
    (name, method), arguments = class_call_parts(node)
    return lambda runtime: runtime.session.classes.call(runtime.session, name, method, arguments(runtime))


def class_call_parts(node: Node) -> tuple[tuple[str, str], ArgumentCode]:
    """Class, method and arguments of ``##class(X).Y(...)``."""
    return (class_name_of(node.children[0]), name_of(node.children[2])), arguments_of(node.children[3])


def name_of(node: Node) -> str:
    """A method or property name, which may be quoted."""
    text = node_text(node)
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def class_name_of(node: Node) -> str:
    """The name in ``##class(...)``."""
    for child in node.children:
        if child.type == "class_name":
            return node_text(child).strip().strip('"')
    raise unsupported(node_text(node))


def links_of(node: Node) -> list[Node]:
    """The parts of a chain without dots, brackets and wrappers."""
    found: list[Node] = []
    for child in node.children:
        if child.type == "oref_chain_segment":
            found.append(child.children[-1])
        elif child.type not in (".", "(", ")", "post_conditional"):
            found.append(child)
    return found


@on_expression("oref_chain_expr")
def chain(node: Node) -> Expression:
    """A chain such as ``rs.%Get("x")`` or ``##class(X).%OpenId(1).Size``."""
    return compile_chain(links_of(node))


def chain_owner(node: Node) -> tuple[Expression, Node]:
    """The object in front of the last link of a chain, and that link."""
    links = links_of(node)
    return compile_chain(links[:-1]), links[-1]


def compile_chain(links: list[Node]) -> Expression:
    """Code for links that are already separated."""
    first, rest = links[0], links[1:]
    if first.type == "class_ref":
        if not rest:
            raise OsError("<SYNTAX>")
        result, rest = _class_link(class_name_of(first), rest[0]), rest[1:]
    else:
        result = expression(first)
    for link in rest:
        result = _object_link(result, link)
    return result


def _class_link(class_name: str, link: Node) -> Expression:
    if link.type == "oref_method":
        method = name_of(link.children[0])
        arguments = arguments_of(link.children[1])
        return lambda runtime: runtime.session.classes.call(runtime.session, class_name, method, arguments(runtime))
    if link.type == "oref_parameter":
        parameter = node_text(link.children[-1])
        return lambda runtime: runtime.session.classes.parameter(runtime.session, class_name, parameter)
    raise unsupported(f"##class({class_name}).{node_text(link)}")


def _object_link(owner: Expression, link: Node) -> Expression:
    if link.type == "oref_method":
        method = name_of(link.children[0])
        arguments = arguments_of(link.children[1])
        return lambda runtime: call_method(owner(runtime), method, arguments(runtime))
    if link.type == "oref_parameter":
        parameter = node_text(link.children[-1])
        return lambda runtime: runtime.session.classes.parameter(
            runtime.session, object_of(owner(runtime)).class_name(), parameter
        )
    name = name_of(link)
    return lambda runtime: object_of(owner(runtime)).get_property(name)


def call_method(target: Value, method: str, arguments: list[Argument]) -> Value:
    """``target.method(...)``, which may also be a subscripted property."""
    owner = object_of(target)
    array = owner.multidimensional(method)
    if array is None:
        return owner.call_method(method, arguments)
    path = [part.value if isinstance(part, LocalArray) else part for part in arguments]
    node = array.node(*("" if part is None else part for part in path))
    if node is None or node.value is None:
        raise OsError("<UNDEFINED>", f"*{method}")
    return node.value


@on_expression("extrinsic_function")
def _extrinsic(node: Node) -> Expression:
    return routine_call(node)


def routine_call(node: Node) -> Expression:
    """``label^routine(...)`` or ``$$label^routine(...)``."""
    (label, routine), arguments = routine_call_parts(node)
    if not routine:
        return lambda runtime: _local_label(runtime, label, arguments(runtime))
    return lambda runtime: runtime.session.classes.call_routine(runtime.session, label, routine, arguments(runtime))


def routine_call_parts(node: Node) -> tuple[tuple[str, str], ArgumentCode]:
    """Label, routine and arguments."""
    label = routine = ""
    for part in [*node.children, *(child for wrapped in node.children for child in wrapped.children)]:
        if part.type == "method_name" and not label:
            label = node_text(part)
        elif part.type == "routine_ref":
            if len(part.children) != 2:
                raise unsupported(node_text(part))
            routine = node_text(part.children[1])
    last = node.children[-1]
    return (label, routine), arguments_of(last if last.type == "method_args" else None)


def _local_label(runtime: Runtime, label: str, arguments: list[Argument]) -> Value:
    # FIDELITY(assumed): a label without routine has no routine to be looked up in at a terminal
    if runtime.program is None:
        raise OsError("<NOLINE>", "*" + label)
    return runtime.program.call(runtime, label, arguments)


@on_expression("system_defined_function")
def _dollar_function(node: Node) -> Expression:
    text = node_text(node)
    name = text[1 : text.index("(")].strip().lower()
    if node.children[0].type == "class_name":
        return _system_call(node)
    return function(name, node)


def _system_call(node: Node) -> Expression:
    # FIDELITY(documented; CLS): $SYSTEM.X is the class %SYSTEM.X, the keyword in any case
    name = "%SYSTEM." + node_text(node.children[0])
    method = node_text(node.children[2])
    arguments = arguments_of(node.children[3])
    return lambda runtime: runtime.session.classes.call(runtime.session, name, method, arguments(runtime))


@on_expression("relative_dot_method")
def _own_method(node: Node) -> Expression:
    link = node.children[-1]
    method, arguments = name_of(link.children[0]), arguments_of(link.children[1])
    return lambda runtime: call_own(runtime, method, arguments(runtime))


def call_own(runtime: Runtime, method: str, arguments: list[Argument]) -> Value:
    """``..method(...)``: of the object, or of the class that the running class method was called on."""
    this = _current(runtime)
    if isinstance(this, ClassContext):
        return runtime.session.classes.call_kind(runtime.session, this.kind, method, arguments)
    return call_method(this, method, arguments)


def _current(runtime: Runtime) -> SystemClass | ClassContext:
    """What ``..`` means; a terminal has no class around it."""
    if runtime.this is None:
        raise OsError("<NO CURRENT OBJECT>")
    return runtime.this


def current_object(runtime: Runtime) -> SystemClass:
    """The object of the running instance method."""
    this = _current(runtime)
    if isinstance(this, ClassContext):
        raise OsError("<NO CURRENT OBJECT>")
    return this


@on_expression("relative_dot_property", "instance_variable")
def _own_property(node: Node) -> Expression:
    name = own_property_name(node)
    return lambda runtime: current_object(runtime).get_property(name)


def own_property_name(node: Node) -> str:
    """The name in ``..Name`` or ``i%Name``."""
    return name_of(node.children[-1]) if node.type == "relative_dot_property" else node_text(node)[2:]


@on_expression("relative_dot_parameter")
def _own_parameter(node: Node) -> Expression:
    name = node_text(node.children[-1]).lstrip("#")

    def run(runtime: Runtime) -> Value:
        this = _current(runtime)
        kind = this.kind if isinstance(this, ClassContext) else type(this)
        return parameter_of(kind, name)

    return run


@on_expression("superclass_method_call")
def _super(node: Node) -> Expression:
    """``##super(...)``: the method that the running one overrides."""
    arguments = arguments_of(node.children[-1])

    def run(runtime: Runtime) -> Value:
        if runtime.overridden is None:
            raise OsError("<METHOD DOES NOT EXIST>", "*##super")
        spec, name = runtime.overridden
        return spec.call(_current(runtime), name, arguments(runtime))

    return run

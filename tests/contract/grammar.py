# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a line asks of IRIS, read from its syntax tree by the public grammar of ObjectScript."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import tree_sitter_objectscript
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_objectscript.language_objectscript()))

#: What the locals of a program hold; the ones that hold what was opened are found in the line.
LOCALS = {
    "mRep": "%Library.DynamicObject",
    "mRow": "%Library.DynamicObject",
    "mRs": "%Library.ResultSet",
    "mRo": "%Library.ResultSet",
    "mTcp": "%IO.Socket",
}
SHORT_NAMES = {"%ResultSet": "%Library.ResultSet"}


@dataclasses.dataclass(frozen=True)
class Argument:
    """One argument as written: the name of a local passed by reference, or the text of an expression."""

    text: str
    by_reference: bool

    @property
    def is_empty(self) -> bool:
        return self.text in ("", '""')


@dataclasses.dataclass(frozen=True)
class Use:
    """A method that is called (`arguments` is not None) or a property that is read."""

    class_name: str
    member: str
    arguments: tuple[Argument, ...] | None
    on_class: bool


def parse(line: str) -> Node:
    return _PARSER.parse(f" {line}\n".encode()).root_node


def faults(node: Node) -> Iterator[str]:
    """Every place where the grammar does not understand the line."""
    if node.is_error or node.is_missing:
        yield f"{node.type} at {node.start_point}: {text_of(node)[:80]}"
    for child in node.children:
        yield from faults(child)


def uses(line: str) -> list[Use]:
    return list(_uses(parse(line), _opened(line)))


def array_subscripts(line: str) -> Iterator[tuple[str, str]]:
    """(array, subscript) of every element that is set in an array for a call."""
    yield from re.findall(r'(?<![A-Za-z])(mA\d+)\("([^"]+)"\)=', line)


def outputs(line: str) -> set[tuple[str, str]]:
    """(local, subscript) of every element that is read from what a call has filled."""
    return set(re.findall(r'\$get\((mOut\w+)\("([^"]+)"\)\)', line))


def queries(line: str) -> list[tuple[str, list[str], list[str], list[str]]]:
    """Of each class query: its name, its arguments, the columns that are read, the properties that are read."""
    found = [use for use in uses(line) if use.class_name == "%Library.ResultSet"]
    executed = [use for use in found if use.member == "Execute"]
    made = re.findall(r'(m\w+)=##class\(%ResultSet\)\.%New\("([^"]+)"\)', line)
    assert len(made) == len(executed) == len([use for use in found if use.member == "%New"])
    return [
        (
            name,
            [argument.text for argument in execute.arguments or ()],
            re.findall(rf'{local}\.Get\("([^"]+)"\)', line),
            [use.member for use in uses(line) if use.arguments is None],
        )
        for (local, name), execute in zip(made, executed, strict=True)
    ]


def text_of(node: Node) -> str:
    return "" if node.text is None else node.text.decode()


def _opened(line: str) -> dict[str, str]:
    holds = dict(LOCALS)
    opened = re.search(r"mObj=##class\(([^)]+)\)\.%(?:OpenId|New)", line)
    if opened:
        holds["mObj"] = opened[1]
    holds["mV"] = "%Library.DynamicArray" if "mV=[]" in line else "%Library.DynamicObject"
    holds["mE"] = "%Exception.AbstractException"
    return holds


def _uses(node: Node, holds: dict[str, str]) -> Iterator[Use]:
    if node.type == "class_method_call":
        yield Use(_class_of(node.children[0]), _member(node), _arguments(node), True)
    elif node.type == "oref_chain_expr":
        yield from _chain(node, holds)
    elif node.type == "do_parameter" and node.children[0].type == "lvn":
        method = next(child for child in node.children if child.type == "oref_method")
        yield Use(holds[text_of(node.children[0])], _member(method), _arguments(method), False)
    elif node.type == "system_defined_function" and any(child.type == "method_name" for child in node.children):
        name = next(child for child in node.children if child.type == "class_name")
        yield Use(f"%SYSTEM.{text_of(name)}", _member(node), _arguments(node), True)
    for child in node.children:
        yield from _uses(child, holds)


def _chain(node: Node, holds: dict[str, str]) -> Iterator[Use]:
    receiver = node.children[0]
    on_class = receiver.type == "class_ref"
    name = _class_of(receiver) if on_class else holds[text_of(receiver)]
    for segment in node.children[1:]:
        part = segment.children[-1]
        if part.type == "oref_method":
            method = _member(part)
            yield Use(name, method, _arguments(part), on_class)
            assert method == "%OpenId" or segment == node.children[-1], text_of(node)
        else:
            yield Use(name, text_of(part), None, False)
        on_class = False


def _class_of(node: Node) -> str:
    name = next(text_of(child) for child in node.children if child.type == "class_name")
    return SHORT_NAMES.get(name, name)


def _member(node: Node) -> str:
    return next(text_of(child) for child in node.children if child.type == "method_name")


def _arguments(node: Node) -> tuple[Argument, ...]:
    listed = next((child for child in node.children if child.type == "method_args"), None)
    if listed is None:
        return ()
    found = []
    for child in listed.children:
        if child.type == "method_arg":
            reference = child.children[0].type == "byref_arg"
            found.append(Argument(text_of(child).lstrip(".") if reference else text_of(child), reference))
    return tuple(found)

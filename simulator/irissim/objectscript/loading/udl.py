# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source of a class (UDL) to its definition, by the public grammar."""

from __future__ import annotations

import re

from irissim.objectscript.loading.definition import ClassDefinition, Formal, MethodDefinition, PropertyDefinition
from irissim.objectscript.parser import Node, node_text, parse_source
from irissim.objectscript.registry import full_class_name
from irissim.values.errors import OsError

_VALUE = r"\{.*?\}|\([^)]*\)|\"(?:[^\"]|\"\")*\"|[^,\]\s]+"
_KEYWORD = re.compile(rf"(Not\s+)?(%?\w+)\s*(?:=\s*({_VALUE}))?\s*[,\]]", re.DOTALL | re.IGNORECASE)


def parse_classes(text: str) -> list[ClassDefinition]:
    """The classes in a source. OsError <SYNTAX> with the line when it is none."""
    text = text.replace("\r\n", "\n")
    lines: list[str] | None = None
    try:
        root = parse_source(text)
    except OsError:
        # A body that is wrong must not make the whole class unreadable: it is an error of its method.
        lines = text.split("\n")
        root = parse_source(_without_bodies(lines))
    found: list[ClassDefinition] = []
    includes: tuple[str, ...] = ()
    for node in root.children:
        if node.type == "include_code":
            includes = tuple(node_text(name) for name in _all(node, "class_name"))
        elif node.type == "class_definition":
            found.append(_class(node, includes, lines))
    if not found:
        raise OsError("<SYNTAX>", "*no class in the source")
    return found


def _without_bodies(lines: list[str]) -> str:
    """The source with empty lines in place of what stands between a { and a } at the beginning of a line."""
    found: list[str] = []
    depth = 0
    for line in lines:
        if line.startswith("}"):
            depth -= 1
        found.append(line if depth < 2 else "")
        if line.startswith("{") or (depth == 0 and line.startswith("Class ") and line.rstrip().endswith("{")):
            depth += 1
    return "\n".join(found)


def _class(node: Node, includes: tuple[str, ...], lines: list[str] | None) -> ClassDefinition:
    names = _all(node, "class_name")
    made = ClassDefinition(full_class_name(node_text(names[0])), includes=includes)
    for child in node.children:
        if child.type == "class_extends":
            made.parents = tuple(full_class_name(node_text(name)) for name in _all(child, "class_name"))
        elif child.type == "class_body":
            for member in _all(child, "class_statement"):
                _member(made, member.children[-1], lines)
    made.keywords = _keywords("[" + ",".join(node_text(word) for word in _all(node, "class_keyword")) + "]")
    return made


def _member(made: ClassDefinition, node: Node, lines: list[str] | None) -> None:
    if node.type in ("method", "classmethod"):
        method = _method(node, lines)
        made.methods[method.name] = method
    elif node.type == "property":
        wanted = _property(node)
        made.properties[wanted.name] = wanted
    elif node.type == "parameter":
        made.parameters[_name(node)] = _parameter(node)
    elif node.type == "xdata":
        made.xdata[_name(node)] = "".join(node_text(body) for body in _all(node, "external_method_body_content"))
    elif node.type not in ("documatic_line", "line_comment_1", "line_comment_2", "line_comment_3", "block_comment"):
        name = _name(node)
        made.left_out.append(f"{node.type} {name}".strip())


def _method(node: Node, lines: list[str] | None) -> MethodDefinition:
    definition = _all(node, "method_definition")[0]
    keywords: dict[str, str] = {}
    formals: tuple[Formal, ...] = ()
    brace = next(child for child in definition.children if child.type == "{")
    for child in definition.children:
        if child.type == "arguments":
            formals = tuple(_formal(argument) for argument in _all(child, "argument"))
        elif child.type.endswith("keywords") and child.start_byte < brace.start_byte:
            keywords = _keywords(node_text(child))
    if lines is None:
        code = (definition.text or b"")[brace.end_byte - definition.start_byte :].decode("utf-8", "surrogatepass")
        code = code.rstrip().removesuffix("}").removeprefix("\n")
    else:
        code = "\n".join(lines[brace.end_point[0] + 1 : definition.end_point[0]])
    return MethodDefinition(
        name_of(_all(definition, "method_name")[0]),
        node.type == "classmethod",
        formals,
        code,
        keywords,
    )


def _formal(node: Node) -> Formal:
    default, variadic, name = None, False, ""
    for child in node.children:
        if child.type == "default_argument_value":
            default = node_text(child).removeprefix("=").strip()
            default = default[1:-1] if default.startswith("{") else default
        elif child.type == "method_arg":
            text = node_text(child)
            variadic = text.endswith("...")
            name = text.removesuffix("...").strip()
    return Formal(name, default, variadic)


def _property(node: Node) -> PropertyDefinition:
    keywords: dict[str, str] = {}
    for child in node.children:
        if child.type == "property_keywords":
            keywords = _keywords(node_text(child))
    initial = keywords.get("initialexpression", '""')
    return PropertyDefinition(
        _name(node),
        initial[1:-1] if initial.startswith("{") else initial,
        keywords.get("multidimensional", "0") == "1",
    )


def _parameter(node: Node) -> str:
    """The expression of its value."""
    for child in node.children:
        if child.type == "default_argument_value":
            text = node_text(child).removeprefix("=").strip()
            return text[1:-1] if text.startswith("{") else text
    return '""'


def _name(node: Node) -> str:
    for child in node.children:
        if child.type.endswith("_name"):
            return name_of(child)
    return ""


def name_of(node: Node) -> str:
    """A name, which may be quoted."""
    text = node_text(node)
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _keywords(text: str) -> dict[str, str]:
    """``[ A, B = x, Not C ]`` to values by lower case names; a keyword without a value is "1"."""
    found: dict[str, str] = {}
    for negated, name, value in _KEYWORD.findall(text.removeprefix("[")):
        found[name.lower()] = "0" if negated else _keyword_value(name, value)
    return found


def _keyword_value(name: str, value: str) -> str:
    return value if name.lower() == "initialexpression" else (value or "1").strip('"')


def _all(node: Node, kind: str) -> list[Node]:
    return [child for child in node.children if child.type == kind]

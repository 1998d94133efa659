# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of a terminal line to a syntax tree, by the public ObjectScript grammar."""

from __future__ import annotations

import threading

import tree_sitter_objectscript
from tree_sitter import Language, Node, Parser

from irissim.values.errors import OsError

__all__ = ["Node", "is_blank", "node_text", "parse_expression", "parse_line", "parse_source"]

_COMMENT_STARTS = (";", "//", "#;")
_LANGUAGE = Language(tree_sitter_objectscript.language_objectscript())
_parsers = threading.local()
_WRAPPER = "set x="


def is_blank(line: str) -> bool:
    """Whether a line has nothing to run: empty, or only a comment."""
    stripped = line.strip()
    return not stripped or stripped.startswith(_COMMENT_STARTS)


def parse_line(line: str) -> list[Node]:
    """The statements of a line; <SYNTAX> if it is not ObjectScript as a whole."""
    if "\n" in line or "\r" in line or "\0" in line:
        raise OsError("<SYNTAX>")
    # FIDELITY(assumed; GCOS): nothing of a line runs when any part of it is a syntax error
    source = f" {line.strip()}\n".encode("utf-8", "surrogatepass")
    root = _parser().parse(source).root_node
    if root.has_error or root.type != "source_file":
        raise OsError("<SYNTAX>")
    return [child for child in root.children if "comment" not in child.type and child.type != ";"]


def parse_source(text: str) -> Node:
    """The tree of a whole file, a class or a routine; <SYNTAX> names the first line that is wrong."""
    source = text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    root = _parser().parse(source).root_node
    if root.has_error:
        raise OsError("<SYNTAX>", f"*line {_first_error(root).start_point[0] + 1}")
    return root


def _first_error(node: Node) -> Node:
    for child in node.children:
        if child.has_error or child.is_missing:
            return _first_error(child)
    return node


def parse_expression(text: str) -> Node:
    """The tree of a single expression."""
    statements = parse_line(_WRAPPER + text)
    if len(statements) == 1 and len(statements[0].children) == 1:
        arguments = [child for child in statements[0].children[0].children if child.type == "set_argument"]
        if len(arguments) == 1:
            return arguments[0].children[-1]
    raise OsError("<SYNTAX>")


def node_text(node: Node) -> str:
    """The source text of a node."""
    text = node.text
    return "" if text is None else text.decode("utf-8", "surrogatepass")


def _parser() -> Parser:
    # A parser is not safe to share between threads; making one is cheap.
    parser: Parser | None = getattr(_parsers, "parser", None)
    if parser is None:
        parser = _parsers.parser = Parser(_LANGUAGE)
    return parser

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block of an argumentless DO: the lines below it that begin with one more dot than its own line."""

from __future__ import annotations

from collections.abc import Iterator

from irissim.objectscript.compiler import Statement, block
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime


def dotted_block(node: Node) -> Statement | None:
    """What an argumentless DO runs, None when no such lines follow."""
    depth = _depth(node)
    # To the grammar all dotted lines that follow belong to the last DO, however many dots they have.
    lines = []
    for line in _lines(node):
        dots = _dots(line)
        if dots <= depth:
            break
        if dots == depth + 1:
            lines.append(line)
    if not lines:
        return None
    body = block([child for line in lines for child in line.children if child.type == "statement"])

    def run(runtime: Runtime) -> None:
        # FIDELITY(documented; RCOS): QUIT leaves the block only, and $TEST comes back after it
        test = runtime.test
        with runtime.frame():
            body(runtime)
        runtime.test = test

    return run


def _lines(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.type == "dotted_statement":
            yield child
        yield from _lines(child)


def _dots(line: Node) -> int:
    return sum(child.type == "." for child in line.children)


def _depth(node: Node) -> int:
    """How many dots the line of the DO itself begins with."""
    above = node.parent
    while above is not None:
        if above.type == "dotted_statement":
            # Of nested lines the grammar makes children, so the line that the DO is on is the innermost one around it.
            return _dots(above)
        above = above.parent
    return 0

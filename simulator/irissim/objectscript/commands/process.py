# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HALT, HANG and ZN."""

from __future__ import annotations

from irissim.objectscript.compiler import Statement, conditional, expression, on_statement
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import Halt
from irissim.values.value import to_seconds, to_string


@on_statement("command_halt_or_hang")
def _halt_or_hang(node: Node) -> Statement:
    last = node.children[-1]
    if last.type.startswith("keyword") or last.type == "post_conditional":
        return conditional(node, _halt)
    seconds = expression(last)
    return conditional(node, lambda runtime: runtime.session.sleep(max(to_seconds(seconds(runtime)), 0.0)))


def _halt(runtime: Runtime) -> None:
    raise Halt


@on_statement("command_zn")
def _zn(node: Node) -> Statement:
    names = [expression(child) for child in node.children if child.type == "expression"]

    def run(runtime: Runtime) -> None:
        for name in names:
            runtime.session.namespace = to_string(name(runtime))

    return conditional(node, run)

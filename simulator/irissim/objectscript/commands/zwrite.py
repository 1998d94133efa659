# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZWRITE."""

from __future__ import annotations

from irissim.objectscript.commands.newline import NEW_LINE
from irissim.objectscript.compiler import (
    Statement,
    conditional,
    expression,
    is_reference,
    on_statement,
    reference,
)
from irissim.objectscript.display import display, display_object
from irissim.objectscript.names import reference_text, split_reference
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.variables import LocalVariable, Variable
from irissim.values.value import OsObject


@on_statement("command_zwrite")
def _zwrite(node: Node) -> Statement:
    parts = [_argument(child) for child in node.children if child.type == "expression"]

    def run(runtime: Runtime) -> None:
        for part in parts or [write_locals]:
            part(runtime)

    return conditional(node, run)


def _argument(node: Node) -> Statement:
    inner = node.children[0] if len(node.children) == 1 else node
    if is_reference(inner) and inner.type != "oref_chain_expr":
        variable = reference(inner)
        return lambda runtime: _show(runtime, variable(runtime))
    value = expression(node)
    return lambda runtime: runtime.session.write(display(value(runtime)) + NEW_LINE)


def write_locals(runtime: Runtime) -> None:
    """All local variables."""
    for name in runtime.defined_names():
        _show(runtime, LocalVariable(runtime.locals, name))


def _show(runtime: Runtime, variable: Variable) -> None:
    name, base = split_reference(variable.text())
    for path, value in variable.nodes():
        text = reference_text(name, [*base, *path])
        shown = display_object(text, value) if isinstance(value, OsObject) else f"{text}={display(value)}"
        runtime.session.write(shown + NEW_LINE)

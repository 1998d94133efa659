# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TRY, CATCH and THROW."""

from __future__ import annotations

from irissim.objectscript.builtin.exceptions import AbstractException, exception_of
from irissim.objectscript.compiler import (
    Reference,
    Statement,
    braced,
    conditional,
    expression,
    on_statement,
    reference,
)
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import QuitSignal
from irissim.values.errors import OsError


@on_statement("command_trycatch")
def _try(node: Node) -> Statement:
    body = braced(node)
    catch = next((child for child in node.children if child.type == "catch_block"), None)
    handler: Statement = braced(catch) if catch is not None else lambda runtime: None
    names = [child for child in (catch.children if catch is not None else []) if child.type == "lvn"]
    variable: Reference | None = reference(names[0]) if names else None

    def run(runtime: Runtime) -> None:
        try:
            _quit_ends(body, runtime)
        except OsError as error:
            caught = error
        except RecursionError:
            caught = OsError("<FRAMESTACK>")
        else:
            return
        runtime.remember(caught)
        if variable is not None:
            variable(runtime).set(exception_of(runtime.context, caught))
        _quit_ends(handler, runtime)

    return run


def _quit_ends(body: Statement, runtime: Runtime) -> None:
    """QUIT in a TRY or CATCH block leaves that block only."""
    try:
        body(runtime)
    except QuitSignal as signal:
        if signal.value is not None:
            raise OsError("<COMMAND>") from None


@on_statement("command_throw")
def _throw(node: Node) -> Statement:
    last = node.children[-1]
    if last.type.startswith("keyword") or last.type == "post_conditional":
        return conditional(node, _throw_last)
    value = expression(last)

    def run(runtime: Runtime) -> None:
        thrown = value(runtime)
        if not isinstance(thrown, AbstractException):
            raise OsError("<INVALID OREF>" if thrown == "" else "<THROW>")
        raise thrown.error()

    return conditional(node, run)


def _throw_last(runtime: Runtime) -> None:
    """THROW without argument throws the last error again."""
    if runtime.last_error is None:
        raise OsError("<COMMAND>")
    raise runtime.last_error

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DO and JOB."""

from __future__ import annotations

from irissim.objectscript.calls import (
    class_call_parts,
    compile_chain,
    links_of,
    routine_call,
    routine_call_parts,
)
from irissim.objectscript.commands.assigning import argument_indirection
from irissim.objectscript.compiler import (
    Expression,
    Statement,
    braced,
    conditional,
    on_statement,
    post_condition,
)
from irissim.objectscript.host import Session
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import unsupported
from irissim.values.value import to_bool, to_string


@on_statement("command_do")
def _do(node: Node) -> Statement:
    parts = [_argument(child) for child in node.children if child.type == "do_parameter"]
    if not parts:
        # DO without arguments runs the dotted lines below, and a terminal line has none; the rest of the line goes on.
        return braced(node)

    def run(runtime: Runtime) -> None:
        for part in parts:
            part(runtime)

    return conditional(node, run)


def _argument(node: Node) -> Statement:
    condition = post_condition(node)
    body = _call(node)
    if condition is None:
        return body

    def run(runtime: Runtime) -> None:
        if to_bool(condition(runtime)):
            body(runtime)

    return run


def _call(node: Node) -> Statement:
    links = links_of(node)
    first = links[0]
    if first.type == "routine_tag_call":
        return _routine(first)
    result = compile_chain(links)
    last = links[-1]
    if last.type == "oref_method" and node_text(last).startswith("%ToJSON(") and node_text(last).endswith("()"):
        # FIDELITY(documented; GCOS): %ToJSON called by DO writes to the current device
        return lambda runtime: runtime.session.write(to_string(result(runtime)))
    return _discard(result)


def _discard(result: Expression) -> Statement:
    def run(runtime: Runtime) -> None:
        result(runtime)

    return run


def _routine(node: Node) -> Statement:
    inner = node.children[0]
    if inner.type == "line_ref" and inner.children[0].type == "indirection":
        return argument_indirection("do", inner.children[0])
    return _discard(routine_call(node))


@on_statement("command_job")
def _job(node: Node) -> Statement:
    parts = [_job_argument(child) for child in node.children if child.type == "job_argument"]

    def run(runtime: Runtime) -> None:
        for part in parts:
            part(runtime)

    return conditional(node, run)


def _job_argument(node: Node) -> Statement:
    """Starts the call in a process of its own; the arguments are evaluated here and passed by value."""
    call = node.children[0]
    if call.type == "class_method_call":
        names, arguments = class_call_parts(call)
    elif call.type == "routine_tag_call":
        names, arguments = routine_call_parts(call)
    else:
        raise unsupported("JOB " + node_text(call))
    is_class = call.type == "class_method_call"
    has_timeout = any(child.type == "timeout" for child in node.children)

    def run(runtime: Runtime) -> None:
        values = [value.value if isinstance(value, LocalArray) else value for value in arguments(runtime)]

        def start(session: Session) -> None:
            classes = session.classes
            (classes.call if is_class else classes.call_routine)(session, *names, values)

        runtime.zchild = runtime.session.spawn(start)
        if has_timeout:
            runtime.test = True

    return run

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DO and JOB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from irissim.objectscript.calls import (
    arguments_of,
    class_call_parts,
    compile_chain,
    links_of,
    name_of,
    routine_call,
    routine_call_parts,
)
from irissim.objectscript.classes import ClassContext
from irissim.objectscript.commands.assigning import argument_indirection
from irissim.objectscript.commands.dotted import dotted_block
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
from irissim.objectscript.runtime import Runtime, runtime_of
from irissim.objectscript.signals import Halt, unsupported
from irissim.values.value import to_bool, to_string


@on_statement("command_do")
def _do(node: Node) -> Statement:
    parts = [_argument(child) for child in node.children if child.type == "do_parameter"]
    if not parts:
        # A terminal line has no dotted lines below it; the rest of the line goes on.
        dotted, rest = dotted_block(node), braced(node)
        if dotted is None:
            return rest

        def run_block(runtime: Runtime) -> None:
            if condition is None or to_bool(condition(runtime)):
                dotted(runtime)
            rest(runtime)

        condition = post_condition(node)
        return run_block

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
        return _job_expression(call)
    is_class = call.type == "class_method_call"
    has_timeout = any(child.type == "timeout" for child in node.children)

    def run(runtime: Runtime) -> None:
        values = [value.value if isinstance(value, LocalArray) else value for value in arguments(runtime)]

        def start(session: Session) -> None:
            classes = session.classes
            with _process(session):
                (classes.call if is_class else classes.call_routine)(session, *names, values)

        runtime.zchild = runtime.session.spawn(start)
        if has_timeout:
            runtime.test = True

    return run


def _job_expression(call: Node) -> Statement:
    """``job $system.X.Y()`` and ``job ..Y()``: the class is found here, the method runs there."""
    if call.type == "relative_dot_method":
        link = call.children[-1]
        method, arguments = name_of(link.children[0]), arguments_of(link.children[1])

        def run(runtime: Runtime) -> None:
            this = runtime.this
            if not isinstance(this, ClassContext):
                raise unsupported("JOB of a method of an object")
            kind = this.kind
            values = [value.value if isinstance(value, LocalArray) else value for value in arguments(runtime)]

            def start(session: Session) -> None:
                with _process(session):
                    session.classes.call_kind(session, kind, method, values)

            runtime.zchild = runtime.session.spawn(start)

        return run
    raise unsupported("JOB " + node_text(call))


@contextmanager
def _process(session: Session) -> Iterator[None]:
    """The life of a background process: HALT ends it, and what it holds is given back."""
    runtime = runtime_of(session)
    try:
        yield
    except Halt:
        pass
    finally:
        runtime.end()

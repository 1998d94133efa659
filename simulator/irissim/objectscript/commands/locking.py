# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LOCK."""

from __future__ import annotations

from irissim.objectscript.compiler import (
    Expression,
    Reference,
    Statement,
    conditional,
    expression,
    on_statement,
    reference,
)
from irissim.objectscript.host import GlobalRef
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.values.value import to_seconds


@on_statement("command_lock")
def _lock(node: Node) -> Statement:
    parts = [_argument(child) for child in node.children if child.type == "command_lock_argument"]

    def run(runtime: Runtime) -> None:
        if not parts:
            runtime.release_locks()
        for part in parts:
            part(runtime)

    return conditional(node, run)


def _argument(node: Node) -> Statement:
    sign = node.children[0].type if node.children[0].type in ("+", "-") else ""
    names = [reference(child.children[0]) for child in node.children if child.type == "lock_arg"]
    limits = [expression(child.children[-1]) for child in node.children if child.type == "timeout"]
    timeout = limits[0] if limits else None
    if sign == "-":
        return lambda runtime: _release(runtime, names)

    def run(runtime: Runtime) -> None:
        if not sign:
            # A lock without sign first gives back all that the process holds.
            runtime.release_locks()
        _take(runtime, names, timeout)

    return run


def _locked(runtime: Runtime, name: Reference) -> GlobalRef:
    """A local name can be locked too. It stands for itself in the namespace, apart from a global called the same."""
    ref = name(runtime).global_ref()
    return ref if ref.environment else ref._replace(environment=runtime.session.namespace, name=f"({ref.name})")


def _release(runtime: Runtime, names: list[Reference]) -> None:
    for name in names:
        ref = _locked(runtime, name)
        if ref in runtime.locks:
            runtime.locks.remove(ref)
            runtime.session.globals.unlock(ref)


def _take(runtime: Runtime, names: list[Reference], timeout: Expression | None) -> None:
    """All names or none of them; with a time-out the success is in $TEST."""
    limit = None if timeout is None else max(to_seconds(timeout(runtime)), 0.0)
    taken: list[GlobalRef] = []
    for name in names:
        ref = _locked(runtime, name)
        if not runtime.session.globals.lock(ref, limit):
            for held in taken:
                runtime.session.globals.unlock(held)
            runtime.test = False
            return
        taken.append(ref)
    runtime.locks.extend(taken)
    if limit is not None:
        runtime.test = True

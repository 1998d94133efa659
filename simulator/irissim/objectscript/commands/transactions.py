# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TSTART, TCOMMIT and TROLLBACK."""

from __future__ import annotations

from irissim.objectscript.compiler import Statement, conditional, on_statement
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.runtime import Runtime
from irissim.values.value import to_int


@on_statement("command_tstart")
def _tstart(node: Node) -> Statement:
    return conditional(node, lambda runtime: runtime.transaction.start())


@on_statement("command_tcommit")
def _tcommit(node: Node) -> Statement:
    return conditional(node, _commit)


def _commit(runtime: Runtime) -> None:
    runtime.transaction.commit()
    # FIDELITY(documented; CR24 %SYSTEM.Process, HA): with SynchCommit a TCOMMIT returns when its journal data are safe,
    #   which on a primary with an active backup means that the backup has them too
    if runtime.session.commits_wait and not runtime.transaction.level:
        runtime.session.settle()


@on_statement("command_trollback")
def _trollback(node: Node) -> Statement:
    levels = [to_int(node_text(child)) for child in node.children if child.type == "numeric_literal"]
    count = levels[0] if levels else None
    return conditional(node, lambda runtime: runtime.transaction.rollback(count))

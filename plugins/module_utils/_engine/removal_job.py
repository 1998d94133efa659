# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Takes databases out of a mirror on one member, after the primary was asked where its answer decides."""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader, removal, report

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan


class RemovalJob(Job[removal.RemovalState]):
    noun = "databases"

    def __init__(self, wish: removal.RemovalWish, open_primary: t.Callable[[], Session] | None) -> None:
        self.wish = wish
        self.open_primary = open_primary
        self.items: list[t.Any] = []

    def observe(self) -> list[t.Any]:
        return removal.observe(self.wish.mirror)

    def read(self, answers: t.Any) -> removal.RemovalState:
        return removal.read(answers)

    def consult(self, session: Session, state: removal.RemovalState) -> None:
        if self.open_primary is not None and removal.needs_primary(self.wish, state):
            answers = self.open_primary().run(Program(*removal.observe_primary(self.wish.mirror)))
            state.primary = reader.read_node(answers)

    def plan(self, state: removal.RemovalState, check_mode: bool) -> Plan:
        plan = removal.make_plan(self.wish, state)
        self.items = [item for element in plan.elements if isinstance(element, Each) for item in element.items]
        return plan

    def item_label(self, group: str, item: int) -> str:
        return str(self.items[item]["mirror_name"])

    def result(self, state: removal.RemovalState) -> list[dict[str, t.Any]]:
        return [
            report.mirrored(wish.mirror_name, removal.directory(wish, state.databases), state.node.databases)
            for wish in self.wish.databases
        ]

    def projected(self, state: removal.RemovalState, plan: Plan) -> list[dict[str, t.Any]]:
        left = [] if self.wish.delete_data else state.databases
        return [report.mirrored(wish.mirror_name, removal.directory(wish, left), []) for wish in self.wish.databases]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Plans for nodes of globals: small configuration values and checks that replication works."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Defined, Global
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Kill, Put, Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import names
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element


@dataclasses.dataclass
class NodeWish:
    """A node of a global in a namespace. ``value`` is None where nothing is to be written."""

    namespace: str
    name: str
    subscripts: list[str]
    value: str | None = None

    def expression(self) -> Global:
        return Global(self.namespace, self.name, self.subscripts)

    def path(self) -> str:
        inner = ",".join(self.subscripts)
        return "%s:^%s%s" % (self.namespace, self.name, "(%s)" % inner if inner else "")


@dataclasses.dataclass
class NodeState:
    """``defined`` as `$data` tells: 0 nothing, 1 value, 10 descendants only, 11 both."""

    defined: int
    value: str

    @property
    def has_value(self) -> bool:
        return self.defined in (1, 11)


def wishes(options: t.Sequence[t.Mapping[str, t.Any]]) -> list[NodeWish]:
    """The nodes that an option ``globals`` names; InputError for a name that IRIS would refuse."""
    return [
        NodeWish(
            names.namespace_name(node["namespace"]),
            names.global_name(node["name"]),
            node["subscripts"],
            node.get("value"),
        )
        for node in options
    ]


def observe(wishes: t.Sequence[NodeWish]) -> list[Element]:
    return [
        Read("node %d" % number, {"defined": Defined(wish.expression()), "value": wish.expression()})
        for number, wish in enumerate(wishes)
    ]


def read(wishes: t.Sequence[NodeWish], answers: Answers) -> list[NodeState | None]:
    """The state of each node; None where it could not be read (no such namespace)."""
    states: list[NodeState | None] = []
    for number in range(len(wishes)):
        step = "node %d" % number
        if not answers.get(step).ok:
            states.append(None)
        else:
            states.append(NodeState(int(answers.value(step, "defined", default="0")), answers.value(step, "value")))
    return states


def plan_present(wishes: t.Sequence[NodeWish], states: t.Sequence[NodeState | None]) -> Plan:
    plan = Plan()
    for wish, state in zip(wishes, states):
        if state is None or not state.has_value or state.value != wish.value:
            plan.elements.append(Put("set " + wish.path(), wish.expression(), wish.value))
            plan.change(wish.path(), state.value if state is not None and state.has_value else None, wish.value)
    return plan


def plan_absent(wishes: t.Sequence[NodeWish], states: t.Sequence[NodeState | None]) -> Plan:
    plan = Plan()
    for wish, state in zip(wishes, states):
        if state is not None and state.defined:
            plan.elements.append(Kill("kill " + wish.path(), wish.expression()))
            plan.change(wish.path(), state.value if state.has_value else "(descendants)", None)
    return plan


def describe(wishes: t.Sequence[NodeWish], states: t.Sequence[NodeState | None]) -> list[dict[str, t.Any]]:
    return [
        {
            "namespace": wish.namespace,
            "name": wish.name,
            "subscripts": wish.subscripts,
            "defined": bool(state is not None and state.has_value),
            "value": state.value if state is not None and state.has_value else None,
        }
        for wish, state in zip(wishes, states)
    ]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a mirror, drawn at random: faults, repairs, and what operators do."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.model.cluster import ARBITER, DATABASE, Cluster
from tests.model.workload import wait


@dataclass(frozen=True)
class Step:
    """`whom`: A, B, or the role that a member has at that moment; `then`: seconds to the next step."""

    kind: str
    whom: str
    then: float

    def __str__(self) -> str:
        return f"{self.kind}:{self.whom}:{self.then}"

    @classmethod
    def parse(cls, text: str) -> Step:
        kind, whom, then = text.split(":")
        return cls(kind, whom, float(then))


def _kill_host(cluster: Cluster, name: str) -> None:
    cluster.kill(name)
    cluster.kill(f"agent {name}")


def _pause_host(cluster: Cluster, name: str) -> None:
    cluster.pause(name)
    cluster.pause(f"agent {name}")


def _resume(cluster: Cluster, _name: str) -> None:
    for name in list(cluster.paused):
        cluster.resume(name)


def _start_all(cluster: Cluster, _name: str) -> None:
    for name in reversed(cluster.processes()):
        cluster.start(name)


def _start(cluster: Cluster, name: str) -> None:
    cluster.start(f"agent {name}")
    cluster.start(name)


def _cut_members(cluster: Cluster, _name: str) -> None:
    cluster.board.cut(("A", "B"))


def _cut_from_arbiter(cluster: Cluster, name: str) -> None:
    cluster.board.cut((name, ARBITER))


def _cut_everything(cluster: Cluster, _name: str) -> None:
    cluster.board.cut(("A", "B"), ("A", ARBITER), ("B", ARBITER))


def _cut_one_way(cluster: Cluster, name: str) -> None:
    cluster.board.cut_one_way(name, cluster.other(cluster.node(name)).name)


def _become_primary(cluster: Cluster, name: str) -> None:
    """Only while the other host can be reached: the oracle says why."""
    agent = f"agent {cluster.other(cluster.node(name)).name}"
    if cluster.board.whole and cluster.lives(agent) and agent not in cluster.paused:
        cluster.order(name, "mirror.become_primary")
    else:
        cluster.history.note("  (not asked for, the other host is unreachable)")


def _dismount(cluster: Cluster, name: str) -> None:
    cluster.order(name, "databases.dismount", cluster.node(name).directory(DATABASE))


Action = Callable[[Cluster, str], None]

# How often, and what.
_FAULTS: dict[str, tuple[int, Action]] = {
    "kill_instance": (6, lambda cluster, name: cluster.kill(name)),
    "kill_agent": (2, lambda cluster, name: cluster.kill(f"agent {name}")),
    "kill_host": (5, _kill_host),
    "pause_instance": (3, lambda cluster, name: cluster.pause(name)),
    "pause_agent": (1, lambda cluster, name: cluster.pause(f"agent {name}")),
    "pause_host": (3, _pause_host),
    "cut_members": (4, _cut_members),
    "cut_everything": (1, _cut_everything),
    "cut_one_way": (2, _cut_one_way),
    "isolate": (5, lambda cluster, name: cluster.board.isolate(name)),
}
_ARBITER_FAULTS: dict[str, tuple[int, Action]] = {
    "kill_arbiter": (3, lambda cluster, _name: cluster.kill(ARBITER)),
    "pause_arbiter": (2, lambda cluster, _name: cluster.pause(ARBITER)),
    "cut_from_arbiter": (3, _cut_from_arbiter),
}
_ORDERS: dict[str, tuple[int, Action]] = {
    "stop": (4, lambda cluster, name: cluster.stop(name, False)),
    "stop_nofailover": (2, lambda cluster, name: cluster.stop(name, True)),
    "become_primary": (4, _become_primary),
    "switch_journal": (2, lambda cluster, name: cluster.order(name, "switch_journal")),
    "dismount": (1, _dismount),
}
_REPAIRS: dict[str, tuple[int, Action]] = {
    "start": (10, _start),
    "start_all": (8, _start_all),
    "resume": (6, _resume),
    "heal": (8, lambda cluster, _name: cluster.board.heal()),
    "settle": (4, lambda cluster, _name: cluster.settle()),
}

FAULTS = frozenset({*_FAULTS, *_ARBITER_FAULTS, *_ORDERS})
_PAUSES = (0.0, 0.05, 0.2, 0.5, 1.0, 1.5, 2.5)


def kinds(with_arbiter: bool) -> dict[str, tuple[int, Action]]:
    return {**_FAULTS, **(_ARBITER_FAULTS if with_arbiter else {}), **_ORDERS, **_REPAIRS}


def draw(seed: int, count: int, with_arbiter: bool, only: tuple[str, ...] = ()) -> list[Step]:
    """The same seed, the same steps: up to three faults (of those kinds), then as many repairs, and so on."""
    chance = random.Random(seed)
    faults = list(only) or [*_FAULTS, *_ORDERS, *(_ARBITER_FAULTS if with_arbiter else ())]
    steps: list[Step] = []
    while len(steps) < count:
        steps.extend(_some(chance, faults, with_arbiter))
        steps.extend(_some(chance, list(_REPAIRS), with_arbiter))
    return steps[:count]


def _some(chance: random.Random, names: list[str], with_arbiter: bool) -> list[Step]:
    known = kinds(with_arbiter)
    weights = [known[name][0] for name in names]
    return [
        Step(
            chance.choices(names, weights)[0],
            chance.choices(("primary", "backup", "A", "B"), (4, 3, 1, 1))[0],
            chance.choice(_PAUSES),
        )
        for _ in range(chance.randint(1, 3))
    ]


def take(cluster: Cluster, step: Step, with_arbiter: bool) -> None:
    """Do it now, if it can be done."""
    name = step.whom
    if name in ("primary", "backup"):
        leader = cluster.leader() or cluster.nodes[0]
        name = leader.name if name == "primary" else cluster.other(leader).name
    cluster.history.note(f"{step.kind} {name}")
    cluster.history.count(step.kind)
    kinds(with_arbiter)[step.kind][1](cluster, name)
    wait(step.then)

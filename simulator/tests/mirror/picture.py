# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failover member shows of itself and the other: every word that an operator can ask for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.mirror.lab import Agent, Lab, Node, eventually

QOS = 1.0
PACE = {"qos_timeout": int(QOS * 1000)}

BOTH, THIS_ONLY, NONE = "BOTH", "THIS_ONLY", "NOT_CONNECTED"
AGENT, ARBITER = "AGENT", "ARBITER"


@dataclass(frozen=True)
class Picture:
    """GetStatus, piece 2 of GetMemberStatus, roles and status words of GetFailoverMemberStatus, mode, arbiter."""

    status: str
    this: str
    other: str
    mode: str = AGENT
    arbiter: str = NONE
    trouble: str = ""


def picture(node: Node) -> Picture:
    this, other = (f"{one['role']} {one['status']}" for one in node.call("mirror.failover_status"))
    arbiter = node.call("mirror.arbiter_status")
    return Picture(
        node.call("mirror.status"), this, other, arbiter["mode"], arbiter["state"],
        node.call("mirror.member_status")[1],
    )  # fmt: skip


def leads(mode: str = AGENT, arbiter: str = NONE, other: str = "Backup Active") -> Picture:
    return Picture("PRIMARY", "Primary Active", other, mode, arbiter)


def follows(mode: str = AGENT, arbiter: str = NONE) -> Picture:
    return Picture("BACKUP", "Backup Active", "Primary Active", mode, arbiter)


def in_trouble(mode: str, arbiter: str = NONE) -> Picture:
    return Picture("PRIMARY", "Primary Trouble", "Backup Down", mode, arbiter, "Trouble")


def cut_off(arbiter: str = NONE) -> Picture:
    """A backup that lost the primary and may not take over."""
    return Picture("WAITING", "Backup Trouble", "Primary Down", AGENT, arbiter)


def shows(node: Node, expected: Picture) -> None:
    """The member comes to that picture."""
    seen: list[Any] = []

    def there() -> bool:
        seen[:] = [picture(node)]
        return bool(seen[0] == expected)

    eventually(there, lambda: f"{node.name}: {expected}\n   not: {seen}\n{node.log()}")


def remain(pictures: dict[Node, Picture], seconds: float = 3 * QOS) -> None:
    """The members stay so for longer than any timeout of theirs."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for node, expected in pictures.items():
            seen = picture(node)
            if seen != expected:
                pytest.fail(f"{node.name} changed to {seen}\n{node.log()}")


def redundant(primary: Node, backup: Node, mode: str = AGENT) -> None:
    """Everything is as it was: both see each other, the backup is active, and follows what is written."""
    arbiter = BOTH if mode == ARBITER else NONE
    shows(primary, leads(mode, arbiter))
    shows(backup, follows(mode, arbiter))
    write(primary, "redundant again")
    eventually(lambda: reads(backup, "redundant again"), "the backup follows")


def write(node: Node, subscript: str) -> None:
    node.call("set", node.directory("DATA"), "a", subscript, "x")


def start_writing(node: Node, subscript: str) -> Callable[..., Any]:
    return node.begin("set", node.directory("DATA"), "a", subscript, "x")


def reads(node: Node, subscript: str) -> bool:
    return node.call("get", node.directory("DATA"), "a", subscript) is not None


def trio(lab: Lab) -> tuple[Node, Node, Agent]:
    """A mirror in arbiter controlled mode."""
    first, second, arbiter = lab.pair_with_arbiter(**PACE)
    shows(first, leads(ARBITER, BOTH))
    shows(second, follows(ARBITER, BOTH))
    return first, second, arbiter


def duo(lab: Lab) -> tuple[Node, Node]:
    """A mirror without arbiter."""
    return lab.pair(**PACE)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arbiter says yes to one of two members at most."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.patience import PATIENCE

from irissim.agent.server import Agent
from irissim.engine.mirror.wire import Connection, Message, connect


class FakeMember:
    """One end of a conversation with the arbiter; answers no PING unless told."""

    def __init__(self, port: int, name: str) -> None:
        self.connection: Connection = connect("127.0.0.1", port, PATIENCE)
        self.connection.send("ARBITER", mirror="DEMO", member=name, silence=30)
        self._questions = 0

    def until(self, kind: str) -> Message:
        while True:
            message = self.connection.receive(PATIENCE)
            if message.kind == kind:
                return message

    def put(self, kind: str, **fields: Any) -> None:
        self._questions += 1
        self.connection.send(kind, question=str(self._questions), **fields)

    def ask(self, kind: str, **fields: Any) -> bool:
        self.put(kind, **fields)
        return self.until("ANSWER").flag("granted")


@pytest.fixture
def arbiter(tmp_path: Path) -> Iterator[Agent]:
    agent = Agent(tmp_path)
    agent.start("127.0.0.1", 0)
    yield agent
    agent.stop()


def _pair(arbiter: Agent) -> tuple[FakeMember, FakeMember]:
    """Both connected, arbiter controlled."""
    primary = FakeMember(arbiter.port, "A")
    assert set(primary.until("PEERS").fields["sessions"]) == {"A"}
    backup = FakeMember(arbiter.port, "B")
    assert set(primary.until("PEERS").fields["sessions"]) == {"A", "B"}
    assert primary.ask("ENTER", epoch="1", backup="B") is True
    return primary, backup


def test_a_backup_may_take_over_when_the_primary_is_gone(arbiter: Agent) -> None:
    primary, backup = _pair(arbiter)
    primary.connection.close()
    assert backup.ask("TAKEOVER", epoch="1", patience=0.2) is True
    returned = FakeMember(arbiter.port, "A")
    assert returned.ask("RELEASE", epoch="1") is False


def test_a_backup_may_take_over_when_the_primary_is_silent(arbiter: Agent) -> None:
    primary, backup = _pair(arbiter)
    assert backup.ask("TAKEOVER", epoch="1", patience=0.2) is True
    assert primary.until("PING") is not None


def test_a_primary_that_the_arbiter_sees_keeps_its_role(arbiter: Agent) -> None:
    primary, backup = _pair(arbiter)
    backup.put("TAKEOVER", epoch="1", patience=PATIENCE)
    primary.connection.send("PONG", number=primary.until("PING").number("number"))
    assert backup.until("ANSWER").flag("granted") is False
    assert primary.ask("RELEASE", epoch="1") is True


def test_a_primary_that_went_on_alone_cannot_be_overtaken(arbiter: Agent) -> None:
    primary, backup = _pair(arbiter)
    assert primary.ask("RELEASE", epoch="1") is True
    primary.connection.close()
    assert backup.ask("TAKEOVER", epoch="1", patience=0.2) is False


def test_only_the_connections_of_the_agreed_period_count(arbiter: Agent) -> None:
    primary, backup = _pair(arbiter)
    primary.connection.close()
    assert backup.ask("TAKEOVER", epoch="0", patience=0.2) is False
    again = FakeMember(arbiter.port, "B")
    assert again.ask("TAKEOVER", epoch="1", patience=0.2) is False


def test_arbiter_control_needs_both_members(arbiter: Agent) -> None:
    primary = FakeMember(arbiter.port, "A")
    assert primary.ask("ENTER", epoch="1", backup="B") is False

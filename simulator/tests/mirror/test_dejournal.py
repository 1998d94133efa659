# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread that applies journals, where processes are too slow to be caught in the act."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from tests.mirror.lab import eventually
from tests.patience import PATIENCE

from irissim.engine.mirror.dejournal import Dejournaler


class SlowLog:
    """A member whose disk is busy while the reason of a failure is written."""

    def __init__(self) -> None:
        self.writing = threading.Event()
        self.written = threading.Event()

    def log(self, _text: str, _severity: int) -> None:
        self.writing.set()
        assert self.written.wait(PATIENCE)


def test_an_operator_who_starts_it_while_it_fails_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    member: Any = SlowLog()
    dejournaler = Dejournaler(member)
    attempts: list[str] = []

    def work() -> None:
        attempts.append("attempt")
        if len(attempts) == 1:
            raise IsADirectoryError

    monkeypatch.setattr(dejournaler, "_work", work)
    dejournaler._begin()
    assert member.writing.wait(PATIENCE)
    operator = threading.Thread(target=dejournaler.release, daemon=True)
    operator.start()
    operator.join(0.2)
    member.written.set()
    operator.join(PATIENCE)
    eventually(lambda: len(attempts) == 2, "a new attempt")
    assert not dejournaler.failed

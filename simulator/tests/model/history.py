# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done to a mirror, what users wrote meanwhile, and what they were told."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum


class Outcome(Enum):
    """What a user knows about an update."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    """An error that says that nothing was done."""
    UNKNOWN = "unknown"
    """No answer, or one that leaves it open."""


@dataclass
class Write:
    """One update of one node of a global; nobody else writes this value, and nobody else this node."""

    value: str
    node: str
    started: float
    outcome: Outcome = Outcome.UNKNOWN
    ended: float = 0.0
    answer: str = ""


@dataclass(frozen=True)
class Event:
    """A fault, a repair, or a change that was observed."""

    when: float
    text: str


@dataclass
class History:
    """Of one run. Thread-safe; times are of the one clock of the test process."""

    began: float = field(default_factory=time.monotonic)
    writes: list[Write] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Of faults by kind, takeovers and the like."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> float:
        return time.monotonic() - self.began

    def note(self, text: str) -> None:
        with self._lock:
            self.events.append(Event(self.now(), text))

    def count(self, kind: str) -> None:
        with self._lock:
            self.counts[kind] += 1

    def begin(self, writer: int, node: str) -> Write:
        with self._lock:
            write = Write(f"{writer}-{len(self.writes)}", node, self.now())
            self.writes.append(write)
            return write

    def acknowledged(self) -> list[Write]:
        return [write for write in self.writes if write.outcome is Outcome.ACKNOWLEDGED]

    def tell(self) -> str:
        """For people: events, and the writes between them in a few words."""
        lines: list[str] = []
        events = sorted(self.events, key=lambda event: event.when)
        writes = sorted(self.writes, key=lambda write: write.started)
        place = 0
        for event in [*events, Event(float("inf"), "end")]:
            first = place
            while place < len(writes) and writes[place].started < event.when:
                place += 1
            between = Counter(f"{write.outcome.value} by {write.node}" for write in writes[first:place])
            if between:
                told = ", ".join(f"{number} {what}" for what, number in sorted(between.items()))
                lines.append(f"            writes {writes[first].value} to {writes[place - 1].value}: {told}")
            if event.when != float("inf"):
                lines.append(f"{event.when:9.3f}   {event.text}")
        return "\n".join(lines)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The System Monitor: reads messages.log, keeps alerts.log, and sums everything up in one system state."""

from __future__ import annotations

import re
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from irissim.values.releases import is_before

# FIDELITY(documented; CR24 %SYSTEM.Monitor): -1 hung, 0 OK, 1 Warning, 2 Alert
HUNG, GREEN, YELLOW, RED = -1, 0, 1, 2
# FIDELITY(observed; DUR, LIVE): how `iris list` and `iris qlist` call these states
WORDS = {HUNG: "hung", GREEN: "ok", YELLOW: "warn", RED: "alert"}

# FIDELITY(documented; GCM 5.4): RED goes to YELLOW, and YELLOW to GREEN, each after 30 minutes without another alert
DECAY_SECONDS = 30 * 60
_ALERTS_FOR_RED_AT_START = 5
_SYSTEM_ALERT = 2
# FIDELITY(documented; GCM): the log monitor takes entries of severity 2 and 3, and always this one
_ALWAYS_AN_ALERT = "Becoming primary mirror server"
_LINE = re.compile(r"(?P<moment>\S+) \(\d+\) (?P<severity>\d) \[[^]]*\] (?P<text>.*)")
_MOMENT = "%m/%d/%y-%H:%M:%S:%f"


class Alert(NamedTuple):
    """One line that people should see."""

    moment: float
    severity: int
    text: str


class SystemMonitor:
    """`instance.monitor`. Thread-safe. Begins with what messages.log gets after this object was made."""

    def __init__(self, log: Path, profile: str) -> None:
        self._log = log
        self._alerts_log = log.with_name("alerts.log")
        self._offset = log.stat().st_size if log.exists() else 0
        self._starting = True
        self._alerts_at_start = 0
        self._jumps = not is_before(profile, "2026.1")
        self._state = GREEN
        self._since = 0.0
        self._posted = 0
        self._unread: list[Alert] = []
        self._lock = threading.Lock()

    def started(self) -> None:
        """The instance is up: the alerts of its start decide with which state it begins."""
        # FIDELITY(documented; GCM 5.4): up to four alerts during startup make YELLOW, five or more RED
        with self._lock:
            self._read()
            self._starting = False
            if self._alerts_at_start:
                self._raise_to(RED if self._alerts_at_start >= _ALERTS_FOR_RED_AT_START else YELLOW, time.time())

    def scan(self) -> None:
        """Take in what was added to messages.log."""
        with self._lock:
            self._read()

    def state(self) -> int:
        """GREEN, YELLOW or RED, as of now."""
        with self._lock:
            self._read()
            self._decay(time.time())
            return self._state

    def set_state(self, state: int) -> None:
        """Whatever was posted until now, this is the state."""
        with self._lock:
            self._read()
            self._raise_to(state, time.time())

    @property
    def posted(self) -> int:
        """Alerts since the start, or since the counter was cleared."""
        self.scan()
        return self._posted

    def clear_counter(self) -> None:
        """Count from 0 again."""
        with self._lock:
            self._read()
            self._posted = 0

    @property
    def unread(self) -> int:
        """Alerts that nobody has taken yet."""
        self.scan()
        return len(self._unread)

    def take_unread(self) -> list[Alert]:
        """The alerts since the last call; each is given once."""
        with self._lock:
            self._read()
            taken, self._unread = self._unread, []
            return taken

    def logged(self) -> list[str]:
        """The lines of alerts.log, of earlier runs as well."""
        self.scan()
        try:
            return self._alerts_log.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def _read(self) -> None:
        try:
            with self._log.open("rb") as stream:
                stream.seek(self._offset)
                data = stream.read()
        except FileNotFoundError:
            return
        whole = data.rfind(b"\n") + 1
        self._offset += whole
        for line in data[:whole].decode("utf-8", "replace").splitlines():
            found = _LINE.match(line)
            if found is not None:
                self._hear(line, Alert(_seconds(found["moment"]), int(found["severity"]), found["text"]))

    def _hear(self, line: str, alert: Alert) -> None:
        system_alert = alert.severity >= _SYSTEM_ALERT
        if not system_alert and _ALWAYS_AN_ALERT not in alert.text:
            return
        self._posted += 1
        self._unread.append(alert)
        with self._alerts_log.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        if not system_alert:
            return
        if self._starting:
            self._alerts_at_start += 1
            return
        self._decay(alert.moment)
        # FIDELITY(documented; GCM 5.4): one system alert makes GREEN YELLOW, and YELLOW RED
        # FIDELITY(observed; LIVE): on 2026.1 one line of severity 2 was seen to put an instance into alert at once
        self._raise_to(RED if self._jumps else min(RED, self._state + 1), alert.moment)

    def _raise_to(self, state: int, moment: float) -> None:
        self._state, self._since = state, moment

    def _decay(self, moment: float) -> None:
        while self._state > GREEN and moment - self._since >= DECAY_SECONDS:
            self._state -= 1
            self._since += DECAY_SECONDS


def _seconds(moment: str) -> float:
    """When a line was written; now, if that cannot be read."""
    try:
        return datetime.strptime(moment, _MOMENT).timestamp()
    except ValueError:
        return time.time()

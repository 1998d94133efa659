# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system state that `iris list` shows and the container's health check uses, derived from messages.log."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

# FIDELITY(documented; GCM 5.4): alert goes to warn, and warn to ok, each after 30 minutes without another
DECAY_SECONDS = 30 * 60
CLEARED_EVENT = "SystemMonitor.Cleared"
_LINE = re.compile(r"\S+ \(\d+\) (?P<severity>\d) \[(?P<event>[^]]*)\]")


class Health:
    """Reads what was added to messages.log since the instance started."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._offset = log.stat().st_size if log.exists() else 0
        self._alerted: float | None = None
        self._lock = threading.Lock()

    def state(self) -> str:
        """`ok`, `warn` or `alert`."""
        with self._lock:
            self._read()
            if self._alerted is None:
                return "ok"
            age = time.monotonic() - self._alerted
        if age < DECAY_SECONDS:
            return "alert"
        return "warn" if age < 2 * DECAY_SECONDS else "ok"

    def _read(self) -> None:
        with self._log.open("rb") as stream:
            stream.seek(self._offset)
            data = stream.read()
        whole = data.rfind(b"\n") + 1
        self._offset += whole
        for line in data[:whole].decode("utf-8", "replace").splitlines():
            found = _LINE.match(line)
            if found is None:
                continue
            # FIDELITY(observed; LIVE): a single line of severity 2 puts the instance into alert
            if int(found["severity"]) >= 2:
                self._alerted = time.monotonic()
            elif found["event"] == CLEARED_EVENT:
                self._alerted = None

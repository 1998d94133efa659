# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trap `licence`: few licence units, and a unit that comes back only some time after its session."""

from __future__ import annotations

import threading
import time

UNITS = 3
HELD_SECONDS = 0.6

# FIDELITY(observed; DUR): a session for which there is no unit ends at once and prints this
REFUSED = "<LICENSE LIMIT EXCEEDED>"


class LicenceUnits:
    """One unit for each session."""

    def __init__(self, on: bool) -> None:
        self._on = on
        self._taken = 0
        self._returning: list[float] = []
        self._lock = threading.Lock()

    def take(self) -> bool:
        """A unit for a session; False when there is none."""
        # FIDELITY(observed; DUR): every session takes a licence unit; bursts of sessions exhaust them
        # FIDELITY(assumed): how many there are, and that a unit is held for a moment after the session
        with self._lock:
            now = time.monotonic()
            self._returning = [moment for moment in self._returning if moment > now]
            if self._on and self._taken + len(self._returning) >= UNITS:
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """The session has ended."""
        with self._lock:
            self._taken -= 1
            self._returning.append(time.monotonic() + HELD_SECONDS)

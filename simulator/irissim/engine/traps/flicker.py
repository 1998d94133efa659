# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trap `flicker`: "caught up" comes, goes, and comes again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable

# After one good reading comes a bad one: who believes the first is wrong, who wants two in a row gets them.
_BAD_READING = 2


class Flicker:
    """Each figure of a member comes to rest by itself."""

    def __init__(self, on: bool) -> None:
        self._on = on
        self._readings: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def unsteady(self, what: Hashable, caught_up: bool) -> bool:
        """Whether a figure that says "caught up" has to say "behind" this time."""
        # FIDELITY(documented; HA 5.1.1.1): "Caught up" on a backup that the primary does not wait for is transient
        # FIDELITY(assumed): how often; here the second good reading after each bad time is taken back
        if not self._on:
            return False
        with self._lock:
            if not caught_up:
                del self._readings[what]
                return False
            self._readings[what] += 1
            return self._readings[what] == _BAD_READING

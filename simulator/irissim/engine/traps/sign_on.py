# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trap `sign-on`: the instance says that it runs, and still lets nobody in."""

from __future__ import annotations

import time

HELD_SECONDS = 1.5


class SignOn:
    """Counts from the moment when the instance is up."""

    def __init__(self, on: bool) -> None:
        self._on = on
        self._until = 0.0

    def started(self) -> None:
        """The instance is up."""
        if self._on:
            self._until = time.monotonic() + HELD_SECONDS

    @property
    def inhibited(self) -> bool:
        """Whether a session is still refused."""
        # FIDELITY(observed; DUR): ports are open and `iris qlist` says running before sign-on is allowed
        # FIDELITY(assumed): for how long
        return time.monotonic() < self._until

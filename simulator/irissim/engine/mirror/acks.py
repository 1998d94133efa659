# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has to acknowledge before the primary answers, and how far that got."""

from __future__ import annotations

import threading
from collections.abc import Callable

from irissim.engine.mirror_hooks import NoLongerPrimary
from irissim.engine.positions import START, Position


class Acknowledgements:
    """While a backup is active, nothing is answered that it does not have."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._required = False
        self._lost = False
        self._acked = START

    @property
    def required(self) -> bool:
        return self._required

    def require(self, acked: Position, end: Callable[[], Position]) -> bool:
        """From now on wait for the backup, which has everything up to `acked`; False if that is not all there is."""
        with self._changed:
            # Looked at under the lock: whoever writes after this look finds that it has to wait.
            if acked < end():
                return False
            self._required, self._acked = True, acked
            return True

    def acknowledge(self, position: Position) -> None:
        with self._changed:
            if position > self._acked:
                self._acked = position
                self._changed.notify_all()

    def waive(self) -> None:
        """There is no active backup any more: go on alone."""
        with self._changed:
            self._required = self._required and self._lost
            self._changed.notify_all()

    def lose_role(self) -> None:
        with self._changed:
            self._lost = True
            self._changed.notify_all()

    def wait(self, position: Position) -> None:
        with self._changed:
            while self._required and self._acked < position and not self._lost:
                self._changed.wait()
            if self._required and self._acked < position:
                raise NoLongerPrimary

    def settled(self, end: Position) -> Position:
        """How much of the journal up to `end` no takeover can undo."""
        with self._changed:
            return min(end, self._acked) if self._required else end

    def wait_settled(self, position: Position, seconds: float) -> None:
        """Until more than `position` is settled, or that time has passed."""
        with self._changed:
            self._changed.wait_for(lambda: not self._required or self._acked > position, seconds)

    def wait_limited(self, position: Position, seconds: float) -> bool:
        """For the hand-over: did the backup get everything within that time?"""
        with self._changed:
            self._changed.wait_for(lambda: self._acked >= position or self._lost, seconds)
            return self._acked >= position

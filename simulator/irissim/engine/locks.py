# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock table of an instance."""

from __future__ import annotations

import threading
from typing import NamedTuple


class LockName(NamedTuple):
    """What is locked: a node of a global of a database, with everything below and above it."""

    directory: str
    name: str
    path: bytes

    def conflicts(self, other: LockName) -> bool:
        """Whether one is the other, or an ancestor of it."""
        same = (self.directory, self.name) == (other.directory, other.name)
        return same and (self.path.startswith(other.path) or other.path.startswith(self.path))


class LockTable:
    """Exclusive, counted locks owned by threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: dict[tuple[int, LockName], int] = {}

    def acquire(self, lock: LockName, timeout: float | None) -> bool:
        """One more lock for the calling thread; False if the time ran out. None waits for ever."""
        owner = threading.get_ident()
        with self._changed:
            if not self._changed.wait_for(lambda: not self._blocked(owner, lock), timeout):
                return False
            self._held[owner, lock] = self._held.get((owner, lock), 0) + 1
            return True

    def release(self, lock: LockName) -> None:
        """One lock less; nothing if the calling thread has none."""
        key = (threading.get_ident(), lock)
        with self._changed:
            count = self._held.pop(key, 0)
            if count > 1:
                self._held[key] = count - 1
            self._changed.notify_all()

    def _blocked(self, owner: int, lock: LockName) -> bool:
        return any(holder != owner and held.conflicts(lock) for holder, held in self._held)

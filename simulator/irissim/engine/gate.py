# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that updates pass while the write daemon is suspended."""

from __future__ import annotations

import threading
import time

# FIDELITY(assumed): updates of 64 MiB fit into the buffers while the write daemon is suspended
BUFFER_LIMIT = 64 << 20


class UpdateGate:
    """Open for everybody normally; while suspended, only until a deadline and for so many bytes."""

    def __init__(self, buffer_limit: int = BUFFER_LIMIT) -> None:
        self.suspended = False
        """Read without the lock by every update, so a plain attribute."""
        self._buffer_limit = buffer_limit
        self._changed = threading.Condition()
        self._deadline = 0.0
        self._pending = 0
        self.quiesced = False
        """Updates are blocked, files are written all the same."""

    @property
    def overdue(self) -> bool:
        """Suspended for so long that updaters block."""
        return self.suspended and time.monotonic() >= self._deadline

    def quiesce(self) -> None:
        """Block updaters from now on."""
        with self._changed:
            self.quiesced = True

    def release(self) -> None:
        """The reverse of `quiesce`."""
        with self._changed:
            self.quiesced = False
            self._changed.notify_all()

    def suspend(self, seconds: float) -> None:
        """No file may change from now on; updaters block after `seconds`."""
        with self._changed:
            self._deadline = time.monotonic() + seconds
            self._pending = 0
            self.suspended = True

    def resume(self) -> None:
        """Files may change again."""
        with self._changed:
            self.suspended = False
            self._changed.notify_all()

    def admit(self, size: int) -> None:
        """Wait until an update of `size` bytes may go on. Called without any lock, only while suspended or quiesced."""
        # FIDELITY(documented; CR24 Backup.General, DI): updaters block after ExternalFreezeTimeOut or when the
        #   buffers are full, until the thaw
        with self._changed:
            while self.quiesced or self.overdue or (self.suspended and self._pending + size > self._buffer_limit):
                self._changed.wait()
            self._pending += size

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that do something at intervals: above all the one that brings files up to date."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# FIDELITY(assumed): files are brought up to date every 2 seconds (IRIS: up to 80), sooner after 8 MiB of updates
INTERVAL = 2.0


class Periodic:
    """Calls `work` every `interval` seconds, or sooner when pressed."""

    def __init__(self, work: Callable[[], None], interval: float, name: str) -> None:
        self._name = name
        self._work = work
        self._interval = interval
        self._wanted = threading.Event()
        self._ending = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin the rounds."""
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def press(self) -> None:
        """Come now."""
        self._wanted.set()

    def stop(self) -> None:
        """End after the round that runs."""
        self._ending = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ending:
            self._wanted.wait(self._interval)
            self._wanted.clear()
            if not self._ending:
                self._work()

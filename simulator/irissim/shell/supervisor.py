# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the first process of a container does all the time: reaps children, hears signals, copies a log."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

TICK_SECONDS = 0.2


class LogTail:
    """Copies what is added to a file to standard output."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = path.stat().st_size if path.exists() else 0

    def copy(self) -> None:
        """Print what is new; a file that was replaced is read from its start."""
        try:
            size = self._path.stat().st_size
            if size < self._offset:
                self._offset = 0
            if size == self._offset:
                return
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                data = stream.read()
        except FileNotFoundError:
            return
        self._offset += len(data)
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


class Supervisor:
    """Runs children one after another or in the background; never leaves a zombie."""

    def __init__(self, on_tick: Sequence[Callable[[], None]] = ()) -> None:
        """`on_tick` may grow later."""
        self.stop_requested = False
        self._on_tick = on_tick
        self._statuses: dict[int, int] = {}
        self._wake, wake_writer = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wake_writer, False)
        signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def spawn(self, command: Sequence[str]) -> int:
        """Start a child and give its process id."""
        # Not subprocess: it would wait for children behind our back and take their status away.
        return os.posix_spawn(command[0], list(command), os.environ, setsid=True)

    def run(self, command: Sequence[str], *, even_when_stopping: bool = False) -> int:
        """Run a child to its end and give its wait status; a stop request ends the wait with 0."""
        child = self.spawn(command)
        while child not in self._statuses:
            if self.stop_requested and not even_when_stopping:
                return 0
            self._tick()
        return self._statuses.pop(child)

    def wait_for_stop(self) -> None:
        """Stay until somebody asks for the end."""
        while not self.stop_requested:
            self._tick()

    def wait_for_a_change(self) -> None:
        """Stay for a moment, or until a signal or the end of a child."""
        self._tick()

    def wait_for_end_of(self, child: int) -> int:
        """Stay until a background child has ended, and give its wait status."""
        while child not in self._statuses:
            self._tick()
        return self._statuses.pop(child)

    def has_ended(self, child: int) -> bool:
        """Whether a background child is gone."""
        return child in self._statuses

    def _request_stop(self, *_: object) -> None:
        self.stop_requested = True

    def _tick(self) -> None:
        if select.select([self._wake], [], [], TICK_SECONDS)[0]:
            os.read(self._wake, 4096)
        self._reap()
        for action in self._on_tick:
            action()

    def _reap(self) -> None:
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if child == 0:
                return
            self._statuses[child] = status

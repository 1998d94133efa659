# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One numbered series of journal files: the local one, or that of a mirror (written here or received)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from irissim.engine.journal_records import Record
from irissim.engine.positions import Position


class JournalFile(NamedTuple):
    """One entry of the journal log."""

    count: int
    path: Path
    order: int
    """Place in the order in which this instance wrote its own files, 0 for a received file."""


class JournalFileMissing(Exception):
    """A file that should be read is gone; becomes #2000 where the database is known."""

    def __init__(self, file_count: int, log_path: Path) -> None: ...


class JournalSeries:
    """Thread-safe. The log (`mirrorjrn-<SET>.log` in mgr for mirrors) maps file count to file."""

    name: str
    log_path: Path

    def files(self) -> list[JournalFile]:
        """Oldest first."""

    def end(self) -> Position:
        """Behind the last byte handed to the operating system; Position(1, 0) when there is no file."""

    def size(self, file_count: int) -> int:
        """Bytes in one file; raises JournalFileMissing."""

    def read(self, start: Position, stop: Position | None = None) -> Iterator[tuple[Position, Record]]:
        """Records from `start` on, each with the position behind it, over file borders, up to `stop` or the end."""

    def read_bytes(self, start: Position, limit: int = 65536) -> tuple[Position, bytes]:
        """Raw bytes of whole records for a shipper, never crossing a file border, and the position they begin at:
        `start`, or the beginning of the next file if `start` is the end of a finished one. b"" at the end."""

    def append_bytes(self, position: Position, file_name: str, data: bytes) -> Position:
        """Store received bytes verbatim at the end (`position` must be `end()` or the start of the next file);
        `file_name` names the file a first block opens. Answers the new end."""

    def truncate(self, end: Position) -> None:
        """Forget everything behind `end` (a former primary whose last records nobody else has)."""

    def wait_beyond(self, position: Position, timeout: float) -> bool:
        """Wait for bytes behind `position`; False after `timeout` seconds."""

    def wake(self) -> None:
        """Let everybody in wait_beyond return at once (shutdown)."""

    def delete(self) -> None:
        """Remove all files and the log."""

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of one instance: what it writes itself, now locally, now as the primary of a mirror."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from irissim.engine.journal_records import Record
from irissim.engine.journal_series import JournalSeries
from irissim.engine.positions import JournalMark, Position

__all__ = ["Journal", "JournalMark", "Position"]


class Journal:
    """Thread-safe; one writer at a time."""

    directory: Path

    def append(self, record: Record) -> JournalMark:
        """Write one record; it survives the death of the process when this returns."""

    def mark(self) -> JournalMark:
        """The end of what was written."""

    def current_file(self) -> Path:
        """Path of the file being written."""

    def switch(self) -> None:
        """Go on in a new file of the same series."""

    def series(self, name: str) -> JournalSeries:
        """The series of a mirror (made on first use), "" for the local one."""

    def series_names(self) -> list[str]:
        """Mirrors that left a journal log here, whether configured or not."""

    def start_mirror(self, name: str) -> None:
        """Become primary: go on in the next MIRROR-<name>-... file."""

    def end_mirror(self) -> None:
        """No longer primary: go on in a local file."""

    def forget_mirror(self, name: str) -> None:
        """Delete journal files and log of a mirror (not the one being written)."""

    def own_records(self, start: JournalMark) -> Iterator[tuple[JournalMark, Record]]:
        """What this instance itself wrote behind `start`, in order of writing over all series (crash recovery)."""

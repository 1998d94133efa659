# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log that maps journal file counts to files (`mirrorjrn-<SET>.log`, `journal.log`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class JournalFile:
    """One entry of the journal log."""

    count: int
    path: Path
    order: int
    """Place in the order in which this instance wrote its own files, 0 for a received file."""


class JournalLog:
    """Lines `count,order,path`. Not thread-safe: its series locks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: dict[int, JournalFile] = {}
        if path.exists():
            # A line without its end was torn by a crash, before anything was written to the file it names.
            for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
                count, order, file = line.split(",", 2) if line.endswith("\n") else ("", "", "")
                if count:
                    self._files[int(count)] = JournalFile(int(count), Path(file.rstrip("\n")), int(order))

    def files(self) -> list[JournalFile]:
        """Oldest first."""
        return [self._files[count] for count in sorted(self._files)]

    def last(self) -> JournalFile | None:
        """The newest."""
        return self._files[max(self._files)] if self._files else None

    def find(self, file_count: int) -> JournalFile | None:
        """By number."""
        return self._files.get(file_count)

    def add(self, entry: JournalFile) -> None:
        """One more, on disk at once."""
        self._files[entry.count] = entry
        self._rewrite()

    def keep_up_to(self, file_count: int) -> None:
        """Drop the entries of later files."""
        self._files = {count: entry for count, entry in self._files.items() if count <= file_count}
        self._rewrite()

    def drop(self, counts: Iterable[int]) -> None:
        """Drop the entries of some files."""
        for count in counts:
            del self._files[count]
        self._rewrite()

    def delete(self) -> None:
        """Drop all entries and the log itself."""
        self._files = {}
        self._path.unlink(missing_ok=True)

    def _rewrite(self) -> None:
        text = "".join(f"{entry.count},{entry.order},{entry.path}\n" for entry in self.files())
        scratch = self._path.with_name(self._path.name + ".new")
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(self._path)

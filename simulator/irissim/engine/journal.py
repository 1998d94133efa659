# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of one instance: what it writes itself, now locally, now as the primary of a mirror."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

from irissim.engine.journal_records import Record, RecordType, encode_record
from irissim.engine.journal_series import JournalFileMissing, JournalSeries
from irissim.engine.positions import JournalMark, Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from irissim.engine.journal_log import JournalFile

__all__ = ["Journal", "JournalMark", "Position"]

_LOCAL = ""
_LOCAL_LOG = "journal.log"
_MIRROR_LOG = "mirrorjrn-{}.log"
BY_USER = "Switched by the user"


class Journal:
    """Thread-safe; one writer at a time."""

    def __init__(self, directory: Path, mgr: Path, guid: str, size_limit: int = 1 << 30, prefix: str = "") -> None:
        self.directory = directory
        self._mgr = mgr
        self._guid = guid
        self._size_limit = size_limit
        self._prefix = prefix
        self._lock = threading.RLock()
        self._all: dict[str, JournalSeries] = {_LOCAL: JournalSeries(_LOCAL, mgr / _LOCAL_LOG, directory)}
        head, tail = _MIRROR_LOG.split("{}")
        for log_path in mgr.glob(_MIRROR_LOG.format("*")):
            self.series(log_path.name.removeprefix(head).removesuffix(tail))
        self._openings: dict[str, Callable[[], list[Record]]] = {}
        self._current = self._all[_LOCAL]

    def open(self, crashed: bool = False) -> int:
        """Begin a local file; answers how many bytes of unfinished records a crash had left behind."""
        with self._lock:
            torn = sum(series.drop_torn_tail() for series in self._all.values()) if crashed else 0
            self._start_file(self._all[_LOCAL], "Startup")
            return torn

    def close(self) -> None:
        """The instance stops."""
        with self._lock:
            for series in self._all.values():
                series.wake()
                series.close()

    def append(self, record: Record) -> JournalMark:
        """Write one record; it survives the death of the process when this returns."""
        # FIDELITY(assumed): a record counts as stable once the operating system has it (a killed process loses
        #   nothing, a power failure of the host may)
        data = encode_record(record)
        with self._lock:
            series = self._current
            position = series.write(data)
            if position.offset > self._size_limit:
                self._start_file(series, "File size limit")
        return JournalMark(series.name, position)

    def mark(self) -> JournalMark:
        """The end of what was written."""
        with self._lock:
            return JournalMark(self._current.name, self._current.end())

    def current_file(self) -> Path:
        """Path of the file being written."""
        with self._lock:
            return self._current.files()[-1].path

    def switch(self, reason: str = BY_USER) -> None:
        """Go on in a new file of the same series."""
        with self._lock:
            self._start_file(self._current, reason)

    def move_to(self, directory: Path, reason: str) -> None:
        """Go on in another directory; older files stay where they are."""
        with self._lock:
            self.directory = directory
            for series in self._all.values():
                series.move_to(directory)
            self._start_file(self._current, reason)

    def set_opening(self, name: str, records: Callable[[], list[Record]]) -> None:
        """What every file of a mirror begins with from now on, so that older ones can be purged."""
        with self._lock:
            self._openings[name] = records

    def series(self, name: str) -> JournalSeries:
        """The series of a mirror (made on first use), "" for the local one."""
        with self._lock:
            if name not in self._all:
                self._all[name] = JournalSeries(name, self._mgr / _MIRROR_LOG.format(name), self.directory)
            return self._all[name]

    def series_names(self) -> list[str]:
        """Mirrors that left journal files here, whether configured or not."""
        with self._lock:
            return sorted(name for name, series in self._all.items() if name and series.files())

    def start_mirror(self, name: str) -> None:
        """Become primary: go on in the next MIRROR-<name>-... file."""
        with self._lock:
            self._start_file(self.series(name), "Became primary")

    def end_mirror(self) -> None:
        """No longer primary: go on in a local file."""
        with self._lock:
            if self._current.name != _LOCAL:
                self._start_file(self._all[_LOCAL], "No longer primary")

    def forget_mirror(self, name: str) -> None:
        """Delete journal files and log of a mirror; if it is being written, local journaling goes on first."""
        with self._lock:
            if self._current.name == name:
                self.end_mirror()
            self.series(name).delete()
            self._all.pop(name)

    def own_records(self, start: JournalMark) -> Iterator[tuple[JournalMark, Record]]:
        """What this instance itself wrote behind `start`, in order of writing over all series (crash recovery)."""
        with self._lock:
            own = self._own_files()
        first = self._first_order(start, own)
        for series, file in own:
            if file.order < first:
                continue
            same = (series.name, file.count) == (start.series, start.position.file_count)
            begin = start.position if same else Position(file.count, 0)
            for position, record in series.read(begin, Position(file.count, series.size(file.count))):
                yield JournalMark(series.name, position), record

    def _first_order(self, start: JournalMark, own: list[tuple[JournalSeries, JournalFile]]) -> int:
        """Place of the file that `start` is in. One that a truncation took away is followed by what was written
        after the rest of its series."""
        wanted = start.position.file_count
        orders = {file.count: file.order for series, file in own if series.name == start.series}
        if wanted in orders:
            return orders[wanted]
        last = self.series(start.series).end().file_count
        if wanted <= last or not orders:
            raise JournalFileMissing(wanted, self.series(start.series).log_path)
        return max(orders.values()) + 1

    def _own_files(self) -> list[tuple[JournalSeries, JournalFile]]:
        own = [(series, file) for series in self._all.values() for file in series.files() if file.order]
        return sorted(own, key=lambda pair: pair[1].order)

    def _start_file(self, series: JournalSeries, reason: str) -> None:
        own = self._own_files()
        last = series.files()
        count = last[-1].count + 1 if last else 1
        # FIDELITY(assumed): the reasons that the list of journal files shows
        content = {"series": series.name, "count": count, "guid": self._guid, "reason": reason}
        record = Record(RecordType.HEADER, time.time(), "", value=json.dumps(content).encode())
        series.new_file(self._new_path(series.name), own[-1][1].order + 1 if own else 1, encode_record(record))
        if series.name in self._openings:
            for opening in self._openings[series.name]():
                series.write(encode_record(opening))
        self._current = series

    def _new_path(self, series_name: str) -> Path:
        # FIDELITY(documented; HA 3.2): local journal files are named YYYYMMDD.nnn, those of a mirror
        #   MIRROR-<NAME>-YYYYMMDD.nnn; becoming primary switches to the latter
        day = time.strftime("%Y%m%d")
        stem = f"MIRROR-{series_name}-{day}" if series_name else f"{self._prefix}{day}"
        # A file that was deleted keeps its name, or its number in the log would stand for another one's content.
        taken = {file.path for series in self._all.values() for file in series.files()}
        number = 1
        while (path := self.directory / f"{stem}.{number:03d}") in taken or path.exists():
            number += 1
        return path

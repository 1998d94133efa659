# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One numbered series of journal files: the local one, or that of a mirror (written here or received)."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from irissim.engine.journal_log import JournalFile, JournalLog
from irissim.engine.journal_records import LENGTH_SIZE, Record, next_length, scan
from irissim.engine.journal_tail import TailFile
from irissim.engine.positions import START, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BLOCK = 1 << 16


class JournalFileMissing(Exception):
    """A file that should be read is gone; becomes #2000 where the database is known."""

    def __init__(self, file_count: int, log_path: Path) -> None:
        super().__init__(file_count, log_path)
        self.file_count = file_count
        self.log_path = log_path


class JournalSeries:
    """Thread-safe. The log (`mirrorjrn-<SET>.log` in mgr for mirrors) maps file count to file."""

    def __init__(self, name: str, log_path: Path, directory: Path) -> None:
        self.name = name
        self.log_path = log_path
        self._directory = directory
        self._log = JournalLog(log_path)
        self._lock = threading.RLock()
        self._grown = threading.Condition(self._lock)
        self._waiting = 0
        self._woken = False
        self._tail: TailFile | None = None

    def move_to(self, directory: Path) -> None:
        """Received files go there from now on."""
        with self._lock:
            self._directory = directory

    def files(self) -> list[JournalFile]:
        """Oldest first."""
        with self._lock:
            return self._log.files()

    def end(self) -> Position:
        """Behind the last byte handed to the operating system; Position(1, 0) when there is no file."""
        with self._lock:
            last = self._log.last()
            if last is None:
                return START
            try:
                return Position(last.count, self._open_tail(last).size)
            except FileNotFoundError:
                return Position(last.count, 0)

    def size(self, file_count: int) -> int:
        """Bytes in one file; raises JournalFileMissing."""
        with self._lock:
            last = self._log.last()
            if last is not None and last.count == file_count and self._tail is not None:
                return self._tail.size
            try:
                return self._path(file_count).stat().st_size
            except FileNotFoundError:
                raise JournalFileMissing(file_count, self.log_path) from None

    def new_file(self, path: Path, order: int, header: bytes) -> Position:
        """Begin the next file; `order` as in JournalFile."""
        with self._lock:
            last = self._log.last()
            self._close_tail()
            entry = JournalFile(last.count + 1 if last else 1, path, order)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(exist_ok=False)
            self._log.add(entry)
            return self.write(header)

    def write(self, data: bytes) -> Position:
        """Append to the last file; the bytes are with the operating system when this returns."""
        with self._lock:
            tail = self._tail
            if tail is None:
                last = self._log.last()
                if last is None:
                    raise JournalFileMissing(1, self.log_path)
                tail = self._open_tail(last)
            position = Position(tail.count, tail.append(data))
            if self._waiting:
                self._grown.notify_all()
            return position

    def read(self, start: Position, stop: Position | None = None) -> Iterator[tuple[Position, Record]]:
        """Records from `start` on, each with the position behind it, over file borders, up to `stop` or the end."""
        end = self.end()
        if stop is not None:
            end = min(end, stop)
        count, offset = start
        while (count, offset) < end:
            limit = end.offset if count == end.file_count else self.size(count)
            for behind, record in self._read_file(count, offset, limit):
                yield Position(count, behind), record
            count, offset = count + 1, 0

    def read_bytes(self, start: Position, limit: int = _BLOCK) -> tuple[Position, bytes]:
        """Raw bytes of whole records for a shipper, never crossing a file border, and the position they begin at:
        `start`, or the beginning of the next file if `start` is the end of a finished one. b"" at the end."""
        end = self.end()
        position = start
        while position < end:
            size = end.offset if position.file_count == end.file_count else self.size(position.file_count)
            if position.offset < size:
                return position, self._whole_records(position, min(limit, size - position.offset), size)
            position = Position(position.file_count + 1, 0)
        return position if position <= end else start, b""

    def append_bytes(self, position: Position, file_name: str, data: bytes) -> Position:
        """Store received bytes verbatim at the end (`position` must be `end()` or the start of the next file);
        `file_name` names the file a first block opens. Answers the new end."""
        with self._lock:
            end = self.end()
            last = self._log.last()
            if position.offset == 0 and (last is None or position.file_count == last.count + 1):
                self._open_received(position.file_count, file_name)
            elif position != end or last is None:
                raise ValueError(f"journal bytes for {position} do not fit behind {end}")
            return self.write(data)

    def restore(self, file_count: int, blocks: Iterable[tuple[str, bytes]]) -> bool:
        """Take back an old file, as received: file name and bytes. False when there was nothing to take."""
        path: Path | None = None
        scratch = self._directory / f".{self.name}.{file_count}.new"
        try:
            with scratch.open("wb") as stream:
                for name, data in blocks:
                    path = self._directory / Path(name).name
                    stream.write(data)
            if path is None:
                return False
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)
        with self._lock:
            self._log.add(JournalFile(file_count, path, 0))
        return True

    def purge(self, before: int) -> list[JournalFile]:
        """Delete the files with a number below `before`, but never the last one; answers what they were."""
        with self._lock:
            last = self._log.last()
            gone = [entry for entry in self._log.files() if entry.count < before and entry != last]
            # Whoever finds a file finds it in the log, too.
            for entry in gone:
                entry.path.unlink(missing_ok=True)
            if gone:
                self._log.drop(entry.count for entry in gone)
            return gone

    def truncate(self, end: Position) -> None:
        """Forget everything behind `end` (a former primary whose last records nobody else has)."""
        with self._lock:
            self._close_tail()
            for entry in self._log.files():
                if entry.count > end.file_count:
                    entry.path.unlink(missing_ok=True)
                elif entry.count == end.file_count and entry.path.exists():
                    TailFile.cut(entry.path, end.offset)
            self._log.keep_up_to(end.file_count)

    def drop_torn_tail(self) -> int:
        """Cut the last file behind its last complete record; answers how many bytes that were."""
        with self._lock:
            last = self._log.last()
            if last is None or not last.path.exists():
                return 0
            size, good = self.size(last.count), 0
            for behind, _ in self._read_file(last.count, 0, size):
                good = behind
            if not good:
                # The crash came before its header was written. Nobody could tell that file from a gap.
                self._close_tail()
                last.path.unlink()
                self._log.keep_up_to(last.count - 1)
            elif good < size:
                self.truncate(Position(last.count, good))
            return size - good

    def wait_beyond(self, position: Position, timeout: float) -> bool:
        """Wait for bytes behind `position`; False after `timeout` seconds or when woken."""
        with self._grown:
            self._waiting += 1
            try:
                self._grown.wait_for(lambda: self._woken or self.end() > position, timeout)
            finally:
                self._waiting -= 1
            return self.end() > position

    def wake(self) -> None:
        """Let everybody in wait_beyond return at once, now and later (shutdown)."""
        with self._grown:
            self._woken = True
            self._grown.notify_all()

    def close(self) -> None:
        """Let go of the open file; the next write opens it again."""
        with self._lock:
            self._close_tail()

    def delete(self) -> None:
        """Remove all files and the log."""
        with self._lock:
            self._close_tail()
            for entry in self._log.files():
                entry.path.unlink(missing_ok=True)
            self._log.delete()

    def _path(self, file_count: int) -> Path:
        entry = self._log.find(file_count)
        if entry is None:
            raise JournalFileMissing(file_count, self.log_path)
        return entry.path

    def _open_tail(self, last: JournalFile) -> TailFile:
        if self._tail is None:
            self._tail = TailFile(last.path, last.count)
        return self._tail

    def _close_tail(self) -> None:
        if self._tail is not None:
            self._tail.close()
            self._tail = None

    def _open_received(self, file_count: int, file_name: str) -> None:
        self._close_tail()
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / Path(file_name).name
        path.write_bytes(b"")
        self._log.add(JournalFile(file_count, path, 0))

    def _read_file(self, file_count: int, offset: int, limit: int) -> Iterator[tuple[int, Record]]:
        """Complete records of one file up to `limit`; a torn rest is left out."""
        try:
            stream = self._path(file_count).open("rb")
        except FileNotFoundError:
            raise JournalFileMissing(file_count, self.log_path) from None
        with stream:
            stream.seek(offset)
            data = b""
            wanted = _BLOCK
            while block := stream.read(max(0, min(wanted, limit - offset - len(data)))):
                data += block
                used = 0
                for behind, record in scan(data):
                    yield offset + behind, record
                    used = behind
                offset += used
                data = data[used:]
                wanted = max(_BLOCK, next_length(data) - len(data))

    def _whole_records(self, position: Position, wanted: int, size: int) -> bytes:
        try:
            stream = self._path(position.file_count).open("rb")
        except FileNotFoundError:
            raise JournalFileMissing(position.file_count, self.log_path) from None
        with stream:
            stream.seek(position.offset)
            data = stream.read(max(wanted, LENGTH_SIZE))
            used = 0
            while (length := next_length(data, used)) and used + length <= len(data):
                used += length
            if used or position.offset + wanted >= size:
                return data[:used] if used else data
            return data + stream.read(next_length(data) - len(data))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IRIS.DAT: one SQLite file with the globals of a database and its label.

Between two commits nothing reaches the file: changes stay in SQLite's page cache (cache_spill off). A copy made
while the file stands still is therefore a consistent state, and its label says which.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

from irissim.engine.label import Label

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "IRIS.DAT"

MEGABYTE = 1 << 20

_APPLICATION_ID = 0x49524953
# Above every encoded subscript, so that path + _ABOVE bounds the subtree below path.
_ABOVE = b"\xff"
_SCHEMA = """
CREATE TABLE node (name BLOB NOT NULL, path BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (name, path)) WITHOUT ROWID;
CREATE TABLE label (id INTEGER PRIMARY KEY, content TEXT NOT NULL);
"""


Row = tuple[bytes, bytes, bytes]
"""Global, subscripts, value; as stored."""


class DamagedFile(Exception):
    """Not a complete database."""


class FileInUse(Exception):
    """Another process has the file open."""


class DatFile:
    """An open IRIS.DAT. Not thread-safe: its database locks."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.path = path
        self._connection = _connect(path, "ro" if read_only else "rw")
        try:
            for pragma in ("cache_spill=OFF", "synchronous=OFF", "cache_size=-512", "locking_mode=EXCLUSIVE"):
                self._connection.execute(f"PRAGMA {pragma}")
            (application,) = self._connection.execute("PRAGMA application_id").fetchone()
            if application != _APPLICATION_ID:
                raise DamagedFile("not a database file")
            self.label = self.read_label()
        except (sqlite3.Error, DamagedFile) as error:
            self._connection.close()
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise FileInUse(str(path)) from None
            raise error if isinstance(error, DamagedFile) else DamagedFile(str(error)) from None
        self._stamp = self._stat()

    @staticmethod
    def create(path: Path, label: Label) -> None:
        """A new file with that label and no globals."""
        connection = _connect(path, "rwc")
        try:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(f"PRAGMA page_size={label.block_size}")
            connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
            connection.executescript(f"BEGIN; {_SCHEMA}")
            connection.execute("INSERT INTO label VALUES (1, ?)", (label.to_json(),))
            connection.execute("COMMIT")
        finally:
            connection.close()
        extend(path, label.size_mb)

    @staticmethod
    def peek(path: Path) -> Label | None:
        """The label of a file that is not mounted, without touching it."""
        try:
            connection = _connect(path, "ro&immutable=1")
        except DamagedFile:
            return None
        try:
            row = connection.execute("SELECT content FROM label").fetchone()
            return Label.from_json(row[0])
        except (sqlite3.Error, ValueError, TypeError, KeyError):
            return None
        finally:
            connection.close()

    def read_label(self) -> Label:
        """As in the file or in the open transaction."""
        try:
            row = self._connection.execute("SELECT content FROM label").fetchone()
            return Label.from_json(row[0])
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedFile(f"no readable label: {error}") from None

    def write_label(self, label: Label) -> None:
        """Part of the open transaction."""
        self._begin()
        self._connection.execute("UPDATE label SET content = ?", (label.to_json(),))

    def get(self, name: bytes, path: bytes) -> bytes | None:
        """Value of one node."""
        row = self._connection.execute("SELECT value FROM node WHERE name = ? AND path = ?", (name, path)).fetchone()
        return None if row is None else row[0]

    def put(self, name: bytes, path: bytes, value: bytes) -> None:
        """Set one node."""
        self._begin()
        self._connection.execute("INSERT OR REPLACE INTO node VALUES (?, ?, ?)", (name, path, value))

    def delete_tree(self, name: bytes, path: bytes) -> None:
        """Delete a node and all below it."""
        self._begin()
        self._connection.execute(
            "DELETE FROM node WHERE name = ? AND path >= ? AND path < ?", (name, path, path + _ABOVE)
        )

    def next_path(self, name: bytes, low: bytes, high: bytes) -> bytes | None:
        """The first path with a value in low < path < high."""
        row = self._connection.execute(
            "SELECT path FROM node WHERE name = ? AND path > ? AND path < ? ORDER BY path LIMIT 1", (name, low, high)
        ).fetchone()
        return None if row is None else row[0]

    def previous_path(self, name: bytes, low: bytes, high: bytes) -> bytes | None:
        """The last path with a value in low < path < high."""
        row = self._connection.execute(
            "SELECT path FROM node WHERE name = ? AND path > ? AND path < ? ORDER BY path DESC LIMIT 1",
            (name, low, high),
        ).fetchone()
        return None if row is None else row[0]

    def next_name(self, name: bytes) -> bytes | None:
        """The first global after `name`."""
        row = self._connection.execute("SELECT name FROM node WHERE name > ? ORDER BY name LIMIT 1", (name,)).fetchone()
        return None if row is None else row[0]

    def delete_all(self) -> None:
        """Delete every node."""
        self._begin()
        self._connection.execute("DELETE FROM node")

    def rows(self, name: bytes, path: bytes, limit: int) -> list[Row]:
        """Nodes behind (name, path) until `limit` bytes are reached."""
        cursor = self._connection.execute(
            "SELECT name, path, value FROM node WHERE (name, path) > (?, ?) ORDER BY name, path", (name, path)
        )
        found: list[Row] = []
        size = 0
        for row in cursor:
            found.append(row)
            size += len(row[0]) + len(row[1]) + len(row[2])
            if size >= limit:
                break
        cursor.close()
        return found

    def space(self) -> tuple[int, int]:
        """Bytes of pages in use, and bytes of the file that hold nothing."""
        pages, free, page_size = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        used = (pages - free) * page_size
        return used, max(0, self.path.stat().st_size - used)

    def damage(self) -> str:
        """What SQLite finds wrong in the file, "" if nothing."""
        (answer,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        return "" if answer == "ok" else str(answer)

    def commit(self) -> int:
        """Bring the file up to date; answers the megabytes that its content takes."""
        if self._stamp != self._stat() and not self.gone:
            raise DamagedFile("the file was replaced while it was mounted")
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")
        self._stamp = self._stat()
        (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
        (page_size,) = self._connection.execute("PRAGMA page_size").fetchone()
        return int(-(-pages * page_size // MEGABYTE))

    def extend(self, size_mb: int) -> None:
        """Make the file (sparsely) as long as its size says."""
        extend(self.path, size_mb)
        self._stamp = self._stat()

    @property
    def gone(self) -> bool:
        """The file was deleted."""
        return not self.path.exists()

    def rollback(self) -> None:
        """Forget everything since the last commit."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Uncommitted changes are lost."""
        self._connection.close()

    def _begin(self) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN")

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns


def extend(path: Path, size_mb: int) -> None:
    """Lengthen a file without writing to it."""
    if path.exists() and path.stat().st_size < size_mb * MEGABYTE:
        os.truncate(path, size_mb * MEGABYTE)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    try:
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=0.5
        )
    except sqlite3.Error as error:
        raise DamagedFile(str(error)) from None

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the globals of one database."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from irissim.engine.valuecodec import decode_value
from irissim.values.collation import decode_path
from irissim.values.errors import OsError

if TYPE_CHECKING:
    from irissim.engine.datfile import DatFile, Row
    from irissim.values.value import Scalar, Value

_ABOVE = b"\xff"


class Content:
    """The globals of a database while its file is open. Thread-safe."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.lock = threading.RLock()
        """Held over every access; mirroring may hold it to make several steps one."""
        self._file: DatFile | None = None

    def get(self, name: str, path: bytes) -> Scalar | None:
        """Value of a node."""
        with self.lock:
            found = self._use(name).get(name.encode(), path)
        return None if found is None else decode_value(found)

    def data(self, name: str, path: bytes) -> int:
        """$DATA."""
        key = name.encode()
        with self.lock:
            file = self._use(name)
            below = file.next_path(key, path, path + _ABOVE) is not None
            return 10 * below + (file.get(key, path) is not None)

    def sibling(self, name: str, parent: bytes, path: bytes, direction: int) -> Value:
        """$ORDER: `path` is the node, `parent` what is above it (equal: from the edge); "" at the end."""
        key = name.encode()
        with self.lock:
            file = self._use(name)
            if direction > 0:
                low = parent if path == parent else path + _ABOVE
                found = file.next_path(key, low, parent + _ABOVE)
            else:
                high = parent + _ABOVE if path == parent else path
                found = file.previous_path(key, parent, high)
        return "" if found is None else decode_path(found[len(parent) :])[0]

    def node(self, name: str, path: bytes, direction: int, from_edge: bool = False) -> bytes | None:
        """$QUERY: path of the next node with a value; `from_edge` backwards means from the very end of `path`."""
        key = name.encode()
        with self.lock:
            file = self._use(name)
            if direction > 0:
                return file.next_path(key, path, _ABOVE)
            found = file.previous_path(key, b"", path + _ABOVE if from_edge else path)
            if found is None and (path or from_edge) and file.get(key, b"") is not None:
                return b""
            return found

    def names(self) -> list[str]:
        """Globals with data."""
        found = []
        name = b""
        with self.lock:
            file = self._use("")
            while (following := file.next_name(name)) is not None:
                name = following
                found.append(name.decode())
        return found

    def rows(self, name: bytes, path: bytes, limit: int) -> list[Row]:
        """Nodes behind a place in order of storage, about `limit` bytes of them; [] at the end."""
        with self.lock:
            return self._use("").rows(name, path, limit)

    def space(self) -> tuple[int, int]:
        """Bytes in use, and bytes of the file that hold nothing."""
        with self.lock:
            return self._use("").space()

    def damage(self) -> str:
        """What an integrity check finds wrong, "" if nothing."""
        with self.lock:
            return self._use("").damage()

    def _use(self, name: str) -> DatFile:
        if self._file is None:
            raise OsError("<DIRECTORY>", f"*^{name},{self.directory}")
        return self._file

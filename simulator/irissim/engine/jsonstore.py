# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small settings in one JSON file."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class JsonStore:
    """A dictionary that is on disk after every change. Thread-safe."""

    def __init__(self, path: Path, private: bool = False) -> None:
        """`private`: nobody but the owner of the instance may read the file."""
        self._path = path
        self._mode = 0o600 if private else 0o666
        self._lock = threading.Lock()
        self._data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def get(self, key: str) -> Any:
        """None if there is none."""
        with self._lock:
            return self._data.get(key)

    def keys(self) -> list[str]:
        """In order of insertion."""
        with self._lock:
            return list(self._data)

    def set(self, key: str, value: object) -> None:
        """Add or replace."""
        with self._lock:
            self._data[key] = value
            self._write()

    def remove(self, key: str) -> None:
        """Remove if present."""
        with self._lock:
            if self._data.pop(key, None) is not None:
                self._write()

    def _write(self) -> None:
        scratch = self._path.with_name(self._path.name + ".new")
        scratch.touch(self._mode)
        scratch.write_text(json.dumps(self._data), encoding="utf-8")
        scratch.replace(self._path)

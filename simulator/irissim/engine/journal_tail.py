# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The open end of a journal file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class TailFile:
    """An append-only file that knows its size. Not thread-safe: its series locks."""

    def __init__(self, path: Path, count: int) -> None:
        self.count = count
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self.size = os.fstat(self._descriptor).st_size

    def append(self, data: bytes) -> int:
        """All of the bytes or, if the disk is full, none of them; answers the new size."""
        done = 0
        try:
            while done < len(data):
                done += os.write(self._descriptor, data[done:] if done else data)
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += done
        return self.size

    def close(self) -> None:
        """No more appends."""
        os.close(self._descriptor)

    @staticmethod
    def cut(path: Path, size: int) -> None:
        """Shorten a file that nobody has open."""
        if path.stat().st_size > size:
            os.truncate(path, size)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journal records: their meaning and their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple


class RecordType(IntEnum):
    """What a record does."""

    HEADER = 1
    """First record of a file; `value` is JSON: series, count, guid of the writer."""
    SET = 2
    KILL = 3
    """A node and everything below it."""
    KILL_NODE = 4
    """A node without its descendants (ZKILL)."""
    MARK = 5
    """Belongs to mirroring; `database` says what about, `value` is its business."""


class Record(NamedTuple):
    """One record."""

    type: RecordType
    time: float
    database: str
    """`:mirror:SET:DB`, or the directory of a database outside a mirror."""
    name: str = ""
    """Of the global, without circumflex."""
    path: bytes = b""
    """irissim.values.collation.encode_path of the subscripts."""
    value: bytes = b""
    """irissim.engine.valuecodec.encode_value of the new value."""


def encode_record(record: Record) -> bytes:
    """Length, checksum, content."""


def scan(data: bytes, offset: int = 0) -> Iterator[tuple[int, Record]]:
    """Complete records from `offset` on with the offset behind each; stops at the first torn or damaged one."""

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journal records: their meaning and their bytes."""

from __future__ import annotations

import struct
import zlib
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = struct.Struct("<II")
_FIXED = struct.Struct("<dBHHI")
LENGTH_SIZE = _LENGTH.size
_PREFIX = LENGTH_SIZE + _FIXED.size


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


_TYPES = {int(kind): kind for kind in RecordType}


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


@lru_cache(maxsize=512)
def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def encode_record(record: Record) -> bytes:
    """Length, checksum, content."""
    kind, time, database, name, path, value = record
    tag, global_name = _utf8(database), _utf8(name)
    content = b"".join((_FIXED.pack(time, kind, len(tag), len(global_name), len(path)), tag, global_name, path, value))
    return _LENGTH.pack(len(content), zlib.crc32(content)) + content


def scan(data: bytes, offset: int = 0) -> Iterator[tuple[int, Record]]:
    """Complete records from `offset` on with the offset behind each; stops at the first torn or damaged one."""
    while offset + _PREFIX <= len(data):
        length, checksum = _LENGTH.unpack_from(data, offset)
        begin = offset + LENGTH_SIZE
        end = begin + length
        if length < _FIXED.size or end > len(data) or zlib.crc32(data[begin:end]) != checksum:
            return
        time, kind, tag_length, name_length, path_length = _FIXED.unpack_from(data, begin)
        tag_at = begin + _FIXED.size
        name_at = tag_at + tag_length
        path_at = name_at + name_length
        value_at = path_at + path_length
        if kind not in _TYPES or value_at > end:
            return
        yield (
            end,
            Record(
                _TYPES[kind],
                time,
                data[tag_at:name_at].decode("utf-8", "surrogatepass"),
                data[name_at:path_at].decode("utf-8", "surrogatepass"),
                data[path_at:value_at],
                data[value_at:end],
            ),
        )
        offset = end


def next_length(data: bytes, offset: int = 0) -> int:
    """Bytes that the record at `offset` takes by its own account, 0 if even that is not there."""
    if offset + LENGTH_SIZE > len(data):
        return 0
    length: int = _LENGTH.unpack_from(data, offset)[0]
    return length + LENGTH_SIZE

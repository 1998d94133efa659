# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of globals as bytes, for the way from member to member."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from irissim.engine.datfile import Row

_LENGTHS = struct.Struct("<HHI")


def pack(rows: Iterable[Row]) -> bytes:
    return b"".join(_LENGTHS.pack(*map(len, row)) + b"".join(row) for row in rows)


def unpack(data: bytes) -> Iterator[Row]:
    offset = 0
    while offset < len(data):
        name, path, value = _LENGTHS.unpack_from(data, offset)
        at = offset + _LENGTHS.size
        offset = at + name + path + value
        yield data[at : at + name], data[at + name : at + name + path], data[at + name + path : offset]

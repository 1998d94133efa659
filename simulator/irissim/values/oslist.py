# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$LIST strings in their binary layout, one character per byte."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from decimal import Decimal

from irissim.values.errors import OsError
from irissim.values.value import OsObject, Value, to_string

_STRING, _UNICODE, _POSITIVE, _NEGATIVE, _POSITIVE_DECIMAL, _NEGATIVE_DECIMAL, _DOUBLE = 1, 2, 4, 5, 6, 7, 8
_LONGEST_SHORT = 255


def list_build(items: Iterable[Value | None]) -> str:
    """$LISTBUILD; ``None`` is an element without a value."""
    return b"".join(_element(item) for item in items).decode("latin-1")


def list_items(text: str) -> list[Value | None]:
    """The elements of a list; raises <LIST> when the string is none."""
    data = _bytes(text)
    if data is None:
        raise OsError("<LIST>")
    items: list[Value | None] = []
    position = 0
    while position < len(data):
        start, end = _bounds(data, position)
        items.append(_value(data, start, end))
        position = end
    return items


def is_list(text: str) -> bool:
    """$LISTVALID."""
    try:
        list_items(text)
    except OsError:
        return False
    return True


def _bytes(text: str) -> bytes | None:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _element(item: Value | None) -> bytes:
    if item is None:
        return b"\x01"
    body = _body(item)
    if len(body) + 1 <= _LONGEST_SHORT:
        return bytes((len(body) + 1,)) + body
    if len(body) <= 0xFFFF:
        return b"\x00" + struct.pack("<H", len(body)) + body
    return b"\x00\x00\x00" + struct.pack("<I", len(body)) + body


def _body(item: Value) -> bytes:
    if isinstance(item, (str, OsObject)):
        text = to_string(item)
        data = _bytes(text)
        if data is not None:
            return bytes((_STRING,)) + data
        return bytes((_UNICODE,)) + text.encode("utf-16-le", "surrogatepass")
    if isinstance(item, float):
        return bytes((_DOUBLE,)) + struct.pack("<d", item)
    if isinstance(item, int):
        return bytes((_POSITIVE if item >= 0 else _NEGATIVE,)) + _mantissa(int(item))
    sign, digits, exponent = item.normalize().as_tuple()
    if not isinstance(exponent, int) or not -128 <= exponent <= 127:
        return _body(to_string(item))
    mantissa = int("".join(map(str, digits))) * (-1 if sign else 1)
    kind = _NEGATIVE_DECIMAL if sign else _POSITIVE_DECIMAL
    return bytes((kind,)) + struct.pack("b", exponent) + _mantissa(mantissa)


def _mantissa(number: int) -> bytes:
    """Little-endian without needless bytes; 0 and -1 take none at all."""
    if number >= 0:
        return number.to_bytes((number.bit_length() + 7) // 8, "little")
    magnitude = -number - 1
    size = (magnitude.bit_length() + 7) // 8
    return (number + (1 << (8 * size))).to_bytes(size, "little") if size else b""


def _bounds(data: bytes, position: int) -> tuple[int, int]:
    """Where the type byte of an element stands and where the element ends (equal: no value)."""
    length = data[position]
    if length:
        start, end = position + 1, position + length
    elif data[position + 1 : position + 3] != b"\x00\x00":
        start = position + 3
        end = start + int.from_bytes(data[position + 1 : position + 3], "little")
    else:
        start = position + 7
        end = start + int.from_bytes(data[position + 3 : position + 7], "little")
    if end > len(data) or (length == 0 and end <= start):
        raise OsError("<LIST>")
    return start, end


def _value(data: bytes, start: int, end: int) -> Value | None:
    if start == end:
        return None
    kind, body = data[start], data[start + 1 : end]
    if kind == _STRING:
        return body.decode("latin-1")
    if kind == _UNICODE and len(body) % 2 == 0:
        return body.decode("utf-16-le", "surrogatepass")
    if kind == _POSITIVE:
        return int.from_bytes(body, "little")
    if kind == _NEGATIVE:
        return int.from_bytes(body, "little") - (1 << (8 * len(body)))
    if kind == _DOUBLE and len(body) == 8:
        return float(struct.unpack("<d", body)[0])
    if kind in (_POSITIVE_DECIMAL, _NEGATIVE_DECIMAL) and body:
        exponent = struct.unpack("b", body[:1])[0]
        mantissa = int.from_bytes(body[1:], "little")
        if kind == _NEGATIVE_DECIMAL:
            mantissa -= 1 << (8 * len(body) - 8)
        return Decimal(mantissa).scaleb(exponent)
    raise OsError("<LIST>")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscripts as bytes whose order is IRIS standard collation.

``""`` comes first, then numbers by value, then strings by code point. Every encoded subscript ends itself, so
paths are plain concatenations: a child sorts after its parent and before the parent's next sibling.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from irissim.values.errors import OsError
from irissim.values.numbers import canonical_number
from irissim.values.value import Scalar, Value, canonical

_EMPTY, _BELOW_ZERO, _ZERO, _ABOVE_ZERO, _STRING = 0x01, 0x02, 0x03, 0x04, 0x05
_STRING_END = b"\x00\x01"
_ESCAPED_NUL = b"\x00\xff"
_EXPONENT_BIAS = 0x4000


def encode_subscript(value: Value) -> bytes:
    """One subscript."""
    scalar = canonical(value)
    if isinstance(scalar, str):
        if not scalar:
            return bytes((_EMPTY,))
        data = scalar.encode("utf-8", "surrogatepass").replace(b"\x00", _ESCAPED_NUL)
        return bytes((_STRING,)) + data + _STRING_END
    number = Decimal(scalar)
    if not number:
        return bytes((_ZERO,))
    magnitude = _encode_magnitude(abs(number))
    if number > 0:
        return bytes((_ABOVE_ZERO,)) + magnitude
    return bytes((_BELOW_ZERO,)) + bytes(0xFF - byte for byte in magnitude)


def decode_subscript(data: bytes) -> Scalar:
    """The subscript that :func:`encode_subscript` made the bytes from."""
    value, end = _decode(data, 0)
    if end != len(data):
        raise OsError("<SUBSCRIPT>")
    return value


def encode_path(subscripts: Iterable[Value]) -> bytes:
    """A whole list of subscripts."""
    return b"".join(encode_subscript(subscript) for subscript in subscripts)


def decode_path(data: bytes) -> tuple[Scalar, ...]:
    """The subscripts of an encoded path."""
    subscripts: list[Scalar] = []
    position = 0
    while position < len(data):
        value, position = _decode(data, position)
        subscripts.append(value)
    return tuple(subscripts)


def _encode_magnitude(number: Decimal) -> bytes:
    """Exponent, then two decimal digits per byte (plus 1, so that 0 can end the number)."""
    digits = "".join(map(str, number.normalize().as_tuple().digits))
    if len(digits) % 2:
        digits += "0"
    pairs = bytes(int(digits[index : index + 2]) + 1 for index in range(0, len(digits), 2))
    return (number.adjusted() + _EXPONENT_BIAS).to_bytes(2, "big") + pairs + b"\x00"


def _decode(data: bytes, position: int) -> tuple[Scalar, int]:
    kind = data[position]
    position += 1
    if kind == _EMPTY:
        return "", position
    if kind == _ZERO:
        return 0, position
    if kind == _STRING:
        end = data.index(_STRING_END, position)
        return data[position:end].replace(_ESCAPED_NUL, b"\x00").decode("utf-8", "surrogatepass"), end + 2
    if kind not in (_ABOVE_ZERO, _BELOW_ZERO):
        raise OsError("<SUBSCRIPT>")
    flip = 0xFF if kind == _BELOW_ZERO else 0
    end = data.index(flip, position + 2)
    exponent = int.from_bytes(bytes(byte ^ flip for byte in data[position : position + 2]), "big") - _EXPONENT_BIAS
    digits = "".join(f"{(byte ^ flip) - 1:02d}" for byte in data[position + 2 : end])
    number = Decimal(digits).scaleb(exponent - len(digits) + 1)
    return canonical_number(-number if flip else number), end + 1

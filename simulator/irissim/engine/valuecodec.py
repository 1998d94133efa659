# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of globals as bytes, the same in IRIS.DAT and in journals."""

from __future__ import annotations

import struct
from decimal import Decimal

from irissim.values.errors import OsError
from irissim.values.numbers import number_text
from irissim.values.value import Scalar, Value, to_string

MAX_STRING = 3641144

_DOUBLE = struct.Struct("<d")


def encode_value(value: Value) -> bytes:
    """A type letter and the text (numbers: canonical) or the eight bytes of a $DOUBLE."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, float):
        return b"d" + _DOUBLE.pack(value)
    elif isinstance(value, int | Decimal):
        return b"n" + number_text(value).encode("ascii")
    else:
        text = to_string(value)
    # FIDELITY(assumed): a string has at most 3641144 characters; a longer one is <MAXSTRING>
    if len(text) > MAX_STRING:
        raise OsError("<MAXSTRING>")
    try:
        return b"b" + text.encode("latin-1")
    except UnicodeEncodeError:
        return b"u" + text.encode("utf-8", "surrogatepass")


def decode_value(data: bytes) -> Scalar:
    """The reverse of `encode_value`."""
    kind, content = data[:1], data[1:]
    if kind == b"b":
        return content.decode("latin-1")
    if kind == b"u":
        return content.decode("utf-8", "surrogatepass")
    if kind == b"d":
        double: float = _DOUBLE.unpack(content)[0]
        return double
    text = content.decode("ascii")
    return Decimal(text) if "." in text else int(text)

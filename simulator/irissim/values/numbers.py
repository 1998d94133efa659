# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as IRIS keeps them: a signed 64-bit mantissa and a decimal exponent."""

from __future__ import annotations

import math
import re
from decimal import (
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

from irissim.values.errors import OsError

Number = int | Decimal | float

MAX_MANTISSA = 2**63 - 1
_MAX_EXPONENT = 145
_MIN_EXPONENT = -128
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
_NINETEEN = Context(prec=19, rounding=ROUND_HALF_UP)
_EIGHTEEN = Context(prec=18, rounding=ROUND_HALF_UP)
_LEADING = re.compile(r"[+-]*(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_CANONICAL = re.compile(r"-?(?:[1-9][0-9]*(?:\.[0-9]*[1-9])?|\.[0-9]*[1-9])\Z|0\Z")


def canonical_number(value: Decimal | int) -> int | Decimal:
    """Round to what fits a mantissa; whole numbers that fit become ``int``."""
    if isinstance(value, int):
        if -MAX_MANTISSA <= value <= MAX_MANTISSA:
            return value
        value = Decimal(value)
    if not value:
        return 0
    rounded = _NINETEEN.plus(value)
    if _mantissa(rounded) > MAX_MANTISSA:
        rounded = _EIGHTEEN.plus(value)
    exponent = rounded.adjusted()
    if exponent > _MAX_EXPONENT:
        raise OsError("<MAXNUMBER>")
    if exponent < _MIN_EXPONENT:
        return 0
    if rounded == rounded.to_integral_value() and abs(rounded) <= MAX_MANTISSA:
        return int(rounded)
    return rounded.normalize(_NINETEEN)


def _mantissa(value: Decimal) -> int:
    digits = "".join(map(str, value.as_tuple().digits))
    return int(digits.rstrip("0") or "0")


def format_decimal(value: Decimal) -> str:
    """Canonical text: no exponent, no zero before the point, no trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.startswith("0."):
        return text[1:]
    if text.startswith("-0."):
        return "-" + text[2:]
    return "0" if text in ("-0", "") else text


def format_float(value: float) -> str:
    """A $DOUBLE value shows up to 20 significant digits."""
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return format_decimal(Context(prec=20, rounding=ROUND_HALF_UP).create_decimal(value))


def parse_leading_number(text: str) -> int | Decimal:
    """The number a string begins with, or 0 (``"12 apples"`` is 12, ``"--3"`` is 3)."""
    match = _LEADING.match(text)
    if match is None:
        return 0
    found = match.group()
    digits = found.lstrip("+-")
    if found.count("-", 0, len(found) - len(digits)) % 2:
        digits = "-" + digits
    if digits.lstrip("-").isdecimal() and len(digits) < 4000:
        return canonical_number(int(digits))
    return _from_text(digits)


def _from_text(digits: str) -> int | Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        return 0
    if number and not -4000 < number.adjusted() < 4000:
        if number.adjusted() < 0:
            return 0
        raise OsError("<MAXNUMBER>")
    return canonical_number(number)


def is_canonical_text(text: str) -> bool:
    """Whether a string is the very text its number would print as (``"7"``, ``"-.5"``; not ``"07"``, ``"0.5"``)."""
    if _CANONICAL.match(text) is None:
        return False
    return len(text) <= 18 or number_text(parse_leading_number_or_zero(text)) == text


def parse_leading_number_or_zero(text: str) -> int | Decimal:
    """Like :func:`parse_leading_number`, but a number out of range counts as no number."""
    try:
        return parse_leading_number(text)
    except OsError:
        return 0


def number_text(value: Number) -> str:
    """The canonical text of a number."""
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Decimal):
        return format_decimal(value)
    return format_float(value)


def _decimal(value: int | Decimal) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value)


def add(left: Number, right: Number) -> Number:
    """``left+right``."""
    if isinstance(left, float) or isinstance(right, float):
        return float(left) + float(right)
    if isinstance(left, int) and isinstance(right, int):
        return canonical_number(left + right)
    return canonical_number(_WIDE.add(_decimal(left), _decimal(right)))


def subtract(left: Number, right: Number) -> Number:
    """``left-right``."""
    return add(left, negate(right))


def negate(value: Number) -> Number:
    """Unary minus; there is no negative zero."""
    if isinstance(value, Decimal):
        return value.copy_negate()
    return -value if value else value


def multiply(left: Number, right: Number) -> Number:
    """``left*right``."""
    if isinstance(left, float) or isinstance(right, float):
        return float(left) * float(right)
    if isinstance(left, int) and isinstance(right, int):
        return canonical_number(left * right)
    return canonical_number(_WIDE.multiply(_decimal(left), _decimal(right)))


def divide(left: Number, right: Number) -> Number:
    """``left/right``; <DIVIDE> by zero."""
    if not right:
        raise OsError("<DIVIDE>")
    if isinstance(left, float) or isinstance(right, float):
        return float(left) / float(right)
    return canonical_number(_WIDE.divide(_decimal(left), _decimal(right)))


def integer_divide(left: Number, right: Number) -> Number:
    r"""``left\right``: the quotient without its fraction, truncated toward zero."""
    if not right:
        raise OsError("<DIVIDE>")
    if isinstance(left, float) or isinstance(right, float):
        return float(math.trunc(float(left) / float(right)))
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    quotient_decimal = _WIDE.divide(_decimal(left), _decimal(right))
    return canonical_number(quotient_decimal.to_integral_value(ROUND_DOWN, _WIDE))


def modulo(left: Number, right: Number) -> Number:
    """``left#right``: the remainder takes the sign of the divisor."""
    if not right:
        raise OsError("<DIVIDE>")
    if isinstance(left, float) or isinstance(right, float):
        return float(left) - math.floor(float(left) / float(right)) * float(right)
    if isinstance(left, int) and isinstance(right, int):
        return left % right
    first, second = _decimal(left), _decimal(right)
    floor = _WIDE.divide(first, second).to_integral_value(ROUND_FLOOR, _WIDE)
    return canonical_number(_WIDE.subtract(first, _WIDE.multiply(floor, second)))


def power(left: Number, right: Number) -> Number:
    """``left**right``."""
    if not right:
        return 1
    if not left:
        if right < 0:
            raise OsError("<DIVIDE>")
        return 0
    if isinstance(left, float) or isinstance(right, float):
        return math.pow(left, right)
    base, exponent = _decimal(left), _decimal(right)
    if base < 0 and exponent != exponent.to_integral_value():
        raise OsError("<ILLEGAL VALUE>")
    if abs(exponent) * abs(base.adjusted() or 1) > 10_000:
        if (exponent > 0) == (abs(base) > 1):
            raise OsError("<MAXNUMBER>")
        return 0
    try:
        return canonical_number(_WIDE.power(base, exponent))
    except Overflow:
        raise OsError("<MAXNUMBER>") from None


def truncate(value: Number) -> int:
    """The whole part, toward zero."""
    if isinstance(value, float) and not math.isfinite(value):
        return 0
    return int(value)

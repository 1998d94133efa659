# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as text: $JUSTIFY, $FNUMBER and their relatives."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from irissim.objectscript.functions.strict import Given, strict
from irissim.objectscript.variables import MAX_STRING
from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.value import Value, to_number, to_string

_MOST_DECIMALS = 150
_ROUNDING = Context(prec=400, rounding=ROUND_HALF_UP)


def rounded(value: Value, decimals: int) -> Decimal:
    """A number rounded half away from zero."""
    number = Decimal(numbers.number_text(to_number(value)))
    return number.quantize(Decimal(1).scaleb(-min(max(decimals, 0), _MOST_DECIMALS)), context=_ROUNDING)


def fixed(value: Value, decimals: int) -> str:
    """A number with a fixed number of decimals and a digit before the point."""
    number = rounded(value, decimals)
    return format(number if number else abs(number), "f")


@strict("justify", "j", least=2, most=3)
def _justify(given: Given) -> Value:
    width = given.integer(1)
    if width > MAX_STRING:
        raise OsError("<MAXSTRING>")
    text = to_string(given.value(0)) if len(given) == 2 else fixed(given.value(0), given.integer(2))
    return text.rjust(width)


@strict("fnumber", "fn", least=2, most=3)
def _fnumber(given: Given) -> Value:
    codes = given.text(1).upper()
    if set(codes) - set(",+-TPN.") or ("P" in codes and set(codes) & set("+-T")):
        raise OsError("<SYNTAX>")
    number = to_number(given.value(0))
    text = fixed(number, given.integer(2)) if given.has(2) else numbers.number_text(number)
    negative, digits = text.startswith("-"), text.removeprefix("-")
    whole, point, fraction = digits.partition(".")
    if "," in codes and whole:
        whole = f"{int(whole):,}"
    if "." in codes:
        whole, point = whole.replace(",", "."), "," if point else ""
    return _signed(whole + point + fraction, negative, bool(number), codes)


def _signed(digits: str, negative: bool, nonzero: bool, codes: str) -> str:
    if "P" in codes:
        return f"({digits})" if negative else f" {digits} "
    sign = ""
    if negative and "-" not in codes:
        sign = "-"
    elif not negative and "+" in codes and nonzero:
        sign = "+"
    if "T" in codes:
        return digits + (sign or " ")
    return sign + digits


@strict("number", "num", least=1, most=4)
def _number(given: Given) -> Value:
    text = given.text(0).strip()
    if not _is_number(text):
        return ""
    number = numbers.parse_leading_number(text)
    low, high = given.value(2, ""), given.value(3, "")
    if (low != "" and number < to_number(low)) or (high != "" and number > to_number(high)):
        return ""
    return number


@strict("isvalidnum", least=1, most=4)
def _isvalidnum(given: Given) -> Value:
    return int(_is_number(given.text(0)))


@strict("normalize", least=2, most=2)
def _normalize(given: Given) -> Value:
    return numbers.canonical_number(rounded(given.value(0), given.integer(1)))


def _is_number(text: str) -> bool:
    stripped = text.lstrip("+-")
    if not stripped or stripped[0] not in "0123456789.":
        return False
    try:
        return Decimal(stripped).is_finite() and stripped.isascii() and "_" not in stripped
    except ArithmeticError:
        return False

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a variable can hold, and the conversions between string, number and truth value."""

from __future__ import annotations

import itertools
from decimal import Decimal

from irissim.values import numbers
from irissim.values.numbers import Number

_next_oref = itertools.count(1)


class OsObject:
    """Base of everything an object reference can point to."""

    NAME = "%Library.RegisteredObject"

    @property
    def oref(self) -> int:
        """The number before the ``@`` when the reference is printed, given at first use."""
        number = self.__dict__.get("_oref")
        if number is None:
            number = self.__dict__["_oref"] = next(_next_oref)
        return int(number)

    def class_name(self) -> str:
        """The full name of the object's class."""
        return self.NAME


Value = str | int | Decimal | float | OsObject
Scalar = str | int | Decimal | float


def to_string(value: Value) -> str:
    """The text of a value; numbers in canonical form, objects as ``oref@class``."""
    if isinstance(value, str):
        return value
    if isinstance(value, OsObject):
        return f"{value.oref}@{value.class_name()}"
    return numbers.number_text(value)


def to_number(value: Value) -> Number:
    """The number a value stands for in an arithmetic place."""
    if isinstance(value, (int, Decimal, float)):
        return value
    if isinstance(value, str):
        return numbers.parse_leading_number(value)
    return value.oref


def to_int(value: Value) -> int:
    """The whole number a value stands for, truncated toward zero."""
    if isinstance(value, int):
        return value
    return numbers.truncate(to_number(value))


def to_bool(value: Value) -> bool:
    """The truth of a value: its number is not zero."""
    return bool(to_number(value))


def to_seconds(value: Value) -> float:
    """A duration or time-out as a Python float."""
    return float(to_number(value))


def canonical(value: Value) -> Scalar:
    """How a value looks as a subscript: canonical numeric strings become numbers, all else a string."""
    if isinstance(value, str):
        if numbers.is_canonical_text(value):
            return numbers.parse_leading_number_or_zero(value)
        return value
    if isinstance(value, OsObject):
        return to_string(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return canonical(numbers.format_float(value))
    return numbers.canonical_number(value)


def same(left: Value, right: Value) -> bool:
    """The ``=`` operator: the two texts are equal."""
    if type(left) is type(right) and isinstance(left, (int, str)):
        return left == right
    return to_string(left) == to_string(right)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers: canonical text, the leading-number rule, arithmetic within the precision of IRIS."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.value import canonical, same, to_bool, to_number, to_string

NUMBERS = st.one_of(
    st.integers(-(10**25), 10**25),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6),
)
HALVES = st.integers(-(10**8), 10**8).map(lambda number: Decimal(number) / 2)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", "0"),
        ("abc", "0"),
        ("12 apples", "12"),
        ("-12", "-12"),
        ("--3", "3"),
        ("-+-+3", "3"),
        ("+.50x", ".5"),
        ("-0.50", "-.5"),
        ("1.2.3", "1.2"),
        ("1E3", "1000"),
        ("1e-2x", ".01"),
        ("1e", "1"),
        ("007", "7"),
        ("-0", "0"),
        (".", "0"),
        (" 3", "0"),
        ("١", "0"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9223372036854775810"),
        ("123456789012345678901234567890", "123456789012345678900000000000"),
        ("1E-200", "0"),
    ],
)
def test_a_string_counts_as_the_number_it_begins_with(text: str, number: str) -> None:
    assert to_string(to_number(text)) == number


def test_a_number_that_is_too_big_is_an_error() -> None:
    with pytest.raises(OsError, match="<MAXNUMBER>"):
        to_number("1E999")


@given(NUMBERS)
def test_the_text_of_a_number_reads_back_as_the_same_number_and_is_canonical(number: int | Decimal) -> None:
    value = numbers.canonical_number(number)
    text = to_string(value)
    assert to_number(text) == value
    assert numbers.is_canonical_text(text)
    assert canonical(text) == value
    assert "E" not in text
    assert not text.startswith(("0.", "-0.", "-0"))


@given(st.text(alphabet="0123456789.-+eE", max_size=25))
def test_a_string_is_canonical_exactly_when_its_number_prints_the_same(text: str) -> None:
    printed = to_string(numbers.parse_leading_number_or_zero(text))
    assert numbers.is_canonical_text(text) == (text == printed)


@given(HALVES, HALVES)
def test_arithmetic_agrees_with_exact_decimals(left: Decimal, right: Decimal) -> None:
    first, second = numbers.canonical_number(left), numbers.canonical_number(right)
    assert numbers.add(first, second) == left + right
    assert numbers.subtract(first, second) == left - right
    assert numbers.multiply(first, second) == left * right
    if second:
        quotient, remainder = numbers.integer_divide(first, second), numbers.modulo(first, second)
        assert quotient == int(left / right)
        assert not remainder or (remainder > 0) == (right > 0)
        assert (left - Decimal(remainder)) % right == 0


@pytest.mark.parametrize(
    ("operation", "left", "right", "result"),
    [
        (numbers.divide, 1, 3, ".3333333333333333333"),
        (numbers.divide, 2, 3, ".6666666666666666667"),
        (numbers.divide, 10, 4, "2.5"),
        (numbers.integer_divide, -7, 2, "-3"),
        (numbers.modulo, -7, 3, "2"),
        (numbers.modulo, 7, -3, "-2"),
        (numbers.modulo, Decimal("5.5"), 2, "1.5"),
        (numbers.power, 2, 10, "1024"),
        (numbers.power, 2, Decimal("0.5"), "1.414213562373095049"),
        (numbers.power, 0, 0, "1"),
        (numbers.power, 2, -1, ".5"),
        (numbers.add, 2**63 - 1, 1, "9223372036854775810"),
    ],
)
def test_results(operation: object, left: object, right: object, result: str) -> None:
    assert to_string(operation(left, right)) == result  # type: ignore[operator]


@pytest.mark.parametrize("operation", [numbers.divide, numbers.integer_divide, numbers.modulo])
def test_division_by_zero(operation: object) -> None:
    with pytest.raises(OsError, match="<DIVIDE>"):
        operation(1, 0)  # type: ignore[operator]


def test_equality_is_of_texts() -> None:
    assert same("1", 1)
    assert same(Decimal("0.5"), ".5")
    assert not same("1.0", 1)
    assert not same("01", 1)


def test_truth() -> None:
    assert [to_bool(value) for value in ("", "0", "0.0", "a", "1a", 2, Decimal("0.1"))] == [0, 0, 0, 0, 1, 1, 1]

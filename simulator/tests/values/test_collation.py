# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of encoded subscripts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irissim.values.collation import decode_path, decode_subscript, encode_path, encode_subscript
from irissim.values.numbers import canonical_number
from irissim.values.value import Scalar, canonical

SCALARS: st.SearchStrategy[Scalar] = st.one_of(
    st.integers(-(10**20), 10**20).map(canonical_number),
    st.decimals(-(10**6), 10**6, allow_nan=False, places=3).map(canonical_number),
    st.text(max_size=6).map(canonical),
    st.sampled_from(["a", "a\x00", "a\x00\x01", "a\x01", "\ud83d", "", 0, Decimal("0.001"), -1]).map(canonical),
)
PATHS = st.lists(SCALARS, max_size=4)


def expected_key(subscript: Scalar) -> tuple[int, Decimal, bytes]:
    if isinstance(subscript, str):
        return (2 if subscript else 0, Decimal(0), subscript.encode("utf-8", "surrogatepass"))
    return 1, Decimal(subscript), b""


@given(SCALARS)
def test_a_subscript_reads_back(subscript: Scalar) -> None:
    assert decode_subscript(encode_subscript(subscript)) == subscript


@given(PATHS)
def test_a_path_reads_back(path: list[Scalar]) -> None:
    assert decode_path(encode_path(path)) == tuple(path)


@given(PATHS, PATHS)
def test_bytes_sort_as_subscripts_do(first: list[Scalar], second: list[Scalar]) -> None:
    keys = [expected_key(part) for part in first], [expected_key(part) for part in second]
    assert (encode_path(first) < encode_path(second)) == (keys[0] < keys[1])


@given(SCALARS, SCALARS, PATHS)
def test_a_child_comes_before_the_next_sibling(first: Scalar, second: Scalar, below: list[Scalar]) -> None:
    low, high = sorted([first, second], key=expected_key)
    if low != high:
        assert encode_path([low]) <= encode_path([low, *below]) < encode_path([high])


def test_the_documented_order() -> None:
    order = [
        "",
        -10,
        Decimal("-1.5"),
        -1,
        0,
        Decimal("0.5"),
        1,
        2,
        10,
        11,
        "-",
        "01",
        "1.0",
        "A",
        "B",
        "a",
        "aa",
        "b",
        "é",
    ]
    assert sorted(order, key=encode_subscript) == order


@pytest.mark.parametrize("text", ["5", "-.5", "12.25"])
def test_a_canonical_string_is_its_number(text: str) -> None:
    assert encode_subscript(text) == encode_subscript(Decimal(text))

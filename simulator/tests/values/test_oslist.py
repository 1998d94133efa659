# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$LIST strings."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irissim.values.errors import OsError
from irissim.values.numbers import canonical_number
from irissim.values.oslist import is_list, list_build, list_items

ITEMS = st.one_of(
    st.none(),
    st.text(),
    st.text(alphabet="ab", min_size=250, max_size=260),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.decimals(-1000, 1000, allow_nan=False, places=4).map(canonical_number),
    st.floats(allow_nan=False),
)


@given(st.lists(ITEMS, max_size=8))
def test_a_list_reads_back(items: list[object]) -> None:
    text = list_build(items)  # type: ignore[arg-type]
    assert all(ord(character) < 256 for character in text)
    assert is_list(text)
    assert list_items(text) == items


@given(st.lists(ITEMS, max_size=4), st.lists(ITEMS, max_size=4))
def test_concatenated_lists_are_a_list(first: list[object], second: list[object]) -> None:
    joined = list_build(first) + list_build(second)  # type: ignore[arg-type]
    assert list_items(joined) == [*first, *second]


@given(st.text(max_size=30))
def test_any_string_is_a_list_or_refused(text: str) -> None:
    if is_list(text):
        list_items(text)
    else:
        with pytest.raises(OsError, match="<LIST>"):
            list_items(text)


@pytest.mark.parametrize(
    ("items", "layout"),
    [
        ([], b""),
        ([None], b"\x01"),
        ([""], b"\x02\x01"),
        (["a"], b"\x03\x01a"),
        ([0], b"\x02\x04"),
        ([1], b"\x03\x04\x01"),
        ([258], b"\x04\x04\x02\x01"),
        ([-1], b"\x02\x05"),
        ([-2], b"\x03\x05\xfe"),
        ([Decimal("1.5")], b"\x04\x06\xff\x0f"),
        (["\u0436"], b"\x04\x02\x36\x04"),
    ],
)
def test_layout(items: list[object], layout: bytes) -> None:
    assert list_build(items).encode("latin-1") == layout  # type: ignore[arg-type]


def test_long_elements() -> None:
    items = ["x" * 253, "x" * 254, "x" * 70_000]
    assert list_items(list_build(items)) == items

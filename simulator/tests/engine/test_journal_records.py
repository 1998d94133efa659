# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journal records survive being written and read, and damage is noticed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from irissim.engine.journal_records import Record, RecordType, encode_record, next_length, scan

RECORDS = st.builds(
    Record,
    st.sampled_from(RecordType),
    st.floats(min_value=0, max_value=2**40),
    st.text(max_size=80),
    st.text(max_size=31),
    st.binary(max_size=200),
    st.binary(max_size=400),
)


@given(st.lists(RECORDS, max_size=8))
def test_records_come_back_with_their_ends(records: list[Record]) -> None:
    pieces = [encode_record(record) for record in records]
    ends = [sum(map(len, pieces[: number + 1])) for number in range(len(pieces))]

    assert list(scan(b"".join(pieces))) == list(zip(ends, records, strict=True))


@given(RECORDS, RECORDS, st.data())
def test_a_torn_tail_is_left_out(first: Record, second: Record, data: st.DataObject) -> None:
    head, tail = encode_record(first), encode_record(second)
    kept = data.draw(st.integers(0, len(tail) - 1))

    assert [record for _, record in scan(head + tail[:kept])] == [first]


@given(RECORDS, st.data())
def test_a_flipped_bit_ends_the_scan(record: Record, data: st.DataObject) -> None:
    damaged = bytearray(encode_record(record))
    place = data.draw(st.integers(0, len(damaged) - 1))
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))

    assert [found for _, found in scan(bytes(damaged))] != [record]


@given(RECORDS)
def test_a_record_knows_its_length(record: Record) -> None:
    data = encode_record(record)

    assert next_length(data) == len(data)
    assert next_length(data[:3]) == 0

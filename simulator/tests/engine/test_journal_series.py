# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Series of journal files: reading over file borders, shipping, truncating."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.patience import PATIENCE

from irissim.engine.journal_records import Record, RecordType, encode_record
from irissim.engine.journal_series import JournalFileMissing, JournalSeries
from irissim.engine.positions import Position


def record(number: int, size: int = 10) -> Record:
    return Record(RecordType.SET, 1.0, ":mirror:DEMO:A", "a", b"\x05", number.to_bytes(4, "big") * size)


def series_with(directory: Path, files: list[list[int]]) -> JournalSeries:
    """One file for each list, one record for each number."""
    directory.mkdir()
    series = JournalSeries("DEMO", directory / "mirrorjrn-DEMO.log", directory)
    for count, numbers in enumerate(files, 1):
        series.new_file(directory / f"MIRROR-DEMO-20260101.{count:03d}", count, encode_record(record(0)))
        for number in numbers:
            series.write(encode_record(record(number, number)))
    return series


def ship(source: JournalSeries, target: JournalSeries, limit: int) -> None:
    """What shipper and receiver do together."""
    while True:
        position, data = source.read_bytes(target.end(), limit)
        if not data:
            return
        name = next(file.path.name for file in source.files() if file.count == position.file_count)
        target.append_bytes(position, name, data)


def contents(series: JournalSeries) -> list[tuple[str, bytes]]:
    return [(file.path.name, file.path.read_bytes()) for file in series.files()]


def test_records_are_read_over_file_borders(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1, 2], [], [3]])

    found = list(series.read(Position(1, 0)))

    assert [item for _, item in found] == [record(0), record(1, 1), record(2, 2), record(0), record(0), record(3, 3)]
    assert found[-1][0] == series.end()
    for place, (position, _) in enumerate(found):
        assert list(series.read(position)) == found[place + 1 :]
        assert list(series.read(Position(1, 0), position)) == found[: place + 1]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(files=st.lists(st.lists(st.integers(1, 3000), max_size=6), min_size=1, max_size=4), limit=st.integers(1, 5000))
def test_shipped_files_are_byte_identical(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[int]], limit: int
) -> None:
    home = tmp_path_factory.mktemp("series")
    source = series_with(home / "a", files)
    target = series_with(home / "b", [])

    ship(source, target, limit)

    assert contents(target) == contents(source)
    assert target.end() == source.end()
    assert [file.order for file in target.files()] == [0] * len(files)


def test_shipped_blocks_hold_whole_records(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1000, 1000]])
    _, data = series.read_bytes(Position(1, 0), 30)

    assert data == encode_record(record(0))


def test_bytes_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    source, target = series_with(tmp_path / "a", [[1], [2]]), series_with(tmp_path / "b", [])
    ship(source, target, 1000)
    count, offset = target.end()

    for wrong in (Position(count, offset - 1), Position(count, offset + 1), Position(count + 2, 0)):
        with pytest.raises(ValueError, match="do not fit"):
            target.append_bytes(wrong, "x", b"data")
    assert contents(target) == contents(source)


def test_truncated_series_ends_there_and_goes_on(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1, 2], [3], [4]])
    position = [place for place, _ in series.read(Position(1, 0))][1]

    series.truncate(position)

    assert series.end() == position
    assert [item for _, item in series.read(Position(1, 0))] == [record(0), record(1, 1)]
    assert sorted(path.name for path in (tmp_path / "a").glob("MIRROR-*")) == ["MIRROR-DEMO-20260101.001"]
    reopened = JournalSeries("DEMO", series.log_path, tmp_path / "a")
    assert reopened.end() == position
    assert reopened.append_bytes(Position(2, 0), "MIRROR-DEMO-20260102.001", b"xy") == Position(2, 2)


def test_reading_beyond_the_end_of_a_truncated_file_goes_to_the_next(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1], [2]])

    assert [item for _, item in series.read(Position(1, 99999))] == [record(0), record(2, 2)]


def test_a_missing_file_is_told_apart(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1], [2], [3]])
    series.files()[1].path.unlink()

    with pytest.raises(JournalFileMissing) as failure:
        list(series.read(Position(1, 0)))
    assert failure.value.file_count == 2
    with pytest.raises(JournalFileMissing):
        series.read_bytes(Position(2, 0))
    with pytest.raises(JournalFileMissing):
        series.size(9)


def test_a_torn_tail_is_dropped(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1, 2]])
    end = series.end()
    series.write(encode_record(record(3))[:-1])
    torn = series.end().offset - end.offset

    assert series.drop_torn_tail() == torn
    assert series.end() == end
    series.write(encode_record(record(4)))
    assert [item for _, item in series.read(end)] == [record(4)]


def test_waiters_are_told_of_growth(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1]])
    end = series.end()
    answers: list[bool] = []
    waiter = threading.Thread(target=lambda: answers.append(series.wait_beyond(end, 60)))

    waiter.start()
    deadline = time.monotonic() + PATIENCE
    while not series._waiting and time.monotonic() < deadline:
        os.sched_yield()
    series.write(encode_record(record(2)))
    waiter.join(PATIENCE)

    assert answers == [True]
    assert series.wait_beyond(series.end(), 0.01) is False


def test_waiters_are_woken_at_the_end(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1]])
    answers: list[bool] = []
    waiter = threading.Thread(target=lambda: answers.append(series.wait_beyond(series.end(), 60)))

    waiter.start()
    series.wake()
    waiter.join(PATIENCE)

    assert answers == [False]


def test_deleting_removes_files_and_log(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1], [2]])

    series.delete()

    assert list((tmp_path / "a").iterdir()) == []
    assert series.files() == []


def test_a_torn_line_of_the_log_is_ignored(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1]])
    with series.log_path.open("a") as stream:
        stream.write("2,2,/somewh")

    assert [file.count for file in JournalSeries("DEMO", series.log_path, tmp_path / "a").files()] == [1]


def test_a_file_that_a_crash_left_without_header_is_forgotten(tmp_path: Path) -> None:
    series = series_with(tmp_path / "a", [[1, 2]])
    end, count = series.end(), len(series.files())
    series.new_file(tmp_path / "a" / "next", 0, b"")

    assert series.drop_torn_tail() == 0
    assert (series.end(), len(series.files())) == (end, count)
    assert not (tmp_path / "a" / "next").exists()

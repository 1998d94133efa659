# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal that an instance writes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from irissim.engine.journal import Journal
from irissim.engine.journal_records import Record, RecordType
from irissim.engine.journal_series import JournalFileMissing


def record(name: str) -> Record:
    return Record(RecordType.SET, 1.0, "/data/", name)


def make(tmp_path: Path, size_limit: int = 1 << 20) -> Journal:
    (tmp_path / "journal").mkdir(exist_ok=True)
    journal = Journal(tmp_path / "journal", tmp_path, "GUID", size_limit)
    journal.open()
    return journal


def names(journal: Journal, start: object) -> list[str]:
    return [item.name for _, item in journal.own_records(start) if item.name]  # type: ignore[arg-type]


def test_local_files_are_named_by_day_and_number(tmp_path: Path) -> None:
    journal = make(tmp_path)
    day = time.strftime("%Y%m%d")

    first = journal.current_file().name
    journal.switch()

    assert first.split(".")[1] == "001"
    assert journal.current_file().name in (f"{day}.002", f"{day}.001")


def test_a_primary_writes_into_the_files_of_its_mirror(tmp_path: Path) -> None:
    journal = make(tmp_path)

    journal.start_mirror("DEMO")
    mark = journal.append(record("a"))

    assert mark.series == "DEMO"
    assert mark.position.file_count == 1
    assert journal.current_file().name.startswith("MIRROR-DEMO-")
    assert (tmp_path / "mirrorjrn-DEMO.log").exists()
    journal.end_mirror()
    assert journal.mark().series == ""
    journal.start_mirror("DEMO")
    assert journal.mark().position.file_count == 2


def test_own_records_come_in_the_order_of_writing_over_all_series(tmp_path: Path) -> None:
    journal = make(tmp_path)
    start = journal.mark()
    written = []
    for number, step in enumerate(
        (journal.switch, lambda: journal.start_mirror("DEMO"), journal.switch, journal.end_mirror)
    ):
        journal.append(record(f"n{number}"))
        written.append(f"n{number}")
        step()
    middle = journal.mark()
    journal.append(record("last"))
    journal.close()

    reopened = make(tmp_path)

    assert names(reopened, start) == [*written, "last"]
    assert names(reopened, middle) == ["last"]


def test_received_files_are_not_own(tmp_path: Path) -> None:
    journal = make(tmp_path)
    start = journal.mark()
    other = Journal(tmp_path / "other", tmp_path / "other", "OTHER")
    other.start_mirror("DEMO")
    other.append(record("foreign"))
    position, data = other.series("DEMO").read_bytes(other.series("DEMO").end()._replace(offset=0))
    journal.series("DEMO").append_bytes(position, "MIRROR-DEMO-20260101.001", data)

    assert names(journal, start) == []
    journal.start_mirror("DEMO")
    journal.append(record("own"))
    assert names(journal, start) == ["own"]


def test_a_full_file_is_followed_by_the_next(tmp_path: Path) -> None:
    journal = make(tmp_path, size_limit=500)
    start = journal.mark()
    for number in range(30):
        journal.append(record(f"n{number}"))

    assert journal.mark().position.file_count > 2
    assert names(journal, start) == [f"n{number}" for number in range(30)]


def test_recovery_goes_on_behind_a_file_that_was_truncated_away(tmp_path: Path) -> None:
    journal = make(tmp_path)
    journal.append(record("before"))
    journal.start_mirror("DEMO")
    end = journal.append(record("kept")).position
    journal.switch()
    start = journal.append(record("cut off"))
    journal.end_mirror()
    journal.append(record("after"))

    journal.series("DEMO").truncate(end)

    assert names(journal, start) == ["after"]


def test_recovery_from_a_missing_file_fails(tmp_path: Path) -> None:
    journal = make(tmp_path)
    start = journal.mark()
    journal.current_file().unlink()
    journal.switch()

    with pytest.raises(JournalFileMissing):
        list(journal.own_records(start))


def test_a_crash_leaves_no_torn_record_behind(tmp_path: Path) -> None:
    journal = make(tmp_path)
    start = journal.mark()
    journal.append(record("whole"))
    file = journal.current_file()
    journal.close()
    with file.open("ab") as stream:
        stream.write(b"\x50\x00\x00\x00torn")

    reopened = Journal(tmp_path / "journal", tmp_path, "GUID")

    assert reopened.open(crashed=True) == 8
    reopened.append(record("later"))
    assert names(reopened, start) == ["whole", "later"]


def test_mirror_journals_can_be_forgotten(tmp_path: Path) -> None:
    journal = make(tmp_path)
    journal.start_mirror("DEMO")

    journal.forget_mirror("DEMO")

    assert journal.mark().series == ""
    assert journal.series_names() == []
    assert list((tmp_path / "journal").glob("MIRROR-*")) == []


def test_left_over_mirror_journals_are_found_again(tmp_path: Path) -> None:
    make(tmp_path).start_mirror("DEMO")

    assert make(tmp_path).series_names() == ["DEMO"]

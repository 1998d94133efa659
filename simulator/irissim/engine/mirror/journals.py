# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What members compare before one follows the other: how far each got, and where their journals part."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from irissim.engine.journal_records import Record, RecordType, encode_record, scan
from irissim.engine.journal_series import JournalFileMissing, JournalSeries
from irissim.engine.mirror.types import JournalFileRow
from irissim.engine.positions import START, Position

# A mark about the mirror itself names it without a database.
_TERM = "term"
_HEAD_RECORDS = 2


class FileHead(NamedTuple):
    """One journal file: enough to tell whether two members mean the same file."""

    number: int
    identity: str
    size: int


class Standing(NamedTuple):
    """How far a member's journal goes; the greater one has everything that was ever acknowledged.

    The term grows with every primary, so that the leftovers of a primary that was overtaken never win by length.
    """

    term: int
    file_count: int
    offset: int

    @property
    def position(self) -> Position:
        return Position(self.file_count, self.offset)


def mirror_tag(mirror: str) -> str:
    return f":mirror:{mirror}:"


def mark(mirror: str, when: float, **content: Any) -> Record:
    """A record for the members themselves."""
    value = json.dumps(content, separators=(",", ":")).encode()
    return Record(RecordType.MARK, when, mirror_tag(mirror), value=value)


def mark_content(record: Record) -> Mapping[str, Any]:
    content = json.loads(record.value)
    return content if isinstance(content, dict) else {}


def term_mark(mirror: str, when: float, term: int, primary: str) -> Record:
    return mark(mirror, when, **{_TERM: term, "primary": primary})


def _head_records(series: JournalSeries, count: int) -> list[Record]:
    records = []
    for position, record in series.read(Position(count, 0)):
        if position.file_count != count:
            break
        records.append(record)
        if len(records) == _HEAD_RECORDS:
            break
    return records


def _identity(header: Record) -> str:
    return hashlib.sha256(encode_record(header)).hexdigest()[:32].upper()


def heads(series: JournalSeries) -> list[FileHead]:
    """All files that are still there, oldest first."""
    result = []
    for file in series.files():
        try:
            records = _head_records(series, file.count)
            size = series.size(file.count)
        except JournalFileMissing:
            continue
        if records:
            result.append(FileHead(file.count, _identity(records[0]), size))
    return result


def last_term(series: JournalSeries) -> tuple[int, str]:
    """Number and name of the last primary whose journal this member has; (0, "") when there was none."""
    for file in reversed(series.files()):
        try:
            records = _head_records(series, file.count)
        except JournalFileMissing:
            continue
        for record in records:
            if record.type is RecordType.MARK:
                content = mark_content(record)
                if _TERM in content:
                    return int(content[_TERM]), str(content["primary"])
    return 0, ""


def standing(series: JournalSeries) -> Standing:
    return Standing(last_term(series)[0], *series.end())


def common_end(own: Sequence[FileHead], other: Iterable[FileHead]) -> Position:
    """Up to where the journal of this member agrees with that of the other.

    Bytes of one file were always received in order from its only writer, so of two files with the same head the
    shorter one is the beginning of the longer.
    """
    others = {head.number: head for head in other}
    oldest = min(others, default=0)
    agreed = START
    for head in own:
        twin = others.get(head.number)
        if twin is None and head.number < oldest:
            # The other member purged this file; it cannot be compared and need not be.
            agreed = Position(head.number, head.size)
            continue
        if twin is None or twin.identity != head.identity:
            break
        agreed = Position(head.number, min(head.size, twin.size))
        if head.size != twin.size:
            break
    return agreed


def whole_records(data: bytes) -> bytes:
    """Without a record at the end that a crash left unfinished."""
    used = 0
    for behind, _ in scan(data):
        used = behind
    return data[:used]


def rows(series: JournalSeries) -> list[JournalFileRow]:
    """For the query JournalList, newest first."""
    result = []
    for file in reversed(series.files()):
        try:
            records = _head_records(series, file.count)
        except JournalFileMissing:
            continue
        if not records:
            continue
        created = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(records[0].time))
        # FIDELITY(assumed): the GUID is a digest of the file's header
        reason = str(json.loads(records[0].value).get("reason", ""))
        result.append(JournalFileRow(str(file.path), file.count, created, reason, _identity(records[0])))
    return result

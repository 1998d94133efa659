# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of mirrored databases; it travels in the mirror journal."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from irissim.engine.journal_records import RecordType
from irissim.engine.journal_series import JournalFileMissing, JournalSeries
from irissim.engine.mirror import journals
from irissim.engine.positions import Position

if TYPE_CHECKING:
    from irissim.engine.journal_records import Record
    from irissim.engine.mirror.member import Member

_LIST = "catalogue"
_ADDED = "added"


class CatalogueEntry(NamedTuple):
    """One mirrored database as the primary has it."""

    name: str
    guid: str
    directory: str
    created_new: bool
    """Its whole content is in the journal, so that an empty database can become a copy."""


def of_primary(member: Member) -> list[CatalogueEntry]:
    """What this member, being primary, mirrors."""
    entries = []
    for database in member.instance.databases.mirrored(member.mirror):
        mirror = database.label.mirror
        if mirror is not None and mirror.activated:
            entries.append(CatalogueEntry(mirror.database_name, mirror.guid, database.directory, mirror.created_new))
    return entries


def publish(member: Member, added: str = "") -> None:
    """Write the list into the journal; `added` is the GUID of a database whose data begins here."""
    content: dict[str, Any] = {_LIST: [list(entry) for entry in of_primary(member)]}
    if added:
        content[_ADDED] = added
    member.instance.journal.append(journals.mark(member.mirror, time.time(), **content))


def entries_in(record: Record) -> list[CatalogueEntry] | None:
    """The list that a record carries, None if it carries none."""
    if record.type is not RecordType.MARK:
        return None
    content = journals.mark_content(record)
    if _LIST not in content:
        return None
    return [CatalogueEntry(*entry) for entry in content[_LIST]]


def last_in(series: JournalSeries) -> list[CatalogueEntry] | None:
    """The newest list in the journals of this member, None if there is none."""
    for file in reversed(series.files()):
        found = None
        for record in _records(series, file.count):
            entries = entries_in(record)
            found = entries if entries is not None else found
        if found is not None:
            return found
    return None


def beginning_of(series: JournalSeries, guid: str) -> Position | None:
    """Where the data of a database begins that was created as a mirrored one."""
    for file in reversed(series.files()):
        try:
            for position, record in series.read(Position(file.count, 0)):
                if position.file_count != file.count:
                    break
                if record.type is RecordType.MARK and journals.mark_content(record).get(_ADDED) == guid:
                    return position
        except JournalFileMissing:
            continue
    return None


def _records(series: JournalSeries, count: int) -> Iterable[Record]:
    try:
        for position, record in series.read(Position(count, 0)):
            if position.file_count != count:
                return
            yield record
    except JournalFileMissing:
        return

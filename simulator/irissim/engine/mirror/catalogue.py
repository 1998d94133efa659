# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of mirrored databases; it travels in the mirror journal.

Each journal file begins with the whole list, what changes later follows one by one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from irissim.engine.journal_records import RecordType
from irissim.engine.journal_series import JournalFileMissing, JournalSeries
from irissim.engine.mirror import journals
from irissim.engine.positions import Position

if TYPE_CHECKING:
    from irissim.engine.database import Database
    from irissim.engine.journal_records import Record
    from irissim.engine.mirror.member import Member

_LIST = "catalogue"
_CHANGED = "database"
_GONE = "removed"


class CatalogueEntry(NamedTuple):
    """One mirrored database as the primary has it."""

    name: str
    guid: str
    directory: str
    home: str
    """The data directory of that instance."""
    created_new: bool
    """Its whole content is in the journal, so that an empty database can become a copy."""
    began: Position
    """Where the journal begins to hold its data."""
    max_mb: int
    expansion_mb: int
    resource: str
    collation: int

    @classmethod
    def from_json(cls, items: Iterable[Any]) -> CatalogueEntry:
        entry = cls(*items)
        return entry._replace(began=Position(*entry.began))


Catalogue = dict[str, CatalogueEntry]
"""By GUID."""


def _entry(member: Member, database: Database) -> CatalogueEntry | None:
    label = member.instance.databases.label(database.directory)
    if label is None or label.mirror is None or label.mirror.mirror_name != member.mirror or not label.mirror.activated:
        return None
    return CatalogueEntry(
        name=label.mirror.database_name,
        guid=label.mirror.guid,
        directory=database.directory,
        home=str(member.instance.data_dir),
        created_new=label.mirror.created_new,
        began=label.mirror.began,
        max_mb=label.max_mb,
        expansion_mb=label.expansion_mb,
        resource=label.resource,
        collation=label.collation,
    )


def whole(member: Member) -> Record:
    """What this member, being primary, mirrors."""
    entries = [_entry(member, database) for database in member.instance.databases]
    return journals.mark(member.mirror, time.time(), **{_LIST: [list(entry) for entry in entries if entry is not None]})


def publish(member: Member, database: Database) -> None:
    """Tell the others about a database that is new or changed."""
    entry = _entry(member, database)
    if entry is not None:
        _write(member, _CHANGED, list(entry))


def withdraw(member: Member, guid: str) -> None:
    """Tell the others that a database is no longer mirrored."""
    _write(member, _GONE, guid)


def _write(member: Member, key: str, content: Any) -> None:
    member.instance.journal.append(journals.mark(member.mirror, time.time(), **{key: content}))


def after(known: Catalogue | None, record: Record) -> Catalogue | None:
    """The list when a record is taken into account; the very same object if the record is about something else."""
    if record.type is not RecordType.MARK:
        return known
    content = journals.mark_content(record)
    if _LIST in content:
        entries = map(CatalogueEntry.from_json, content[_LIST])
        return {entry.guid: entry for entry in entries}
    if _CHANGED in content:
        entry = CatalogueEntry.from_json(content[_CHANGED])
        return {**(known or {}), entry.guid: entry}
    if _GONE in content:
        return {guid: entry for guid, entry in (known or {}).items() if guid != content[_GONE]}
    return known


def last_in(series: JournalSeries) -> Catalogue | None:
    """The newest list in the journals of this member, None if there is none."""
    for file in reversed(series.files()):
        found: Catalogue | None = None
        for record in _records(series, file.count):
            found = after(found, record)
        if found is not None:
            return found
    return None


def _records(series: JournalSeries, count: int) -> Iterable[Record]:
    try:
        for position, record in series.read(Position(count, 0)):
            if position.file_count != count:
                return
            yield record
    except JournalFileMissing:
        return

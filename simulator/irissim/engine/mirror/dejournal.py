# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies received mirror journals to the databases of this member."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from irissim.engine.database import Database
from irissim.engine.journal_series import JournalFileMissing
from irissim.engine.mirror import catalogue
from irissim.engine.positions import START, Position
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

if TYPE_CHECKING:
    from irissim.engine.journal_records import Record
    from irissim.engine.mirror.catalogue import CatalogueEntry
    from irissim.engine.mirror.member import Member

_BATCH = 2000
_ARRIVAL_SECONDS = 5.0

Batch = list[tuple[Position, "Record"]]


class Dejournaler:
    """One thread per mirror. Databases are linked one by one, each when it has caught up with the others."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._lock = threading.RLock()
        self._linked: dict[str, Database] = {}
        self._stopping = False
        self._arrived = threading.Event()
        self._thread: threading.Thread | None = None
        self.position = START
        self.record_time = 0.0
        self.catalogue: list[CatalogueEntry] | None = None
        """What the primary mirrors; None: not known yet."""
        self.failed = ""
        self.running = False

    # Life ------------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin where the journals of this member end; databases that are behind catch up first.

        Called when these journals are known to agree with the mirror's: a former primary may have had to cut off a
        tail that must never reach its databases."""
        with self._lock:
            if self.running or self._stopping:
                return
            self.running = True
            self.catalogue = catalogue.last_in(self._member.series)
            self.position = self._member.series.end()
        self._thread = threading.Thread(target=self._run, name="Mirror Dejour", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Apply everything that is here, then stop: this member is about to become primary."""
        self.start()
        self._stop_thread()
        with self._lock:
            self._advance()
            self._write_positions()
            self._linked.clear()

    def stop(self) -> None:
        self._stop_thread()
        with self._lock:
            self._write_positions()
            self._linked.clear()

    def arrived(self) -> None:
        """There is more to apply."""
        self._arrived.set()

    def _stop_thread(self) -> None:
        self._stopping = True
        self._arrived.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        self._link_all()
        while not self._stopping:
            self._arrived.wait()
            self._arrived.clear()
            with self._lock:
                self._advance()

    def _link_all(self) -> None:
        for database in self._member.instance.databases.mirrored(self._member.mirror):
            mirror = database.label.mirror
            if mirror is not None and mirror.activated and not mirror.needs_catchup:
                try:
                    self.link(database)
                except StatusError as error:
                    database.change_mirror_label(needs_catchup=True)
                    self._member.log(f"Catchup of {database.directory} failed: {text(status_of(error))}", 2)

    # Databases -------------------------------------------------------------------------------------------------------

    def link(self, database: Database) -> None:
        """Catch a database up and keep it so from now on. Raises 2000 if a journal is gone, 2082 before this member
        was connected to the mirror."""
        if not self.running:
            raise StatusError(2082)
        self._await_arrival(database)
        self._catch_up(database, self.position)
        with self._lock:
            self._catch_up(database, self.position)
            self._linked[database.directory] = database

    def catch_up_to_end(self, database: Database) -> None:
        """On the primary: bring a restored copy up to the journal that is being written."""
        with database.lock:
            self._catch_up(database, self._member.series.end())

    def unlink(self, directory: str) -> None:
        with self._lock:
            self._linked.pop(directory, None)

    def _await_arrival(self, database: Database) -> None:
        """A copy may be a moment ahead of the journals that were received here."""
        mirror = database.label.mirror
        series = self._member.series
        if mirror is None or mirror.position <= self.position:
            return
        limit = time.monotonic() + _ARRIVAL_SECONDS
        while self.position < mirror.position:
            if time.monotonic() > limit:
                raise _missing(mirror.position.file_count, database, self._member)
            series.wait_beyond(self.position, 0.1)
            with self._lock:
                self._advance()

    def _catch_up(self, database: Database, end: Position) -> None:
        mirror = database.label.mirror
        if mirror is None or mirror.position >= end:
            return
        try:
            for batch in _batches(self._member.series.read(mirror.position, end)):
                database.apply([record for _, record in batch], batch[-1][0])
        except JournalFileMissing as missing:
            # FIDELITY(documented; HA 4.8.4.2, ERR 2000): catch-up needs all journals since the copy was made
            raise _missing(missing.file_count, database, self._member) from None

    # Applying --------------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        series = self._member.series
        try:
            for batch in _batches(series.read(self.position)):
                self._apply(batch)
        except JournalFileMissing as missing:
            if not self.failed:
                self._member.log(f"Dejournaling stopped: journal file #{missing.file_count} is gone", 2)
            self.failed = f"journal file #{missing.file_count} is gone"

    def _apply(self, batch: Batch) -> None:
        end = batch[-1][0]
        by_tag: dict[str, list[Record]] = {}
        for _, record in batch:
            by_tag.setdefault(record.database, []).append(record)
            entries = catalogue.entries_in(record)
            if entries is not None:
                self.catalogue = entries
        for directory, database in list(self._linked.items()):
            if not database.mounted:
                del self._linked[directory]
                continue
            records = by_tag.get(database.tag)
            if records or end.file_count != self.position.file_count:
                database.apply(records or [], end)
        self.position = end
        self.record_time = batch[-1][1].time

    def _write_positions(self) -> None:
        for database in self._linked.values():
            if database.mounted:
                database.apply([], self.position)


def _batches(records: Iterator[tuple[Position, Record]]) -> Iterator[Batch]:
    batch: Batch = []
    for item in records:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _missing(count: int, database: Database, member: Member) -> StatusError:
    return StatusError(2000, count, database.directory, str(member.series.log_path))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies received mirror journals to the databases of this member."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from irissim.engine.database import Database
from irissim.engine.journal_series import JournalFileMissing
from irissim.engine.mirror import applying, catalogue, journals
from irissim.engine.mirror.fetching import fetch_file
from irissim.engine.mirror.properties import follow, follow_all
from irissim.engine.positions import START, Position
from irissim.values.errors import OsError, StatusError
from irissim.values.status import status_of, text

if TYPE_CHECKING:
    from irissim.engine.mirror.catalogue import Catalogue
    from irissim.engine.mirror.member import Member

_ARRIVAL_SECONDS = 5.0

Failures = list[tuple[Database, StatusError]]


class Dejournaler:
    """One thread per mirror. Databases are linked one by one, each when it has caught up with the others."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._lock = threading.RLock()
        self._linked: dict[str, tuple[Database, int]] = {}
        self._stopping = False
        self._arrived = threading.Event()
        self._thread: threading.Thread | None = None
        self._died = False
        """The thread ended because of an error."""
        self.position = START
        self.catalogue: Catalogue | None = None
        """What the primary mirrors; None: not known yet."""
        self.failed = ""
        """Why it cannot go on."""
        self.broken = False
        """It failed because changes could not be applied to a database."""
        self.running = False
        self.on_running: Callable[[], None] = lambda: None
        """Called when databases that are complete are linked."""
        self._held = False

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
            self.position = self._lowest() if self._held else self._member.series.end()
        self._begin()

    def _begin(self) -> None:
        self._died = False
        self._thread = threading.Thread(target=self._run, name="Mirror Dejour", daemon=True)
        self._thread.start()

    @property
    def held(self) -> bool:
        """An operator stopped it; journals arrive but are not applied."""
        return self._held

    @property
    def stopped(self) -> bool:
        """By an operator or by an error."""
        return self._held or bool(self.failed)

    def hold(self) -> None:
        """Apply nothing until released; the databases keep what they have."""
        with self._lock:
            self._held = True
            self._write_positions()

    def release(self) -> None:
        """Go on after `hold`, or try again after an error."""
        with self._lock:
            self._held, self.failed, self.broken = False, "", False
            if self._died and not self._stopping:
                self._begin()
        self._arrived.set()

    def finish(self) -> None:
        """Apply everything that is here, then stop: this member is about to become primary."""
        self.release()
        self.start()
        self._stop_thread()
        with self._lock:
            self._advance()
            self._write_positions()
            self._linked.clear()
        # Those that nobody kept up to date (paused, mounted without catchup) must not be written to as they are.
        self.complete(self._member.instance.databases.mirrored(self._member.mirror))

    def complete(self, databases: Sequence[Database]) -> None:
        """Before users write to them: what the journals hold and they lack. One that cannot have it needs catchup."""
        active = [database for database in databases if _is_active(database)]
        for database, error in self._catch_up(active, self._member.series.end()):
            self._mark_behind(database, error)

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
        try:
            self._work()
        except Exception as error:  # whatever it is, it must be seen that nothing is applied any more
            with self._lock:
                self._break(error)
                self._died = True

    def _break(self, error: Exception) -> None:
        # FIDELITY(documented; CLS AsyncDejournalStatus): dejournaling shuts down when changes cannot be applied to a
        #   database; messages.log says more
        # FIDELITY(assumed): for all databases of the mirror, until it is started again, then without a database that
        #   is no longer mounted
        self._fail(str(error) if isinstance(error, OsError) else f"{type(error).__name__}: {error}")
        self.broken = isinstance(error, OsError)

    def _fail(self, reason: str) -> None:
        if self.failed != reason:
            self._member.log(f"Dejournaling stopped: {reason}", 2)
        self.failed = reason

    def _work(self) -> None:
        if self._held:
            self._wait_for_release()
        if not self._held:
            follow_all(self._member, self.catalogue)
            self._link_all()
            self.on_running()
        while not self._stopping:
            self._arrived.wait()
            self._arrived.clear()
            with self._lock:
                self._advance()

    def _wait_for_release(self) -> None:
        """It was held when it started: the databases have yet to be linked, somewhere before the end."""
        while self._held and not self._stopping:
            self._arrived.wait()
            self._arrived.clear()
        if not self._held:
            with self._lock:
                self.catalogue = catalogue.last_in(self._member.series)
                self.position = self._member.series.end()

    def _link_all(self) -> None:
        ready = []
        for database in self._member.instance.databases.mirrored(self._member.mirror):
            if _is_active(database):
                ready.append(database)
        for database, error in self.link(ready):
            self._mark_behind(database, error)

    def _mark_behind(self, database: Database, error: StatusError) -> None:
        database.change_mirror_label(needs_catchup=True)
        self._member.log(f"Catchup of {database.directory} failed: {text(status_of(error))}", 2)

    # Databases -------------------------------------------------------------------------------------------------------

    def link(self, databases: Sequence[Database]) -> Failures:
        """Catch databases up in one pass and keep them so from now on; answers with which ones that failed.

        2000 when a journal is gone, 2082 before this member was connected to the mirror."""
        if not self.running:
            return [(database, StatusError(2082)) for database in databases]
        for database in databases:
            self._await_arrival(database)
        failures = self._catch_up(databases, self.position)
        with self._lock:
            failures += self._catch_up(_without(databases, failures), self.position)
            for database in _without(databases, failures):
                follow(self._member, self.catalogue, database)
                self._linked[database.directory] = database, database.mounts
        return failures

    def catch_up_to_end(self, database: Database) -> Failures:
        """On the primary: bring a restored copy up to the journal that is being written."""
        with database.lock:
            return self._catch_up([database], self._member.series.end())

    def _lowest(self) -> Position:
        """Up to where every database of this member is."""
        positions = [self._member.series.end()]
        for database in self._member.instance.databases.mirrored(self._member.mirror):
            mirror = database.label.mirror
            if mirror is not None and mirror.activated and not mirror.needs_catchup:
                positions.append(mirror.position)
        return min(positions)

    def follows(self, directory: str) -> bool:
        """Whether a database is kept up to date."""
        return directory in self._linked

    def unlink(self, directory: str) -> None:
        with self._lock:
            self._linked.pop(directory, None)

    def _await_arrival(self, database: Database) -> None:
        """A copy may be a moment ahead of the journals that were received here."""
        mirror = database.label.mirror
        series = self._member.series
        if self._held:
            return
        limit = time.monotonic() + _ARRIVAL_SECONDS
        while mirror is not None and self.position < mirror.position and time.monotonic() < limit:
            series.wait_beyond(self.position, 0.1)
            with self._lock:
                self._advance()

    def _catch_up(self, databases: Sequence[Database], end: Position) -> Failures:
        """One pass through the journals for all of them, from where the last of them stands."""
        failures: Failures = []
        behind = []
        for database in databases:
            position = applying.position_of(database)
            if position > self._member.series.end():
                failures.append((database, _missing(position.file_count, database, self._member)))
            elif position < end:
                behind.append(database)
        while behind:
            try:
                start = min(applying.position_of(database) for database in behind)
                for batch in applying.batches(self._member.series.read(start, end)):
                    by_tag = applying.by_tag(batch)
                    for database in behind:
                        applying.apply_newer(database, by_tag.get(database.tag, []), batch[-1][0])
                return failures
            except JournalFileMissing as missing:
                if fetch_file(self._member, missing.file_count):
                    continue
                # FIDELITY(documented; HA 4.8.4.2, ERR 2000): catch-up needs all journals since the copy was made
                gone = missing.file_count
                lost = [database for database in behind if applying.position_of(database).file_count <= gone]
                failures += [(database, _missing(gone, database, self._member)) for database in lost]
                behind = [database for database in behind if database not in lost]
        return failures

    # Applying --------------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        if self._held or self.broken:
            return
        series = self._member.series
        try:
            for batch in applying.batches(series.read(self.position)):
                self._apply(batch)
            self.failed = ""
        except JournalFileMissing as missing:
            if fetch_file(self._member, missing.file_count):
                self._arrived.set()
                return
            self._fail(f"journal file #{missing.file_count} is gone")
        except OsError as error:
            self._break(error)

    def _apply(self, batch: applying.Batch) -> None:
        end = batch[-1][0]
        by_tag = applying.by_tag(batch)
        known = self.catalogue
        for _, record in by_tag.get(journals.mirror_tag(self._member.mirror), []):
            known = catalogue.after(known, record)
        if known is not self.catalogue:
            self.catalogue = known
            follow_all(self._member, known)
        for database in self._followed():
            records = by_tag.get(database.tag)
            if records or end.file_count != self.position.file_count:
                applying.apply(database, [record for _, record in records or []], end)
        self.position = end

    def _followed(self) -> list[Database]:
        """Those linked and not dismounted since, be it for a moment: another file may have come meanwhile."""
        for directory, (database, mounts) in list(self._linked.items()):
            if not database.mounted or database.mounts != mounts:
                del self._linked[directory]
        return [database for database, _ in self._linked.values()]

    def _write_positions(self) -> None:
        for database in self._followed():
            database.apply([], self.position)


def _is_active(database: Database) -> bool:
    mirror = database.label.mirror
    return mirror is not None and mirror.activated and not mirror.needs_catchup and not database.read_only


def _without(databases: Sequence[Database], failures: Failures) -> list[Database]:
    failed = {database for database, _ in failures}
    return [database for database in databases if database not in failed]


def _missing(count: int, database: Database, member: Member) -> StatusError:
    return StatusError(2000, count, database.directory, str(member.series.log_path))

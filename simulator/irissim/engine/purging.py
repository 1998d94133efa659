# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting journal files that nobody needs any more."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from irissim.engine.write_daemon import Periodic

if TYPE_CHECKING:
    from collections.abc import Callable

    from irissim.engine.config import Cpf
    from irissim.engine.databases import DatabaseManager
    from irissim.engine.globals import Globals
    from irissim.engine.journal import Journal
    from irissim.engine.journal_log import JournalFile
    from irissim.engine.journal_series import JournalSeries
    from irissim.engine.jsonstore import JsonStore
    from irissim.engine.messages import Messages

# FIDELITY(assumed): journals are purged every minute and after each recorded backup (IRIS: by a nightly task)
INTERVAL = 60.0

_DAY = 86400.0
_LOCAL = ""
_BACKUPS = "backups"
_KEPT_BACKUPS = 20


class Purger:
    """`instance.purger`. Thread-safe."""

    def __init__(
        self,
        config: Cpf,
        journal: Journal,
        databases: DatabaseManager,
        updates: Globals,
        history: JsonStore,
        log: Messages,
        mirrors: Callable[[], None],
    ) -> None:
        """`mirrors` purges the files of the mirrors of this instance."""
        self._config = config
        self._journal = journal
        self._databases = databases
        self._updates = updates
        self._history = history
        self._log = log
        self._mirrors = mirrors
        self._lock = threading.Lock()
        self._daemon = Periodic(self.run, INTERVAL, "Journal Purge")

    def start(self) -> None:
        """Look at intervals from now on."""
        self._daemon.start()

    def stop(self) -> None:
        """End after the round that runs."""
        self._daemon.stop()

    def run(self) -> None:
        """Purge what the settings and the needs of databases, transactions and mirror members allow."""
        with self._lock:
            local = self._journal.series(_LOCAL)
            self.purge(local, min(self.needed_here(_LOCAL), self.old_before(local)))
            self._mirrors()

    def purge(self, series: JournalSeries, before: int) -> list[JournalFile]:
        """Delete the files numbered below `before`."""
        gone = series.purge(before)
        for file in gone:
            self._log.write(f"Journal file {file.path} was purged", 0, "Journal.Purge")
        return gone

    def record_backup(self, description: str) -> None:
        """A backup of the whole instance was completed now."""
        # FIDELITY(documented; DI): a recorded external backup counts for the purge of journals, and may trigger it
        done = [*self.backups(), (time.time(), description)]
        self._history.set(_BACKUPS, done[-_KEPT_BACKUPS:])
        self.run()

    def backups(self) -> list[tuple[float, str]]:
        """When backups were recorded and how they are described, oldest first."""
        return self._history.get(_BACKUPS) or []

    def old_before(self, series: JournalSeries) -> int:
        """Number of the first file that the settings still keep."""
        # FIDELITY(documented; CR24 Config.Journal): files are purged after DaysBeforePurge days or BackupsBeforePurge
        #   backups; 0 switches a criterion off
        # FIDELITY(assumed): whichever of the two is fulfilled first
        limits = [self._days_limit(), self._backups_limit()]
        last_kept = max(limits)
        for file in series.files():
            if not file.path.exists() or file.path.stat().st_mtime > last_kept:
                return file.count
        return series.end().file_count

    def needed_here(self, name: str) -> int:
        """Number of the first file of a series that crash recovery or a rollback needs."""
        # FIDELITY(documented; GCDI 7.10): files that an open transaction or crash recovery needs are never purged
        numbers = [self._journal.series(name).end().file_count]
        for database in self._databases:
            label = self._databases.label(database.directory)
            if label is not None and not (label.clean and not database.mounted) and label.recovery.series == name:
                numbers.append(label.recovery.position.file_count)
        numbers += [mark.position.file_count for mark in self._updates.open_transactions() if mark.series == name]
        return min(numbers)

    def _days_limit(self) -> float:
        days = int(self._config.get("Journal", "DaysBeforePurge") or 0)
        return time.time() - days * _DAY if days else 0.0

    def _backups_limit(self) -> float:
        count = int(self._config.get("Journal", "BackupsBeforePurge") or 0)
        done = self.backups()
        return done[-count][0] if count and len(done) >= count else 0.0

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freezing an instance for external backups."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from irissim.engine.mirror_hooks import NoLongerPrimary
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from collections.abc import Callable

    from irissim.engine.databases import DatabaseManager
    from irissim.engine.gate import UpdateGate
    from irissim.engine.journal import Journal
    from irissim.engine.messages import Messages

# FIDELITY(documented; CR24 Backup.General): updaters block 600 seconds after a freeze unless told otherwise
FREEZE_LIMIT_SECONDS = 600.0

_EVENT = "Backup.Freeze"


class Freeze:
    """`instance.freeze`. Thread-safe."""

    def __init__(
        self,
        databases: DatabaseManager,
        journal: Journal,
        gate: UpdateGate,
        log: Messages,
        on_blocked: Callable[[], None],
    ) -> None:
        """`on_blocked` is called when updates are blocked because a freeze lasts too long."""
        self._databases = databases
        self._journal = journal
        self._gate = gate
        self._log = log
        self._lock = threading.Lock()
        self._on_blocked = on_blocked
        self._resume_at = 0.0
        self._told = False

    @property
    def frozen(self) -> bool:
        """Write daemon suspended (IsWDSuspended)."""
        return self._gate.suspended

    def freeze(self, timeout: float = 0, switch_journal: bool = True, suspend_limit: float = 0) -> None:
        """Bring all files up to date and leave them alone until `thaw`. Updaters block after `timeout` (0 = 600 s)
        or when too much waits in memory; after `suspend_limit` (0 = never) writing resumes by itself."""
        with self._lock:
            if self._gate.suspended:
                raise StatusError(5001, "The system is frozen already")
            if switch_journal:
                self._journal.switch("External freeze")
            self._databases.flush()
            try:
                self._stop_all_files(timeout or FREEZE_LIMIT_SECONDS)
            except NoLongerPrimary:
                self._resume()
                raise StatusError(5001, "The mirror role changes, nothing is frozen") from None
            except StatusError:
                self._resume()
                raise
            self._resume_at = time.monotonic() + suspend_limit if suspend_limit else 0.0
            self._told = False
            self._log.write("System is frozen for an external backup, write daemon suspended", 1, _EVENT)

    def thaw(self) -> None:
        """Files are written again. Nothing happens if nothing is frozen."""
        with self._lock:
            if self._gate.suspended:
                self._resume()
                self._log.write("System is thawed, write daemon resumed", 0, _EVENT)

    def check_limit(self) -> None:
        """The write daemon asks at each round whether it may resume by itself."""
        # FIDELITY(documented; CR24 Backup.General): after WDSuspendLimit writes resume by themselves and the backup
        #   is worthless
        with self._lock:
            if self._gate.suspended and self._resume_at and time.monotonic() >= self._resume_at:
                self._resume()
                self._log.write("Write daemon resumed at its limit, the external backup is not valid", 2, _EVENT)

        if self._gate.overdue and not self._told:
            self._told = True
            self._log.write("The external freeze lasts too long, updates are blocked until the thaw", 2, _EVENT)
            self._on_blocked()

    def quiesce_updates(self) -> None:
        """Updates wait until `resume_updates`; nothing else does."""
        # FIDELITY(documented; CR24 Backup.General): QuiesceUpdates expects that updates are not blocked yet
        # FIDELITY(assumed): otherwise it is refused
        if self._gate.quiesced:
            raise StatusError(5001, "Updates are blocked already")
        self._gate.quiesce()
        self._log.write("Database updates are blocked", 1, _EVENT)

    def resume_updates(self) -> None:
        """Updates go on. Nothing happens if they were not blocked."""
        if self._gate.quiesced:
            self._gate.release()
            self._log.write("Database updates go on", 0, _EVENT)

    def _stop_all_files(self, timeout: float) -> None:
        """All databases stop at one moment."""
        with ExitStack() as locks:
            mounted = [database for database in self._databases if database.mounted]
            for database in mounted:
                locks.enter_context(database.lock)
            for database in mounted:
                database.commit(clean=True)
            self._gate.suspend(timeout)

    def _resume(self) -> None:
        self._gate.resume()
        # The files say that they were closed cleanly; from now on that is no longer true.
        for database in self._databases:
            if database.mounted and not database.read_only:
                try:
                    database.commit()
                except (NoLongerPrimary, StatusError):
                    continue

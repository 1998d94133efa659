# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judging and opening the file of a database that is to be mounted."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from irissim.engine.datfile import FILE_NAME, MEGABYTE, DamagedFile, DatFile, FileInUse, extend
from irissim.engine.journal_series import JournalFileMissing
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.database import Database
    from irissim.engine.journal import Journal
    from irissim.engine.jsonstore import JsonStore
    from irissim.engine.label import Label, MirrorLabel
    from irissim.engine.messages import Messages

_BATCH = 1000


class Mounter:
    """Knows which files this instance left open: the only ones that a crash recovery can repair."""

    def __init__(self, guid: str, registry: JsonStore, journal: Journal, log: Messages) -> None:
        self._guid = guid
        self._registry = registry
        self._journal = journal
        self._log = log

    def left_open(self) -> list[str]:
        """Directories of databases that were mounted when the instance ended without closing them."""
        return self._registry.keys()

    def mount(self, database: Database, read_only: bool) -> None:
        """Open the file, recover it if this instance left it behind, refuse it if it is a copy of a live one."""
        path = Path(database.directory, FILE_NAME)
        reason = "" if not read_only else "Mounted read-only on request"
        if not read_only and not os.access(path, os.W_OK):
            read_only, reason = True, "The file cannot be written"
        crashed = self._left_behind(database.directory, path)
        try:
            file = DatFile(path, read_only and not crashed)
        except FileInUse:
            raise StatusError(37, database.directory) from None
        except DamagedFile as error:
            raise self._refusal(database.directory, str(error)) from None
        label = file.label
        if not label.clean and not crashed:
            # FIDELITY(assumed): a copy of IRIS.DAT taken while the database was mounted and not frozen is damaged and
            #   cannot be mounted; IRIS would leave it to chance
            file.close()
            raise self._refusal(
                database.directory, "the file is a copy of a live database, taken without freeze or dismount"
            )
        if not crashed and path.stat().st_size < label.size_mb * MEGABYTE:
            # FIDELITY(assumed): a file that is shorter than its label says lost its end and cannot be mounted
            file.close()
            raise self._refusal(database.directory, "the file is truncated")
        if read_only and not crashed:
            database.open(file, label, True, reason)
            self._tell(database, "read-only")
            return
        extend(path, label.size_mb)
        file.extend(label.size_mb)
        mount_id = label.mount_id if crashed else uuid.uuid4().hex
        # In this order a crash between the two steps finds a clean file that the registry does not vouch for.
        self._registry.set(database.directory, mount_id)
        mirror = self._as_found(label)
        database.open(
            file, replace(label, clean=False, owner_guid=self._guid, mount_id=mount_id, mirror=mirror), False
        )
        if crashed:
            self._recover(database, label)
        database.commit()
        self._tell(database, "read-write")

    def _tell(self, database: Database, how: str) -> None:
        # FIDELITY(observed; LSC): each mount is told with the file number and how it was mounted
        self._log.write(f"Mounted database {database.directory} (SFN {database.sfn}) {how}")

    def closed(self, directory: str) -> None:
        """The file of a database was closed cleanly (or deleted)."""
        self._registry.remove(directory)

    def _as_found(self, label: Label) -> MirrorLabel | None:
        # FIDELITY(documented; CLS ActivateMirroredDatabase): a mirrored database that was copied from another
        #   member is not active here until it is activated and caught up
        if label.mirror is None or label.owner_guid == self._guid:
            return label.mirror
        return replace(label.mirror, activated=False, needs_catchup=True)

    def _left_behind(self, directory: str, path: Path) -> bool:
        mount_id = self._registry.get(directory)
        if mount_id is None:
            return False
        # A hot rollback journal of SQLite must be played back before the label can be read.
        try:
            DatFile(path).close()
        except (DamagedFile, FileInUse):
            return False
        label = DatFile.peek(path)
        return label is not None and label.owner_guid == self._guid and label.mount_id == mount_id

    def _recover(self, database: Database, label: Label) -> None:
        """Replay the journals. The dejournaler of the mirror does that for mirrored databases: only the mirror knows
        which of the last records are to stay."""
        mirrored = label.mirror is not None and label.mirror.failover
        if mirrored or not label.journaled:
            return
        count = 0
        batch = []
        try:
            for _, record in self._journal.own_records(label.recovery):
                if record.database == database.directory:
                    batch.append(record)
                    count += 1
                if len(batch) == _BATCH:
                    database.replay(batch)
                    batch = []
            database.replay(batch)
        except JournalFileMissing as missing:
            database.close()
            raise self._refusal(
                database.directory, f"journal file #{missing.file_count} needed for recovery is missing"
            ) from None
        self._log.write(f"Journal recovery of {database.directory}: {count} records applied", event="Journal.Recovery")

    def _refusal(self, directory: str, reason: str) -> StatusError:
        self._log.write(f"Mounting {directory} failed, database is degraded: {reason}", 2, "Database.MountFailed")
        return StatusError(350, directory, reason)

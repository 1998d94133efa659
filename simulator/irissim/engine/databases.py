# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases of one instance: mount table, creation, deletion."""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irissim.engine.database import Database, MountState
from irissim.engine.datfile import FILE_NAME, DatFile
from irissim.engine.label import DEFAULT_RESOURCE, STANDARD_COLLATION, Label
from irissim.engine.mirror_hooks import NoLongerPrimary
from irissim.engine.services import Services
from irissim.values.errors import OsError, StatusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from irissim.engine.mounting import Mounter
    from irissim.engine.positions import JournalMark

_SUSPENDED = "the write daemon is suspended"


def normalise(directory: str) -> str:
    """An absolute directory with a trailing slash."""
    return os.path.normpath(os.path.join("/", directory)).rstrip("/") + "/"


class DatabaseManager:
    """`instance.databases`. Methods raise StatusError. Thread-safe."""

    def __init__(
        self,
        services: Services,
        mounter: Mounter,
        guid: str,
        system_directories: dict[str, str],
        on_mounted: Callable[[str, bool], None],
        on_modified: Callable[[str], None],
    ) -> None:
        """`system_directories` maps the directories of IRIS's own databases to their names."""
        self._services = services
        self._mounter = mounter
        self._guid = guid
        self._system = system_directories
        self._on_mounted = on_mounted
        self._on_modified = on_modified
        self._lock = threading.RLock()
        self._table: dict[str, Database] = {}
        self._writable_mirrors: set[str] = set()

    # Life of a database ----------------------------------------------------------------------------------------------

    def create(
        self,
        directory: str,
        size_mb: int = 1,
        *,
        block_size: int = 8192,
        resource: str = "",
        journaled: bool = True,
        max_mb: int = 0,
        expansion_mb: int = 0,
        collation: int = STANDARD_COLLATION,
    ) -> Database:
        """Make IRIS.DAT in an existing directory and mount it."""
        directory = normalise(directory)
        path = Path(directory, FILE_NAME)
        with self._lock:
            # FIDELITY(observed; R-PF): a left-over file is #20; a missing directory or a stale mount stacks #70 with
            #   #73 or #60
            known = self._table.get(directory)
            if known is not None and known.mounted:
                raise StatusError(70, directory).because(StatusError(60, directory))
            if not os.path.isdir(directory):
                raise StatusError(70, directory).because(StatusError(73, directory))
            if path.exists():
                raise StatusError(20, str(path))
            if block_size not in (8192, 16384, 32768, 65536):
                raise StatusError(355)
            if not os.access(directory, os.W_OK):
                raise StatusError(70, directory).because(StatusError(76))
            label = Label(
                guid=str(uuid.uuid4()).upper(),
                size_mb=max(1, size_mb),
                block_size=block_size,
                resource=resource or DEFAULT_RESOURCE,
                max_mb=max_mb,
                expansion_mb=expansion_mb,
                journaled=journaled,
                collation=collation,
                owner_guid=self._guid,
                recovery=self._services.journal.mark(),
            )
            DatFile.create(path, label)
            return self.mount(directory)

    def register(self, directory: str) -> Database:
        """The entry of the mount table, made now if there is none: unmounted."""
        directory = normalise(directory)
        with self._lock:
            if directory not in self._table:
                self._table[directory] = Database(directory, len(self._table), self._services)
            return self._table[directory]

    def mount(self, directory: str, read_only: bool = False, catchup: bool = True) -> Database:
        """Mount explicitly; a mirrored one is reported to mirroring (with `catchup`)."""
        directory = normalise(directory)
        with self._lock:
            known = self._table.get(directory)
            if known is not None and known.mounted:
                return known
            if self._services.gate.suspended:
                raise StatusError(350, directory, _SUSPENDED)
            if not os.path.isdir(directory):
                raise StatusError(73, directory)
            if not Path(directory, FILE_NAME).exists():
                raise StatusError(57, directory)
            database = self.register(directory)
            self._mounter.mount(database, read_only)
            database.mirror_writes = False
            mirror = database.label.mirror
        if mirror is not None:
            # On a primary it may lack what was journaled while it was away; nobody writes to it before it has that.
            self._on_mounted(directory, catchup)
            self.refresh_mirror_writes(directory)
        return database

    def access(self, directory: str) -> Database:
        """The mounted database, mounted now if nobody used it yet; OsError if it is dismounted or missing."""
        database = self._table.get(directory)
        if database is not None and database.state is not MountState.UNMOUNTED:
            return database
        try:
            return self.mount(directory)
        except StatusError as error:
            # FIDELITY(assumed): using a database that is missing is <DIRECTORY>, one that cannot be mounted <DATABASE>
            name = "<DIRECTORY>" if error.code in (57, 73) else "<DATABASE>"
            raise OsError(name, f"*{directory}") from None

    def dismount(self, directory: str) -> None:
        """After this the file is safe to copy."""
        directory = normalise(directory)
        if directory in self._system:
            raise StatusError(64 if self._system[directory] == "IRISTEMP" else 345)
        self._close(self._mounted(directory))

    def close_all(self) -> None:
        """The instance stops: like dismount, system databases last."""
        for database in reversed([*self]):
            if database.mounted:
                try:
                    self._close(database)
                except StatusError:
                    continue  # already reported; journal recovery at the next start

    def delete(self, directory: str) -> None:
        """Delete IRIS.DAT."""
        directory = normalise(directory)
        with self._lock:
            if directory in self._system:
                raise StatusError(427, self._system[directory])
            label = self.label(directory)
            if label is None:
                raise StatusError(57, directory)
            if label.mirror is not None:
                raise StatusError(318, directory)
            database = self._table.get(directory)
            if database is not None and database.mounted:
                self._close(database)
            Path(directory, FILE_NAME).unlink()
            shutil.rmtree(Path(directory, "stream"), ignore_errors=True)
            if database is not None:
                database.state = MountState.UNMOUNTED

    def modify(
        self,
        directory: str,
        *,
        size_mb: int | None = None,
        max_mb: int | None = None,
        expansion_mb: int | None = None,
        resource: str | None = None,
        journaled: bool | None = None,
        collation: int | None = None,
    ) -> None:
        """Change properties; the size never shrinks."""
        database = self._mounted(normalise(directory))
        changes: dict[str, Any] = {
            "size_mb": None if size_mb is None else max(size_mb, database.label.size_mb),
            "max_mb": max_mb,
            "expansion_mb": expansion_mb,
            "resource": resource,
            "journaled": journaled,
            "collation": collation,
        }
        if journaled is False and database.label.mirror is not None:
            raise StatusError(2129)
        database.change_label(**{name: value for name, value in changes.items() if value is not None})
        self._on_modified(database.directory)

    # Looking ---------------------------------------------------------------------------------------------------------

    def find(self, directory: str) -> Database | None:
        """Entry of the mount table, also of databases dismounted in this run. The disk is not looked at."""
        return self._table.get(normalise(directory))

    def label(self, directory: str) -> Label | None:
        """The label: of the mount table, or read from the file without mounting it. None: no (readable) file."""
        database = self.find(directory)
        if database is not None and database.mounted:
            return database.label
        path = Path(normalise(directory), FILE_NAME)
        return DatFile.peek(path) if path.exists() else None

    def sfn(self, directory: str) -> int:
        """Number in the mount table, -1 if it is not there."""
        database = self.find(directory)
        return database.sfn if database is not None else -1

    def by_sfn(self, sfn: int) -> Database | None:
        """The reverse of `sfn`."""
        return next((database for database in self if database.sfn == sfn), None)

    def is_system(self, directory: str) -> bool:
        """Whether it is one of IRIS's own databases."""
        return normalise(directory) in self._system

    def __iter__(self) -> Iterator[Database]:
        """All of the mount table in order of SFN."""
        return iter(list(self._table.values()))

    # Mirroring and write daemon --------------------------------------------------------------------------------------

    def mirrored(self, mirror_name: str) -> list[Database]:
        """Mounted databases with the label of that mirror."""
        found = []
        for database in self:
            mirror = database.label.mirror if database.mounted else None
            if mirror is not None and mirror.mirror_name == mirror_name:
                found.append(database)
        return found

    def set_mirror_writes(self, mirror_name: str, allowed: bool) -> None:
        """The instance became (or ceased to be) primary: applies to databases mounted now and later.

        Ceasing discards what is not on disk yet: the dejournaler applies it again from the mirror journal, as far as
        the mirror keeps it. Call `flush` first where nothing is in doubt."""
        with self._lock:
            if allowed:
                self._writable_mirrors.add(mirror_name)
            else:
                self._writable_mirrors.discard(mirror_name)
        for database in self.mirrored(mirror_name):
            with database.lock:
                if database.mirror_writes and not allowed:
                    database.discard()
                database.mirror_writes = allowed

    def refresh_mirror_writes(self, directory: str) -> None:
        """After a database got or lost its mirror label."""
        database = self._mounted(normalise(directory))
        with database.lock:
            mirror = database.label.mirror
            database.mirror_writes = mirror is not None and mirror.mirror_name in self._writable_mirrors

    def journal_mark(self) -> JournalMark:
        """Where the journal of the instance stands."""
        return self._services.journal.mark()

    def flush(self) -> None:
        """Commit all databases that are behind; what cannot be committed now waits for the next time."""
        for database in self:
            if database.dirty:
                try:
                    database.commit()
                except (NoLongerPrimary, StatusError):
                    continue

    def _mounted(self, directory: str) -> Database:
        database = self.find(directory)
        if database is None or not database.mounted:
            raise StatusError(300, directory)
        return database

    def _close(self, database: Database) -> None:
        if self._services.gate.suspended:
            raise StatusError(5001, _SUSPENDED)
        with database.lock:
            if not database.read_only:
                try:
                    database.commit(clean=True)
                except NoLongerPrimary:
                    database.discard()
                    database.mirror_writes = False
                    database.commit(clean=True)
            database.close()
        self._mounter.closed(database.directory)

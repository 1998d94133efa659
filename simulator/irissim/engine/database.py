# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One database of the mount table."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from irissim.engine.content import Content
from irissim.engine.datfile import DamagedFile
from irissim.engine.journal_records import Record, RecordType
from irissim.engine.positions import JournalMark, Position
from irissim.engine.valuecodec import decode_value, encode_value
from irissim.values.errors import OsError, StatusError
from irissim.values.numbers import add
from irissim.values.value import Value, to_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from irissim.engine.datfile import DatFile, Row
    from irissim.engine.label import Label, MirrorLabel
    from irissim.engine.services import Services

_PRESSURE = 8 << 20
DISK_ERROR = "<DISKHARD>"


class MountState(Enum):
    """Of a database in the mount table."""

    # FIDELITY(documented; GSA, CR24 SYS.Database): an unmounted database is mounted when it is used, a dismounted one
    #   only explicitly or by a restart
    MOUNTED = "Mounted"
    UNMOUNTED = "Unmounted"
    DISMOUNTED = "Dismounted"


class Database(Content):
    """Content and label of a mounted database; a shell of that while it is not mounted. Thread-safe."""

    def __init__(self, directory: str, sfn: int, services: Services) -> None:
        super().__init__(directory)
        self.sfn = sfn
        self.state = MountState.UNMOUNTED
        self.read_only = False
        self.read_only_reason = ""
        self.mirror_writes = False
        self.mounts = 0
        """How often it was mounted: whoever kept up with the content of one mount knows nothing of the next."""
        self._services = services
        self._label: Label | None = None
        self._dirty = False
        self._pending = 0

    # Life ------------------------------------------------------------------------------------------------------------

    def open(self, file: DatFile, label: Label, read_only: bool, reason: str = "") -> None:
        """Begin to use a file; DatabaseManager has judged it."""
        with self.lock:
            self._file = file
            self._label = label
            self.read_only = read_only
            self.read_only_reason = reason
            self.state = MountState.MOUNTED
            self.mounts += 1
            self._forget_changes()

    def close(self) -> None:
        """Let go of the file without a commit."""
        with self.lock:
            if self._file is not None:
                self._file.close()
                self._file = None
            self.state = MountState.DISMOUNTED

    @property
    def mounted(self) -> bool:
        """Whether the content can be used."""
        return self._file is not None

    @property
    def label(self) -> Label:
        """As of now, ahead of the file; of a database no longer mounted, as it was last."""
        label = self._label
        if label is None:
            raise OsError("<DIRECTORY>", f"*{self.directory}")
        return label

    @property
    def dirty(self) -> bool:
        """Whether the file is behind, or its journal mark in an older journal file."""
        if self._dirty or self._file is None or self.read_only:
            return self._dirty
        now = self._services.journal.mark()
        mirror = self.label.mirror
        if mirror is None or self._is_local_copy(mirror):
            then = self.label.recovery
        elif self._follows(mirror):
            then = JournalMark(mirror.mirror_name, mirror.position)
        else:
            return False
        return (then.series, then.position.file_count) != (now.series, now.position.file_count)

    @property
    def tag(self) -> str:
        """How journal records name this database: `:mirror:SET:DB` or the directory."""
        mirror = self.label.mirror
        return mirror.full_name if mirror else self.directory

    @property
    def writable_by_users(self) -> bool:
        """A mirrored database is writable on the primary only, and only when activated."""
        # FIDELITY(documented; CLS SYS.Mirror, HA 5.1.1.3): a copy that is not active is read-only even on the primary
        if self._file is None or self.read_only:
            return False
        mirror = self.label.mirror
        return mirror is None or self._is_local_copy(mirror) or self._follows(mirror)

    # Writing ---------------------------------------------------------------------------------------------------------

    def set(self, name: str, path: bytes, value: Value) -> JournalMark | None:
        """Set a node; answers where the journal has it (None: not journaled)."""
        data = encode_value(value)
        self._pass_gate(len(data) + len(path))
        with self.lock:
            return self._set(name, path, data)

    def increment(self, name: str, path: bytes, by: Value) -> tuple[Value, JournalMark | None]:
        """$INCREMENT: the new value."""
        self._pass_gate(len(path))
        with self.lock:
            found = self._use(name).get(name.encode(), path)
            value = add(to_number("" if found is None else decode_value(found)), to_number(by))
            return value, self._set(name, path, encode_value(value))

    def kill(self, name: str, path: bytes) -> JournalMark | None:
        """Kill a node and everything below it."""
        self._pass_gate(len(path))
        with self.lock:
            file = self._use_for_update(name)
            mark = self._journal(RecordType.KILL, name, path, b"")
            try:
                file.delete_tree(name.encode(), path)
            except sqlite3.Error as error:
                self._give_up(error)
                raise OsError(DISK_ERROR, f"^{name},{self.directory}") from None
            return mark

    def apply(self, records: Iterable[Record], position: Position) -> None:
        """For the dejournaler: apply SET and KILL records of this database (others are skipped) and set the
        mirror position, in one transaction; works on databases that users cannot write. Nothing is journaled."""
        self._pass_gate(1)
        with self.lock:
            mirror = self.label.mirror
            if mirror is None:
                raise ValueError(f"{self.directory} is not mirrored")
            self.replay(records)
            self._label = replace(self.label, mirror=replace(mirror, position=position))
            self._dirty = True
            self._relieve()

    def replay(self, records: Iterable[Record]) -> None:
        """Apply the records of this database, others are skipped; nothing is journaled."""
        with self.lock:
            file, tag = self._use(""), self.tag
            for kind, _, database, name, path, value in records:
                if database not in (tag, self.directory):
                    continue
                try:
                    if kind is RecordType.SET:
                        file.put(name.encode(), path, value)
                    elif kind is RecordType.KILL:
                        file.delete_tree(name.encode(), path)
                except sqlite3.Error as error:
                    self._give_up(error)
                    raise OsError(DISK_ERROR, f"^{name},{self.directory}") from None
                self._dirty = True
                self._pending += len(path) + len(value) + 32
            self._relieve()

    def fill(self, rows: Iterable[Row]) -> None:
        """Take over nodes of another member's copy; nothing is journaled."""
        rows = list(rows)
        self._pass_gate(1)
        with self.lock:
            file = self._use("")
            for name, path, value in rows:
                file.put(name, path, value)
                self._pending += len(path) + len(value) + 32
            self._dirty = True
            full = self._pending > _PRESSURE
        if full:
            self.commit()

    def empty(self) -> None:
        """Forget all globals; nothing is journaled."""
        self._pass_gate(1)
        with self.lock:
            self._use("").delete_all()
            self._dirty = True
        self.commit()

    # Label and file --------------------------------------------------------------------------------------------------

    def change_label(self, **changes: Any) -> None:
        """dataclasses.replace on the label, on disk when this returns (after the thaw if frozen)."""
        with self.lock:
            self._label = replace(self.label, **changes)
            self._dirty = True
            self.commit()

    def change_mirror_label(self, **changes: Any) -> None:
        """The same for label.mirror; only for mirrored databases."""
        with self.lock:
            mirror = self.label.mirror
            if mirror is None:
                raise ValueError(f"{self.directory} is not mirrored")
            self.change_label(mirror=replace(mirror, **changes))

    def commit(self, clean: bool = False) -> None:
        """Bring the file up to date, unless the write daemon is suspended. `clean`: nothing follows for now.

        Raises NoLongerPrimary (nothing was written: the backup never acknowledged) and StatusError (the file cannot
        be written: the database is no longer mounted)."""
        # The file must never be ahead of what the backup has, or a former primary could not follow the new one.
        # Most of the waiting is done without the lock.
        self._acknowledged_mark()
        with self.lock:
            file = self._file
            if file is None or self.read_only or self._services.gate.suspended:
                return
            label = self._up_to_date_label(self._acknowledged_mark(), clean)
            try:
                file.write_label(label)
                size_mb = file.commit()
                file.extend(max(label.size_mb, size_mb))
            except (sqlite3.Error, OSError, DamagedFile) as error:
                if self._give_up(error):
                    raise StatusError(371, self.directory) from None
                return
            self._label = replace(label, size_mb=max(label.size_mb, size_mb))
            self._forget_changes()

    def discard(self) -> None:
        """Forget everything since the last commit: label and content are again those of the file."""
        with self.lock:
            file = self._file
            if file is None:
                return
            file.rollback()
            label = file.read_label()
            self._label = replace(label, clean=False) if not self.read_only else label
            self._forget_changes()

    # Internals -------------------------------------------------------------------------------------------------------

    def _use_for_update(self, name: str) -> DatFile:
        file = self._use(name)
        if not self.writable_by_users:
            # FIDELITY(observed; K8S): a write on the backup ends in <PROTECT> ^a,/dir/
            raise OsError("<PROTECT>", f"^{name},{self.directory}")
        label = self.label
        if label.max_mb and label.size_mb > label.max_mb:
            raise OsError("<FILEFULL>", f"^{name},{self.directory}")
        return file

    def _set(self, name: str, path: bytes, data: bytes) -> JournalMark | None:
        file = self._use_for_update(name)
        mark = self._journal(RecordType.SET, name, path, data)
        try:
            file.put(name.encode(), path, data)
        except sqlite3.Error as error:
            self._give_up(error)
            raise OsError(DISK_ERROR, f"^{name},{self.directory}") from None
        return mark

    def _journal(self, kind: RecordType, name: str, path: bytes, data: bytes) -> JournalMark | None:
        mark = None
        if self.label.journaled:
            mirror = self.label.mirror
            tag = self.directory if mirror is not None and self._is_local_copy(mirror) else self.tag
            mark = self._services.journal.append(Record(kind, time.time(), tag, name, path, data))
        self._dirty = True
        self._pending += len(path) + len(data) + 32
        self._relieve()
        return mark

    def _relieve(self) -> None:
        if self._pending > _PRESSURE:
            self._services.press()

    def _pass_gate(self, size: int) -> None:
        gate = self._services.gate
        if gate.suspended or gate.quiesced:
            gate.admit(size)

    def _acknowledged_mark(self) -> JournalMark:
        """The end of the journal, for a database that users write in a mirror known to the backup."""
        mark = self._services.journal.mark()
        if self.mirror_writes and mark.series:
            self._services.wait_ack(mark.position)
        return mark

    def _up_to_date_label(self, mark: JournalMark, clean: bool) -> Label:
        """The journals of this instance hold nothing for this database up to `mark` that is not applied."""
        mirror = self.label.mirror
        if mirror and self._follows(mirror) and mark.series == mirror.mirror_name:
            mirror = replace(mirror, position=mark.position)
        return replace(self.label, clean=clean, recovery=mark, mirror=mirror)

    def _give_up(self, error: Exception) -> bool:
        """The file cannot be written: end the mount, the journal has what is missing. False if it was deleted."""
        # FIDELITY(observed; LIVE): a database whose file was deleted stays in the mount table as mounted
        if self._file is not None and self._file.gone:
            self._forget_changes()
            return False
        self.close()
        self._services.degraded(self.directory, str(error))
        return True

    def _follows(self, mirror: MirrorLabel) -> bool:
        """The content is what the journal of this primary says."""
        return self.mirror_writes and mirror.activated and not mirror.needs_catchup

    def _is_local_copy(self, mirror: MirrorLabel) -> bool:
        """Users of a reporting member write it, besides what the mirror's journals say."""
        # FIDELITY(documented; HA 4.10.1): an activated database whose FailoverDB flag is cleared is writable locally
        return mirror.activated and not mirror.failover

    def _forget_changes(self) -> None:
        self._dirty = False
        self._pending = 0

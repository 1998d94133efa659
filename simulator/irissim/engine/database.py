# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One database of the mount table."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from irissim.engine.journal_records import Record
from irissim.engine.label import Label
from irissim.engine.positions import JournalMark, Position


class MountState(Enum):
    """Of a database in the mount table."""

    MOUNTED = "Mounted"
    UNMOUNTED = "Unmounted"
    """Not used yet; mounted on first access."""
    DISMOUNTED = "Dismounted"
    """By an operator or because of an error; stays so until mounted explicitly."""


class Database:
    """Content and label of a mounted database; a shell of that once dismounted."""

    directory: str
    sfn: int
    state: MountState
    read_only: bool
    """Mounted read-only (asked for, or the file cannot be written)."""
    read_only_reason: str
    mirror_writes: bool
    """Mirroring sets it (through DatabaseManager.set_mirror_writes) while this instance is primary of the mirror."""

    @property
    def label(self) -> Label:
        """As of now, ahead of the file while mounted."""

    @property
    def mounted(self) -> bool: ...

    @property
    def tag(self) -> str:
        """How journal records name this database: `:mirror:SET:DB` or the directory."""

    @property
    def writable_by_users(self) -> bool:
        """A mirrored database is writable on the primary only, and only when activated."""

    # Low-level access. `path` is an encode_path, values are Value.
    # get/set/kill/kill_node/increment/data/next_sibling/next_node/names: used by Globals.

    def apply(self, records: Iterable[Record], position: Position) -> None:
        """For the dejournaler: apply SET and KILL records of this database (others are skipped) and set the
        mirror position, in one transaction; works on databases that users cannot write. Nothing is journaled."""

    def change_label(self, **changes: object) -> None:
        """dataclasses.replace on the label, on disk when this returns (after the thaw if frozen)."""

    def change_mirror_label(self, **changes: object) -> None:
        """The same for label.mirror; only for mirrored databases."""

    def commit(self) -> JournalMark:
        """Bring the file up to date (the write daemon's work); answers the journal mark it now stands for."""

    def discard(self) -> None:
        """Forget everything since the last commit: label and content are again those of the file."""

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said about one database right now: from the mount table, its label and its mirror."""

from __future__ import annotations

from irissim.engine.database import Database, MountState
from irissim.engine.databases import normalise
from irissim.engine.instance import Instance
from irissim.engine.label import Label, MirrorLabel
from irissim.engine.mirror.types import DatabaseState


class DatabaseView:
    """Read-only; looks at everything at the moment it is asked."""

    def __init__(self, instance: Instance, directory: str) -> None:
        self._instance = instance
        self.directory = normalise(directory)
        self.database: Database | None = instance.databases.find(directory)

    @property
    def label(self) -> Label | None:
        """Of the mount table while mounted, else of the file."""
        return self._instance.databases.label(self.directory)

    @property
    def mirror(self) -> MirrorLabel | None:
        """The mirror attribute."""
        label = self.label
        return label.mirror if label is not None else None

    @property
    def mounted(self) -> bool:
        """Whether it is in use."""
        return self.database is not None and self.database.state is MountState.MOUNTED

    @property
    def sfn(self) -> int | str:
        """Number in the mount table."""
        return self.database.sfn if self.database is not None else ""

    @property
    def mirror_no_write(self) -> bool:
        """Mounted, and read-only for users because of the mirror."""
        return (
            self.database is not None
            and self.mounted
            and self.mirror is not None
            and not self.database.read_only
            and not self.database.writable_by_users
        )

    @property
    def read_only_mounted(self) -> bool:
        """Users cannot write."""
        return self.mounted and self.database is not None and (self.database.read_only or self.mirror_no_write)

    @property
    def read_only_reason(self) -> str:
        """Why users cannot write."""
        if self.mirror_no_write:
            # FIDELITY(assumed): wording of the reason
            return "Mirrored database"
        return self.database.read_only_reason if self.read_only_mounted and self.database is not None else ""

    @property
    def is_obsolete(self) -> bool:
        """The mirror has another database of that name."""
        return self._state() is DatabaseState.OBSOLETE

    @property
    def catchup_running(self) -> bool:
        """Missing journal data is being applied."""
        return self._state() is DatabaseState.CATCHUP_RUNNING

    @property
    def is_paused(self) -> bool:
        """Dejournaling was stopped for it."""
        return self._state() is DatabaseState.DEJOURNALING_STOPPED

    @property
    def in_active_mirror(self) -> bool:
        """Writable on the primary, or being dejournaled elsewhere."""
        # FIDELITY(documented; CR24): InActiveMirror means writable on the primary and dejournaled on the others
        return self._state() in (DatabaseState.NORMAL, DatabaseState.DEJOURNALING)

    def _state(self) -> DatabaseState | None:
        if self.mirror is None:
            return None
        rows = self._instance.mirror.database_rows()
        return next((row.state for row in rows if normalise(row.directory) == self.directory), None)


def mount_words(view: DatabaseView) -> str:
    """The answer of GetStatus."""
    # FIDELITY(documented; CR24): Unmounted, Dismounted, Mounted/R, Mounted/RW (and states of clusters)
    if view.mounted:
        return "Mounted/R" if view.read_only_mounted else "Mounted/RW"
    if view.database is not None and view.database.state is MountState.DISMOUNTED:
        return "Dismounted"
    return "Unmounted"

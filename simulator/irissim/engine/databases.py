# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases of one instance: mount table, creation, deletion."""

from __future__ import annotations

from collections.abc import Iterator

from irissim.engine.database import Database
from irissim.engine.label import Label


def normalise(directory: str) -> str:
    """An absolute directory with a trailing slash."""


class DatabaseManager:
    """`instance.databases`. Methods raise StatusError."""

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
    ) -> Database:
        """Make IRIS.DAT in an existing directory and mount it. 73 no directory, 20 file exists, 60 mounted."""

    def mount(self, directory: str, read_only: bool = False, catchup: bool = True) -> Database:
        """Mount explicitly; a mirrored one is reported to mirroring (with `catchup`). 57 missing, 350 damaged."""

    def access(self, directory: str) -> Database:
        """The mounted database, mounted now if nobody used it yet; OsError if it is dismounted or missing."""

    def dismount(self, directory: str) -> None:
        """After this the file is safe to copy. 300 not mounted, 345 system database."""

    def delete(self, directory: str) -> None:
        """Delete IRIS.DAT. 318 mirrored, 427 system database, 57 missing."""

    def modify(
        self,
        directory: str,
        *,
        size_mb: int | None = None,
        max_mb: int | None = None,
        expansion_mb: int | None = None,
        resource: str | None = None,
        journaled: bool | None = None,
    ) -> None:
        """Change properties; sizes never shrink."""

    def find(self, directory: str) -> Database | None:
        """Entry of the mount table, also of databases dismounted in this run. The disk is not looked at."""

    def label(self, directory: str) -> Label | None:
        """The label: of the mount table, or read from the file without mounting it. None: no (readable) file."""

    def sfn(self, directory: str) -> int:
        """Number in the mount table, -1 if it is not there."""

    def by_sfn(self, sfn: int) -> Database | None: ...

    def __iter__(self) -> Iterator[Database]:
        """All of the mount table in order of SFN."""

    def mirrored(self, mirror_name: str) -> list[Database]:
        """Mounted databases with the label of that mirror."""

    def set_mirror_writes(self, mirror_name: str, allowed: bool) -> None:
        """The instance became (or ceased to be) primary: applies to databases mounted now and later."""

    def flush(self) -> None:
        """Commit all databases now."""

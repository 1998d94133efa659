# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What storage asks of mirroring; `irissim.engine.mirror.manager.MirrorManager` is the implementation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from irissim.engine.positions import Position


class MirrorHooks(Protocol):
    """Set as `Instance.mirror` before `Instance.start()`; without it an instance never mirrors."""

    def start_from_config(self) -> None:
        """The instance is up: databases are recovered and mounted, the journal is open."""

    def shutdown(self, nofailover: bool = False) -> None:
        """The instance is about to stop; databases and journal are still open."""

    def wait_ack(self, position: Position) -> None:
        """Block until the active backup (if any) has the mirror journal up to `position`.

        Raises NoLongerPrimary if that can no longer happen."""

    def database_mounted(self, directory: str, catchup: bool = True) -> None:
        """A mirrored database was mounted while the instance runs. Called by DatabaseManager.mount only."""

    def database_modified(self, directory: str) -> None:
        """Properties of a database were changed by an operator."""

    def purge_journals(self) -> None:
        """Delete the journal files of mirrors that nobody needs any more and the settings do not keep."""

    def updates_blocked(self) -> None:
        """A freeze has lasted so long that updates are blocked."""


class NoLongerPrimary(Exception):
    """This instance lost the primary role before the backup acknowledged."""


class NoMirror:
    """Stands in for mirroring in an instance without it."""

    def start_from_config(self) -> None:
        """There is nothing to start."""

    def shutdown(self, nofailover: bool = False) -> None:
        """There is nothing to hand over."""

    def wait_ack(self, position: Position) -> None:
        """There is nobody to wait for."""

    def database_mounted(self, directory: str, catchup: bool = True) -> None:
        """There is nothing to link the database into."""

    def database_modified(self, directory: str) -> None:
        """There is nobody to tell."""

    def purge_journals(self) -> None:
        """There are no such journals."""

    def updates_blocked(self) -> None:
        """Nobody else can take over."""

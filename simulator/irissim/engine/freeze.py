# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freezing an instance for external backups."""

from __future__ import annotations


class Freeze:
    """`instance.freeze`."""

    def freeze(self, timeout: float = 0, switch_journal: bool = True, suspend_limit: float = 0) -> None:
        """Bring all files up to date and leave them alone until `thaw`. Updaters block after `timeout` (0 = 600 s)
        or when too much waits in memory; after `suspend_limit` (0 = never) writing resumes by itself."""

    def thaw(self) -> None: ...

    @property
    def frozen(self) -> bool:
        """Write daemon suspended (IsWDSuspended)."""

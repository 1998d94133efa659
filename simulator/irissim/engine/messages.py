# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""messages.log."""

from __future__ import annotations

from pathlib import Path


class Messages:
    """`instance.log`; thread-safe."""

    path: Path

    def write(self, text: str, severity: int = 0, event: str = "Utility.Event") -> None:
        """Severity 0 information, 1 warning, 2 severe, 3 fatal."""

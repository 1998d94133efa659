# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licence key of an instance."""

from __future__ import annotations

from pathlib import Path


class License:
    """`instance.license`, read from `<mgr>/iris.key` at start."""

    path: Path
    valid: bool

    def require_mirroring(self) -> None:
        """Raises 2099 without a key that allows mirroring."""

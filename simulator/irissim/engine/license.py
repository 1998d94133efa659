# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licence key of an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from pathlib import Path

KEY_NAME = "iris.key"
# Only keys made for the simulator count: nobody should put a licence that was paid for into a test tool.
SIMULATOR_MARK = "IRISSIM LICENCE"


class License:
    """`instance.license`, read from `<mgr>/iris.key`: a text file with the mark in its first line and, below,
    `Key=value` lines (Customer, Capacity, Mirroring=1)."""

    def __init__(self, mgr: Path) -> None:
        self.path = mgr / KEY_NAME
        self.present = False
        self.valid = False
        self.fields: dict[str, str] = {}
        self.reload()

    def reload(self) -> None:
        """Read the file again."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        self.present = bool(lines)
        self.valid = bool(lines) and SIMULATOR_MARK in lines[0]
        pairs = (line.split("=", 1) for line in lines[1:] if self.valid and "=" in line)
        self.fields = {key.strip(): value.strip() for key, value in pairs}

    @property
    def mirroring(self) -> bool:
        """Whether the key allows mirroring."""
        return self.valid and self.fields.get("Mirroring") == "1"

    def require_mirroring(self) -> None:
        """Raises 2099 without a key that allows mirroring."""
        # FIDELITY(documented; ERR 2099): mirroring needs a licence that allows it
        if not self.mirroring:
            raise StatusError(2099)

    def startup_messages(self) -> list[str]:
        """What is written to messages.log at start."""
        # FIDELITY(observed; LIVE): without a key a start only says so in messages.log
        if not self.present:
            return ["LMF Info: Local license key file not found.", "No local key detected, trying license server."]
        if not self.valid:
            return [f"LMF Error: {self.path} is not a simulator licence; the simulator takes no other key."]
        return [f"LMF Info: Licensed for {self.fields.get('Capacity', '1')} cores."]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iris.cpf: ordered sections of key=value lines."""

from __future__ import annotations

from pathlib import Path


class Cpf:
    """Thread-safe. Changes stay in memory until save(). Order, comments and unknown lines survive."""

    path: Path
    generation: int
    """Grows with every change; caches compare it."""

    @classmethod
    def load(cls, path: Path) -> Cpf: ...

    def save(self) -> None:
        """Write iris.cpf (replaced as a whole)."""

    def sections(self) -> list[str]: ...

    def section(self, name: str) -> dict[str, str]:
        """A copy in order; {} if there is none. Section names ignore case, as do keys in `get`."""

    def get(self, section: str, key: str, default: str = "") -> str: ...

    def fields(self, section: str, key: str, count: int = 0) -> list[str]:
        """The comma-separated fields of a value, padded with "" to `count`."""

    def set(self, section: str, key: str, value: str) -> None: ...

    def remove(self, section: str, key: str) -> bool: ...

    def remove_section(self, section: str) -> bool: ...

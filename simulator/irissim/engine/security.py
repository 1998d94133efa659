# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security settings that survive a restart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Service:
    """One service such as %Service_Mirror."""

    name: str
    enabled: bool
    authe_enabled: int = 0
    client_systems: str = ""
    description: str = ""


class Security:
    """`instance.security`."""

    def service(self, name: str) -> Service:
        """Raises 809 for an unknown name."""

    def services(self) -> list[Service]: ...

    def exists(self, name: str) -> bool: ...

    def modify_service(self, name: str, **changes: object) -> None:
        """Change fields of a service."""

    def is_enabled(self, name: str) -> bool: ...

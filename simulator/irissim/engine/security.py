# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security settings that survive a restart."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from irissim.engine.security_objects import SecurityObjects
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from pathlib import Path

    from irissim.engine.jsonstore import JsonStore

_PASSWORD, _OS_OR_PASSWORD, _OPEN = 32, 48, 64


@dataclass(frozen=True)
class Service:
    """One service such as %Service_Mirror."""

    name: str
    enabled: bool
    authe_enabled: int = 0
    client_systems: str = ""
    description: str = ""


# FIDELITY(documented; CR24 Security.Services, ACMF): %Service_Mirror and %Service_ECP are off after installation
# FIDELITY(assumed): the other services and what they allow
_DEFAULTS = (
    Service("%Service_Bindings", True, _PASSWORD, description="Client connections through the superserver"),
    Service("%Service_CallIn", False, description="Calls from processes on this host"),
    Service("%Service_Console", True, _OS_OR_PASSWORD, description="Terminal on this host"),
    Service("%Service_ECP", False, description="Distributed caching"),
    Service("%Service_Login", True, _PASSWORD, description="$SYSTEM.Security.Login"),
    Service("%Service_Mirror", False, description="Mirroring"),
    Service("%Service_Monitor", False, description="SNMP and other monitors"),
    Service("%Service_Terminal", True, _OS_OR_PASSWORD, description="iris session"),
    Service("%Service_WebGateway", True, _PASSWORD | _OPEN, description="Web Gateway"),
)


class Security:
    """`instance.security`. Thread-safe."""

    def __init__(self, store: JsonStore, folder: Path) -> None:
        """`folder` holds the users, roles, resources and web applications."""
        self.objects = SecurityObjects(folder)
        self._store = store
        self._defaults = {service.name.casefold(): service for service in _DEFAULTS}

    def service(self, name: str) -> Service:
        """Raises 809 for an unknown name."""
        default = self._defaults.get(name.casefold())
        if default is None:
            raise StatusError(809, name)
        stored = self._store.get(default.name)
        return Service(**stored) if stored else default

    def services(self) -> list[Service]:
        """All, by name."""
        return [self.service(name) for name in self._defaults]

    def exists(self, name: str) -> bool:
        """Names ignore case."""
        return name.casefold() in self._defaults

    def modify_service(self, name: str, **changes: Any) -> None:
        """Change fields of a service."""
        service = replace(self.service(name), **changes)
        self._store.set(service.name, asdict(service))

    def is_enabled(self, name: str) -> bool:
        """Whether a service accepts connections."""
        return self.service(name).enabled

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""What a node, a mirror, a member and a database *are*: plain data that can become JSON."""

from __future__ import annotations

import dataclasses

#: GetStatus() of a member that has reached what it is for (class reference of %SYSTEM.Mirror).
SETTLED = ("PRIMARY", "BACKUP", "CONNECTED")
#: GetStatus() that needs a person: waiting longer is useless.
HOPELESS = ("STOPPED", "CRASHED")

#: Option value -> AsyncMemberType (CPF reference).
ASYNC_TYPES = {"dr": 0, "reporting_ro": 1, "reporting_rw": 2}
#: Async members that can follow several mirrors, and can never become primary.
REPORTING = ("reporting_ro", "reporting_rw")
#: GetMemberType() -> option value.
MEMBER_TYPES = {
    "Failover": "failover",
    "Disaster Recovery": "dr",
    "Read-Only Reporting": "reporting_ro",
    "Read-Write Reporting": "reporting_rw",
    "Async": "async",
    "Not Member": "none",
    "Indeterminate": "indeterminate",
}


@dataclasses.dataclass
class Settings:
    """[Mirrors] of one mirror. ``qos_timeout`` in milliseconds, ``arbiter`` as host|port or ""."""

    name: str
    guid: str = ""
    arbiter: str = ""
    qos_timeout: int = 0
    use_tls: bool = False
    virtual_address: str = ""
    compression_failover: int = 0
    compression_async: int = 0
    compression_type_failover: int = 0
    compression_type_async: int = 0
    parallel_dejournaling: int = 0


@dataclasses.dataclass
class Member:
    """[MapMirrors] of one member, with its state as the node sees it. Texts under ``display`` may be localised."""

    name: str
    type: str
    role: str = "unknown"
    status: str = ""
    superserver_address: str = ""
    superserver_port: int = 0
    mirror_address: str = ""
    agent_address: str = ""
    agent_port: int = 0
    display: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class MirroredDatabase:
    """One mirrored database on one member. ``status`` is the text of the monitor, the flags are what decides."""

    mirror_name: str
    directory: str
    mirror: str
    status: str = ""
    latency: str = ""
    mounted: bool = False
    read_only: bool = False
    activated: bool = False
    caught_up: bool = False
    obsolete: bool = False
    paused: bool = False

    @property
    def good(self) -> bool:
        return self.mounted and self.activated and self.caught_up and not self.obsolete


@dataclasses.dataclass
class InstanceDatabase:
    """An entry of [Databases] with what the mount table knows of it; sizes in MB."""

    name: str
    directory: str
    server: str = ""
    known: bool = False
    mounted: bool = False
    read_only: bool = False
    journaled: bool = False
    size: int = 0
    max_size: int = 0
    expansion_size: int = 0
    resource: str = ""
    mirrored: bool = False
    mirror_name: str = ""


@dataclasses.dataclass
class Node:
    """Everything that one observation read from a node."""

    version: str = ""
    service_enabled: bool = False
    member_type: str = "none"
    status: str = "NOTINIT"
    is_primary: bool = False
    is_backup: bool = False
    mirrors: list[str] = dataclasses.field(default_factory=list)
    member_name: str = ""
    settings: Settings | None = None
    members: list[Member] = dataclasses.field(default_factory=list)
    databases: list[MirroredDatabase] = dataclasses.field(default_factory=list)
    missing_databases: list[str] = dataclasses.field(default_factory=list)
    failover_ready: bool = False
    failover_reason: str = ""

    @property
    def is_member(self) -> bool:
        return bool(self.mirrors)

    @property
    def role(self) -> str:
        """primary, backup, async or "" while the member is neither."""
        if self.is_primary:
            return "primary"
        if self.is_backup:
            return "backup"
        return "async" if self.member_type in ASYNC_TYPES or self.member_type == "async" else ""

    def own(self) -> Member | None:
        """This node among the members."""
        return next((member for member in self.members if member.name == self.member_name), None)

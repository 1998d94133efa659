# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of a mirror: its entries in iris.cpf and their form on the wire."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from irissim.engine.mirror.types import ASYNC_KINDS, AsyncType, MemberKind, MemberType

_LEAST_TROUBLE_SECONDS = 5.0
TROUBLE_MINIMUM = "IRISSIM_TROUBLE_MINIMUM"
"""Environment variable for tests of failover: the least trouble timeout in seconds. IRIS has no such setting."""


def _number(text: str) -> int:
    return int(text) if text.strip().lstrip("-").isdigit() else 0


def _split(line: str, count: int) -> list[str]:
    pieces = line.split(",")
    return pieces + [""] * (count - len(pieces))


def encode_name(name: str) -> str:
    """A DN as iris.cpf holds it."""
    # FIDELITY(observed; R-SG): the DN of a member stands in [MapMirrors.SET] in base 64, as it contains commas
    return base64.b64encode(name.encode()).decode("ascii")


def decode_name(piece: str) -> str:
    try:
        return base64.b64decode(piece, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


@dataclass(frozen=True)
class MirrorSettings:
    """One line of [Mirrors]; the same on all members, changed on the primary only."""

    name: str
    guid: str
    no_failover: str = ""
    qos_timeout: int = 8000
    use_ssl: bool = False
    virtual_address: str = ""
    arbiter_node: str = ""
    compression_failover: int = 0
    compression_async: int = 0
    allow_parallel_dejournaling: int = 0
    compression_type_failover: int = 0
    compression_type_async: int = 0

    # FIDELITY(documented; CPF): [Mirrors] is Name=GUID,2,1,DefinedPrimary,QOSTimeout,0,UseSSL,VirtualAddress,0,arbiter,
    #   two compressions, parallel dejournaling, two compression types

    @classmethod
    def parse(cls, name: str, line: str) -> MirrorSettings:
        piece = _split(line, 15)
        return cls(
            name=name,
            guid=piece[0],
            no_failover=piece[3],
            qos_timeout=_number(piece[4]) or 8000,
            use_ssl=piece[6] == "1",
            virtual_address=piece[7],
            arbiter_node=piece[9],
            compression_failover=_number(piece[10]),
            compression_async=_number(piece[11]),
            allow_parallel_dejournaling=_number(piece[12]),
            compression_type_failover=_number(piece[13]),
            compression_type_async=_number(piece[14]),
        )

    def line(self) -> str:
        pieces = (
            self.guid, 2, 1, self.no_failover, self.qos_timeout, 0, int(self.use_ssl), self.virtual_address, 0,
            self.arbiter_node, self.compression_failover, self.compression_async, self.allow_parallel_dejournaling,
            self.compression_type_failover, self.compression_type_async,
        )  # fmt: skip
        return ",".join(str(piece) for piece in pieces)

    @property
    def qos_seconds(self) -> float:
        return self.qos_timeout / 1000

    @property
    def trouble_seconds(self) -> float:
        # FIDELITY(documented; HA 3.3.5.1): the trouble timeout is twice the QoS timeout, at least 5 seconds
        return max(float(os.environ.get(TROUBLE_MINIMUM) or _LEAST_TROUBLE_SECONDS), 2 * self.qos_seconds)

    def arbiter(self) -> tuple[str, int] | None:
        """Address and port of the arbiter, None when there is none."""
        # FIDELITY(documented; CLS): ArbiterNode is stored as host|port
        if not self.arbiter_node:
            return None
        host, _, port = self.arbiter_node.partition("|")
        return host, _number(port) or 2188


@dataclass(frozen=True)
class MemberEntry:
    """One line of [MapMirrors.SET]."""

    name: str
    guid: str
    agent_address: str
    agent_port: int
    ecp_address: str
    mirror_address: str
    superserver_port: int
    directory: str
    member_type: MemberType = MemberType.FAILOVER
    distinguished_name: str = ""
    encrypt_communication: int = 0
    connects_to: str = ""
    dejournal_filter: str = ""
    async_type: int = 0

    # FIDELITY(observed; R-SG, CPF): [MapMirrors.SET] is MEMBER=AgentAddress,AgentPort,,SuperServerAddress,GUID,
    #   InstanceDirectory,MemberType,MirrorPrivate,MirrorSSPort,DN,0,,,0

    @classmethod
    def parse(cls, name: str, line: str) -> MemberEntry:
        piece = _split(line, 14)
        return cls(
            name=name,
            agent_address=piece[0],
            agent_port=_number(piece[1]) or 2188,
            ecp_address=piece[3],
            guid=piece[4],
            directory=piece[5],
            member_type=MemberType.ASYNC if piece[6] == "2" else MemberType.FAILOVER,
            mirror_address=piece[7],
            superserver_port=_number(piece[8]) or 1972,
            distinguished_name=decode_name(piece[9]),
            encrypt_communication=_number(piece[10]),
            connects_to=piece[11],
            dejournal_filter=piece[12],
            async_type=_number(piece[13]),
        )

    def line(self) -> str:
        pieces = (
            self.agent_address, self.agent_port, "", self.ecp_address, self.guid, self.directory, int(self.member_type),
            self.mirror_address, self.superserver_port, encode_name(self.distinguished_name),
            self.encrypt_communication, self.connects_to, self.dejournal_filter, self.async_type,
        )  # fmt: skip
        return ",".join(str(piece) for piece in pieces)

    @property
    def is_failover(self) -> bool:
        return self.member_type is MemberType.FAILOVER

    @property
    def is_disaster_recovery(self) -> bool:
        return self.member_type is MemberType.ASYNC and self.async_type == AsyncType.DISASTER_RECOVERY

    @property
    def is_read_write(self) -> bool:
        return self.member_type is MemberType.ASYNC and self.async_type == AsyncType.READ_WRITE_REPORTING

    @property
    def can_lead(self) -> bool:
        """Is primary, or could be made primary by an operator."""
        return self.is_failover or self.is_disaster_recovery

    @property
    def kind(self) -> MemberKind:
        return MemberKind.FAILOVER if self.is_failover else ASYNC_KINDS[AsyncType(self.async_type)]


@dataclass(frozen=True)
class MirrorConfig:
    """A mirror with its members; immutable, so a reader never sees half a change."""

    settings: MirrorSettings
    members: Mapping[str, MemberEntry] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.settings.name

    def failover_members(self) -> list[MemberEntry]:
        return [member for member in self.members.values() if member.is_failover]

    def partner_of(self, member: str) -> MemberEntry | None:
        """The other failover member."""
        for other in self.failover_members():
            if other.name != member:
                return other
        return None

    def with_members(self, members: Mapping[str, MemberEntry]) -> MirrorConfig:
        return replace(self, members=dict(members))

    def with_settings(self, settings: MirrorSettings) -> MirrorConfig:
        return replace(self, settings=settings)

    def to_wire(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "mirror": self.settings.line(),
            "members": {member.name: member.line() for member in self.members.values()},
        }

    @classmethod
    def from_lines(cls, name: str, mirror: str, members: Iterable[tuple[str, str]]) -> MirrorConfig:
        entries = (MemberEntry.parse(member, line) for member, line in members)
        return cls(MirrorSettings.parse(name, mirror), {entry.name: entry for entry in entries})

    @classmethod
    def from_wire(cls, fields: Mapping[str, Any]) -> MirrorConfig:
        return cls.from_lines(str(fields["name"]), str(fields["mirror"]), dict(fields["members"]).items())

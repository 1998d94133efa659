# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the mirror sections of iris.cpf."""

from __future__ import annotations

from dataclasses import dataclass

from irissim.engine.config import Cpf
from irissim.engine.mirror.settings import MirrorConfig

MIRRORS = "Mirrors"
MEMBER = "MirrorMember"


def members_section(mirror: str) -> str:
    return f"MapMirrors.{mirror}"


@dataclass(frozen=True)
class LocalMember:
    """The [MirrorMember] section: what this instance knows of itself."""

    system_name: str = ""
    join_mirror: bool = False
    validated: bool = True
    virtual_address_interface: str = ""
    async_type: int = 0
    async_guid: str = ""


def load_local(cpf: Cpf) -> LocalMember:
    return LocalMember(
        system_name=cpf.get(MEMBER, "SystemName"),
        join_mirror=cpf.get(MEMBER, "JoinMirror") == "1",
        validated=cpf.get(MEMBER, "ValidatedMember") == "1",
        virtual_address_interface=cpf.get(MEMBER, "VirtualAddressInterface"),
        async_type=int(cpf.get(MEMBER, "AsyncMemberType") or 0),
        async_guid=cpf.get(MEMBER, "AsyncMemberGUID"),
    )


def save_local(cpf: Cpf, member: LocalMember) -> None:
    # FIDELITY(documented; CPF): [MirrorMember] holds SystemName, JoinMirror, ValidatedMember and the async settings
    cpf.set(MEMBER, "AsyncMemberGUID", member.async_guid)
    cpf.set(MEMBER, "AsyncMemberType", str(member.async_type))
    cpf.set(MEMBER, "JoinMirror", str(int(member.join_mirror)))
    cpf.set(MEMBER, "SystemName", member.system_name)
    cpf.set(MEMBER, "ValidatedMember", str(int(member.validated)))
    cpf.set(MEMBER, "VirtualAddressInterface", member.virtual_address_interface)
    cpf.save()


def mirror_names(cpf: Cpf) -> list[str]:
    return list(cpf.section(MIRRORS))


def load_mirror(cpf: Cpf, name: str) -> MirrorConfig | None:
    line = cpf.get(MIRRORS, name)
    if not line:
        return None
    return MirrorConfig.from_lines(name, line, cpf.section(members_section(name)).items())


def save_mirror(cpf: Cpf, config: MirrorConfig) -> None:
    cpf.set(MIRRORS, config.name, config.settings.line())
    section = members_section(config.name)
    for name in cpf.section(section):
        if name not in config.members:
            cpf.remove(section, name)
    for member in config.members.values():
        cpf.set(section, member.name, member.line())
    cpf.save()


def remove_mirror(cpf: Cpf, name: str) -> None:
    cpf.remove(MIRRORS, name)
    cpf.remove_section(members_section(name))
    cpf.save()

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arrays that describe a mirror and a member in calls of SYS.Mirror."""

from __future__ import annotations

from irissim.engine.mirror.types import LocalInfo, MirrorInfo
from irissim.library.arrays import read_record
from irissim.objectscript.classes import Context, LocalArray
from irissim.values.errors import StatusError
from irissim.values.value import Value, to_bool, to_int, to_string

_ADDRESSES = ("ECPAddress", "MirrorAddress", "AgentAddress", "AgentPort", "VirtualAddressInterface")
_MIRROR = (
    *_ADDRESSES,
    "ArbiterNode",
    "QOSTimeout",
    "UseSSL",
    "VirtualAddress",
    "CompressionForFailoverMembers",
    "CompressionForAsyncMembers",
    "CompressionTypeForFailoverMembers",
    "CompressionTypeForAsyncMembers",
    "AllowParallelDejournaling",
)
_ASYNC = ("ECPAddress", "MirrorAddress", "AgentAddress", "VirtualAddressInterface", "EncryptCommunication")
_BOUNDS = {
    "EncryptCommunication": (0, 3),
    "QOSTimeout": (0, 300000),
    "CompressionForFailoverMembers": (0, 2),
    "CompressionForAsyncMembers": (0, 2),
    "CompressionTypeForFailoverMembers": (0, 2),
    "CompressionTypeForAsyncMembers": (0, 2),
    "AllowParallelDejournaling": (0, 2),
    "AgentPort": (0, 65535),
}


def read_mirror_info(context: Context, array: LocalArray) -> MirrorInfo:
    """MirrorInfo of CreateNewMirrorSet."""
    given = _checked(read_record(context, array, _MIRROR, "SYS.Mirror.CreateNewMirrorSet"))
    # FIDELITY(documented; CR24): defaults of MirrorInfo; empty addresses are completed from the instance
    return MirrorInfo(
        arbiter_node=to_string(given.get("ArbiterNode", "")),
        qos_timeout=to_int(given.get("QOSTimeout", "")) or 8000,
        use_ssl=to_bool(given.get("UseSSL", 0)),
        virtual_address=to_string(given.get("VirtualAddress", "")),
        virtual_address_interface=to_string(given.get("VirtualAddressInterface", "")),
        compression_failover=to_int(given.get("CompressionForFailoverMembers", 0)),
        compression_async=to_int(given.get("CompressionForAsyncMembers", 0)),
        compression_type_failover=to_int(given.get("CompressionTypeForFailoverMembers", 0)),
        compression_type_async=to_int(given.get("CompressionTypeForAsyncMembers", 0)),
        allow_parallel_dejournaling=to_int(given.get("AllowParallelDejournaling", 0)),
        ecp_address=to_string(given.get("ECPAddress", "")),
        mirror_address=to_string(given.get("MirrorAddress", "")),
        agent_address=to_string(given.get("AgentAddress", "")),
        agent_port=to_int(given.get("AgentPort", 0)),
    )


def read_local_info(context: Context, array: LocalArray, where: str) -> LocalInfo:
    """LocalInfo of the join methods."""
    given = _checked(read_record(context, array, _ADDRESSES, where))
    return LocalInfo(
        virtual_address_interface=to_string(given.get("VirtualAddressInterface", "")),
        ecp_address=to_string(given.get("ECPAddress", "")),
        mirror_address=to_string(given.get("MirrorAddress", "")),
        agent_address=to_string(given.get("AgentAddress", "")),
        agent_port=to_int(given.get("AgentPort", 0)),
    )


def read_async_local_info(context: Context, array: LocalArray) -> LocalInfo:
    """LocalInfo of JoinMirrorAsAsyncMember."""
    # FIDELITY(documented; CR24): an async member has EncryptCommunication and no AgentPort here
    given = _checked(read_record(context, array, _ASYNC, "SYS.Mirror.JoinMirrorAsAsyncMember"))
    return LocalInfo(
        virtual_address_interface=to_string(given.get("VirtualAddressInterface", "")),
        ecp_address=to_string(given.get("ECPAddress", "")),
        mirror_address=to_string(given.get("MirrorAddress", "")),
        agent_address=to_string(given.get("AgentAddress", "")),
        encrypt_communication=to_int(given.get("EncryptCommunication", 0)),
    )


def _checked(given: dict[str, Value]) -> dict[str, Value]:
    for name, value in given.items():
        low, high = _BOUNDS.get(name, (0, 0))
        if name in _BOUNDS and not low <= to_int(value) <= high:
            raise StatusError(407, name, to_string(value))
        # iris.cpf could not hold these.
        if any(character in to_string(value) for character in ",\r\n"):
            raise StatusError(407, name, to_string(value))
    return given

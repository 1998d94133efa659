# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes in the states that plans decide on, as objects of the model and as the answers of a session."""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import Addresses, Waiting
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import (
    InstanceDatabase,
    Member,
    MirroredDatabase,
    Node,
    Settings,
)
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Reply, Script, failed

MIRROR = "MIRRORSET"
ZVERSION = "IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2024.1.2 (Build 398U) Thu Oct 3 2024 14:01:50 EDT"
SEPARATOR = "\x1f"

WAITING = Waiting(True, 30.0, 0.5, 2)
NO_WAITING = Waiting(False, 30.0, 0.5, 2)
ADDRESSES = Addresses("10.0.0.1", "10.0.0.1", "10.0.0.1", 2188)

_TYPES = {
    "none": "Not Member",
    "failover": "Failover",
    "dr": "Disaster Recovery",
    "reporting_ro": "Read-Only Reporting",
    "reporting_rw": "Read-Write Reporting",
}


def directory(name: str) -> str:
    return f"/shared/durable/mgr/{name}/"


def settings(**values: t.Any) -> Settings:
    return Settings(**{"name": MIRROR, "guid": "G-1", "arbiter": "arbiter|2188", "qos_timeout": 8000, **values})


def member(name: str = "MIRRORA", **values: t.Any) -> Member:
    return Member(
        **{
            "name": name,
            "type": "failover",
            "role": "primary",
            "status": "Active",
            "superserver_address": "10.0.0.1",
            "superserver_port": 1972,
            "mirror_address": "10.0.0.1",
            "agent_address": "10.0.0.1",
            "agent_port": 2188,
            **values,
        }
    )


def outside(**values: t.Any) -> Node:
    """A node that is in no mirror; its mirror service is on."""
    return Node(**{"version": ZVERSION, "service_enabled": True, **values})


def inside(**values: t.Any) -> Node:
    """The primary of the mirror, alone in it."""
    return Node(
        **{
            "version": ZVERSION,
            "service_enabled": True,
            "member_type": "failover",
            "status": "PRIMARY",
            "is_primary": True,
            "mirrors": [MIRROR],
            "member_name": "MIRRORA",
            "settings": settings(),
            "members": [member()],
            **values,
        }
    )


def backup(**values: t.Any) -> Node:
    """The backup of the mirror."""
    return inside(
        **{
            "status": "BACKUP",
            "is_primary": False,
            "is_backup": True,
            "member_name": "MIRRORB",
            "members": [member(), member("MIRRORB", role="backup")],
            "failover_ready": True,
            **values,
        }
    )


def recovery(**values: t.Any) -> Node:
    """A disaster recovery async that follows the primary of a complete mirror."""
    return inside(
        **{
            "member_type": "dr",
            "status": "CONNECTED",
            "is_primary": False,
            "member_name": "MIRRORC",
            "members": [
                member(),
                member("MIRRORB", role="backup"),
                member("MIRRORC", type="dr", role="async", status=""),
            ],
            **values,
        }
    )


def mirrored(name: str, **values: t.Any) -> MirroredDatabase:
    """A mirrored database in good order."""
    good = {"status": "Normal", "mounted": True, "activated": True, "caught_up": True}
    return MirroredDatabase(**{"mirror_name": name, "directory": directory(name), "mirror": MIRROR, **good, **values})


def entry(name: str, **values: t.Any) -> InstanceDatabase:
    """A mounted local database."""
    return InstanceDatabase(
        **{
            "name": name,
            "directory": directory(name),
            "known": True,
            "mounted": True,
            "journaled": True,
            "size": 1,
            "resource": "%DB_%DEFAULT",
            **values,
        }
    )


def answers(node: Node, databases: t.Sequence[InstanceDatabase] = (), files: t.Sequence[bool] = ()) -> Script:
    """What the node answers to the steps of the reader."""
    this = next((one for one in node.members if one.name == node.member_name), None)
    other = next((one for one in node.members if one.name != node.member_name and one.type == "failover"), None)
    script: dict[t.Any, Reply] = {
        "version": Reply(value={"zversion": node.version}),
        "service": Reply(value={"enabled": int(node.service_enabled)}),
        "member": Reply(
            value={
                "type": _TYPES[node.member_type],
                "status": node.status,
                "primary": int(node.is_primary),
                "backup": int(node.is_backup),
                "mirrors": SEPARATOR.join(node.mirrors),
            }
        ),
        "own": Reply(value={"name": node.member_name}) if node.is_member else failed(420),
        "settings": _settings(node.settings) if node.settings is not None else failed(420),
        "members": Reply(rows=[_member_row(one) for one in node.members]),
        "failover": Reply(value={"this": _failover(this), "other": _failover(other)}),
        "ready": Reply(value={"answer": "1" if node.failover_ready else "0" + SEPARATOR + node.failover_reason}),
        "mirrored": Reply(rows=[_mirrored_row(one) for one in node.databases]),
        "missing": Reply(rows=[[f"{MIRROR}:{name}"] for name in node.missing_databases]),
        "databases": Reply(rows=[_entry_row(one) for one in databases]),
    }
    script.update(
        (("files", "file", number), Reply(value={"exists": int(is_there)})) for number, is_there in enumerate(files)
    )
    return script


def _settings(one: Settings) -> Reply:
    return Reply(
        value={
            "name": one.name,
            "GUID": one.guid,
            "ArbiterNode": one.arbiter,
            "QOSTimeout": one.qos_timeout,
            "UseSSL": int(one.use_tls),
            "VirtualAddress": one.virtual_address,
            "CompressionForFailoverMembers": one.compression_failover,
            "CompressionForAsyncMembers": one.compression_async,
            "CompressionTypeForFailoverMembers": one.compression_type_failover,
            "CompressionTypeForAsyncMembers": one.compression_type_async,
            "AllowParallelDejournaling": one.parallel_dejournaling,
        }
    )


def _member_row(one: Member) -> list[t.Any]:
    kinds = {"failover": ("0", ""), "dr": ("2", "0"), "reporting_ro": ("2", "1"), "reporting_rw": ("2", "2")}
    kind, async_kind = kinds[one.type]
    addresses = [one.agent_address, one.agent_port, one.superserver_address]
    return [one.name, *addresses, kind, one.mirror_address, one.superserver_port, async_kind]


def _failover(one: Member | None) -> str:
    return "" if one is None else SEPARATOR.join([one.name, "GUID-" + one.name, one.role.capitalize(), one.status])


def _mirrored_row(one: MirroredDatabase) -> list[t.Any]:
    flags = [one.mounted, one.read_only, not one.activated, not one.caught_up, one.obsolete, one.paused]
    row = [one.mirror_name, one.directory, one.mirror, one.status, one.latency]
    return [*row, *(int(flag) for flag in flags), one.mirror_name]


def _entry_row(one: InstanceDatabase) -> list[t.Any]:
    row = [one.name, one.directory, one.server]
    if not one.known:
        return row
    sizes = [one.size, one.max_size, one.expansion_size]
    journal = 3 if one.journaled else 2
    flags = [int(one.mounted), int(one.read_only), journal, *sizes, one.resource, int(one.mirrored), one.mirror_name]
    return [*row, *flags]

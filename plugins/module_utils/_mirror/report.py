# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Return values that modules share: the one place where the model becomes a result."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import MirroredDatabase, Node
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan


def mirror(node: Node) -> dict[str, t.Any]:
    """The documented value ``mirror``."""
    return {
        "name": node.settings.name if node.settings is not None else "",
        "member": node.member_name if node.is_member else "",
        "type": node.member_type,
        "role": node.role,
        "status": node.status,
        "failover_ready": node.failover_ready,
        "failover_reason": node.failover_reason,
        "settings": dataclasses.asdict(node.settings) if node.settings is not None else {},
        "members": [dataclasses.asdict(member) for member in node.members],
    }


def projected(node: Node, plan: Plan, name: str, member: str, kind: str, role: str) -> dict[str, t.Any]:
    """``mirror`` as it would be after the plan, for check mode."""
    value = mirror(node)
    if plan.changed:
        value.update(name=name, member=member, type=kind, role=role)
    return value


def adjusted(node: Node, plan: Plan) -> dict[str, t.Any]:
    """``mirror`` of a member with the settings that the plan changes, for check mode."""
    value = mirror(node)
    value["settings"].update((change.name, change.after) for change in plan.changes)
    return value


def mirrored(name: str, directory: str, databases: t.Sequence[MirroredDatabase]) -> dict[str, t.Any]:
    """One element of the documented value ``databases``; databases that are not in the mirror have empty texts."""
    found = next((database for database in databases if database.mirror_name == name), None)
    if found is None:
        flags = ("mirrored", "mounted", "read_only", "activated", "caught_up")
        return {"name": name, "directory": directory, "status": "", "latency": "", **dict.fromkeys(flags, False)}
    return {
        "name": name,
        "directory": found.directory,
        "status": found.status,
        "latency": found.latency,
        "mirrored": True,
        "mounted": found.mounted,
        "read_only": found.read_only,
        "activated": found.activated,
        "caught_up": found.caught_up,
    }

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""The roll of members that the dynamic inventory shows: from places and answers to hosts, groups and variables.

Places and answers are plain data, because they are kept in a cache.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, IrisError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import ASYNC_TYPES
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.peer import role_in

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node

#: What the roles write on the containers that they make: the name of the host in the inventory.
LABEL = "irisops.mirror.node"
#: Roles that have a group of their own.
ROLES = ("primary", "backup", "dr", "reporting", "outside", "silent")


@dataclasses.dataclass
class Entry:
    """A host of the inventory."""

    name: str
    reported: dict[str, t.Any]
    groups: list[str]
    variables: dict[str, t.Any]


def reported(answer: Node | IrisError) -> dict[str, t.Any]:
    """What a member said, or why it said nothing."""
    if isinstance(answer, IrisError):
        return {"answered": False, "error": answer.sentence(), "role": "silent", "mirrors": [], "names": []}
    own = answer.own()
    return {
        "answered": True,
        "error": "",
        "role": role_in(answer.mirrors[0].upper(), answer) if answer.mirrors else "outside",
        "mirrors": [name.upper() for name in answer.mirrors],
        "member": answer.member_name if answer.is_member else "",
        "type": answer.member_type,
        "status": answer.status,
        "failover_ready": answer.failover_ready,
        "failover_reason": answer.failover_reason,
        "version": answer.version,
        "names": [member.name.upper() for member in answer.members],
        "addresses": {}
        if own is None
        else {
            "iris_superserver_address": own.superserver_address,
            "iris_mirror_address": own.mirror_address,
            "iris_agent_address": own.agent_address,
            "iris_agent_port": own.agent_port,
        },
    }


def refuse_doubles(places: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Two instances under one name would be one host, and a playbook would act on one of them by chance."""
    seen: dict[str, t.Mapping[str, t.Any]] = {}
    for place in places:
        other = seen.setdefault(place["name"], place)
        if other is not place:
            raise ConflictError(
                "name_twice",
                "two members are called %s: %s and %s" % (place["name"], _where(other), _where(place)),
                "Give them names under 'members', or choose the containers more closely with 'labels'.",
            )


def _where(place: t.Mapping[str, t.Any]) -> str:
    if place["container"]:
        return "container %s at %s" % (place["container"], place["reach"]["docker_host"])
    return "instance %s of %s" % (place["instance"], place["executable"])


def entries(
    places: t.Sequence[t.Mapping[str, t.Any]], answers: t.Sequence[dict[str, t.Any]], mirror: str | None
) -> list[Entry]:
    """The hosts. With ``mirror``, those that are in other mirrors only are left out."""
    wanted = (mirror or "").upper()
    found = []
    for place, answer in zip(places, answers):
        mirrors = answer["mirrors"]
        if wanted and mirrors and wanted not in mirrors:
            continue
        name = wanted or (mirrors[0] if mirrors else (place["mirror"] or "").upper() or _guess(place, answer, answers))
        found.append(_entry(place, answer, name))
    return found


def _guess(place: t.Mapping[str, t.Any], answer: t.Mapping[str, t.Any], answers: t.Sequence[t.Any]) -> str:
    """The mirror of a silent member: the one that lists it, or the only one. A node outside has none unless told."""
    if answer["answered"]:
        return ""
    own = {place["name"].upper(), (place["container"] or "").upper()}
    listed = {one["mirrors"][0] for one in answers if one["mirrors"] and own & set(one["names"])}
    known = listed or {name for one in answers for name in one["mirrors"]}
    return known.pop() if len(known) == 1 else ""


def _entry(place: t.Mapping[str, t.Any], answer: dict[str, t.Any], mirror: str) -> Entry:
    kind = answer.get("type", "")
    groups = ["iris_nodes"]
    if answer["role"] in ROLES:
        groups.append("iris_" + answer["role"])
    if kind in ASYNC_TYPES:
        groups.append("iris_asyncs")
    groups.extend(
        "iris_mirror_" + re.sub(r"[^a-z0-9]", "_", name.lower())
        for name in sorted({*answer["mirrors"], *([mirror] if mirror else [])})
    )
    variables: dict[str, t.Any] = {
        # The modules reach engines, and instances of this machine, from here
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "iris_container": place["container"] or "",
        "iris_docker": place["docker"],
        "iris_instance": place["instance"],
        "iris_executable": place["executable"],
        "iris_exec_user": place["exec_user"] or "",
    }
    if not place["container"]:
        variables["iris_node_managed"] = False
    if mirror:
        variables["iris_mirror_name"] = mirror
    if answer.get("member"):
        variables["iris_mirror_member"] = answer["member"]
        variables.update(answer["addresses"])
    if kind == "failover" or kind in ASYNC_TYPES:
        variables["iris_mirror_type"] = kind
    kept = ("names", "addresses", "member")
    variables["iris_reported"] = {key: value for key, value in answer.items() if key not in kept}
    variables.update(place["vars"])
    return Entry(place["name"], answer, groups, variables)

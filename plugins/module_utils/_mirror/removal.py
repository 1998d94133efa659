# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Plans to take databases out of the mirror. Pure: state and wish in, plan out.

Sources: class reference of SYS.Mirror (RemoveMirroredDatabase); High Availability Guide 4.10.5 for the order: the
primary, where the removal is for good, then the backup, then the async members.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, Either, Item, Mounted, Not
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Guard
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.databases import remove_steps
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.mirrored import GROUP
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Step
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.mirrored import MirroredWish
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import InstanceDatabase, Node


@dataclasses.dataclass
class RemovalWish:
    """``only_here`` takes a copy from a member that would need it, ``delete_data`` the entry and the file too."""

    mirror: str
    databases: t.Sequence[MirroredWish]
    delete_data: bool = False
    only_here: bool = False


@dataclasses.dataclass
class RemovalState:
    """``primary`` is what the source said of itself, None while it was not asked."""

    node: Node
    databases: list[InstanceDatabase]
    primary: Node | None = None


@dataclasses.dataclass
class _Found:
    """One database on this node: where it is, whether it is in the mirror, and its entry, "" for none."""

    wish: MirroredWish
    directory: str
    mirrored: bool
    entry: str


def observe(mirror: str) -> list[Element]:
    return [*reader.membership_steps(mirror), *reader.mirrored_steps(mirror), *reader.database_steps()]


def observe_primary(mirror: str) -> list[Element]:
    return [*reader.membership_steps(mirror), *reader.mirrored_steps(mirror)]


def read(answers: Answers) -> RemovalState:
    return RemovalState(reader.read_node(answers), reader.read_databases(answers))


def needs_primary(wish: RemovalWish, state: RemovalState) -> bool:
    """Whether the primary has to say that it does without the databases: this member may once have to take over."""
    node = state.node
    follows = not node.is_primary and node.member_type in ("failover", "indeterminate", "dr")
    return follows and not wish.only_here and any(found.mirrored for found in _look(wish, state))


def directory(wish: MirroredWish, databases: t.Sequence[InstanceDatabase]) -> str:
    return wish.directory or next((entry.directory for entry in databases if entry.name == wish.name), "")


def make_plan(wish: RemovalWish, state: RemovalState) -> Plan:
    plan = Plan()
    found = [one for one in _look(wish, state) if one.mirrored or (wish.delete_data and one.entry)]
    if not found:
        return plan
    for one in found:
        if one.wish.directory and one.directory != one.wish.directory:
            raise ConflictError(
                "directory_differs",
                "the database %s is in %s, not in %s" % (one.wish.name, one.directory, one.wish.directory),
                "Correct the directory. Nothing was changed.",
            )
    if needs_primary(wish, state):
        _gone_on_primary(wish, state.primary, found)
    items: list[dict[str, str | int]] = [
        {
            "name": one.entry,
            "directory": one.directory,
            "mirror_name": one.wish.mirror_name,
            "mirrored": int(one.mirrored),
        }
        for one in found
    ]
    ordinary = Not(Item("mirrored"))
    place = Item("directory")
    steps: list[Step] = [
        Do(
            "mount the database",
            Call("SYS.Database", "MountDatabase", place, 0, 0, 0),
            unless=Either(ordinary, Mounted(place)),
        ),
        Do(
            "take the database out of the mirror",
            Call("SYS.Mirror", "RemoveMirroredDatabase", place),
            accept=(2064,),
            unless=ordinary,
        ),
        *(remove_steps(True) if wish.delete_data else []),
    ]
    plan.elements = [_same_role(state.node), Each(GROUP, items, steps)]
    for one in found:
        before = {"mirror": wish.mirror if one.mirrored else None, "directory": one.directory, "data": "kept"}
        data = "deleted" if wish.delete_data else "kept"
        plan.change(one.wish.mirror_name, before, {**before, "mirror": None, "data": data})
    return plan


def _look(wish: RemovalWish, state: RemovalState) -> list[_Found]:
    copies = {copy.mirror_name: copy for copy in state.node.databases}
    by_name = {entry.name: entry for entry in state.databases}
    by_directory = {entry.directory: entry for entry in state.databases}
    found = []
    for one in wish.databases:
        copy, entry = copies.get(one.mirror_name), by_name.get(one.name)
        if copy is not None:
            entry = by_directory.get(copy.directory)
            found.append(_Found(one, copy.directory, True, entry.name if entry is not None else ""))
        elif entry is not None:
            # A node that has left the mirror can hold a copy that still says it is one
            left = entry.mirrored and not state.node.mirrors and entry.mirror_name == one.mirror_name
            if entry.mirrored and not left:
                _not_of_another(one, wish)
            found.append(_Found(one, entry.directory, left, entry.name))
    return found


def _not_of_another(one: MirroredWish, wish: RemovalWish) -> None:
    if wish.delete_data:
        raise ConflictError(
            "database_mirrored",
            "the database %s is mirrored, but not as %s in the mirror %s" % (one.name, one.mirror_name, wish.mirror),
            "Correct 'mirror' or 'mirror_name'. Nothing was changed.",
        )


def _gone_on_primary(wish: RemovalWish, primary: Node | None, found: t.Sequence[_Found]) -> None:
    names = ", ".join(one.wish.mirror_name for one in found if one.mirrored)
    remedy = (
        "Take it out on the primary first, and name that as 'source'. 'only_here: true' takes the copy from this "
        "member alone. Nothing was changed."
    )
    if primary is None:
        raise ConflictError(
            "order_unknown",
            "nobody says that the primary of %s does without %s, and this member may have to take over from it"
            % (wish.mirror, names),
            remedy,
        )
    if not primary.is_primary or wish.mirror not in (name.upper() for name in primary.mirrors):
        raise ConflictError(
            "source_not_primary",
            "the source is not the primary of the mirror %s, so it cannot say whether %s is still in it"
            % (wish.mirror, names),
            "Name the member that is primary now as 'source' (irisops.mirror.iris_mirror_info). Nothing was changed.",
        )
    held = {copy.mirror_name for copy in primary.databases}
    kept = [one.wish.mirror_name for one in found if one.mirrored and one.wish.mirror_name in held]
    if kept:
        raise ConflictError(
            "primary_has_database",
            "the primary of the mirror %s still has %s, and this member may have to take over from it"
            % (wish.mirror, ", ".join(kept)),
            remedy,
        )


def _same_role(node: Node) -> Guard:
    """Read again in the acting session: a failover may have come in between."""
    return Guard(
        "check the role of the node",
        Call("%SYSTEM.Mirror", "IsPrimary"),
        (str(int(node.is_primary)),),
        "the node has become primary" if not node.is_primary else "the node is not primary any more",
    )

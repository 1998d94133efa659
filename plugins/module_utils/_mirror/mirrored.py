# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Plans to bring databases into the mirror: added on the primary, seeded and caught up on any other member.

Sources: class reference of SYS.Mirror (AddDatabase, ActivateMirroredDatabase, CatchupDB) and SYS.Database
(MountDatabase, DismountDatabase); High Availability Guide 4.8.4.3 for the copy of IRIS.DAT. Decisions use the flags of
SYS.Database: Mounted, MirrorActivationRequired, MirrorDBCatchup, MirrorObsolete.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import (
    ConflictError,
    InputError,
    PreconditionError,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Call,
    Item,
    Not,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import (
    Do,
    Guard,
    Read,
)
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import names, reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.databases import FILE, exists, file_of
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.placing import mark, mount, place_steps, wait
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Step
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import Waiting
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import (
        InstanceDatabase,
        MirroredDatabase,
        Node,
    )

#: Name of the group of steps that runs for each database.
GROUP = "databases"

#: Which copies of a member are seeded anew (option `rebuild`).
NEVER, NEEDED, ALWAYS = REBUILD = ("never", "needed", "always")

Fields = t.Dict[str, t.Union[str, int]]


@dataclasses.dataclass
class MirroredWish:
    """A database that the mirror is to hold. ``directory`` is where this member keeps (or will keep) it; "" on the
    primary means: where its entry says."""

    name: str
    mirror_name: str
    directory: str = ""


def make_wish(option: t.Mapping[str, t.Any]) -> MirroredWish:
    """A wish from an element of the option ``databases``."""
    name = names.database_name(option["name"])
    names.refuse_system_database(name)
    return MirroredWish(
        name,
        names.mirrored_database_name(option["mirror_name"] or name),
        names.directory(option["directory"]) if option["directory"] else "",
    )


@dataclasses.dataclass
class MemberState:
    """What the plan needs of a member.

    ``files`` says per wish whether there is a file at its directory; ``placed`` names the databases whose file an
    interrupted run has put there.
    """

    node: Node
    databases: list[InstanceDatabase]
    files: list[bool]
    placed: t.Collection[str] = ()


def observe(mirror: str, wishes: t.Sequence[MirroredWish]) -> list[Element]:
    directories = [{"directory": wish.directory} for wish in wishes]
    marked = Call("%Library.File", "DirectoryExists", mark())
    file = Read("file", {"exists": exists(file_of(Item("directory"))), "placed": marked})
    return [
        *reader.membership_steps(mirror),
        *reader.mirrored_steps(mirror),
        *reader.database_steps(),
        Each("files", directories, [file]),
    ]


def read(wishes: t.Sequence[MirroredWish], answers: Answers) -> MemberState:
    files = [answers.value("file", "exists", "files", number) == "1" for number in range(len(wishes))]
    placed = [
        wish.mirror_name
        for number, wish in enumerate(wishes)
        if files[number] and answers.value("file", "placed", "files", number) == "1"
    ]
    return MemberState(reader.read_node(answers), reader.read_databases(answers), files, placed)


def make_plan(
    mirror: str,
    wishes: t.Sequence[MirroredWish],
    state: MemberState,
    waiting: Waiting,
    kept: str,
    has_source: bool,
    check_mode: bool,
    rebuild: str = NEVER,
) -> Plan:
    """The plan for the role that the node has now."""
    if mirror not in (name.upper() for name in state.node.mirrors):
        return _plan_outside(mirror, wishes, state.node.mirrors, check_mode)
    if state.node.is_primary:
        if rebuild != NEVER:
            raise ConflictError(
                "primary_not_rebuilt",
                "this member is the primary: its databases are what the others are rebuilt from",
                "Switch over to a healthy member first. Nothing was changed.",
            )
        return plan_primary(mirror, wishes, state, waiting, check_mode)
    for wish in wishes:
        if not wish.directory:
            raise InputError(
                "directory_missing",
                "the database %s has no directory, and this member is not primary" % wish.name,
                "Set 'directory' to where this member keeps it.",
            )
    plan = plan_member(mirror, wishes, state, waiting, kept, rebuild)
    missing = [str(item["mirror_name"]) for item in seeds(plan)]
    if missing and not has_source:
        raise InputError(
            "source_missing",
            "this member has no copy of %s" % ", ".join(missing),
            "Name the member to copy from ('source').",
        )
    return plan


def _plan_outside(mirror: str, wishes: t.Sequence[MirroredWish], found: t.Sequence[str], check_mode: bool) -> Plan:
    """In check mode an earlier task of the same run may be what makes the node a member."""
    text = "the node is not a member of the mirror %s%s" % (mirror, " but of %s" % ", ".join(found) if found else "")
    if found or not check_mode:
        raise PreconditionError(
            "not_a_member", text, "Create or join the mirror on this node first (irisops.mirror.iris_mirror_join)."
        )
    plan = Plan(warnings=[text + "; an earlier task of the same run would make it one"])
    for wish in wishes:
        plan.change(wish.mirror_name, None, {"mirror": mirror, "directory": wish.directory})
    return plan


def plan_primary(
    mirror: str, wishes: t.Sequence[MirroredWish], state: MemberState, waiting: Waiting, check_mode: bool
) -> Plan:
    """Add to the mirror what is not in it, mount what is dismounted."""
    plan = Plan()
    mirrored = {database.mirror_name: database for database in state.node.databases}
    entries = {database.name: database for database in state.databases}
    items: list[Fields] = []
    for wish in wishes:
        present = mirrored.get(wish.mirror_name)
        if present is not None:
            _same_directory(wish, present.directory)
            if not present.good:
                items.append(_item(wish, present.directory, add=0))
                plan.change(wish.mirror_name + ".mounted", present.mounted, True)
            continue
        entry = entries.get(wish.name)
        if entry is None:
            _entry_missing(wish, plan, check_mode)
            items.append(_item(wish, wish.directory, add=1))
            plan.change(wish.mirror_name, None, {"mirror": mirror, "directory": wish.directory})
            continue
        _same_directory(wish, entry.directory)
        items.append(_item(wish, entry.directory, add=1))
        plan.change(wish.mirror_name, None, {"mirror": mirror, "directory": entry.directory})
    if items:
        add = Call("SYS.Mirror", "AddDatabase", Item("directory"), Item("mirror_name"), 1)
        steps: list[Step] = [
            mount(),
            Do("add the database to the mirror", add, accept=(2063,), unless=Not(Item("add"))),
        ]
        guard = Guard(
            "check that the node is primary",
            Call("%SYSTEM.Mirror", "IsPrimary"),
            ("1",),
            "the node is not primary any more",
        )
        plan.elements = [guard, Each(GROUP, items, [*steps, *wait(waiting)])]
    return plan


def plan_member(
    mirror: str,
    wishes: t.Sequence[MirroredWish],
    state: MemberState,
    waiting: Waiting,
    kept: str,
    rebuild: str = NEVER,
) -> Plan:
    """Seed what this member lacks and finish what it has begun: place the copied file, mount, activate, catch up.

    ``kept`` is the name under which a file that is in the way is kept, "" forbids that. The files of items with
    ``seed`` are copied before the steps run (``_engine/seeder.py``). ``rebuild`` says which copies of the mirror are
    seeded anew although they are there.
    """
    plan = Plan()
    mirrored = {database.mirror_name: database for database in state.node.databases}
    entries = {database.name: database for database in state.databases}
    items: list[Fields] = []
    for wish, has_file in zip(wishes, state.files):
        present = mirrored.get(wish.mirror_name)
        entry = entries.get(wish.name)
        if present is not None:
            _same_directory(wish, present.directory)
            seen = {"mounted": present.mounted, "activated": present.activated, "caught_up": present.caught_up}
            if _is_rebuilt(wish, present, rebuild, state):
                _file_is_there(wish, present, has_file)
                items.append(_item(wish, present.directory, seed=1, keep=1 if has_file else 0, kept=kept))
                plan.change(wish.mirror_name, {**seen, "seeded": False}, {**dict.fromkeys(seen, True), "seeded": True})
                continue
            _not_obsolete(wish, present)
            resumed = rebuild != NEVER and present.paused
            if resumed or not present.good:
                items.append(_item(wish, present.directory, seed=0, keep=0))
                seen = {**seen, **({"dejournaled": False} if resumed else {})}
                plan.change(wish.mirror_name, seen, dict.fromkeys(seen, True))
            continue
        if entry is not None:
            _same_directory(wish, entry.directory)
        labelled = entry is not None and entry.mirrored and entry.mirror_name == wish.mirror_name
        if labelled or wish.mirror_name in state.placed:
            # The copy is in place; an earlier run stopped before it was activated
            items.append(_item(wish, wish.directory, seed=0, keep=0))
            plan.change(wish.mirror_name, {"activated": False}, {"activated": True, "caught_up": True})
            continue
        if has_file and not kept:
            raise ConflictError(
                "file_exists",
                "there is a database file %s%s already, and it is no copy of %s in the mirror %s"
                % (wish.directory, FILE, wish.mirror_name, mirror),
                "Move it away, or set 'replace: true' to keep it under another name. Nothing was changed.",
            )
        items.append(_item(wish, wish.directory, seed=1, keep=1 if has_file else 0, kept=kept))
        plan.change(wish.mirror_name, None, {"mirror": mirror, "directory": wish.directory, "seeded": True})
    if items:
        plan.elements = [_not_primary(), Each(GROUP, items, [*place_steps(), *wait(waiting)])]
    return plan


def seeds(plan: Plan) -> list[Fields]:
    """The items of a plan whose files have to be copied first."""
    return [
        dict(item)
        for element in plan.elements
        if isinstance(element, Each)
        for item in element.items
        if item.get("seed") == 1
    ]


def _item(wish: MirroredWish, directory: str, **flags: str | int) -> Fields:
    return {"name": wish.name, "directory": directory, "mirror_name": wish.mirror_name, **flags}


def _is_rebuilt(wish: MirroredWish, present: MirroredDatabase, rebuild: str, state: MemberState) -> bool:
    """Whether a copy that is there is seeded anew. What an interrupted run has placed is finished instead."""
    if wish.mirror_name in state.placed:
        return False
    return rebuild == ALWAYS or (rebuild == NEEDED and present.obsolete)


def _file_is_there(wish: MirroredWish, present: MirroredDatabase, has_file: bool) -> None:
    if present.mounted and not has_file:
        raise PreconditionError(
            "file_gone",
            "the file %s%s of %s is gone, but the instance still has it open"
            % (present.directory, FILE, wish.mirror_name),
            "Restart the instance of this member, then run again. Nothing was changed.",
        )


def _not_primary() -> Guard:
    return Guard(
        "check that the node is not primary", Call("%SYSTEM.Mirror", "IsPrimary"), ("0",), "the node has become primary"
    )


def _entry_missing(wish: MirroredWish, plan: Plan, check_mode: bool) -> None:
    text = "the primary has no database entry %s" % wish.name
    if not check_mode:
        raise PreconditionError(
            "database_not_configured",
            text + " (ERROR #473)",
            "Create it first (irisops.mirror.iris_database).",
            numbers=[473],
        )
    plan.warnings.append(text + "; an earlier task of the same run would create it")


def _same_directory(wish: MirroredWish, actual: str) -> None:
    if wish.directory and actual != wish.directory:
        raise ConflictError(
            "directory_differs",
            "the database %s is in %s, not in %s" % (wish.name, actual, wish.directory),
            "A database is not moved by this module: correct the directory. Nothing was changed.",
        )


def _not_obsolete(wish: MirroredWish, present: MirroredDatabase) -> None:
    if present.obsolete:
        raise ConflictError(
            "database_obsolete",
            "the copy of %s in %s is obsolete: it belongs to another generation of the mirror"
            % (wish.mirror_name, present.directory),
            "Run with 'rebuild: needed' to seed it anew; the old file is kept under another name.",
        )

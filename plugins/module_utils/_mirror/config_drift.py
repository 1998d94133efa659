# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""What differs between the configuration of the primary and that of another member. Pure: two readings in, a list
out."""

from __future__ import annotations

import dataclasses
import fnmatch
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import ListText
from ansible_collections.irisops.mirror.plugins.module_utils._iris.objects import Day
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.config_kinds import KINDS, Kind, of

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.objects import Found
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node

#: What is shown instead of a value that may hold a secret.
HIDDEN = "(not shown)"
CREATE, MODIFY, DELETE, NONE = "create", "modify", "delete", "none"
#: Characters of the shortest element that can be a secret; masking shorter ones would make errors unreadable.
_SHORTEST = 4
#: Bit of the flags of a user: kept by IRIS itself. LDAP and delegated authentication make users at login.
_OWN_USER = 1


@dataclasses.dataclass
class Options:
    """What is compared and how far a difference may be removed."""

    kinds: t.Sequence[str]
    ignore: t.Sequence[t.Mapping[str, t.Any]] = ()
    prune: bool = False
    passwords: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def ignores(self, kind: str, name: str, name_of_property: str = "") -> bool:
        return any(
            (not rule["kind"] or rule["kind"] == kind)
            and fnmatch.fnmatchcase(name.casefold(), rule["name"].casefold())
            and (
                fnmatch.fnmatchcase(name_of_property, rule["property"])
                if rule["property"] and name_of_property
                else not rule["property"] and not name_of_property
            )
            for rule in self.ignore
        )

    def password(self, user: str) -> str | None:
        return next((value for name, value in self.passwords.items() if name.casefold() == user.casefold()), None)


@dataclasses.dataclass
class Observation:
    """One instance: its place in the mirror, its objects by kind (as a number in KINDS) and by key."""

    node: Node
    databases: list[str]
    objects: dict[int, dict[str, Found]] = dataclasses.field(default_factory=dict)
    #: Names that several objects have, so that it cannot be said which one belongs to which.
    ambiguous: list[str] = dataclasses.field(default_factory=list)

    def of(self, option: str) -> dict[str, Found]:
        """The objects of a kind that is the only one of its option."""
        return next((self.objects[number] for number in self.objects if KINDS[number].option == option), {})

    def hidden(self) -> list[str]:
        """Values that no error may show, and the elements of lists that are long enough to be a secret."""
        values = [
            found.values.get(name, "")
            for number, objects in self.objects.items()
            for found in objects.values()
            for name in KINDS[number].hidden
        ]
        parts = [part for value in values for part in value.split(ListText.SEPARATOR) if len(part) >= _SHORTEST]
        return sorted({*values, *parts} - {""})


@dataclasses.dataclass
class Difference:
    """One object or one property that differs; ``values`` is what an action writes."""

    kind: Kind
    name: str
    property: str
    here: t.Any
    primary: t.Any
    action: str
    found: Found
    reason: str = ""

    def describe(self) -> dict[str, t.Any]:
        return {
            "kind": self.kind.option,
            "name": self.name,
            "property": self.property,
            "here": self.here,
            "primary": self.primary,
            "action": self.action,
            "reason": self.reason,
        }


def observe(mirror: str, options: Options) -> list[Element]:
    """Steps that read everything on one instance."""
    today = Read("today", {"day": Day()})
    return [
        *reader.membership_steps(mirror),
        *reader.database_steps(),
        today,
        *(kind.step for kind in of(options.kinds)),
    ]


def read(options: Options, answers: Answers) -> Observation:
    today = int(answers.value("today", "day", default="0"))
    databases = [database.name for database in reader.read_databases(answers)]
    seen = Observation(reader.read_node(answers), databases)
    for kind in of(options.kinds):
        found = kind.step.read(answers.get(kind.step.name))
        if kind.create == "save":
            _tasks(found, today)
        by_key: dict[str, Found] = {}
        twice = set()
        for one in found:
            key = _key(kind, one)
            if key in by_key:
                twice.add(key)
            by_key[key] = one
        for key in sorted(twice):
            seen.ambiguous.append(_called(kind, kind.name_of(by_key.pop(key))))
        seen.objects[KINDS.index(kind)] = by_key
    return seen


def compare(options: Options, primary: Observation, here: Observation) -> list[Difference]:
    """Everything that differs, in the order in which it would be corrected, deletions in reverse order at the end."""
    differences: list[Difference] = []
    surplus: list[Difference] = []
    for number, kind in enumerate(KINDS):
        if number not in primary.objects:
            continue
        wanted, present = primary.objects[number], here.objects[number]
        for key, model in _ordered(kind, wanted):
            name = kind.name_of(model)
            if options.ignores(kind.option, name) or not _comparable(kind, model):
                continue
            own = present.get(key)
            if own is None:
                differences.extend(_missing(kind, name, model, options, here))
            elif _comparable(kind, own):
                differences.extend(_properties(kind, name, own, model, options))
        for key, own in sorted(present.items(), reverse=True):
            name = kind.name_of(own)
            unclear = _called(kind, name) in primary.ambiguous
            if key not in wanted and not unclear and _comparable(kind, own) and not options.ignores(kind.option, name):
                surplus.insert(0, _extra(kind, name, own, options))
    return differences + surplus


def shown(kind: Kind, values: t.Mapping[str, str]) -> dict[str, str]:
    """The compared properties for people."""
    return {
        name: HIDDEN if name in kind.hidden and values[name] else values[name]
        for name in kind.compared
        if name in values
    }


def _called(kind: Kind, name: str) -> str:
    return "%s %s" % (kind.option, name)


def _key(kind: Kind, found: Found) -> str:
    name = kind.name_of(found)
    return name.casefold() if kind.ignores_case else name


def _comparable(kind: Kind, found: Found) -> bool:
    flags = found.values.get("Flags", "")
    return kind.option != "users" or not flags.isdigit() or bool(int(flags) & _OWN_USER)


def _missing(kind: Kind, name: str, model: Found, options: Options, here: Observation) -> list[Difference]:
    if _called(kind, name) in here.ambiguous:
        return []
    action, reason = CREATE, ""
    if not kind.create or kind.is_system(model.values):
        action, reason = NONE, "it belongs to IRIS and is not made by hand; do both members run the same release?"
    values = {key: value for key, value in model.values.items() if not options.ignores(kind.option, name, key)}
    made = Difference(
        kind, name, "", None, shown(kind, values), action, dataclasses.replace(model, values=values), reason
    )
    if kind.option == "users" and options.password(name) is None and values.get("Enabled") == "1":
        made.primary["Enabled"] = "0"
        made.reason = "without a password from us it is created disabled"
    return [made]


def _properties(kind: Kind, name: str, own: Found, model: Found, options: Options) -> list[Difference]:
    found = []
    for key in kind.compared:
        if key not in own.values or key not in model.values or options.ignores(kind.option, name, key):
            continue
        before, after = own.values[key], model.values[key]
        if _comparable_value(kind, key, before) == _comparable_value(kind, key, after):
            continue
        action, reason = MODIFY, ""
        if kind.option == "users" and key == "Enabled" and after == "1" and options.password(name) is None:
            action, reason = NONE, "it has no password that is known here; name one in user_passwords to enable it"
        if kind.option == "roles" and name == "%All":
            action, reason = NONE, "IRIS does not let this role be changed"
        if key in kind.hidden:
            before, after = HIDDEN, HIDDEN + " another value"
        found.append(Difference(kind, name, key, before, after, action, model, reason))
    return found


def _extra(kind: Kind, name: str, own: Found, options: Options) -> Difference:
    action, reason = DELETE, ""
    if not kind.create or kind.comes_with_iris(own):
        action, reason = NONE, "it belongs to IRIS"
    elif not options.prune:
        action, reason = NONE, "only here; prune is off"
    return Difference(kind, name, "", shown(kind, own.values), None, action, own, reason)


def _comparable_value(kind: Kind, key: str, value: str) -> t.Any:
    if key in kind.unordered:
        return sorted(item.strip().casefold() for item in value.split(",") if item.strip())
    return value.rstrip("/") if key == "Path" else value


def _ordered(kind: Kind, objects: t.Mapping[str, Found]) -> list[tuple[str, Found]]:
    """By name; a task after the one after which it runs."""
    if kind.create != "save":
        return sorted(objects.items())

    def depth(name: str) -> int:
        seen: list[str] = []
        while name in objects and name not in seen:
            seen.append(name)
            name = objects[name].values.get("RunAfterGUID", "")
        return len(seen)

    return sorted(objects.items(), key=lambda entry: (depth(entry[0]), entry[0]))


def _tasks(found: t.Sequence[Found], today: int) -> None:
    """Make tasks of several instances comparable.

    Ids and GUIDs are an instance's own, so the task after which another one runs is known by its name. A first day
    says when the task was made, and nothing of what it does, unless it is later than tomorrow.
    """
    names = {one.values.get("JobGUID", ""): one.values.get("Name", "") for one in found}
    for one in found:
        one.values["RunAfterGUID"] = names.get(one.values.get("RunAfterGUID") or "?", "")
        start = one.values.get("StartDate", "")
        if not start.isdigit() or int(start) <= today + 1:
            one.values["StartDate"] = ""


def check_primary(mirror: str, node: Node) -> None:
    """Refuse a source that is not the primary of the mirror."""
    if mirror not in node.mirrors or not node.is_primary:
        state = "is %s of %s" % (node.status, ", ".join(node.mirrors)) if node.mirrors else "is in no mirror"
        raise PreconditionError(
            "not_primary",
            "the source is not the primary of mirror %s, it %s" % (mirror, state),
            "Name the member that is primary now as 'source' (irisops.mirror.iris_mirror_info). Nothing was changed.",
        )


def check_member(mirror: str, node: Node, primary: Node) -> None:
    """Refuse a node that is in another mirror or in none, and two nodes that both say they are primary."""
    if mirror not in node.mirrors:
        raise PreconditionError(
            "not_a_member",
            "the node is no member of mirror %s" % mirror,
            "Join it first (irisops.mirror.iris_mirror_join), or correct 'mirror'. Nothing was changed.",
        )
    if node.is_primary and node.member_name != primary.member_name:
        raise ConflictError(
            "two_primaries",
            "%s and %s both say that they are the primary of mirror %s"
            % (node.member_name, primary.member_name, mirror),
            "Find out which one has the valid data before anything else is done. Nothing was changed.",
        )


def doubts(primary: Observation, here: Observation) -> list[str]:
    """What a reader of the differences should know."""
    found = []
    if primary.node.version != here.node.version:
        found.append(
            "the primary runs another release, and differences can come from that: %s here, %s there"
            % (here.node.version, primary.node.version)
        )
    for place, seen in (("here", here), ("on the primary", primary)):
        if seen.ambiguous:
            found.append(
                "several objects of one name %s, which were left alone: %s" % (place, ", ".join(seen.ambiguous))
            )
    return found

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""What a probe writes, and what its acknowledgements mean: the pause of a takeover, and writes that are gone."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, InputError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, Global, Piece, Property
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.records import Commit, Runs
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Guard, Invoke, Kill, Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import names

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers

#: A pause of at least so many seconds is listed.
GAP = 1.0
#: How many lost records are listed.
SHOWN = 100


@dataclasses.dataclass
class Wish:
    """Where to write and for how long. ``label`` keeps the records of this probe apart; times are seconds."""

    namespace: str
    name: str
    label: str
    interval: float
    duration: float
    until_takeover: bool
    further: int

    def records(self, *subscripts: str) -> Global:
        return Global(self.namespace, self.name, [self.label, *subscripts])


@dataclasses.dataclass(frozen=True)
class Acknowledgement:
    """IRIS said that this record is committed. ``seconds`` since the probe began."""

    seconds: float
    member: str
    number: int


@dataclasses.dataclass
class Place:
    """What a member says of itself before anything is written."""

    is_primary: bool
    #: Whether the database behind the global is mirrored; None where there is no such namespace or database.
    is_mirrored: bool | None


def make_wish(options: t.Mapping[str, t.Any], label: str) -> Wish:
    """InputError for what cannot be probed."""
    if options["interval"] <= 0 or options["duration"] <= 0 or options["further"] < 1:
        raise InputError(
            "probe_invalid",
            "interval and duration must be above 0, further at least 1",
            "Nothing was written.",
        )
    return Wish(
        names.namespace_name(options["namespace"]),
        names.global_name(options["name"]),
        options["label"] or label,
        options["interval"],
        float(options["duration"]),
        options["until"] == "takeover",
        options["further"],
    )


# Programs


def observe(wish: Wish) -> Program:
    place = Piece(Call("%SYS.Namespace", "GetGlobalDest", wish.namespace, wish.name), "^", 2)
    return Program(
        Read("role", {"primary": Call("%SYSTEM.Mirror", "IsPrimary")}),
        Read("place", {"mirrored": Property("SYS.Database", place, "Mirrored")}),
    )


def read_place(answers: Answers) -> Place:
    place = answers.get("place")
    return Place(
        answers.value("role", "primary") == "1",
        answers.value("place", "mirrored") == "1" if place.ok else None,
    )


def begin() -> Program:
    """For a new session: a commit comes back when its journal records are safe, also on the active backup."""
    return Program(Invoke("wait for the journal", Call("%SYSTEM.Process", "SynchCommit", 1)))


def write(wish: Wish, member: str, number: int, time: str) -> Program:
    # The node above the records shows those who wait for it that the probe has begun
    nodes = [(wish.records(member, str(number)), time), (wish.records(), member)]
    return Program(_is_primary(), Commit("write", nodes))


def wrote(answers: Answers) -> bool | None:
    """Whether IRIS says that the record is committed; None where it was not tried, because the node is not primary."""
    found = answers.find("write")
    return None if found is None else found.ok


def read_back(wish: Wish, members: t.Sequence[str]) -> Program:
    """On the present primary: which records are there. After that they are removed."""
    reads = [Runs("records %d" % number, wish.records(member)) for number, member in enumerate(members)]
    return Program(_is_primary(), *reads, Kill("remove the records", wish.records()))


def read_present(answers: Answers, members: t.Sequence[str]) -> dict[str, set[int]] | None:
    """The numbers by member; None where the node is not the primary."""
    if not answers.get("is it the primary").ok:
        return None
    present = {}
    for number, member in enumerate(members):
        found = answers.get("records %d" % number)
        if not found.ok:
            return None
        present[member] = {
            one
            for run in str(found.value).split(",")
            if run
            for one in range(int(run.split(":")[0]), int(run.split(":")[1]) + 1)
        }
    return present


def _is_primary() -> Guard:
    return Guard("is it the primary", Call("%SYSTEM.Mirror", "IsPrimary"), ("1",), "the node is not the primary")


# Decisions


def check(wish: Wish, places: t.Mapping[str, Place | str]) -> str:
    """The one primary, on which the namespace is mirrored. A text in the place of an answer says why there is none."""
    primaries = [member for member, place in places.items() if isinstance(place, Place) and place.is_primary]
    if len(primaries) > 1:
        raise ConflictError(
            "two_primaries",
            "more than one node says that it is the primary: %s" % ", ".join(primaries),
            "Nothing was written. Find out which one has the valid data before anything else is done.",
        )
    if not primaries:
        seen = ["%s: %s" % (name, one if isinstance(one, str) else "not primary") for name, one in places.items()]
        raise PreconditionError(
            "no_primary",
            "none of the members is the primary (%s)" % "; ".join(seen),
            "Nothing was written. The states of the members and their messages.log say why.",
        )
    place = t.cast("Place", places[primaries[0]])
    if not place.is_mirrored:
        raise PreconditionError(
            "namespace_not_mirrored",
            "^%s in namespace %s is %s"
            % (
                wish.name,
                wish.namespace,
                "in no database of the node" if place.is_mirrored is None else "in a database that is not mirrored",
            ),
            "Name a namespace whose globals are in a mirrored database. Nothing was written.",
            primaries[0],
        )
    return primaries[0]


def is_enough(wish: Wish, acknowledged: t.Sequence[Acknowledgement]) -> bool:
    """Whether a takeover was seen, and as many writes after it as wished."""
    if not wish.until_takeover or not acknowledged:
        return False
    latest = acknowledged[-wish.further :]
    return (
        len(latest) == wish.further
        and len({one.member for one in latest}) == 1
        and latest[0].member != acknowledged[0].member
    )


def evaluate(
    wish: Wish, acknowledged: t.Sequence[Acknowledgement], ended: float, present: t.Mapping[str, set[int]] | None
) -> dict[str, t.Any]:
    """The result. ``ended`` in seconds since the beginning; ``present`` is None where nobody could be asked."""
    lost = [one for one in acknowledged if present is not None and one.number not in present.get(one.member, set())]
    pauses = _pauses(acknowledged, ended)
    return {
        "label": wish.label,
        "acknowledged": len(acknowledged),
        "lost": None if present is None else len(lost),
        "lost_records": [
            {"member": one.member, "number": one.number, "seconds": round(one.seconds, 3)} for one in lost[:SHOWN]
        ],
        "writable": bool(acknowledged) and ended - acknowledged[-1].seconds < max(GAP, 5 * wish.interval),
        "longest_gap": max([pause["seconds"] for pause in pauses], default=round(ended, 3)),
        "gaps": [
            pause
            for pause in pauses
            if pause["seconds"] >= max(GAP, 2 * wish.interval) or pause["to"] not in (pause["from"], None)
        ],
        "primary_before": acknowledged[0].member if acknowledged else None,
        "primary_after": acknowledged[-1].member if acknowledged else None,
        "timeline": _stretches(acknowledged),
        "seconds": round(ended, 3),
    }


def _pauses(acknowledged: t.Sequence[Acknowledgement], ended: float) -> list[dict[str, t.Any]]:
    """The time between each two acknowledgements, and from the last one to the end (``to`` is None there)."""
    pauses = [
        _pause(before.seconds, after.seconds, before.member, after.member)
        for before, after in zip(acknowledged, acknowledged[1:])  # noqa: RUF007 (pairwise is newer than Python 3.8)
    ]
    if acknowledged:
        pauses.append(_pause(acknowledged[-1].seconds, ended, acknowledged[-1].member, None))
    return pauses


def _pause(begin: float, end: float, before: str, after: str | None) -> dict[str, t.Any]:
    return {"begin": round(begin, 3), "seconds": round(end - begin, 3), "from": before, "to": after}


def _stretches(acknowledged: t.Sequence[Acknowledgement]) -> list[dict[str, t.Any]]:
    stretches: list[dict[str, t.Any]] = []
    for one in acknowledged:
        if not stretches or stretches[-1]["member"] != one.member:
            stretches.append({"member": one.member, "begin": round(one.seconds, 3), "acknowledged": 0})
        stretches[-1]["end"] = round(one.seconds, 3)
        stretches[-1]["acknowledged"] += 1
    return stretches

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What acknowledgements mean: pauses, takeovers, records that are gone; and where a probe refuses to write."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, InputError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import probing
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.probing import Acknowledgement, Place, Wish

WISH = Wish("COMPANY", "IrisMirrorProbe", "L", 0.2, 10.0, True, 2)
OPTIONS: dict[str, t.Any] = {
    "namespace": "company",
    "name": "^Probe",
    "label": None,
    "interval": 0.2,
    "duration": 10,
    "until": "takeover",
    "further": 3,
}


def acknowledged(*entries: tuple[float, str, int]) -> list[Acknowledgement]:
    return [Acknowledgement(*entry) for entry in entries]


TAKEOVER = acknowledged((0.1, "A", 1), (0.3, "A", 2), (4.8, "B", 1), (5.0, "B", 2))


def test_the_wish() -> None:
    assert probing.make_wish(OPTIONS, "made up") == Wish("COMPANY", "Probe", "made up", 0.2, 10.0, True, 3)
    assert probing.make_wish({**OPTIONS, "label": "mine"}, "made up").label == "mine"


@pytest.mark.parametrize("bad", [{"interval": 0}, {"duration": -1}, {"further": 0}])
def test_wishes_that_never_end(bad: dict[str, t.Any]) -> None:
    with pytest.raises(InputError) as raised:
        probing.make_wish({**OPTIONS, **bad}, "x")
    assert raised.value.code == "probe_invalid"


def test_the_primary_is_where_the_namespace_is_mirrored() -> None:
    assert probing.check(WISH, {"A": "down", "B": Place(True, True), "C": Place(False, None)}) == "B"


@pytest.mark.parametrize(
    ("places", "kind", "code", "says"),
    [
        (
            {"A": "it is down", "B": Place(False, True)},
            PreconditionError,
            "no_primary",
            "A: it is down; B: not",
        ),
        ({"A": Place(True, True), "B": Place(True, True)}, ConflictError, "two_primaries", "A, B"),
        ({"A": Place(True, False)}, PreconditionError, "namespace_not_mirrored", "not mirrored"),
        ({"A": Place(True, None)}, PreconditionError, "namespace_not_mirrored", "in no database"),
    ],
)
def test_where_nothing_is_written(places: dict[str, Place | str], kind: type[Exception], code: str, says: str) -> None:
    with pytest.raises(kind) as raised:
        probing.check(WISH, places)
    assert raised.value.code == code  # type: ignore[attr-defined]
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("entries", "enough"),
    [
        ([], False),
        (TAKEOVER[:2], False),
        (TAKEOVER[:3], False),
        (TAKEOVER, True),
        ([*TAKEOVER[:3], Acknowledgement(5.0, "A", 3)], False),
    ],
)
def test_when_a_takeover_is_seen(entries: list[Acknowledgement], enough: bool) -> None:
    assert probing.is_enough(WISH, entries) is enough
    wish = Wish(WISH.namespace, WISH.name, WISH.label, 0.2, 10.0, False, 2)
    assert probing.is_enough(wish, entries) is False


def test_a_takeover_without_loss() -> None:
    # B has a record that nobody heard of: that is no loss
    result = probing.evaluate(WISH, TAKEOVER, 5.1, {"A": {1, 2, 3}, "B": {1, 2}})
    assert (result["acknowledged"], result["lost"], result["writable"]) == (4, 0, True)
    assert result["longest_gap"] == 4.5
    assert result["gaps"] == [{"begin": 0.3, "seconds": 4.5, "from": "A", "to": "B"}]
    assert (result["primary_before"], result["primary_after"]) == ("A", "B")
    assert result["timeline"] == [
        {"member": "A", "begin": 0.1, "end": 0.3, "acknowledged": 2},
        {"member": "B", "begin": 4.8, "end": 5.0, "acknowledged": 2},
    ]


def test_lost_records_are_named() -> None:
    result = probing.evaluate(WISH, TAKEOVER, 5.1, {"A": {1}, "B": {1, 2}})
    assert result["lost"] == 1
    assert result["lost_records"] == [{"member": "A", "number": 2, "seconds": 0.3}]


def test_a_short_change_of_the_primary_is_a_gap_too() -> None:
    result = probing.evaluate(WISH, acknowledged((0.1, "A", 1), (0.3, "B", 1)), 0.4, {"A": {1}, "B": {1}})
    assert [(gap["from"], gap["to"], gap["seconds"]) for gap in result["gaps"]] == [("A", "B", 0.2)]


def test_a_mirror_that_never_came_back() -> None:
    result = probing.evaluate(WISH, TAKEOVER[:2], 10.0, None)
    assert (result["lost"], result["lost_records"], result["writable"]) == (None, [], False)
    assert result["longest_gap"] == 9.7
    assert result["gaps"] == [{"begin": 0.3, "seconds": 9.7, "from": "A", "to": None}]


def test_a_mirror_that_was_never_there() -> None:
    result = probing.evaluate(WISH, [], 10.0, {"A": set()})
    assert (result["acknowledged"], result["writable"], result["longest_gap"], result["gaps"]) == (0, False, 10.0, [])
    assert (result["primary_before"], result["timeline"]) == (None, [])

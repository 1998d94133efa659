# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What rendered programs do when they run: on the simulator's interpreter, with classes that write down their calls.

The text of a line can look right and mean something else (a $LIST, for instance, is false by itself).
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Array,
    Call,
    Collected,
    Defined,
    Either,
    Expression,
    Global,
    Item,
    Joined,
    ListItem,
    ListOf,
    ListText,
    Not,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.finding import Find
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import (
    Cleanup,
    Collect,
    Do,
    Guard,
    Invoke,
    Kill,
    Put,
    Read,
    Succeed,
    Wait,
)
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import placing, seeding
from ansible_collections.irisops.mirror.tests.contract.programs import NASTY
from ansible_collections.irisops.mirror.tests.contract.recorder import SCRIPT, execute
from irissim.values.errors import OsError, StatusError
from irissim.values.value import Value

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300)
#: Lengths around the pieces in which long values are loaded.
LENGTHS = (79, 80, 81, 159, 160, 161, 162, 241)


def do(name: str, **options: Any) -> Do:
    return Do(name, Call("Test.Work", "Do", name), **options)


def value_of(expression: Expression) -> str:
    return execute(Program(Read("it", {"v": expression}))).value("it", "v")


def named(answers: Answers) -> list[tuple[str, int, bool]]:
    return [(answer.step.name, item, answer.ok) for _group, item, answer in answers.order]


# Values


@pytest.mark.parametrize("text", [*NASTY, *("x" * length for length in LENGTHS), *('"' * length for length in LENGTHS)])
def test_nasty_texts_arrive_as_they_are(text: str) -> None:
    arrive(text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXT)
def test_any_text_arrives_as_it_is(text: str) -> None:
    arrive(text)


def arrive(text: str) -> None:
    """As an argument, as a field of an item, in an array, in a global, as a subscript; and back."""
    # IRIS takes no empty and no very long subscripts
    node = Global("USER", "x", ["s", text] if 0 < len(text) < 100 else ["s"])
    loop = Each("all", [{"text": text}], [Read("field", {"v": Call("Test.Work", "Echo", Item("text"))})])
    array = Call("Test.Work", "Fill", Array({"Fixed": text, "Made": Call("Test.Work", "Echo", text)}))
    program = Program(
        Read("argument", {"v": Call("Test.Work", "Echo", text)}),
        loop,
        Do("fill", array),
        Put("put", node, text),
        Read("global", {"v": node}),
    )
    answers = execute(program)
    assert answers.failures() == []
    assert answers.value("argument", "v") == text
    assert answers.value("field", "v", "all", 0) == text
    assert answers.value("global", "v") == text
    assert SCRIPT.array == {"Fixed": text, "Made": text}
    assert len(answers.order) == 5, "nothing else was run"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (ListText(ListOf("a", "b c", "")), "a\x1fb c\x1f"),
        (ListItem(ListOf("a", "b"), 2), "b"),
        (ListItem(ListOf("a"), 2), ""),
        (Joined("a", 1, separator="/"), "a/1"),
        (Not(Call("Test.Work", "Echo", "0")), "1"),
        (Not(Call("Test.Work", "Echo", "1")), "0"),
        (Either(Call("Test.Work", "Echo", "0"), Call("Test.Work", "Echo", 5)), "1"),
        (Either(Call("Test.Work", "Echo", "0"), Call("Test.Work", "Echo", "")), "0"),
        (Collected("Nothing"), ""),
        (Defined(Global("USER", "nothing", [])), "0"),
    ],
)
def test_expressions_mean_what_their_names_say(expression: Expression, value: str) -> None:
    assert value_of(expression) == value


# Steps


def test_a_failed_step_stops_what_follows_but_reading_and_cleaning() -> None:
    program = Program(
        do("one"),
        do("two"),
        do("three"),
        Cleanup("clean", Call("Test.Work", "Do", "clean")),
        Read("it", {"v": Call("Test.Work", "Ask")}),
    )
    answers = execute(program, **{"do two": StatusError(2066)})
    assert named(answers) == [("one", -1, True), ("two", -1, False), ("clean", -1, True), ("it", -1, True)]
    assert answers.get("two").codes == [2066]
    assert "2066" in answers.get("two").text


@pytest.mark.parametrize("error", [OsError("<PROTECT>"), OsError("<METHOD DOES NOT EXIST>"), StatusError(5001, "x")])
def test_errors_are_answers(error: Exception) -> None:
    answers = execute(Program(do("one"), Succeed("two", Call("Test.Work", "Ask"), "no")), do=error)
    assert named(answers) == [("one", -1, False)]
    assert answers.get("one").codes
    assert answers.get("one").text


def test_an_item_that_fails_does_not_stop_the_others() -> None:
    steps = [
        Do("first", Call("Test.Work", "Do", Item("name"))),
        Do("second", Call("Test.Work", "Do", Joined("second ", Item("name")))),
        Collect("note", "Done", Item("name")),
        Invoke("once", Call("Test.Work", "Ask", ListText(Collected("Done")))),
        Cleanup("clean", Call("Test.Work", "Do", Joined("clean ", Item("name")))),
    ]
    loop = Each("all", [{"name": name} for name in ("A", "B", "C")], steps)
    answers = execute(Program(loop, do("after")), **{"do B": StatusError(60)})
    assert SCRIPT.calls == [
        "do A", "do B", "do C", "do second A", "do second C", "ask A\x1fC",
        "do clean A", "do clean B", "do clean C", "do after",
    ]  # fmt: skip
    assert [(item, answer.step.name) for _group, item, answer in answers.failures()] == [(1, "first")]


@pytest.mark.parametrize(("condition", "made"), [(0, True), (1, False), ("", True), (5, False)])
def test_unless(condition: Value, made: bool) -> None:
    answers = execute(Program(do("it", unless=Call("Test.Work", "Ask"))), ask=condition)
    assert ("do it" in SCRIPT.calls) is made
    assert answers.get("it").ok
    assert [answer.skipped for _group, _item, answer in answers.order] == [not made]


@pytest.mark.parametrize(("number", "ok"), [(2063, True), (2078, True), (2113, False)])
def test_accepted_numbers(number: int, ok: bool) -> None:
    answers = execute(Program(do("it", accept=(2063, 2078)), do("next")), **{"do it": StatusError(number)})
    assert answers.get("it").ok is ok
    assert ("do next" in SCRIPT.calls) is ok


@pytest.mark.parametrize(
    ("value", "ok"), [("1", True), (1, True), ("2", True), ("0", False), ("", False), ("1.5", False)]
)
def test_guards(value: Value, ok: bool) -> None:
    answers = execute(Program(Guard("check", Call("Test.Work", "Ask"), ("1", "2"), "no"), do("it")), ask=value)
    assert answers.get("check").ok is ok
    assert ("do it" in SCRIPT.calls) is ok


@pytest.mark.parametrize(
    ("seen", "ok", "asked"),
    [
        (["UP", "UP"], True, 2),
        (["", "WAIT", "UP", "UP"], True, 4),
        (["UP", "WAIT", "UP", "UP"], True, 4),
        (["WAIT", "DOWN", "UP", "UP"], False, 2),
        ([OsError("<DISCONNECT>"), "UP", "UP"], True, 3),
    ],
)
def test_waits(seen: list[Any], ok: bool, asked: int) -> None:
    wait = Wait("w", Call("Test.Work", "Ask"), ("UP",), ("DOWN",), limit=20, interval=0.5, stable=2)
    answers = execute(Program(wait, do("next")), ask=seen)
    assert (answers.get("w").ok, len([call for call in SCRIPT.calls if call.startswith("ask")])) == (ok, asked)
    assert ("do next" in SCRIPT.calls) is ok


def test_a_wait_ends_and_tells_what_it_saw() -> None:
    wait = Wait("w", Call("Test.Work", "Ask"), ("UP",), limit=0.5, interval=0.01, stable=2)
    answer = execute(Program(wait), ask="SLOW").get("w")
    assert (answer.ok, answer.value) == (False, "SLOW")
    assert len(SCRIPT.calls) > 1


def test_globals_are_set_and_killed() -> None:
    node = Global("USER", "x", ["1"])
    program = Program(
        Put("put", node, "v"), Read("then", {"v": Defined(node)}), Kill("kill", node), Read("end", {"v": Defined(node)})
    )
    answers = execute(program)
    assert (answers.value("then", "v"), answers.value("end", "v")) == ("1", "0")


# Copies on the source

FILES = ("/a/", "/b c/")
COPIES = ["copy /a/IRIS.DAT", "copy /b c/IRIS.DAT"]


@pytest.mark.parametrize(
    ("answers", "calls", "failed"),
    [
        ({"suspended": [0, 1]}, ["suspended", "freeze", *COPIES, "suspended", "thaw"], ""),
        ({"suspended": [1, 0, 1]}, ["suspended", "suspended", "freeze", *COPIES, "suspended", "thaw"], ""),
        ({"suspended": [0], "freeze": StatusError(5001, "no")}, ["suspended", "freeze"], "freeze"),
        (
            {"suspended": [0, 1], "copy /a/IRIS.DAT": 0},
            ["suspended", "freeze", *COPIES, "suspended", "thaw"],
            "copy the file",
        ),
        (
            {"suspended": [0, 1], "copy": OsError("<FILEFULL>")},
            ["suspended", "freeze", *COPIES, "suspended", "thaw"],
            "copy the file",
        ),
        (
            {"suspended": [0, 0]},
            ["suspended", "freeze", *COPIES, "suspended", "thaw"],
            "check that the freeze has held",
        ),
        (
            {"suspended": [0, OsError("<X>")]},
            ["suspended", "freeze", *COPIES, "suspended", "thaw"],
            "check that the freeze has held",
        ),
        (
            {"suspended": [0, 1], "thaw": StatusError(5001, "no")},
            ["suspended", "freeze", *COPIES, "suspended", "thaw"],
            "thaw",
        ),
    ],
    ids=[
        "good",
        "another backup ends",
        "no freeze",
        "a copy fails",
        "a copy raises",
        "it lapses",
        "unknown",
        "no thaw",
    ],
)
def test_what_was_frozen_is_thawed_and_nothing_else(answers: dict[str, Any], calls: list[str], failed: str) -> None:
    found = execute(seeding.frozen_copy(FILES, 60), **answers)
    assert SCRIPT.calls == calls
    assert [answer.step.name for _group, _item, answer in found.failures()][:1] == ([failed] if failed else [])


def test_a_backup_that_does_not_end_is_left_alone() -> None:
    found = execute(seeding.frozen_copy(FILES, 1), suspended=1)
    assert set(SCRIPT.calls) == {"suspended"}
    ((_group, _item, answer),) = found.failures()
    assert "another backup is running" in answer.text


@pytest.mark.parametrize(
    ("answers", "calls"),
    [
        ({}, ["dismount /a/", "dismount /b c/", *COPIES, "mount /a/", "mount /b c/"]),
        ({"copy /a/IRIS.DAT": 0}, ["dismount /a/", "dismount /b c/", *COPIES, "mount /a/", "mount /b c/"]),
        ({"dismount /a/": StatusError(60)}, ["dismount /a/", "dismount /b c/", COPIES[1], "mount /a/", "mount /b c/"]),
    ],
)
def test_what_was_dismounted_is_mounted_again(answers: dict[str, Any], calls: list[str]) -> None:
    execute(seeding.cold_copy(FILES), **answers)
    assert SCRIPT.calls == calls


# Copies on the target

SEEDED = [
    "create /a/MARK",
    "rename /a/SEED /a/IRIS.DAT",
    "register A /a/",
    "mount /a/",
    "activate /a/",
    "remove /a/MARK",
]


@pytest.mark.parametrize(
    ("item", "answers", "calls"),
    [
        ({"seed": 1, "keep": 0}, {}, [*SEEDED, "catch up 1"]),
        ({"seed": 1, "keep": 1}, {}, ["rename /a/IRIS.DAT /a/OLD", *SEEDED, "catch up 1"]),
        ({"seed": 1, "keep": 1}, {"mounted /a/": 1}, ["dismount /a/", "rename /a/IRIS.DAT /a/OLD"]),
        ({"seed": 0, "keep": 0}, {}, ["register A /a/", "mount /a/", "activate /a/", "catch up 1"]),
        ({"seed": 0, "keep": 0}, {"mounted /a/": 1}, ["register A /a/", "activate /a/", "catch up 1"]),
        (
            {"seed": 0, "keep": 0},
            {"activate": StatusError(2078)},
            ["register A /a/", "mount /a/", "activate /a/", "catch up 1"],
        ),
        ({"seed": 1, "keep": 1}, {"rename /a/IRIS.DAT /a/OLD": 0}, ["rename /a/IRIS.DAT /a/OLD"]),
        ({"seed": 1, "keep": 0}, {"rename": 0}, SEEDED[:2]),
        ({"seed": 1, "keep": 0}, {"mount /a/": StatusError(350)}, SEEDED[:4]),
    ],
    ids=[
        "fresh",
        "a file in the way",
        "a mounted database in the way",
        "finish",
        "finish a mounted one",
        "active already",
        "the old file stays",
        "the copy stays",
        "no mount",
    ],
)
def test_a_copy_takes_its_place(item: dict[str, int], answers: dict[str, Any], calls: list[str]) -> None:
    fields = {"name": "A", "directory": "/a/", "mirror_name": "A", "kept": "OLD", **item}
    execute(Program(Each("databases", [fields], placing.place_steps())), **answers)
    names = {placing.MARK: "MARK", placing.PARTIAL: "SEED"}
    made = list(SCRIPT.calls)
    for name, short in names.items():
        made = [call.replace(name, short) for call in made]
    assert made[: len(calls)] == calls


# A row of a query


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["B", "CN=b"]], True),
        ([["X", "CN=x"], ["B", "CN=b"]], True),
        ([], False),
        ([["B", "CN=x"]], False),
        ([["X", "CN=b"]], False),
        ([["B", "CN=b"], ["X", "CN=b"]], False),
        ([["X", "CN=b"], ["B", "CN=b"]], False),
        ([["B", "CN=B"]], False),
    ],
)
def test_one_row_is_found_and_no_impostor(rows: list[list[str]], found: bool) -> None:
    find = Find("find", "Test.Work", "People", [], ("DN", "CN=b"), ("Name", "B"), "not there", limit=0.2, interval=0.1)
    answers = execute(Program(find, do("after")), people=[rows])
    assert answers.get("find").ok is found
    assert (answers.find("after") is not None) is found
    assert answers.get("find").text == ("" if found else "not there")


def test_a_row_may_come_later() -> None:
    find = Find("find", "Test.Work", "People", [], ("DN", "CN=b"), ("Name", "B"), "not there", limit=30, interval=0.01)
    answers = execute(Program(find), people=[[], [], [["B", "CN=b"]]])
    assert answers.get("find").ok
    assert SCRIPT.calls == ["people"] * 3

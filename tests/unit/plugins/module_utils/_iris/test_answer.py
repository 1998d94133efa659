# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a terminal prints to typed answers, however noisy the terminal is."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.irisops.mirror.plugins.module_utils._errors import SessionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers, as_text, parse
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, Version
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Read, Rows
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Reply, failed, transcript

END = '\x02{"end":1}\x03'
CALL = Call("SYS.Mirror", "AddDatabase", "/a/")


def program(*elements: t.Any) -> Program:
    made = Program(*elements)
    made.lines()
    return made


def read(output: str) -> Answers:
    return parse(program(Read("it", {"v": Version()}), Do("work", CALL)), output)


@pytest.mark.parametrize(
    ("output", "complete", "value"),
    [
        (f'\x02{{"id":1,"ok":1,"item":0,"value":{{"v":"x"}}}}\x03{END}', True, "x"),
        (f'%SYS>\r\n%SYS>\x02{{"id":1,"ok":1,"value":{{"v":"x"}}}}\x03\r\n%SYS>{END}\r\n', True, "x"),
        (f'Sperre: {{"id":1}} \x07\x02{{"id":1,"ok":1,"value":{{"v":1.0}}}}\x03 zz{END}', True, "1"),
        (f'\x02{{"id":1,"ok":1,"value":{{"v":"a\tb\\u0001\\u001f"}}}}\x03{END}', True, "a\tb\x01\x1f"),
        (f'\x02{{"id":1,"ok":1,"value":{{"v":null}}}}\x03{END}', True, "nothing"),
        (f'\x02{{"id":1,"ok":1,"value":{{"v":false}}}}\x03{END}', True, "0"),
        (f'\x02{{"id":1,"ok":0,"codes":"420"}}\x03{END}', True, "nothing"),
        ('\x02{"id":1,"ok":1,"value":{"v":"x"}}\x03 <UNDEFINED>', False, "x"),
        ("", False, "nothing"),
        ("Access Denied", False, "nothing"),
        ('\x02{"id":1,"ok":1,"value":{"v":"cut', False, "nothing"),
    ],
)
def test_frames_are_found_in_noise(output: str, complete: bool, value: str) -> None:
    answers = read(output)
    assert answers.complete is complete
    assert answers.value("it", "v", default="nothing") == value


@pytest.mark.parametrize("frame", ["{", "no JSON", '{"id":1,}', ""])
def test_a_frame_that_is_no_json_is_an_error(frame: str) -> None:
    with pytest.raises(SessionError) as raised:
        read(f"\x02{frame}\x03{END}")
    assert raised.value.code == "session_failed"


def test_a_failure_has_numbers_and_text() -> None:
    made = program(Do("one", CALL), Do("two", CALL))
    answers = parse(made, transcript(made, {"one": Reply(False, codes=[5001, 2066], text="Fehler #2066")}))
    ((group, item, answer),) = answers.failures()
    assert (group, item, answer.step.name, answer.codes, answer.text) == ("", -1, "one", [5001, 2066], "Fehler #2066")
    assert answers.find("two") is None
    with pytest.raises(SessionError):
        answers.get("two")


def test_skipped_steps_and_reads_are_no_actions() -> None:
    made = program(Do("one", CALL), Read("it", {"v": Version()}), Do("two", CALL))
    answers = parse(made, transcript(made, {"one": Reply(skipped=True), "it": failed(420)}))
    assert [answer.step.name for _group, _item, answer in answers.acted()] == ["two"]
    assert answers.failures() == [], "a read that finds nothing is an answer"


def test_items_are_told_apart() -> None:
    made = program(Each("all", [{"d": "a"}, {"d": "b"}, {"d": "c"}], [Do("one", CALL), Do("two", CALL)]))
    answers = parse(made, transcript(made, {("all", "one", 1): failed(60)}))
    assert [(item, answer.codes) for _group, item, answer in answers.failures()] == [(1, [60])]
    assert [answers.find("two", "all", item) is not None for item in range(3)] == [True, False, True]


def test_rows_belong_to_their_step_and_item() -> None:
    rows = Rows("rows", "SYS.Mirror", "MirroredDatabaseList", ["*"], ("Name", "Directory", "Size"))
    made = program(rows, Each("all", [{}, {}], [rows]))
    script = {
        ("", "rows"): Reply(rows=[["A", "/a/", 1.0], ["B", None]]),
        ("all", "rows", 1): Reply(rows=[["C", "/c/", 5]]),
    }
    answers = parse(made, transcript(made, script))
    columns = ("Name", "Directory", "Size")
    assert answers.rows("rows", columns) == [
        {"Name": "A", "Directory": "/a/", "Size": "1"},
        {"Name": "B", "Directory": "", "Size": ""},
    ]
    assert answers.rows("rows", columns, "all", 0) == []
    assert answers.rows("rows", columns, "all", 1) == [{"Name": "C", "Directory": "/c/", "Size": "5"}]


@pytest.mark.parametrize(
    ("value", "expected"), [(1, "1"), (1.0, "1"), (1.5, "1.5"), (True, "1"), (False, "0"), ("1.0", "1.0"), ("", "")]
)
def test_numbers_are_written_as_iris_does(value: object, expected: str) -> None:
    assert as_text(value) == expected


@given(st.text(alphabet=st.characters(exclude_characters="\x02\x03", exclude_categories=["Cs"])))
def test_noise_without_control_characters_changes_nothing(noise: str) -> None:
    made = program(Read("it", {"v": Version()}))
    output = transcript(made, {"it": Reply(value={"v": "x"})}).replace("%SYS>", noise)
    answers = parse(made, noise + output + noise)
    assert answers.complete
    assert answers.value("it", "v") == "x"

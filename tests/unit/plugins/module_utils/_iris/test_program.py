# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How steps become lines, and what a line carries."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Array,
    Call,
    Global,
    Item,
    Not,
    Ref,
    Version,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import LINE_LIMIT, Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import (
    Cleanup,
    Collect,
    Do,
    Guard,
    Invoke,
    Put,
    Read,
    Step,
    Succeed,
    Wait,
)
from ansible_collections.irisops.mirror.tests.unit.support.objectscript import NotPlain, add_assignments

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=600)
CALL = Call("SYS.Mirror", "AddDatabase", Item("directory"))


def line_of(program: Program, identity: int = 1) -> str:
    (line,) = (line for line in program.lines() if f"mId={identity}," in line)
    return line


def loaded(program: Program) -> dict[str, str]:
    """Everything that the lines of assignments put into locals."""
    names: dict[str, str] = {}
    for line in program.lines():
        if line.startswith(("set mI=0", "set mIo=", "set mRep=")):
            continue
        if line.startswith("set "):
            add_assignments(line, names)
    return names


def test_the_frame_of_a_program() -> None:
    lines = Program().lines()
    assert lines[0] == "set mIo=$io,mGo=1,mI=0"
    assert lines[-2] == 'set mRep={} do mRep.%Set("end",1) use mIo write $char(2),mRep.%ToJSON(),$char(3)'
    assert lines[-1] == "halt"
    assert Program().text().endswith("\nhalt\n")


@pytest.mark.parametrize(
    ("step", "condition", "stop"),
    [
        (Do("x", CALL), "mGo", True),
        (Cleanup("x", CALL), "1", True),
        (Succeed("x", CALL, "text"), "mGo", True),
        (Guard("x", CALL, ("1",), "text"), "mGo", True),
        (Read("x", {"v": CALL}), "1", False),
    ],
)
def test_single_steps_run_unless_something_failed(step: Step, condition: str, stop: bool) -> None:
    step.call = Call("SYS.Mirror", "AddDatabase", "/a/")  # type: ignore[attr-defined]
    step.value = step.call  # type: ignore[attr-defined]
    step.values = {"v": Version()}  # type: ignore[attr-defined]
    line = line_of(Program(step))
    assert line.startswith(f"if {condition} {{ set mRep={{}}")
    assert ("set:'mOk mGo=0" in line) is stop
    assert "use mIo write $char(2),mRep.%ToJSON(),$char(3)" in line
    assert "catch mE { set mOk=0,mSc=mE.AsStatus()" in line


@pytest.mark.parametrize(
    ("step", "beginning", "stop"),
    [
        (Do("x", CALL), "for mI=1:1:3 { if mGo&&mGo(1,mI) {", "mGo(1,mI)=0"),
        (Cleanup("x", CALL), "for mI=1:1:3 { if 1 {", "mGo(1,mI)=0"),
        (Read("x", {"v": CALL}), "for mI=1:1:3 { if 1 {", ""),
        (Invoke("x", Call("SYS.Mirror", "CatchupDB", "")), "if mGo { set mI=0 ", " mGo=0"),
    ],
)
def test_steps_of_an_each_run_for_every_item_that_has_not_failed(step: Step, beginning: str, stop: str) -> None:
    program = Program(Each("all", [{"directory": name} for name in ("/a/", "/b/", "/c/")], [step]))
    line = line_of(program)
    assert line.startswith(beginning)
    assert (stop in line) if stop else ("set:'mOk" not in line)
    names = loaded(program)
    assert [names[f"mGo(1,{number})"] for number in (1, 2, 3)] == ["1", "1", "1"]
    assert [names[f'mD(1,{number},"directory")'] for number in (1, 2, 3)] == ["/a/", "/b/", "/c/"]


def test_two_blocks_do_not_share_their_items() -> None:
    step = Do("x", CALL)
    program = Program(Each("a", [{"directory": "/a/"}], [step]), Each("b", [{"directory": "/b/"}], [step]))
    assert 'AddDatabase(mD(1,mI,"directory"))' in line_of(program, 1)
    assert 'AddDatabase(mD(2,mI,"directory"))' in line_of(program, 2)
    assert program.index[1][0] == "a"
    assert program.index[2][0] == "b"


def test_unless_is_asked_before_the_call() -> None:
    line = line_of(Program(Do("x", Call("SYS.Mirror", "AddDatabase", "/a/"), unless=Not(Version()))))
    condition, _else, call = line.partition(" else { ")
    assert 'if \'($zversion) { set mOk=1 do mRep.%Set("skipped",1) }' in condition
    assert call.startswith("set mSc=##class(SYS.Mirror).AddDatabase(")


def test_accepted_numbers_count_as_success() -> None:
    line = line_of(Program(Do("x", Call("SYS.Mirror", "AddDatabase", "/a/"), accept=(2063, 2078))))
    for number in (2063, 2078):
        assert f' set:$system.Status.GetErrorCodes(mSc)="{number}" mOk=1' in line


def test_a_read_forgets_what_an_earlier_call_left() -> None:
    line = line_of(Program(Read("x", {}, first=Call("Config.Mirrors", "Get", "M", Ref("Set")))))
    assert line.index("kill mOutSet") < line.index("##class(Config.Mirrors).Get")


def test_a_wait_has_a_limit_and_gives_up_on_hopeless_states() -> None:
    wait = Wait("x", Version(), ("UP", "ON"), ("DOWN",), limit=30.0, interval=0.25, stable=3)
    program = Program(wait)
    line = line_of(program)
    assert 'set mN=$select(((mV="UP")||(mV="ON")):mN+1,1:0) if mN>=3 { set mOk=1 quit }' in line
    assert 'if ((mV="DOWN")) { quit } if ($zhorolog-mStart)>30 { quit } hang 0.25 }' in line
    assert program.lines()[1] == "set mStart=$zhorolog"
    assert program.seconds() == 30.25
    assert "{ quit } if ($zhorolog" not in line_of(Program(Wait("x", Version(), ("UP",))))
    assert Program(Each("e", [{}, {}], [wait])).seconds() == 30.25, "all items share one limit"


def test_collect_joins_lists() -> None:
    line = line_of(Program(Collect("x", "Files", Version())))
    assert "set mSetFiles=$get(mSetFiles)_$listbuild($zversion),mOk=1" in line


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_items_carry_any_text(values: list[str]) -> None:
    program = Program(Each("all", [{"directory": value, "number": 1} for value in values], [Do("x", CALL)]))
    names = loaded(program)
    assert [names[f'mD(1,{number},"directory")'] for number in range(1, len(values) + 1)] == values
    assert_sendable(program)


@given(st.dictionaries(st.sampled_from(["Directory", "Size", "A"]), TEXT, min_size=1), TEXT)
def test_arrays_and_arguments_carry_any_text(values: dict[str, str], argument: str) -> None:
    program = Program(Do("x", Call("Config.Databases", "Create", argument, Array(values))))
    names = loaded(program)
    found = re.search(r"\.Create\((.*?),\.(mA\d+)\)", line_of(program))
    assert found is not None
    for subscript, value in values.items():
        assert names[f'{found[2]}("{subscript}")'] == value
    names[""] = ""
    holder: dict[str, str] = dict(names)
    add_assignments(f"set it={found[1]}", holder)
    assert holder["it"] == argument
    assert_sendable(program)


def test_an_array_of_an_item_is_made_for_each_item() -> None:
    call = Call("Config.Databases", "Create", Item("name"), Array({"Directory": Item("directory")}))
    program = Program(
        Each("all", [{"name": "A", "directory": "/a/"}, {"name": "B", "directory": "/b/"}], [Do("x", call)])
    )
    line = line_of(program)
    assert re.search(
        r'for mI=1:1:2 .*mA1\("Directory"\)=mD\(1,mI,"directory"\).*\.Create\(mD\(1,mI,"name"\),\.mA1\)', line
    )


@given(st.integers(1, 150), TEXT)
def test_hundreds_of_items_stay_below_the_limit_of_a_line(count: int, text: str) -> None:
    assert_sendable(Program(Each("all", [{"directory": text}] * count, [Do("x", CALL)])))


def test_what_does_not_fit_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(InputError) as raised:
        Program(Put("x", Global("USER", "a", ["b" * 150] * 12), "v")).lines()
    assert raised.value.code == "input_too_long"


def test_the_reader_of_assignments_refuses_code() -> None:
    with pytest.raises(NotPlain):
        add_assignments('set a="b" halt', {})


def assert_sendable(program: Program) -> None:
    for line in program.lines():
        assert len(line) < LINE_LIMIT
        assert re.match(r"[\x20-\x7e]+\Z", line)

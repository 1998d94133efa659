# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - lines of ObjectScript are one line
"""Classes written in Python: arguments, by reference, status, versions, namespaces, properties."""

from __future__ import annotations

from typing import ClassVar

import pytest
from tests.objectscript.fakes import Terminal

from irissim.objectscript.classes import (
    Context,
    LocalArray,
    Status,
    SystemClass,
    class_method,
    field,
    method,
    property_,
)
from irissim.objectscript.registry import class_name_of
from irissim.values.errors import StatusError
from irissim.values.value import Value, to_int, to_string


class Tool(SystemClass):
    """A bit of everything."""

    NAME = "Test.Tool"
    PARAMETERS: ClassVar[dict[str, Value]] = {"VERSION": 7}
    Size = field(3)
    Percent = field("p", name="%Percent")

    @class_method(byref=("Info",))
    def Create(ctx: Context, Name: Value, Kind: Value = "plain", Info: LocalArray = ...) -> Status:  # type: ignore[assignment]
        if Name == "bad":
            raise StatusError(2012, 15)
        Info.set(f"{to_string(Name)}-{to_string(Kind)}", "out")
        Info.set(to_string(Info.get("in")) + "!", "in")
        return None  # type: ignore[return-value]

    @class_method()
    def Sum(ctx: Context, *args: Value) -> Value:
        return sum(to_int(value) for value in args)

    @class_method()
    def Fail(ctx: Context) -> Value:
        raise StatusError(5001, "no status here")

    @class_method(since="2025.1")
    def Newer(ctx: Context) -> Value:
        return True

    @class_method(name="%OpenId")
    def OpenId(ctx: Context, ID: Value) -> Value:
        tool = Tool(ctx)
        tool.Size = ID
        return tool

    @class_method()
    def Where(ctx: Context) -> Value:
        return f"{class_name_of(ctx)} in {ctx.session.namespace}"

    @method()
    def Grow(self, By: Value = 1) -> Value:
        self.Size = to_int(self.Size) + to_int(By)
        return self.Size

    @property_
    def Double(self) -> Value:
        return 2 * to_int(self.Size)

    @Double.setter
    def set_double(self, value: Value) -> None:
        self.Size = to_int(value) // 2


class Derived(Tool):
    """Inherits all of it."""

    NAME = "Test.Derived"

    @class_method()
    def Extra(ctx: Context) -> Value:
        return "extra"


class SystemOnly(SystemClass):
    """Known in %SYS only."""

    NAME = "Test.SystemOnly"
    NAMESPACE = "%SYS"

    @class_method()
    def Run(ctx: Context) -> Value:
        return "ran"


@pytest.fixture
def tool(terminal: Terminal) -> Terminal:
    for kind in (Tool, Derived, SystemOnly):
        terminal.session.classes.register(kind)
    return terminal


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ('set i("in")="x" write ##class(Test.Tool).Create("n",,.i),i("out"),i("in")', "1n-plainx!"),
        ('write ##class(Test.Tool).Create("n","k",.fresh),fresh("out")', "1n-k"),
        ('write ##class(Test.Tool).Create("n","k","by value")', "1"),
        ('write ##class(Test.Tool).Create("n")', "1"),
        (
            'write $system.Status.GetErrorText(##class(Test.Tool).Create("bad"))',
            "ERROR #2012: Mirror name exceeds the maximum length of 15 characters",
        ),
        ("write ##class(Test.Tool).Create()", "\r\n<UNDEFINED>zCreate^Test.Tool.1 *Name\r\n"),
        ("write ##class(Test.Tool).Create(.undefined)", "\r\n<UNDEFINED>zCreate^Test.Tool.1 *Name\r\n"),
        ("write ##class(Test.Tool).Create(1,2,.x,4)", "\r\n<PARAMETER>zCreate^Test.Tool.1\r\n"),
        ("write ##class(Test.Tool).Create(nothing)", "\r\n<UNDEFINED> *nothing\r\n"),
        ('set n="v" write ##class(Test.Tool).Create(.n,,.o),o("out")', "1v-plain"),
        ('set n="@o",o("in")=2,v="o" write ##class(Test.Tool).Create(1,,.@v),o("in")', "12!"),
        ("write ##class(Test.Tool).Sum(),##class(Test.Tool).Sum(1,2,3)", "06"),
        ("set a=2,a(1)=4,a(2)=5 write ##class(Test.Tool).Sum(1,a...)", "10"),
        ("do ##class(Test.Tool).Fail()", "\r\n<THROW> *%Exception.StatusException ERROR #5001: no status here\r\n"),
        ("write ##class(Test.Tool).Newer()", "1"),
        ("write ##class(Test.Tool).#VERSION", "7"),
        (
            "write ##class(Test.Tool).Size",
            "\r\n<SYNTAX> *##class(Test.Tool).Size is not supported by the simulator\r\n",
        ),
        ('write $parameter("Test.Tool","VERSION")', "7"),
        ("set t=##class(Test.Tool).%OpenId(5) write t.Size,t.Grow(),t.Grow(4),t.Double,t.%Percent", "561020p"),
        ("set t=##class(Test.Tool).%OpenId(5),t.Double=8,t.Size=t.Size+1 write t.Size", "5"),
        ("set t=##class(Test.Tool).%OpenId(5) write t.Sum(1,2),t.#VERSION", "37"),
        ("write ##class(Test.Tool).%OpenId(5).Grow()", "6"),
        (
            "write ##class(Test.Derived).Extra(),##class(Test.Derived).Sum(4),##class(Test.Derived).%OpenId(1).Size",
            "extra41",
        ),
        (
            'write ##class(Test.Derived).%IsA("Test.Tool"),##class(Test.Tool).%IsA("Test.Derived"),##class(Test.Tool).%ClassName()',
            "10Tool",
        ),
        ("write ##class(Test.Derived).Where()", "Test.Derived in USER"),
        ("write ##class(Test.SystemOnly).Run()", "\r\n<CLASS DOES NOT EXIST> *Test.SystemOnly\r\n"),
        ('zn "%SYS"  write ##class(Test.SystemOnly).Run()', "ran"),
        ("do ##class(Test.Tool).create()", "\r\n<METHOD DOES NOT EXIST> *create,Test.Tool\r\n"),
        ("write ##class(test.tool).Sum()", "\r\n<CLASS DOES NOT EXIST> *test.tool\r\n"),
    ],
)
def test_line(tool: Terminal, line: str, output: str) -> None:
    assert tool.run(line) == output


def test_a_newer_method_is_missing_in_an_older_version() -> None:
    older = Terminal("2024.1")
    older.session.classes.register(Tool)
    same = Terminal("2025.1")
    same.session.classes.register(Tool)
    assert same.run("write ##class(Test.Tool).Newer()") == "1"
    assert "<METHOD DOES NOT EXIST> *Newer,Test.Tool" in older.run("write ##class(Test.Tool).Newer()")


def test_objects_print_as_references(tool: Terminal) -> None:
    output = tool.run('set t=##class(Test.Tool).%OpenId(5) write t,"|",+t=+t')
    number, _, rest = output.partition("@")
    assert number.isdigit()
    assert rest == "Test.Tool|1"


def test_a_class_name_is_registered_once(tool: Terminal) -> None:
    class Other(SystemClass):
        NAME = "Test.Tool"

    with pytest.raises(ValueError, match="registered twice"):
        tool.session.classes.register(Other)


def test_routines(tool: Terminal) -> None:
    def entry(ctx: Context, first: Value = "none") -> Value:
        return f"{to_string(first)} in {ctx.session.namespace}"

    tool.session.classes.register_routine("TOOL", entry)
    tool.session.classes.register_routine("TOOL", entry, "label")
    assert tool.run("write $$^TOOL(5),$$label^TOOL()") == "5 in USERnone in USER"
    assert tool.run('set x="^TOOL" do @x,label^TOOL write 1') == "1"
    assert "<NOLINE> *other^TOOL" in tool.run("do other^TOOL")
    assert "<PARAMETER>label^TOOL" in tool.run("do label^TOOL(1,2)")

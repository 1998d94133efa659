# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - lines of ObjectScript are one line
"""Errors as IRIS prints them, and what TRY, CATCH and THROW do with them."""

from __future__ import annotations

import pytest
from tests.objectscript.fakes import Terminal


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("write x", "<UNDEFINED> *x"),
        ("write x(1)", "<UNDEFINED> *x(1)"),
        ("do x.Run()", "<UNDEFINED> *x"),
        ("write 1/0", "<DIVIDE>"),
        ("do ##class(Foo.Bar).X()", "<CLASS DOES NOT EXIST> *Foo.Bar"),
        ("do ##class(%Foo).X()", "<CLASS DOES NOT EXIST> *%Library.Foo"),
        ("do ##class(%SYSTEM.Status).Nope()", "<METHOD DOES NOT EXIST> *Nope,%SYSTEM.Status"),
        ("do $system.Nope.Run()", "<CLASS DOES NOT EXIST> *%SYSTEM.Nope"),
        ("write ##class(%SYSTEM.Status).OK(1)", "<PARAMETER>zOK^%SYSTEM.Status.1"),
        ("write $system.Status.IsOK()", "<UNDEFINED>zIsOK^%SYSTEM.Status.1 *sc"),
        ("write ##class(%ResultSet).%New().Nope", "<PROPERTY DOES NOT EXIST> *Nope,%Library.ResultSet"),
        ("set ##class(%ResultSet).%New().AtEnd=1", "<CANNOT SET THIS PROPERTY> *AtEnd,%Library.ResultSet"),
        ("set r=##class(%ResultSet).%New(),r.Nope=1", "<PROPERTY DOES NOT EXIST> *Nope,%Library.ResultSet"),
        ("write ##class(%ResultSet).Execute()", "<NO CURRENT OBJECT>zExecute^%Library.ResultSet.1"),
        ("write ##class(%ResultSet).#NOPE", "<PARAMETER DOES NOT EXIST> *NOPE,%Library.ResultSet"),
        ('set x="" write x.Name', "<INVALID OREF>"),
        ("set x=5 do x.Run()", "<INVALID OREF>"),
        ("do ^NOWHERE", "<NOROUTINE> *NOWHERE"),
        ("do label^NOWHERE(1)", "<NOROUTINE> *NOWHERE"),
        ("write $$label^NOWHERE(1)", "<NOROUTINE> *NOWHERE"),
        ("do label", "<NOLINE> *label"),
        ('zn "NOWHERE"', "<NAMESPACE> *NOWHERE"),
        ("set ^readonly(1)=1", "<PROTECT> ^readonly,/data/"),
        ("write ..Name", "<NO CURRENT OBJECT>"),
        ("do ..Run()", "<NO CURRENT OBJECT>"),
        ("write $$$OK", "<SYNTAX>"),
        ("set x=$$$YES", "<SYNTAX>"),
        ('write "open', "<SYNTAX>"),
        ("set x=", "<SYNTAX>"),
        ("write (1", "<SYNTAX>"),
        ("if 1 {", "<SYNTAX>"),
        ("}", "<SYNTAX>"),
        ("nonsense", "<SYNTAX>"),
        ("write  1", "<SYNTAX>"),
        ("set (a,1)=2", "<SYNTAX>"),
        ('set "a"=1', "<SYNTAX>"),
        ("do ##class(%SYSTEM.Status).OK(.a(1))", "<SYNTAX>"),
        ('write "x"?"1N"', "<SYNTAX>"),
        ('write "x"?@"1Q"', "<SYNTAX>"),
        ('write "x"?3.1N', "<SYNTAX>"),
        ("for i=1:1:2 { quit 5 }", "<COMMAND>"),
        ("throw 5", "<THROW>"),
        ("break", "<SYNTAX> *BREAK is not supported by the simulator"),
        ("goto a", "<SYNTAX> *GOTO is not supported by the simulator"),
        ("&sql(select 1)", "<SYNTAX> *&SQL(SELECT is not supported by the simulator"),
        ('set $ztrap="x"', "<SYNTAX> *$ZTRAP as an error handler is not supported by the simulator"),
        ('set $ecode=",U1,"', "<ECODETRAP>"),
        ("write /clear", "<SYNTAX> *WRITE /clear is not supported by the simulator"),
    ],
)
def test_error(terminal: Terminal, line: str, error: str) -> None:
    assert terminal.run(line) == f"\r\n{error}\r\n"


def test_nothing_of_a_line_with_a_syntax_error_runs(terminal: Terminal) -> None:
    assert terminal.run("write 1 write (") == "\r\n<SYNTAX>\r\n"


def test_what_ran_before_an_error_stays(terminal: Terminal) -> None:
    assert terminal.run("set a=1 write a write b", "write a") == "1\r\n<UNDEFINED> *b\r\n1"


def test_zerror_and_ecode(terminal: Terminal) -> None:
    terminal.run("write 1/0")
    assert terminal.run("write $zerror,$ecode") == "<DIVIDE>,M9,"
    assert terminal.run('set $ecode="",$ze="" write $ze,$ecode') == ""


def test_endless_recursion_ends_as_an_error(terminal: Terminal) -> None:
    assert "<FRAMESTACK>" in terminal.run('set x="xecute x"', "xecute x")
    assert terminal.run("try { xecute x } catch e { write e.Name }") == "<FRAMESTACK>"


def test_deeply_nested_brackets_are_refused(terminal: Terminal) -> None:
    assert "<SYNTAX>" in terminal.run("write " + "(" * 5000 + "1" + ")" * 5000)


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("try { write 1/0 } catch e { write e.Name,e.Code,e.Data,e.Location }", "<DIVIDE>18"),
        ("try { write x(1) } catch e { write e.Name,e.Data }", "<UNDEFINED>*x(1)"),
        ("try { write x } catch { write 5 } write 6", "56"),
        (
            "try { write x } catch e { write $system.Status.GetErrorText(e.AsStatus()) }",
            "ERROR #5002: ObjectScript error: <UNDEFINED> *x",
        ),
        ("try { do ##class(A.B).C() } catch e { write e.DisplayString() }", "<CLASS DOES NOT EXIST> *A.B"),
        (
            'try { throw ##class(%Exception.General).%New("n",7,"l","d") } catch e { write e.Name,e.Code,e.Location,e.Data }',
            "n7ld",
        ),
        ("try { try { write 1/0 } catch e { throw e } } catch f { write f.Name }", "<DIVIDE>"),
        ("try { try { write 1/0 } catch { throw } } catch f { write f.Name }", "<DIVIDE>"),
        (
            'set s=$system.Status.Error(2063,"/d/") try { throw ##class(%Exception.StatusException).CreateFromStatus(s) } '
            'catch e { write e.Code,"|",e.DisplayString(),"|",e.AsStatus()=s }',
            "2063|ERROR #2063: Database '/d/' is already being mirrored|1",
        ),
        ('try { throw ##class(%Exception.SQL).CreateFromSQLCODE(-400,"m") } catch e { write e.Code,e.Data }', "-400m"),
        (
            'try { throw ##class(%Exception.SystemException).%New("<X>",1,"a+1^b","*c") } catch e { write e.AsSystemError() }',
            "<X>a+1^b *c",
        ),
        ("try { write 1 } catch e { write 2 }", "1"),
        ("for i=1:1:2 { try { write x } catch e { continue } }", ""),
        (
            'try { write x } catch e { write e.%IsA("%Exception.AbstractException"),e.%ClassName(1) }',
            "1%Exception.SystemException",
        ),
        ("set e={} try { write x } catch e.a { }", "\r\n<SYNTAX>\r\n"),
    ],
)
def test_caught(terminal: Terminal, line: str, output: str) -> None:
    assert terminal.run(line) == output


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('throw ##class(%Exception.General).%New("n",7,"l","d")', "<THROW> *%Exception.General n 7 l d"),
        (
            'throw ##class(%Exception.StatusException).CreateFromStatus($system.Status.Error(5001,"m"))',
            "<THROW> *%Exception.StatusException ERROR #5001: m",
        ),
        ('throw ##class(%Exception.SystemException).%New("<UNDEFINED>",9,"a+1^b","*c")', "<UNDEFINED>a+1^b *c"),
        ("try { write x } catch e { throw e }", "<UNDEFINED> *x"),
    ],
)
def test_uncaught(terminal: Terminal, line: str, error: str) -> None:
    assert terminal.run(line) == f"\r\n{error}\r\n"

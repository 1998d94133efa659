# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands, by what they write."""

from __future__ import annotations

import pytest
from tests.objectscript.fakes import MemoryGlobals, Terminal

from irissim.objectscript.signals import Halt
from irissim.values.errors import OsError


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ('set (a,b(1))=1,c="x"  write a,b(1),c', "11x"),
        ("set:0 a=1  write $data(a)", "0"),
        ('write "a",!,"b",?5,"c",*65,#', "a\r\nb    cA\r\f"),
        ("if 1 { write 1 } else { write 2 }", "1"),
        ("if 0 { write 1 } elseif 1 { write 2 } else { write 3 } write 4", "24"),
        ("if 0 { write 1 } else { write 3 }", "3"),
        ("if 1,0 { write 1 }", ""),
        ("if 1  write 1", "1"),
        ("if 0  write 1 else  write 2", ""),
        ("set t=0  if t  write 1", ""),
        ("for i=1:1:3 write i", "123"),
        ("for i=5:-2:1 { write i }", "531"),
        ("for i=1:1:0 { write i }", ""),
        ("set n=0 for i=1:0:5 { set n=n+1 quit:n=3 } write n,i", "31"),
        ('set x=1 xecute "new x set x=2 new x set x=3 write x" write x', "31"),
        ('for i="a",7,1:1:2 { write i }', "a712"),
        ("for i=1:1:5 { quit:i=3  write i } write i", "123"),
        ("for i=1:1:5 { continue:i=2  write i }", "1345"),
        ("for i=1:1 { write i quit:i>2 }", "123"),
        ("set i=0 for  set i=i+1 quit:i>3  write i", "123"),
        ('for i=1:1:2 { for j=1:1:9 { quit:j>2  write i,j," " } }', "11 12 21 22 "),
        ("for i=1:1:5 { set i=i+1 write i }", "246"),
        ("set i=0 while i<3 { set i=i+1 write i }", "123"),
        ("set i=9 do { set i=i+1 write i } while i<3", "10"),
        ("for i=1:1:3 { write i return:i=2 } write 9", "12"),
        ("try { quit  write 1 } catch { } write 2", "2"),
        ("for i=1:1:2 { try { quit } catch { } write i }", "12"),
        ('xecute "write 1 quit  write 2" write 3', "13"),
        ('set x=1 xecute "new x set x=2 write x" write x', "21"),
        ('set x=1,y=2 xecute "new (x) write x,$data(y)" write y', "102"),
        ('set x=1 xecute "new  write $data(x) set x=3" write x', "01"),
        ('xecute "new $namespace set $namespace=""%SYS"" write $namespace" write $namespace', "%SYSUSER"),
        ('xecute:0 "write 1" xecute "write 2":0,"write 3"', "3"),
        ("set a=1,b=2,c=3 kill (a,b) write $data(a),$data(c) kill  write $data(a)", "100"),
        ("set a(1)=1,a(1,2)=2 kill a(1,2) write $data(a(1)) kill a write $data(a)", "10"),
        ("set a=1,a(1)=2 zkill a write $data(a)", "10"),
        ("set a(1)=1,a(1,2)=2 merge b(5)=a(1) write b(5),b(5,2)", "12"),
        ('set ^g("x")=1 merge a=^g,^h(1)=a write ^h(1,"x")', "1"),
        ('set a="b",@a=5,@a@(1)=6 write b,b(1),@a,@a@(1),$name(@a@(1,"z"))', '5656b(1,"z")'),
        ('set @"p=1,q=2" write p,q', "12"),
        ('set k="^g(1)",@k=7 write ^g(1),^(1) set ^(2)=8 write ^g(2)', "778"),
        ('set a=1 do @"^NOWHERE":0 write a', "1"),
        ('zn "%SYS"  write $namespace zn "user"  write $namespace', "%SYSUSER"),
        ('set ^|"%SYS"|a=1,^["%SYS"]b=2 write $data(^a),^|"%SYS"|a zn "%sys"  write ^a,^b', "0112"),
        ('set ^|"^^/db/"|a=4 write ^["^^/db/"]a,^["/db/",""]a', "44"),
        ("set ^||p(1)=5 kill  write ^||p(1),$data(^p)", "50"),
        ("write 1 ; write 2", "1"),
        ("; only a comment", ""),
        ("#; only a comment", ""),
        ("   // only a comment", ""),
        ("", ""),
        ("do  write 5", "5"),
    ],
)
def test_line(terminal: Terminal, line: str, output: str) -> None:
    assert terminal.run(line) == output


def test_locals_live_from_line_to_line(terminal: Terminal) -> None:
    assert terminal.run("set x=1", "new y", "set y=x+1", "write y") == "2"


def test_test_is_set_by_the_old_if_only(terminal: Terminal) -> None:
    assert (
        terminal.run("if 1  write $test", "if 0 { } write $test", "else  write 5", "if 0  write 6", "else  write 7")
        == "117"
    )


def test_zwrite(terminal: Terminal) -> None:
    output = terminal.run(
        'set a="q""t",a(1)=$lb(1,"x",,$lb(2)),a("k",.5)=-.5,b="x"_$c(9,10)_"y",c={"j":[true]}',
        'set d=$system.Status.Error(5001,"bad"),e=""',
        "zwrite",
    )
    assert output.split("\r\n") == [
        'a="q""t"',
        'a(1)=$lb(1,"x",,$lb(2))',
        'a("k",.5)=-.5',
        'b="x"_$c(9,10)_"y"',
        'c={"j":[true]}  ; <DYNAMIC OBJECT>',
        'd="0 "_$lb($lb(5001,"bad"))/* ERROR #5001: bad */',
        'e=""',
        "",
    ]


def test_zwrite_of_a_global_node(terminal: Terminal) -> None:
    assert terminal.run('set ^g(1)=1,^g(1,"a")=2,^g(2)=3', "zwrite ^g(1)") == '^g(1)=1\r\n^g(1,"a")=2\r\n'


def test_a_rollback_undoes_sets_and_kills(terminal: Terminal) -> None:
    terminal.run("set ^g(1)=1,^g(1,1)=11,^g(2)=2")
    terminal.run("tstart", "set ^g(1)=5,^g(3)=3,^new(1)=1", "kill ^g(2),^g(1)", "set ^g(1,1)=99", "trollback")
    assert terminal.run("write ^g(1),^g(1,1),^g(2),$data(^g(3)),$data(^new),$tlevel") == "1112000"


def test_an_inner_rollback_leaves_the_outer_level(terminal: Terminal) -> None:
    terminal.run("tstart", "set ^g=1", "tstart", "set ^g=2,^h=1", "trollback 1")
    assert terminal.run("write ^g,$data(^h),$tlevel", "tcommit", "write $tlevel,^g") == "10101"


def test_a_synchronous_commit_waits_for_the_journal(terminal: Terminal) -> None:
    terminal.run("tstart", "set ^g=1", "tcommit")
    assert terminal.session.calls == []
    assert terminal.run("write $system.Process.SynchCommit(1),$system.Process.SynchCommit()") == "01"
    terminal.run("tstart", "tstart", "set ^g=2", "tcommit")
    assert terminal.session.calls == []
    terminal.run("tcommit")
    assert terminal.session.calls == [("settle",)]


def test_tcommit_outside_of_a_transaction(terminal: Terminal) -> None:
    assert "<COMMAND>" in terminal.run("tcommit")


def test_locks(terminal: Terminal) -> None:
    store = terminal.session.globals
    assert isinstance(store, MemoryGlobals)
    terminal.run("lock +^a(1),+^b lock +(^c,d):1")
    assert [ref.name for ref in store.held] == ["a", "b", "c", "(d)"]
    terminal.run("lock -^b")
    assert [ref.name for ref in store.held] == ["a", "c", "(d)"]
    terminal.run("lock z")
    assert [(ref.environment, ref.name) for ref in store.held] == [("USER", "(z)")]
    terminal.run("lock ^z")
    assert [ref.name for ref in store.held] == ["z"]
    assert store.held[0].environment == "USER"
    store.refused.add("n")
    assert terminal.run("lock +(^y,^n):0 write $test") == "0"
    assert [ref.name for ref in store.held] == ["z"]
    terminal.interpreter.close()
    assert store.held == []


def test_devices(terminal: Terminal) -> None:
    assert terminal.run('open "x":("R"):5 write $test use "x" write $io use 0 write $io close "x"') == "1x/dev/null"
    assert terminal.session.calls == [("open", "x", "R", 5.0), ("close", "x")]
    assert "<NOTOPEN>" in terminal.run('use "nowhere"')


def test_read(terminal: Terminal) -> None:
    terminal.session.input = ["first", "second"]
    assert terminal.run('read "? ",x,!,y#3 write x,y') == "? \r\nfirstsec"
    assert terminal.run("read z:0 write $test,z") == "0"
    assert "<ENDOFFILE>" in terminal.run("read z")


def test_hang(terminal: Terminal) -> None:
    terminal.run("hang 1.5 h 2 hang -1")
    assert terminal.session.slept == [1.5, 2.0, 0.0]


@pytest.mark.parametrize(
    ("line", "code"),
    [("halt", 0), ("h", 0), ("do $SYSTEM.Process.Terminate($JOB,3)", 3), ("do $system.Process.Terminate(,258)", 2)],
)
def test_the_process_ends(terminal: Terminal, line: str, code: int) -> None:
    with pytest.raises(Halt) as ended:
        terminal.interpreter.execute(f"try {{ {line} }} catch {{ }}")
    assert ended.value.code == code


def test_terminating_another_process(terminal: Terminal) -> None:
    assert terminal.run("write $system.Process.Terminate(99,1)") == "1"
    assert terminal.session.calls == [("terminate", 99, 1)]


def test_job_runs_a_class_method_with_values_of_the_caller(terminal: Terminal) -> None:
    terminal.run("set code=3", "job ##class(%SYSTEM.Process).Terminate(77,code):(1):5", "write $test")
    assert terminal.session.calls == [("terminate", 77, 3)]
    assert terminal.run("write $zchild,$test") == "47121"


def test_an_endless_loop_can_be_interrupted(terminal: Terminal) -> None:
    terminal.session.interrupted = True
    with pytest.raises(OsError, match="<INTERRUPT>"):
        terminal.interpreter.execute("for { }")


def test_etrap_handles_an_error_when_it_clears_ecode(terminal: Terminal) -> None:
    assert (
        terminal.run('set $etrap="write $zerror set $ecode="""""', "write nothing", "write 1")
        == "<UNDEFINED> *nothing1"
    )
    assert "<UNDEFINED>" in terminal.run('set $etrap="write 5"', "write nothing")

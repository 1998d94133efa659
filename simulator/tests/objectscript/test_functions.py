# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operators, $functions and special variables, by the value of an expression."""

from __future__ import annotations

import re

import pytest
from tests.objectscript.fakes import Terminal

from irissim.values.errors import OsError
from irissim.values.value import to_string

CASES = {
    # operators: left to right, no precedence
    "1+2*3": "9",
    "2+3_4": "54",
    "-3**2": "9",
    "'1+1": "1",
    "1+1=2": "1",
    "2=1+1": "1",
    "7\\2": "3",
    "-7#3": "2",
    "1.0=1": "1",
    '"1.0"=1': "0",
    '"abc"["b"': "1",
    '"b"]"a"': "1",
    "10]]9": "1",
    '"10"]"9"': "0",
    "1'=2": "1",
    "1'>2": "1",
    "1<=1": "1",
    "2>=3": "0",
    "1&0": "0",
    "1!0": "1",
    "0&&nothing": "0",
    "1||nothing": "1",
    '+"3 apples"': "3",
    '-"abc"': "0",
    '"a""b"': 'a"b',
    '"abc"?3L': "1",
    '"aB1"?1L1U1N': "1",
    '"a-b"?1A1P1A': "1",
    '"aaa"?.2"a"': "0",
    '"ab"?1(1"ab",1N)': "1",
    '"7"?1(1"ab",1N)': "1",
    '"x"\'?1N': "1",
    '""?.E': "1",
    '"x"?@"1L"': "1",
    # strings
    '$length("abc")': "3",
    '$l("a,b,c",",")': "3",
    '$extract("hello",2,4)': "ell",
    '$e("hello")': "h",
    '$e("hello",*)': "o",
    '$e("hello",*-2,*-1)': "ll",
    '$e("hello",0,2)': "he",
    '$e("hello",4,2)': "",
    '$piece("a,b,c",",",2)': "b",
    '$p("a,b,c",",")': "a",
    '$p("a,b,c",",",2,9)': "b,c",
    '$p("a,b,c",",",*-1)': "b",
    '$p("abc","")': "",
    '$find("hello","l")': "4",
    '$f("hello","l",4)': "5",
    '$f("hello","x")': "0",
    '$translate("hello","el","ip")': "hippo",
    '$tr("hello","l")': "heo",
    '$replace("aXbXc","X","--")': "a--b--c",
    '$replace("aXbX","x","-",1,1,1)': "a-bX",
    '$reverse("abc")': "cba",
    "$char(65,8364)": "A€",
    '$ascii("A")': "65",
    '$a("")': "-1",
    '$zstrip("  a b ","<>W")': "a b",
    '$zstrip("a1b2","*N")': "ab",
    '$zstrip("aab","=E")': "ab",
    '$zstrip("xxaxx","<>","x")': "a",
    '$zstrip("a-b c","*P",,"-")': "a-b c",
    '$zconvert("aé","U")': "AÉ",
    '$zcvt("ABC","L")': "abc",
    '$zcvt("one two","W")': "One Two",
    '$zcvt("a""b"_$c(10,1),"O","JSON")': 'a\\"b\\n\\u0001',
    '$zcvt("a\\""\\u0041","I","JSON")': 'a"A',
    '$zcvt($zcvt("é","O","UTF8"),"I","UTF8")': "é",
    '$length($zcvt("é","O","UTF8"))': "2",
    '$zcvt("a b&é","O","URL")': "a%20b%26%C3%A9",
    '$zcvt("a%20b","I","URL")': "a b",
    '$zcvt("<a href=""x"">","O","HTML")': "&lt;a href=&quot;x&quot;&gt;",
    '$match("ab12","[a-z]+\\d+")': "1",
    '$locate("ab12","\\d")': "3",
    # numbers
    '$justify("x",3)': "  x",
    "$j(3.14159,8,2)": "    3.14",
    "$j(.5,0,0)": "1",
    "$j(-.5,0,1)": "-0.5",
    '$fnumber(1234567.891,",",2)': "1,234,567.89",
    '$fn(-5,"P")': "(5)",
    '$fn(5,"+")': "+5",
    '$fn(-5,"T")': "5-",
    "$zhex(255)": "FF",
    '$zhex("FF")': "255",
    "$zabs(-3.5)": "3.5",
    "$zsqr(16)": "4",
    "$random(1)": "0",
    '$number("12x")': "",
    '$isvalidnum("1E3")': "1",
    '$isvalidnum("abc")': "0",
    "$normalize(1.555,2)": "1.56",
    "$double(.5)": ".5",
    '$zcrc("123456789",7)': "3421780262",
    # lists
    "$listlength($listbuild(1,,3))": "3",
    '$ll("")': "0",
    "$ll($lb(nothing))": "1",
    "$listdata($lb(nothing),1)": "0",
    '$list($lb("a","b"),2)': "b",
    '$li($lb("a","b"))': "a",
    '$li($lb("a","b"),*)': "b",
    '$li($lb("a","b"),-1)': "b",
    "$lts($list($lb(1,2,3),2,3))": "2,3",
    '$listget($lb("a",,"c"),2,"d")': "d",
    '$lg($lb("a"),9)': "",
    '$listfind($lb(1,"b"),"b")': "2",
    '$lf($lb("b","b"),"b",1)': "2",
    '$listtostring($lb(1,"x",),"|")': "1|x|",
    '$ll($listfromstring("a,b,c"))': "3",
    "$listvalid($lb(1))": "1",
    '$lv("no list")': "0",
    '$listsame($lb(1),$lb("1"))': "1",
    # choices
    '$select(0:"a",1:"b")': "b",
    '$case(2,1:"a",2:"b",:"c")': "b",
    '$case(9,1:"a",:"c")': "c",
    # dates
    "$zdate(66444,3)": "2022-12-01",
    "$zdate(66444)": "12/01/2022",
    "$zd(50000)": "11/23/77",
    "$zd(66444,12)": "Thursday",
    '$zdatetime("66444,3661",3)': "2022-12-01 01:01:01",
    '$zdt("66444,3661.25",3,1,2)': "2022-12-01 01:01:01.25",
    '$zdt("66444,46800",3,3)': "2022-12-01 01:00:00PM",
    '$zdateh("2022-12-01",3)': "66444",
    '$zdth("2022-12-01 01:01:01",3)': "66444,3661",
    '$zdth("12/01/2022 01:01PM")': "66444,46860",
    "$ztime(3661)": "01:01:01",
    '$ztimeh("01:01:01.5")': "3661.5",
    # nodes and names
    '$name(^a(1,"b"))': '^a(1,"b")',
    "$na(^a(1,2,3),2)": "^a(1,2)",
    '$na(^|"%SYS"|a(1))': '^|"%SYS"|a(1)',
    '$qlength("^a(1,""x,y"")")': "2",
    '$qsubscript("^a(1,""x,y"")",2)': "x,y",
    '$qs("^a(1)",0)': "^a",
    '$qs("^|""U""|a(1)",-1)': "U",
    "$data(nothing)": "0",
    '$get(nothing,"d")': "d",
    "$get(nothing)": "",
    # variables
    "$namespace": "USER",
    "$znspace": "USER",
    "$job": "4711",
    "$username": "irisowner",
    "$principal": "/dev/null",
    "$tlevel": "0",
    "$zerror": "",
    '$isobject("")': "0",
    "$isobject({})": "1",
    "$classname([])": "%Library.DynamicArray",
    '$zname("a1")': "1",
    "$text(a^b)": "",
}


@pytest.mark.parametrize(("text", "result"), CASES.items())
def test_value(terminal: Terminal, text: str, result: str) -> None:
    assert to_string(terminal.value(text)) == result


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ('set x="a,b",$piece(x,",",4)="d" write x', "a,b,,d"),
        ('set $p(y,"-",2,3)="z" write y', "-z"),
        ('set x="abc",$extract(x,2)="ZZ" write x', "aZZc"),
        ('set x="ab",$e(x,5)="e" write x', "ab  e"),
        ('set x="abc",$e(x,*)="!" write x', "ab!"),
        ('set l=$lb(1),$list(l,3)="c" write $lts(l)', "1,,c"),
        ('set l=$lb(1,2,3,4),$list(l,2,3)=$lb("x") write $lts(l)', "1,x,4"),
        ('set z=1,$lb(x,,z)=$lb("a","b") write x,$data(z)', "a0"),
        ('set a(1)=1,a(2)=2,a("x")=3,k="" for { set k=$order(a(k),1,v) quit:k=""  write k,v,";" }', "11;22;x3;"),
        ('set a(1)=1,a(2)=2 write $order(a(""),-1),$order(a(2),-1),$o(a(2)),$o(a(1.5))', "212"),
        ('set ^g(2)="b",^g(10)="c",k="" for { set k=$o(^g(k),-1,v) quit:k=""  write k,v }', "10c2b"),
        ("set ^g(1)=1,^g(1,2)=2 write $data(^g),$data(^g(1)),$data(^g(1,2)),$data(^g(9)),$d(^g(1,2),v),v", "10111012"),
        ('set a(1)=1,a(1,"x")=2,q="a" for { set q=$query(@q) quit:q=""  write q," " }', 'a(1) a(1,"x") '),
        ('set ^g(1)=1,^g(2,"x")=2 write $query(^g,1,v),v,$q(^g(1)),$q(^g(2,"x")),$q(^g(2),-1)', '^g(1)1^g(2,"x")^g(1)'),
        ("write $increment(n),$i(n,5),$i(^n,-1),n,^n", "16-16-1"),
        ('set l=$lb("a",,"c"),p=0 while $listnext(l,p,v) { write $get(v,"?"),p }', "a1?2c3"),
        ('set x=$order(nothing(1)),y=$o(^nothing("")) write x,"|",y', "|"),
        ('set aa=1,ab=2,x="a" write $order(@x)', "aa"),
        ("set ^ga=1,^gb=2 write $order(^g),$o(^ga)", "^ga^gb"),
        ('write $zhorolog>0,$ztimestamp?5N1","1.5N.1".".N,$now()?5N1","1.5N.1".".N', "111"),
        ('write $x write "ab" write $x', "0ab3"),
        (
            'set x=$classmethod("%SYSTEM.Status","Error",5001,"m") write $system.Status.GetErrorText(x)',
            "ERROR #5001: m",
        ),
        ('set o={"a":1} write $property(o,"a"),$method(o,"%Size")', "11"),
        ('write $stack,$estack xecute "write $stack,$st(-1)"', "0011"),
    ],
)
def test_line(terminal: Terminal, line: str, output: str) -> None:
    assert terminal.run(line) == output


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1/0", "<DIVIDE>"),
        ("nothing", "<UNDEFINED> *nothing"),
        ('nothing("a",1)', '<UNDEFINED> *nothing("a",1)'),
        ("^nothing(1)", "<UNDEFINED> ^nothing(1)"),
        ('^g("")', '<SUBSCRIPT> ^g("")'),
        ("^(1)", "<NAKED>"),
        ("$list($lb(1),5)", "<NULL VALUE>"),
        ('$list("x")', "<LIST>"),
        ("$select(0:1)", "<SELECT>"),
        ("$case(1,2:3)", "<ILLEGAL VALUE>"),
        ("$random(0)", "<FUNCTION>"),
        ("$order(^a(1),2)", "<FUNCTION>"),
        ('$zdh("nonsense",3)', "<ILLEGAL VALUE>"),
        ("$zd(-1)", "<VALUE OUT OF RANGE>"),
        ("$length()", "<SYNTAX>"),
        ("$length(1,2,3)", "<SYNTAX>"),
        ("1E99*1E99", "<MAXNUMBER>"),
        ("$justify(1,4000000)", "<MAXSTRING>"),
        ("$zutil(9999)", "<SYNTAX> *$ZUTIL(9999) is not supported by the simulator"),
        ("$zboolean(1,2,3)", "<SYNTAX> *$ZBOOLEAN is not supported by the simulator"),
        ('^$GLOBAL("x")', '<SYNTAX> *^$GLOBAL("x") is not supported by the simulator'),
    ],
)
def test_error(terminal: Terminal, text: str, error: str) -> None:
    with pytest.raises(OsError, match=re.escape(error) + "$"):
        terminal.value(text)


def test_a_string_cannot_grow_beyond_the_limit(terminal: Terminal) -> None:
    terminal.run('set x=$justify("",3600000)')
    assert "<MAXSTRING>" in terminal.run("set y=x_x")
    assert "<MAXSTRING>" in terminal.run('set $piece(z,",",9999999999)=1')
    assert "<MAXSTRING>" in terminal.run("set $list(l,9999999999)=1")


def test_zutil_of_the_host(terminal: Terminal) -> None:
    terminal.session.classes.register_zutil(12, lambda ctx, name="": f"/mgr/{name}")
    assert terminal.value('$zutil(12,"x")') == "/mgr/x"
    assert terminal.value("$zu(12)") == "/mgr/"


def test_a_special_variable_of_the_host(terminal: Terminal) -> None:
    terminal.session.classes.register_special("system", lambda ctx: "host:IRIS")
    assert terminal.value("$system") == "host:IRIS"

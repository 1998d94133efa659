# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - lines of ObjectScript are one line
"""Dynamic objects, statuses and class queries."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.objectscript.fakes import Terminal

from irissim.objectscript.builtin.dynamic import build
from irissim.objectscript.builtin.json_values import dump
from irissim.objectscript.classes import Context, SessionContext, SystemClass, query
from irissim.values.errors import StatusError
from irissim.values.value import Value

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**15), 10**15), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=12,
)


class Members(SystemClass):
    """A class with queries."""

    NAME = "Test.Members"

    @query(columns=("Name", "Size"))
    def List(ctx: Context, Prefix: Value = "", Failing: Value = 0) -> list[tuple[Value, ...]]:
        if Failing:
            raise StatusError(2063, "/x/")
        return [(f"{Prefix}a", 1), (f"{Prefix}b", 2)]


@pytest.fixture
def members(terminal: Terminal) -> Terminal:
    terminal.session.classes.register(Members)
    return terminal


@given(JSON)
def test_json_reads_back(data: object) -> None:
    session = Terminal().session
    holder = build(Members(_context(session)), [data])
    assert json.loads(dump(holder)) == [data]


def _context(session: object) -> Context:
    return SessionContext(session)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "output"),
    [
        (
            'set x=5,o={"a":1,"b":[1,true,null,"s",(x+1)],"c":{"d":.5}} write o.%ToJSON()',
            '{"a":1,"b":[1,true,null,"s",6],"c":{"d":0.5}}',
        ),
        ('write {"a":1}.a,{"b":[5]}.b.%Get(0)', "15"),
        ('write {}.missing,{}.%Size(),[].%Size(),["a"].%Size()', "001"),
        (
            'set o={} do o.%Set("x",1),o.%Set("t",1,"boolean"),o.%Set("n","","null"),o.%Set("s",5,"string") write o.%ToJSON()',
            '{"x":1,"t":true,"n":null,"s":"5"}',
        ),
        ('set o={} set o.name="N",o.n=-1.5 write o.%ToJSON()', '{"name":"N","n":-1.5}'),
        ('set o={"a":1} do o.%ToJSON()', '{"a":1}'),
        ('set o={"a":{"b":2}} write o.a.b,o."a"."b"', "22"),
        (
            'set a=[] do a.%Push(1),a.%Push("x") do a.%Set(3,"y") write a.%ToJSON(),a.%Pop(),a.%Remove(0),a.%Size()',
            '[1,"x",null,"y"]y12',
        ),
        ('set o={"a":1,"b":2} do o.%Remove("a") write o.%ToJSON(),o.%IsDefined("a"),o.%IsDefined("b")', '{"b":2}01'),
        (
            'set o={"s":"","n":1,"o":{},"a":[],"b":false,"z":null} for k="s","n","o","a","b","z","q" { write o.%GetTypeOf(k)," " }',
            "string number object array boolean null unassigned ",
        ),
        ('set i={"a":1,"b":"x"}.%GetIterator() while i.%GetNext(.k,.v,.t) { write k,v,t," " }', "a1number bxstring "),
        ('set i=["p","q"].%GetIterator() while i.%GetNext(.k,.v) { write k,v," " }', "0p 1q "),
        ('set o=##class(%DynamicObject).%FromJSON("{""a"":[1.50,""\\u00e9""]}") write o.%ToJSON()', '{"a":[1.5,"é"]}'),
        ('set o={}.%FromJSON("[1]") write $classname(o)', "%Library.DynamicArray"),
        ('write {"a":(""),"b":"q\\"t"}.%ToJSON()', '{"a":"","b":"q\\"t"}'),
        ('write {}.%Get("x","default"),[].%Get(9,"d")', "defaultd"),
        ('set o={"a":1},p=o set p.a=2 write o.a', "2"),
    ],
)
def test_dynamic_objects(terminal: Terminal, line: str, output: str) -> None:
    assert terminal.run(line) == output


@pytest.mark.parametrize("text", ["{", "[1,]", '{""a""}', "5", "NaN", '[""a]'])
def test_bad_json(terminal: Terminal, text: str) -> None:
    output = terminal.run(f'set o=##class(%DynamicObject).%FromJSON("{text}")')
    assert output.startswith("\r\n<THROW> *%Exception.General Parsing error")


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("write $system.Status.OK(),$system.Status.IsOK(1),$SYSTEM.Status.IsError(1)", "110"),
        (
            'set s=$system.Status.Error(5001,"a"),s=$system.Status.AppendStatus(s,$system.Status.Error(2063,"d")) '
            'write $system.Status.GetErrorCodes(s),"|",$system.Status.GetOneErrorText(s,2)',
            "5001,2063|ERROR #2063: Database 'd' is already being mirrored",
        ),
        ('write $system.Status.GetOneStatusText($system.Status.Error(5001,"a"))', "a"),
        ('do $system.Status.DisplayError($system.Status.Error(5001,"a"))', "\r\nERROR #5001: a"),
        ("do $system.Status.DisplayError(1)", ""),
        ("write $system.Status.GetErrorText(1)", ""),
        (
            'do $system.Status.DecomposeStatus($system.Status.Error(5001,"a"),.e) write e,e(1),e(1,"code"),e(1,"param",1)',
            "1ERROR #5001: a5001a",
        ),
    ],
)
def test_status(terminal: Terminal, line: str, output: str) -> None:
    assert terminal.run(line) == output


@pytest.mark.parametrize(
    ("lines", "output"),
    [
        (
            [
                'set st=##class(%SQL.Statement).%New() write st.%PrepareClassQuery("Test.Members","List")',
                'set rs=st.%Execute("p-") write rs.%SQLCODE',
                'while rs.%Next() { write rs.Name,rs.%Get("Size"),rs.%GetData(1),rs.%ROWCOUNT," " } write rs.%SQLCODE',
            ],
            "10p-a1p-a1 p-b2p-b2 100",
        ),
        (
            [
                'set rs=##class(%ResultSet).%New("Test.Members:List") write rs.QueryIsValid(),rs.Execute("p")',
                'while rs.Next(.sc) { write rs.Get("Name"),rs.Data("Size"),rs.GetData(2),rs.AtEnd," " } write rs.AtEnd',
                'write rs.GetColumnCount(),rs.GetColumnName(2),$get(rs.Data("Nope"),"?") do rs.Close()',
            ],
            "11pa110 pb220 12Size?",
        ),
        (
            [
                'set st=##class(%SQL.Statement).%New(),sc=st.%PrepareClassQuery("Test.Members","List")',
                "do st.%Execute().%Display()",
            ],
            "Name\tSize\r\n\r\na\t1\r\nb\t2\r\n\r\n2 Rows(s) Affected",
        ),
        (
            [
                'set st=##class(%SQL.Statement).%New(),sc=st.%PrepareClassQuery("Test.Members","List")',
                'set rs=st.%Execute("",1) write rs.%SQLCODE,rs.%Next(),rs.%Message',
            ],
            "-4000ERROR #2063: Database '/x/' is already being mirrored",
        ),
        (['do ##class(%ResultSet).RunQuery("Test.Members","List","p")'], "\r\nName:Size:\r\npa:1:\r\npb:2:"),
        (
            ['write $system.Status.GetErrorCodes(##class(%ResultSet).RunQuery("Test.Members","List","",1))'],
            "\r\nERROR #2063: Database '/x/' is already being mirrored2063",
        ),
        (
            [
                'set rs=##class(%ResultSet).%New("Test.Members:List") write $system.Status.GetErrorCodes(rs.Execute("",1))'
            ],
            "2063",
        ),
        (
            [
                'set st=##class(%SQL.Statement).%New() write $system.Status.GetErrorText(st.%PrepareClassQuery("Test.Members","No"))'
            ],
            "ERROR #5001: Query Test.Members:No does not exist",
        ),
        (
            [
                'set st=##class(%SQL.Statement).%New() write $system.Status.GetErrorText(st.%Prepare("select 1"))',
                "write st.%Execute().%SQLCODE",
            ],
            "ERROR #5001: SQL text is not supported by the simulator-400",
        ),
        (
            ['set rs=##class(%ResultSet).%New("No.Class:Q") write $system.Status.GetErrorCodes(rs.Execute())'],
            "5002",
        ),
    ],
)
def test_class_queries(members: Terminal, lines: list[str], output: str) -> None:
    assert members.run(*lines) == output


def test_a_column_that_does_not_exist(members: Terminal) -> None:
    members.run(
        'set st=##class(%SQL.Statement).%New(),sc=st.%PrepareClassQuery("Test.Members","List"),rs=st.%Execute()'
    )
    assert "<PROPERTY DOES NOT EXIST> *name,%SQL.StatementResult" in members.run('do rs.%Next() write rs.%Get("name")')
    assert "<PROPERTY DOES NOT EXIST> *Nope,%SQL.StatementResult" in members.run("write rs.Nope")

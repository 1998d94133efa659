# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values stay values: whatever a user gives is read back as it was, and nothing of it is ever run."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.irisops.mirror.plugins.module_utils._iris import expression as ex
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read
from ansible_collections.irisops.mirror.tests.unit.support.objectscript import NotPlain, value_of

PRINTABLE = re.compile(r"[\x20-\x7e]+\Z")
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))

INJECTIONS = (
    '" halt ;',
    '"_$zf(-1,"touch /tmp/x")_"',
    '"\r\nhalt\r\n"',
    '") do ##class(SYS.Mirror).BecomePrimary() //',
    '"" write 1',
    "$char(34)",
    '}"} catch { halt }',
    "\x00\x02{}\x03",
    "'",
    "\u2028\u0085\ufeff",
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, '""'),
        (True, "1"),
        (False, "0"),
        (8000, "8000"),
        (-1, "-1"),
        ("", '""'),
        ("1", '"1"'),
        ("plain", '"plain"'),
        ('say "hi"', '"say ""hi"""'),
        ("a\nb", '"a"_$char(10)_"b"'),
        ("\r\n", "$char(13,10)"),
        ("\u00e4", "$char(228)"),
        ("x\U0001f600", '"x"_$char(128512)'),
    ],
)
def test_literals(value: ex.Scalar, expected: str) -> None:
    assert ex.literal(value) == expected


@given(TEXT)
@example('"' * 50)
@example("a\x7fb\x80")
def test_any_text_is_read_back_from_its_literal(text: str) -> None:
    rendered = ex.literal(text)
    assert PRINTABLE.match(rendered)
    assert value_of(rendered) == text


@pytest.mark.parametrize("text", INJECTIONS)
def test_injections_stay_data(text: str) -> None:
    rendered = ex.literal(text)
    assert PRINTABLE.match(rendered)
    assert value_of(rendered) == text


@pytest.mark.parametrize("text", ['"a" halt', '"a"_halt', '"a"_$zf(-1)', '"unfinished', "$char(1", ""])
def test_the_reader_of_this_test_refuses_code(text: str) -> None:
    with pytest.raises(NotPlain):
        value_of(text)


@pytest.mark.parametrize(
    "make",
    [
        lambda text: ex.Call(text, "Get"),
        lambda text: ex.Call("SYS.Mirror", text),
        lambda text: ex.Property("SYS.Database", "x", text),
        ex.Ref,
        ex.Output,
        ex.Collected,
        lambda text: ex.Global("USER", text, []),
    ],
)
@pytest.mark.parametrize("text", ["", "a b", "A.B) halt", 'x"', "\u00e4", "1a", "a\n"])
def test_names_that_become_code_are_checked(make: object, text: str) -> None:
    with pytest.raises(ValueError, match="not "):
        make(text)  # type: ignore[operator]


def rendered(value: ex.Expression) -> str:
    """The expression inside its line."""
    (line,) = (line for line in Program(Read("x", {"v": value})).lines() if "mId=1" in line)
    return line


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ex.Call("SYS.Mirror", "AddDatabase", "/a/", None, True), '##class(SYS.Mirror).AddDatabase("/a/","",1)'),
        (ex.Property("SYS.Database", "/a/", "Mounted"), '##class(SYS.Database).%OpenId("/a/").Mounted'),
        (ex.ListItem(ex.Version(), 2), "$listget($zversion,2)"),
        (ex.ListText(ex.Version()), "$listtostring($zversion,$char(31),1)"),
        (ex.ListOf("a", 1), '$listbuild("a",1)'),
        (ex.Joined("a", ex.Version()), '("a")_($zversion)'),
        (ex.Joined("a", "b", separator="/"), '("a")_"/"_("b")'),
        (ex.Not(ex.Version()), "'($zversion)"),
        (ex.Either(ex.Version(), ex.Not(ex.Version())), "(($zversion)||('($zversion)))"),
        (ex.FileNumber("/a/"), '+$zutil(49,"/a/")'),
        (ex.Output("Svc", "Enabled"), '$get(mOutSvc("Enabled"))'),
        (ex.Output("This"), "$get(mOutThis)"),
        (ex.Collected("Files"), "$get(mSetFiles)"),
        (ex.Global("USER", "Company", ["1", 'a"b']), '$get(^|"USER"|Company("1","a""b"))'),
        (ex.Defined(ex.Global("%SYS", "%x", [])), '$data(^|"%SYS"|%x)'),
        (
            ex.Mounted("/a/"),
            '$select($isobject(##class(SYS.Database).%OpenId("/a/")):##class(SYS.Database).%OpenId("/a/").Mounted,1:0)',
        ),
    ],
)
def test_expressions(value: ex.Expression, expected: str) -> None:
    assert f'do mV.%Set("v",{expected}) ' in rendered(value)

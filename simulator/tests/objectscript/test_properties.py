# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is typed, the interpreter answers with a result or an ObjectScript error, and literals are never code."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.objectscript.fakes import Terminal

from irissim.objectscript.display import display
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.names import quoted, reference_text, split_reference
from irissim.objectscript.parser import parse_line
from irissim.objectscript.patterns import matches
from irissim.values.collation import encode_subscript
from irissim.values.errors import OsError
from irissim.values.oslist import list_build
from irissim.values.value import Scalar, canonical, to_string

TEXT = st.text(alphabet=st.characters(blacklist_characters="\n\r\0"), max_size=20)
SUBSCRIPTS: st.SearchStrategy[Scalar] = st.one_of(
    st.integers(-100, 100),
    st.text(min_size=1, max_size=5).map(canonical),
    st.sampled_from(["a", 'q"', ",", ")", "1.0"]),
)
PIECES = st.sampled_from(
    [
        "set ",
        "write ",
        "x",
        "a(1)",
        "^a",
        "=",
        "1",
        '"s"',
        "(",
        ")",
        "{",
        "}",
        "$piece(",
        "$lb(",
        ",",
        ".",
        "##class(",
        "_",
        "+",
        "?",
        "1N",
        "@",
        "if ",
        " ",
        "else ",
        "try ",
        "catch e ",
        "do ",
        "$order(",
        "new ",
        "kill ",
        "merge ",
        "$e(",
        "*",
        "-",
        "!",
        "#",
        "[",
        "]",
        "$case(",
        ":",
        "$s(",
        "zw ",
        "lock ",
        "%New()",
        "^",
        "\\",
        "'",
        "é",
        "\x01",
        "@x@(",
        "$na(",
        "$q(",
        ".5",
        "1E99",
        ";",
        "//",
        "$$$",
        "..",
    ]
)


@given(st.one_of(TEXT, st.lists(PIECES, max_size=14).map("".join)))
@settings(max_examples=400)
def test_any_line_parses_or_is_a_syntax_error(line: str) -> None:
    try:
        parse_line(line)
    except OsError as error:
        assert error.name == "<SYNTAX>"


@given(st.lists(PIECES, max_size=10).map("".join))
@settings(max_examples=400)
def test_any_line_without_loops_ends_with_a_result_or_an_error(line: str) -> None:
    Terminal().run("set x=5,a(1)=2,^a=1", line)


@pytest.mark.parametrize("line", ["write 1\nwrite 2", "write 1\rwrite 2", "write \0"])
def test_control_characters_do_not_smuggle_a_second_line(terminal: Terminal, line: str) -> None:
    assert terminal.run(line) == "\r\n<SYNTAX>\r\n"


@given(TEXT)
def test_a_quoted_text_is_a_literal(text: str) -> None:
    assert Terminal().value(quoted(text)) == text


@given(st.text(max_size=12))
def test_what_zwrite_shows_evaluates_to_the_same_value(text: str) -> None:
    if not any(character in "\x85\u2028\u2029" for character in text):
        assert Terminal().value(display(text)) == text


@given(st.lists(st.one_of(st.none(), st.integers(-9, 9), st.sampled_from(["", "a", 'q"', "\x01"])), max_size=5))
def test_what_zwrite_shows_of_a_list_evaluates_to_the_same_list(items: list[str | int | None]) -> None:
    text = list_build(items)
    assert Terminal().value(display(text)) == text


@given(st.lists(SUBSCRIPTS, max_size=4))
def test_a_reference_written_out_reads_back(path: list[Scalar]) -> None:
    assert split_reference(reference_text("^a", path)) == ("^a", path)


@given(st.lists(st.lists(SUBSCRIPTS, min_size=1, max_size=3), max_size=8), st.lists(SUBSCRIPTS, max_size=2))
def test_a_local_array_behaves_as_a_dictionary_in_collation_order(
    paths: list[list[Scalar]], killed: list[Scalar]
) -> None:
    array, model = LocalArray(), dict[tuple[Scalar, ...], int]()
    for number, path in enumerate(paths):
        array.set(number, *path)
        model[tuple(path)] = number
        array.order("")
    array.kill(*killed)
    model = {path: value for path, value in model.items() if list(path[: len(killed)]) != killed}
    in_order = sorted(model.items(), key=lambda item: [encode_subscript(part) for part in item[0]])
    assert list(array.items()) == in_order
    first_level = list(dict.fromkeys(path[0] for path, _ in in_order))
    walked, key = [], array.order("")
    while key != "":
        walked.append(key)
        key = array.order(key)
    assert walked == first_level
    walked, key = [], array.order("", direction=-1)
    while key != "":
        walked.append(key)
        key = array.order(key, direction=-1)
    assert walked == first_level[::-1]


@given(st.text(alphabet="ab1-", max_size=6))
def test_patterns_agree_with_a_plain_check(text: str) -> None:
    assert matches(text, ".A") == (text == "" or text.isalpha())
    assert matches(text, '1.N1"-".E') == (text.lstrip("1").startswith("-") and text.startswith("1"))
    assert matches(text, f"{len(text)}E")


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_sums_and_comparisons(left: int, right: int) -> None:
    terminal = Terminal()
    assert to_string(terminal.value(f"{left}+({right})")) == str(left + right)
    assert terminal.value(f"{left}<({right})") == int(left < right)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%Status values and their texts."""

from __future__ import annotations

import pytest

from irissim.values import status
from irissim.values.errors import OsError, StatusError
from irissim.values.oslist import list_build


def test_ok_has_no_text() -> None:
    assert status.is_ok(status.OK)
    assert status.text(status.OK) == ""
    assert status.codes(status.OK) == []


@pytest.mark.parametrize(
    ("code", "arguments", "text"),
    [
        (2063, ("/x/",), "ERROR #2063: Database '/x/' is already being mirrored"),
        (
            2000,
            (5, "/db/", "MUMIUS"),
            "ERROR #2000: Journal file #5 for database '/db/' not found in mirror journal log (MUMIUS)",
        ),
        (2086, ("host",), "ERROR #2086: Agent is unreachable with host, reason: "),
        (5001, ("50% of %1",), "ERROR #5001: 50% of %1"),
        (99999, (), "ERROR #99999: Error code = 99999"),
    ],
)
def test_texts(code: int, arguments: tuple[str | int, ...], text: str) -> None:
    made = status.make_status(code, *arguments)
    assert not status.is_ok(made)
    assert status.text(made) == text
    assert status.codes(made) == [code]


def test_the_layout_is_that_of_iris() -> None:
    assert status.make_status(5001, "x") == "0 " + list_build([list_build([5001, "x"])])


def test_stacked_statuses_are_lines() -> None:
    error = StatusError(70, "a").because(StatusError(60, "b"), StatusError(73, "c"))
    stacked = status.status_of(error)
    assert status.codes(stacked) == [70, 60, 73]
    assert len(status.text(stacked).split("\r\n")) == 3


def test_append() -> None:
    first, second = status.make_status(20, "x"), status.make_status(5001, "y")
    assert status.append_status(status.OK, status.OK) == status.OK
    assert status.append_status(status.OK, first) == first
    assert status.append_status(first, status.OK) == first
    assert status.codes(status.append_status(first, second)) == [20, 5001]


def test_errors_print_as_iris_prints_them() -> None:
    assert str(OsError("<UNDEFINED>", "*x")) == "<UNDEFINED> *x"
    assert str(OsError("<PARAMETER>", "", "zOpen^My.Class.1")) == "<PARAMETER>zOpen^My.Class.1"
    assert str(OsError("<PROTECT>", "^a,/db/", "x+1^y")) == "<PROTECT>x+1^y ^a,/db/"

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing the journals of two members."""

from __future__ import annotations

import pytest

from irissim.engine.mirror.journals import FileHead, Standing, common_end
from irissim.engine.positions import START, Position

ONE = FileHead(1, "one", 100)
TWO = FileHead(2, "two", 50)


@pytest.mark.parametrize(
    ("own", "other", "end"),
    [
        ([], [ONE], START),
        ([ONE], [ONE, TWO], Position(1, 100)),
        ([ONE, TWO], [ONE, TWO], Position(2, 50)),
        # The tail that a former primary never got acknowledged.
        ([ONE, TWO], [ONE, FileHead(2, "two", 30), FileHead(3, "three", 9)], Position(2, 30)),
        # A file that a former primary began and nobody else has.
        ([ONE, FileHead(2, "stray", 500)], [ONE, TWO], Position(1, 100)),
        ([ONE, TWO], [ONE], Position(1, 100)),
        # The other member purged its first file.
        ([ONE, TWO], [TWO], Position(2, 50)),
        ([FileHead(1, "else", 10)], [ONE], START),
    ],
)
def test_common_end(own: list[FileHead], other: list[FileHead], end: Position) -> None:
    assert common_end(own, other) == end


def test_a_later_primary_beats_a_longer_journal() -> None:
    assert Standing(2, 5, 10) > Standing(1, 9, 999)
    assert Standing(2, 5, 10) < Standing(2, 5, 11)

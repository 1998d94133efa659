# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions and pieces of strings, shared by $EXTRACT and $PIECE and by SET to them."""

from __future__ import annotations

from irissim.objectscript.variables import MAX_STRING
from irissim.values.errors import OsError


def span(text: str, start: int, end: int) -> str:
    """The characters from ``start`` to ``end``, both counted from 1 and included."""
    return text[max(start, 1) - 1 : max(end, 0)] if end >= start else ""


def piece(text: str, delimiter: str, start: int, end: int) -> str:
    """The pieces from ``start`` to ``end``, counted from 1."""
    if not delimiter or end < start:
        return ""
    return delimiter.join(text.split(delimiter)[max(start, 1) - 1 : max(end, 0)])


def with_piece(text: str, delimiter: str, start: int, end: int, new: str) -> str:
    """The text with some of its pieces replaced, lengthened by empty pieces when it is too short."""
    if not delimiter or end < start or end < 1:
        return text
    parts = text.split(delimiter)
    first = _place(start)
    parts.extend([""] * (first - len(parts)))
    parts[first - 1 : end] = [new]
    return delimiter.join(parts)


def with_span(text: str, start: int, end: int, new: str) -> str:
    """The text with some of its characters replaced, lengthened by blanks when it is too short."""
    if end < start:
        return text
    first = _place(start)
    return text[: first - 1].ljust(first - 1) + new + text[max(end, 0) :]


def _place(position: int) -> int:
    if position > MAX_STRING:
        raise OsError("<MAXSTRING>")
    return max(position, 1)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pattern match operator ``?``, translated to regular expressions."""

from __future__ import annotations

import re
from functools import lru_cache

from irissim.values.errors import OsError

_CODES = {
    "A": "[^\\W\\d_]",
    "C": "[\\x00-\\x1f\\x7f-\\x9f]",
    "E": "[\\s\\S]",
    "L": "[a-zß-öø-ÿ]",
    "N": "[0-9]",
    "P": "[!-/:-@\\[-`{-~ \\xa0-\\xa9\\xab-\\xb1\\xb4\\xb6-\\xb8\\xbb\\xbf\\xd7\\xf7]",
    "U": "[A-ZÀ-ÖØ-Þ]",
}
_REPEAT = re.compile(r"(\d*)(\.?)(\d*)")


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text has the form of the pattern."""
    return compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern; <SYNTAX> when it is malformed."""
    source, end = _sequence(pattern, 0)
    if end != len(pattern) or not pattern:
        raise OsError("<SYNTAX>")
    return re.compile(source)


def _sequence(pattern: str, position: int) -> tuple[str, int]:
    parts: list[str] = []
    while position < len(pattern) and pattern[position] not in ",)":
        part, position = _atom(pattern, position)
        parts.append(part)
    if not parts:
        raise OsError("<SYNTAX>")
    return "".join(parts), position


def _atom(pattern: str, position: int) -> tuple[str, int]:
    repeat = _REPEAT.match(pattern, position)
    if repeat is None or not repeat.group():
        raise OsError("<SYNTAX>")
    body, position = _body(pattern, repeat.end())
    low, dot, high = repeat.groups()
    if not dot:
        return f"(?:{body}){{{low}}}", position
    if low and high and int(low) > int(high):
        raise OsError("<SYNTAX>")
    return f"(?:{body}){{{low or 0},{high}}}", position


def _body(pattern: str, position: int) -> tuple[str, int]:
    if position >= len(pattern):
        raise OsError("<SYNTAX>")
    if pattern[position] == '"':
        return _literal(pattern, position)
    if pattern[position] == "(":
        return _alternatives(pattern, position + 1)
    codes: list[str] = []
    while position < len(pattern) and pattern[position].upper() in _CODES:
        codes.append(_CODES[pattern[position].upper()])
        position += 1
    if not codes:
        raise OsError("<SYNTAX>")
    return "|".join(codes), position


def _literal(pattern: str, position: int) -> tuple[str, int]:
    end = position + 1
    while True:
        end = pattern.find('"', end)
        if end < 0:
            raise OsError("<SYNTAX>")
        if pattern[end + 1 : end + 2] != '"':
            return re.escape(pattern[position + 1 : end].replace('""', '"')), end + 1
        end += 2


def _alternatives(pattern: str, position: int) -> tuple[str, int]:
    choices: list[str] = []
    while True:
        choice, position = _sequence(pattern, position)
        choices.append(choice)
        if pattern[position : position + 1] == ")":
            return "|".join(choices), position + 1
        if pattern[position : position + 1] != ",":
            raise OsError("<SYNTAX>")
        position += 1

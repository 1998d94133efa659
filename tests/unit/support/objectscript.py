# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An independent reader of the ObjectScript that carries values: literals, and lines of assignments.

It is written from the language reference, not from the renderer, and refuses whatever is not a plain value.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'(?P<string>"(?:[^"]|"")*")|\$char\((?P<codes>\d+(?:,\d+)*)\)|(?P<number>-?\d+(?:\.\d+)?)'
    r'|(?P<name>%?[A-Za-z][A-Za-z0-9]*(?:\((?:\d+|"[^"]*")(?:,(?:\d+|"[^"]*"))*\))?)'
)


class NotPlain(Exception):
    """The text is more than values."""


def value_of(text: str) -> str:
    """The value of a literal: strings, numbers and $char(), joined by underscores."""
    value, position = _concatenation(text, 0, {})
    if position != len(text):
        raise NotPlain(text[position:])
    return value


def assignments(line: str) -> dict[str, str]:
    """Name (with subscripts) to value, of a `set` command whose right sides are plain values."""
    names: dict[str, str] = {}
    add_assignments(line, names)
    return names


def add_assignments(line: str, names: dict[str, str]) -> None:
    if not line.startswith("set "):
        raise NotPlain(line)
    position = 4
    while True:
        target = _TOKEN.match(line, position)
        if target is None or target["name"] is None or line[target.end()] != "=":
            raise NotPlain(line[position:])
        names[target["name"]], position = _concatenation(line, target.end() + 1, names)
        if position == len(line):
            return
        if line[position] != ",":
            raise NotPlain(line[position:])
        position += 1


def _concatenation(text: str, position: int, names: dict[str, str]) -> tuple[str, int]:
    value = ""
    while True:
        token = _TOKEN.match(text, position)
        if token is None:
            raise NotPlain(text[position:])
        value += _part(token, names)
        position = token.end()
        if text[position : position + 1] != "_":
            return value, position
        position += 1


def _part(token: re.Match[str], names: dict[str, str]) -> str:
    if token["string"] is not None:
        return token["string"][1:-1].replace('""', '"')
    if token["codes"] is not None:
        return "".join(chr(int(code)) for code in token["codes"].split(","))
    if token["number"] is not None:
        return token["number"]
    if token["name"] not in names:
        raise NotPlain(token["name"])
    return names[token["name"]]

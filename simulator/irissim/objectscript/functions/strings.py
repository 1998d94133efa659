# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cutting, searching and changing strings."""

from __future__ import annotations

import re
from collections.abc import Callable

from irissim.objectscript.functions.strict import Given, strict
from irissim.objectscript.functions.text import piece, span
from irissim.values.errors import OsError
from irissim.values.value import Value, to_int


@strict("length", "l", least=1, most=2)
def _length(given: Given) -> Value:
    text = given.text(0)
    if len(given) == 1:
        return len(text)
    delimiter = given.text(1)
    return text.count(delimiter) + 1 if delimiter else 0


@strict("extract", "e", least=1, most=3)
def _extract(given: Given) -> Value:
    text = given.text(0)
    start = given.position(1, len(text), 1)
    return span(text, start, given.position(2, len(text), start))


@strict("piece", "p", least=2, most=4)
def _piece(given: Given) -> Value:
    text, delimiter = given.text(0), given.text(1)
    count = text.count(delimiter) + 1 if delimiter else 0
    start = given.position(2, count, 1)
    return piece(text, delimiter, start, given.position(3, count, start))


@strict("find", "f", least=2, most=3)
def _find(given: Given) -> Value:
    text, wanted = given.text(0), given.text(1)
    start = max(given.integer(2, 1), 1)
    if not wanted:
        return start
    found = text.find(wanted, start - 1)
    return 0 if found < 0 else found + len(wanted) + 1


@strict("translate", "tr", least=2, most=4)
def _translate(given: Given) -> Value:
    source, target = given.text(1), given.text(2, "")
    table: dict[int, str | None] = {}
    for index, character in enumerate(source):
        table.setdefault(ord(character), target[index] if index < len(target) else None)
    return given.text(0).translate(table)


@strict("replace", least=3, most=6)
def _replace(given: Given) -> Value:
    text, wanted, replacement = given.text(0), given.text(1), given.text(2)
    start, count = max(given.integer(3, 1), 1), given.integer(4, -1)
    if not wanted:
        return text[start - 1 :]
    flags = re.IGNORECASE if given.integer(5, 0) else 0
    if count == 0:
        return text[start - 1 :]
    return re.sub(re.escape(wanted), lambda match: replacement, text[start - 1 :], count=max(count, 0), flags=flags)


@strict("change", least=3, most=5)
def _change(given: Given) -> Value:
    count, start = given.integer(3, -1), max(given.integer(4, 1), 1)
    text = given.text(0)
    return text[: start - 1] + text[start - 1 :].replace(given.text(1), given.text(2), count)


@strict("reverse", "re", least=1, most=1)
def _reverse(given: Given) -> Value:
    return given.text(0)[::-1]


@strict("char", "c", least=1, most=255)
def _char(given: Given) -> Value:
    numbers = [to_int(value) for value in given.values if value is not None]
    return "".join(chr(number) for number in numbers if 0 <= number <= 0x10FFFF)


@strict("wchar", "wc", least=1, most=255)
def _wide_char(given: Given) -> Value:
    return _char(given)


@strict("ascii", "a", least=1, most=2)
def _ascii(given: Given) -> Value:
    text, position = given.text(0), given.integer(1, 1)
    return ord(text[position - 1]) if 1 <= position <= len(text) else -1


@strict("match", least=2, most=2)
def _match(given: Given) -> Value:
    return int(_regular_expression(given.text(1)).fullmatch(given.text(0)) is not None)


@strict("locate", least=2, most=3)
def _locate(given: Given) -> Value:
    found = _regular_expression(given.text(1)).search(given.text(0), max(given.integer(2, 1), 1) - 1)
    return 0 if found is None else found.start() + 1


def _regular_expression(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error:
        raise OsError("<REGULAR EXPRESSION>") from None


_MASKS: dict[str, Callable[[str], bool]] = {
    "A": str.isalpha,
    "P": lambda character: not character.isalnum() and not character.isspace() and character.isprintable(),
    "C": lambda character: ord(character) < 32 or 127 <= ord(character) < 160,
    "N": lambda character: character in "0123456789",
    "L": str.islower,
    "U": str.isupper,
    "W": lambda character: character in " \t\n\r\x0b\x0c\xa0",
    "E": lambda character: True,
}


@strict("zstrip", least=2, most=4)
def _zstrip(given: Given) -> Value:
    text, action = given.text(0), given.text(1).upper()
    removed, kept = given.text(2, ""), given.text(3, "")
    masks = [_MASKS[letter] for letter in action if letter in _MASKS]
    places = set(action) - set(_MASKS)
    if not places or places - set("<>*="):
        raise OsError("<FUNCTION>")

    def strippable(character: str) -> bool:
        return character not in kept and (character in removed or any(mask(character) for mask in masks))

    if "*" in places:
        return "".join(character for character in text if not strippable(character))
    if "=" in places:
        text = "".join(
            character
            for index, character in enumerate(text)
            if not (index and character == text[index - 1] and strippable(character))
        )
    start, end = 0, len(text)
    while "<" in places and start < end and strippable(text[start]):
        start += 1
    while ">" in places and end > start and strippable(text[end - 1]):
        end -= 1
    return text[start:end]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%Status values: 1, or ``"0 "`` and a list of errors, each a list of its number and arguments."""

from __future__ import annotations

import re

from irissim.values.errors import StatusError
from irissim.values.oslist import list_build, list_items
from irissim.values.status_texts import TEXTS
from irissim.values.value import Value, to_bool, to_int, to_string

OK: int = 1
GENERAL_ERROR = 5001
OBJECTSCRIPT_ERROR = 5002

_PLACEHOLDER = re.compile(r"%(\d+)")


def make_status(code: int, *args: Value) -> str:
    """A status with one error."""
    return "0 " + list_build([list_build([code, *args])])


def status_of(error: StatusError) -> str:
    """The status of an engine error and of the errors stacked under it."""
    status: Value = make_status(error.code, *error.arguments)
    for cause in error.causes:
        status = append_status(status, status_of(cause))
    return to_string(status)


def append_status(first: Value, second: Value) -> Value:
    """Both statuses in one, in this order; OK adds nothing."""
    if is_ok(first):
        return second
    if is_ok(second):
        return first
    return "0 " + list_build([*_error_lists(first), *_error_lists(second)])


def is_ok(status: Value) -> bool:
    """Whether a status means success."""
    return to_bool(status)


def errors(status: Value) -> list[tuple[int, tuple[Value, ...]]]:
    """Number and arguments of each error."""
    found = []
    for packed in _error_lists(status):
        code, *arguments = list_items(to_string(packed)) or [GENERAL_ERROR]
        plain = ("" if argument is None else argument for argument in arguments)
        found.append((to_int(code or 0), tuple(plain)))
    return found


def codes(status: Value) -> list[int]:
    """The numbers of the errors, empty for OK."""
    return [code for code, _ in errors(status)]


def text(status: Value, language: str = "") -> str:
    """What $SYSTEM.Status.GetErrorText gives: one line per error, nothing for OK."""
    # FIDELITY(observed; LIVE): an error prints as "ERROR #<code>: <text>", stacked errors as several lines
    return "\r\n".join(error_text(code, arguments, language) for code, arguments in errors(status))


def error_text(code: int, arguments: tuple[Value, ...], language: str = "") -> str:
    """One error as a line, in English or in the words of another language."""
    if language:
        # FIDELITY(observed; JACB): in a Japanese instance even the word before the number is another one
        # FIDELITY(assumed): the text after it; here nothing but the arguments is left to match on
        return f"エラー #{code}: " + "、".join(f"'{to_string(argument)}'" for argument in arguments) + "(日本語の文)"
    template = TEXTS.get(code, "Error code = " + str(code))

    def fill(match: re.Match[str]) -> str:
        index = int(match.group(1)) - 1
        return to_string(arguments[index]) if index < len(arguments) else ""

    return f"ERROR #{code}: " + _PLACEHOLDER.sub(fill, template)


def _error_lists(status: Value) -> list[Value]:
    packed = to_string(status)
    if is_ok(status):
        return []
    if not packed.startswith("0 "):
        return [list_build([GENERAL_ERROR, packed])]
    return [item for item in list_items(packed[2:]) if item is not None]

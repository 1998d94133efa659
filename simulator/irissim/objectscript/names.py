# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables written out: names, quoted subscripts, and reading them back."""

from __future__ import annotations

from collections.abc import Iterable

from irissim.values.errors import OsError
from irissim.values.value import Scalar, Value, canonical, to_string

_MAX_SUBSCRIPT = 511


def quoted(text: str) -> str:
    """A string literal that reads back as the text."""
    return '"' + text.replace('"', '""') + '"'


def subscript_text(subscript: Value) -> str:
    """A subscript as it is written: numbers bare, strings quoted."""
    return quoted(subscript) if isinstance(subscript, str) else to_string(subscript)


def reference_text(name: str, subscripts: Iterable[Value]) -> str:
    """A variable as it is written, for example ``^a("b",1)``."""
    inner = ",".join(subscript_text(subscript) for subscript in subscripts)
    return f"{name}({inner})" if inner else name


def checked_subscripts(name: str, subscripts: Iterable[Value]) -> tuple[Scalar, ...]:
    """Subscripts in canonical form; <SUBSCRIPT> when one is too long."""
    found = tuple(canonical(subscript) for subscript in subscripts)
    for subscript in found:
        if isinstance(subscript, str) and len(subscript) > _MAX_SUBSCRIPT:
            raise OsError("<SUBSCRIPT>", f"*{name}()")
    return found


def split_reference(text: str) -> tuple[str, list[Scalar]]:
    """Name and subscripts of a reference written out, as $NAME and $QUERY give it."""
    name, bracket, rest = _split_name(text)
    if not bracket:
        return name, []
    if not rest.endswith(")"):
        raise OsError("<SYNTAX>")
    subscripts: list[Scalar] = []
    part, in_quotes = "", False
    for character in rest[:-1]:
        if character == '"':
            in_quotes = not in_quotes
        if character == "," and not in_quotes:
            subscripts.append(_literal(part))
            part = ""
        else:
            part += character
    subscripts.append(_literal(part))
    return name, subscripts


def _split_name(text: str) -> tuple[str, str, str]:
    start = 0
    if text.startswith("^|") and not text.startswith("^||"):
        start = text.find("|", 2) + 1
    elif text.startswith("^["):
        start = text.find("]", 2) + 1
    head, bracket, rest = text[start:].partition("(")
    return text[:start] + head, bracket, rest


def _literal(part: str) -> Scalar:
    part = part.strip()
    if part.startswith('"') and part.endswith('"') and len(part) > 1:
        return part[1:-1].replace('""', '"')
    return canonical(to_string(part))

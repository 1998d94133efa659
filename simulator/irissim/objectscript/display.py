# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How ZWRITE shows values: as code that would set them."""

from __future__ import annotations

from irissim.objectscript.builtin.json_values import Container, dump, json_value
from irissim.objectscript.names import quoted
from irissim.values import status
from irissim.values.oslist import is_list, list_items
from irissim.values.value import OsObject, Value, to_string

_STATUS_START = "0 "


def display(value: Value) -> str:
    """A value as code."""
    if isinstance(value, OsObject):
        return f"<OBJECT REFERENCE>[{to_string(value)}]"
    if not isinstance(value, str):
        return to_string(value)
    if _is_status(value):
        return f"{quoted(_STATUS_START)}_{_list(value[2:])}/* {status.text(value)} */"
    if value and not value.isprintable() and is_list(value):
        return _list(value)
    return _string(value)


def display_object(name: str, value: OsObject) -> str:
    """An object variable; dynamic objects also show what is in them."""
    if isinstance(value, Container):
        kind = "ARRAY" if json_value(value).kind == "array" else "OBJECT"
        return f"{name}={dump(json_value(value))}  ; <DYNAMIC {kind}>"
    return f"{name}={display(value)}"


def _is_status(value: str) -> bool:
    if not value.startswith(_STATUS_START) or not is_list(value[2:]):
        return False
    items = list_items(value[2:])
    return bool(items) and all(isinstance(item, str) and is_list(item) for item in items)


def _list(text: str) -> str:
    parts = []
    for item in list_items(text):
        if isinstance(item, str) and item and not item.isprintable() and is_list(item):
            parts.append(_list(item))
        else:
            parts.append("" if item is None else display(item))
    return f"$lb({','.join(parts)})"


def _string(text: str) -> str:
    """Control characters are written with $c()."""
    parts: list[str] = []
    plain = ""
    codes: list[str] = []
    for character in text:
        if ord(character) < 32 or 127 <= ord(character) < 160:
            if plain:
                parts.append(quoted(plain))
                plain = ""
            codes.append(str(ord(character)))
            continue
        if codes:
            parts.append(f"$c({','.join(codes)})")
            codes = []
        plain += character
    if codes:
        parts.append(f"$c({','.join(codes)})")
    if plain or not parts:
        parts.append(quoted(plain))
    return "_".join(parts)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values inside dynamic objects: each knows its JSON type."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from irissim.objectscript.functions.conversion import json_text
from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.value import OsObject, Value, to_bool, to_number, to_string


class JsonValue(NamedTuple):
    """A value and its type as %GetTypeOf names it."""

    kind: str
    value: Value


NULL = JsonValue("null", "")
TRUE = JsonValue("boolean", 1)
FALSE = JsonValue("boolean", 0)


class Container(OsObject):
    """What %ToJSON walks through; the dynamic classes derive from it."""

    def json_items(self) -> Mapping[str, JsonValue] | Sequence[JsonValue]:
        """The members of an object or the elements of an array."""
        raise OsError("<INVALID OREF>")


def json_value(value: Value, kind: str = "") -> JsonValue:
    """A value of ObjectScript as JSON, of its own or of a requested type."""
    if kind:
        return _forced(value, kind)
    if isinstance(value, Container):
        return JsonValue("array" if isinstance(value.json_items(), Sequence) else "object", value)
    if isinstance(value, OsObject):
        return JsonValue("oref", value)
    return JsonValue("string" if isinstance(value, str) else "number", value)


def _forced(value: Value, kind: str) -> JsonValue:
    if kind == "boolean":
        return TRUE if to_bool(value) else FALSE
    if kind == "number":
        return JsonValue("number", to_number(value))
    if kind == "string":
        return JsonValue("string", to_string(value))
    if kind == "null":
        return NULL if value == "" else json_value(value)
    raise OsError("<ILLEGAL VALUE>")


def dump(item: JsonValue) -> str:
    """The JSON text of a value."""
    if item.kind == "null":
        return "null"
    if item.kind == "boolean":
        return "true" if item.value else "false"
    if item.kind == "number":
        return _number(to_number(item.value))
    if isinstance(item.value, Container):
        members = item.value.json_items()
        if isinstance(members, Mapping):
            return "{" + ",".join(f"{_string(key)}:{dump(member)}" for key, member in members.items()) + "}"
        return "[" + ",".join(dump(member) for member in members) + "]"
    if isinstance(item.value, OsObject):
        raise OsError("<ILLEGAL VALUE>")
    return _string(to_string(item.value))


def _string(text: str) -> str:
    return f'"{json_text(text)}"'


def _number(number: numbers.Number) -> str:
    text = numbers.number_text(number)
    return text.replace(".", "0.", 1) if text.startswith((".", "-.")) else text


def load(text: str) -> Any:
    """JSON text as Python data; raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise ValueError(name)

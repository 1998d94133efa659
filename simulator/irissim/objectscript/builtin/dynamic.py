# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%DynamicObject and %DynamicArray."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from irissim.objectscript.builtin.exceptions import GeneralException
from irissim.objectscript.builtin.iterators import ArrayIterator, ObjectIterator
from irissim.objectscript.builtin.json_values import (
    FALSE,
    NULL,
    TRUE,
    Container,
    JsonValue,
    dump,
    json_value,
    load,
)
from irissim.objectscript.classes import Context, SystemClass, class_method, method
from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.value import Value, to_int, to_string


class DynamicAbstractObject(SystemClass, Container):
    """What objects and arrays have in common."""

    NAME = "%Library.DynamicAbstractObject"

    @class_method(name="%FromJSON")
    def FromJSON(ctx: Context, str: Value) -> Value:
        return parse(ctx, to_string(str))

    @class_method(name="%FromJSONFile")
    def FromJSONFile(ctx: Context, filename: Value) -> Value:
        try:
            return parse(ctx, Path(to_string(filename)).read_text(encoding="utf-8"))
        except OSError:
            raise OsError("<THROW>", f"*%Exception.StatusException ERROR #5001: {to_string(filename)}") from None

    @method(name="%ToJSON")
    def ToJSON(self) -> Value:
        return self.text()

    def text(self) -> str:
        """The object as JSON."""
        return dump(json_value(self))

    @method(name="%Size")
    def Size(self) -> Value:
        return len(self.json_items())


class DynamicObject(DynamicAbstractObject):
    """An ordered set of named members, which are also its properties."""

    NAME = "%Library.DynamicObject"

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.members: dict[str, JsonValue] = {}

    @class_method(name="%New")
    def New(ctx: Context) -> Value:
        return DynamicObject(ctx)

    def json_items(self) -> Mapping[str, JsonValue]:
        return self.members

    def get_property(self, name: str) -> Value:
        return self.members.get(name, NULL).value

    def set_property(self, name: str, value: Value) -> None:
        self.put(name, json_value(value))

    def put(self, name: str, item: JsonValue) -> None:
        """Set a member of a given type."""
        self.members[name] = item

    @method(name="%Get")
    def Get(self, key: Value, default: Value = "", type: Value = "") -> Value:
        item = self.members.get(to_string(key))
        return default if item is None else typed(item, to_string(type))

    @method(name="%Set")
    def Set(self, key: Value, value: Value = "", type: Value = "") -> Value:
        self.put(to_string(key), json_value(value, to_string(type)))
        return self

    @method(name="%Remove")
    def Remove(self, key: Value) -> Value:
        return self.members.pop(to_string(key), NULL).value

    @method(name="%IsDefined")
    def IsDefined(self, key: Value) -> Value:
        return int(to_string(key) in self.members)

    @method(name="%GetTypeOf")
    def GetTypeOf(self, key: Value) -> Value:
        item = self.members.get(to_string(key))
        return "unassigned" if item is None else item.kind

    @method(name="%GetIterator")
    def GetIterator(self) -> Value:
        return ObjectIterator(self, list(self.members.items()))


class DynamicArray(DynamicAbstractObject):
    """A list counted from 0."""

    NAME = "%Library.DynamicArray"

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.elements: list[JsonValue] = []

    @class_method(name="%New")
    def New(ctx: Context) -> Value:
        return DynamicArray(ctx)

    def json_items(self) -> Sequence[JsonValue]:
        return self.elements

    def put(self, index: int, item: JsonValue) -> None:
        """Set an element of a given type, lengthening the array as needed."""
        if index < 0:
            raise OsError("<ILLEGAL VALUE>")
        self.elements.extend([NULL] * (index + 1 - len(self.elements)))
        self.elements[index] = item

    def _at(self, key: Value) -> JsonValue | None:
        index = to_int(key)
        return self.elements[index] if 0 <= index < len(self.elements) else None

    @method(name="%Get")
    def Get(self, key: Value, default: Value = "", type: Value = "") -> Value:
        item = self._at(key)
        return default if item is None else typed(item, to_string(type))

    @method(name="%Set")
    def Set(self, key: Value, value: Value = "", type: Value = "") -> Value:
        self.put(to_int(key), json_value(value, to_string(type)))
        return self

    @method(name="%Push")
    def Push(self, value: Value = "", type: Value = "") -> Value:
        self.put(len(self.elements), json_value(value, to_string(type)))
        return self

    @method(name="%Pop")
    def Pop(self) -> Value:
        return self.elements.pop().value if self.elements else ""

    @method(name="%Remove")
    def Remove(self, key: Value) -> Value:
        item = self._at(key)
        if item is None:
            return ""
        del self.elements[to_int(key)]
        return item.value

    @method(name="%IsDefined")
    def IsDefined(self, key: Value) -> Value:
        return int(self._at(key) is not None)

    @method(name="%GetTypeOf")
    def GetTypeOf(self, key: Value) -> Value:
        item = self._at(key)
        return "unassigned" if item is None else item.kind

    @method(name="%GetIterator")
    def GetIterator(self) -> Value:
        return ArrayIterator(self, list(enumerate(self.elements)))


def typed(item: JsonValue, kind: str) -> Value:
    """The value of a member, as JSON text when that is asked for."""
    if kind in ("", "string"):
        return item.value
    if kind == "json":
        return dump(item)
    raise OsError("<ILLEGAL VALUE>")


def parse(ctx: Context, text: str) -> Value:
    """JSON text as a dynamic object or array."""
    try:
        data = load(text)
    except ValueError as error:
        place = f" Line {getattr(error, 'lineno', 1)} Offset {getattr(error, 'colno', 1)}"
        raise _parse_error(ctx, place) from None
    if not isinstance(data, (dict, list)):
        raise _parse_error(ctx, " Line 1 Offset 1")
    return build(ctx, data).value


def _parse_error(ctx: Context, place: str) -> OsError:
    exception = GeneralException(ctx)
    exception.Name, exception.Code, exception.Location = "Parsing error", 3, place.strip()
    return exception.error()


def build(ctx: Context, data: Any) -> JsonValue:
    """Python data as read from JSON."""
    if data is None:
        return NULL
    if isinstance(data, bool):
        return TRUE if data else FALSE
    if isinstance(data, (int, Decimal)):
        return JsonValue("number", numbers.canonical_number(data))
    if isinstance(data, dict):
        created = DynamicObject(ctx)
        for name, member in data.items():
            created.put(name, build(ctx, member))
        return JsonValue("object", created)
    if isinstance(data, list):
        elements = DynamicArray(ctx)
        elements.elements = [build(ctx, member) for member in data]
        return JsonValue("array", elements)
    return JsonValue("string", str(data))

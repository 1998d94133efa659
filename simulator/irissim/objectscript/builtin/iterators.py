# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%Iterator.Object and %Iterator.Array, from %GetIterator()."""

from __future__ import annotations

from collections.abc import Iterable

from irissim.objectscript.builtin.json_values import JsonValue
from irissim.objectscript.classes import Context, LocalArray, SystemClass, method
from irissim.values.value import Value


class ObjectIterator(SystemClass):
    """Goes once through the members an object had when the iterator was made."""

    NAME = "%Iterator.Object"

    def __init__(self, ctx: Context, items: Iterable[tuple[Value, JsonValue]]) -> None:
        super().__init__(ctx)
        self._items = iter(items)

    @method(name="%GetNext", byref=("key", "value", "type"))
    def GetNext(self, key: LocalArray, value: LocalArray, type: LocalArray) -> Value:
        found = next(self._items, None)
        if found is None:
            return 0
        key.set(found[0])
        value.set(found[1].value)
        type.set(found[1].kind)
        return 1


class ArrayIterator(ObjectIterator):
    """The same for arrays; the key is the index."""

    NAME = "%Iterator.Array"

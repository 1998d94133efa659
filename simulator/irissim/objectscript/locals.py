# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local variables: a value and a tree of subscripted values, ordered by IRIS standard collation."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

from irissim.values.numbers import Number
from irissim.values.value import Scalar, Value, canonical

SortKey = tuple[int, Number, str]


def sort_key(subscript: Scalar) -> SortKey:
    """``""`` first, then numbers, then strings."""
    if isinstance(subscript, str):
        return (2, 0, subscript) if subscript else (0, 0, "")
    return (1, subscript, "")


class LocalArray:
    """A local variable or one of its nodes; also how by-reference arguments arrive in a method."""

    __slots__ = ("_children", "_order", "value")

    def __init__(self, value: Value | None = None) -> None:
        self.value = value
        self._children: dict[Scalar, LocalArray] | None = None
        self._order: list[Scalar] | None = None

    def get(self, *subscripts: Value, default: Value = "") -> Value:
        """The value of a node, or the default ($GET)."""
        node = self.node(*subscripts)
        return default if node is None or node.value is None else node.value

    def set(self, value: Value, *subscripts: Value) -> None:
        """Give a node a value."""
        self.make(*subscripts).value = value

    def node(self, *subscripts: Value) -> LocalArray | None:
        """The node, or ``None`` when nothing is there or below."""
        node = self
        for subscript in subscripts:
            child = node._children.get(_key(subscript)) if node._children else None
            if child is None:
                return None
            node = child
        return node

    def make(self, *subscripts: Value) -> LocalArray:
        """The node, created when it was not there."""
        node = self
        for subscript in subscripts:
            node = node._child(_key(subscript))
        return node

    def _child(self, key: Scalar) -> LocalArray:
        if self._children is None:
            self._children = {}
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = LocalArray()
            if self._order is not None:
                insort(self._order, key, key=sort_key)
        return child

    def kill(self, *subscripts: Value) -> None:
        """Remove a node and everything below it."""
        if not subscripts:
            self.value = None
            self._children = self._order = None
            return
        parent = self.node(*subscripts[:-1])
        if parent is None or parent._children is None:
            return
        key = _key(subscripts[-1])
        if parent._children.pop(key, None) is not None and parent._order is not None:
            del parent._order[bisect_left(parent._order, sort_key(key), key=sort_key)]
        if not parent._children:
            parent._children = parent._order = None
            if parent.value is None:
                self.kill(*subscripts[:-1])

    def kill_value(self, *subscripts: Value) -> None:
        """ZKILL: remove the value of a node, keep what is below it."""
        node = self.node(*subscripts)
        if node is not None:
            node.value = None
            if node._children is None:
                self.kill(*subscripts)

    def keys(self) -> list[Scalar]:
        """The first-level subscripts in order."""
        return list(self._sorted())

    def _sorted(self) -> list[Scalar]:
        if not self._children:
            return []
        if self._order is None:
            self._order = sorted(self._children, key=sort_key)
        return self._order

    def order(self, *subscripts: Value, direction: int = 1) -> Value:
        """The next (or, with -1, previous) sibling of the last subscript; ``""`` at the end ($ORDER)."""
        parent = self.node(*subscripts[:-1])
        keys = parent._sorted() if parent is not None else []
        last = _key(subscripts[-1])
        if direction >= 0:
            position = bisect_right(keys, sort_key(last), key=sort_key)
            return keys[position] if position < len(keys) else ""
        position = len(keys) if last == "" else bisect_left(keys, sort_key(last), key=sort_key)
        return keys[position - 1] if position else ""

    def data(self, *subscripts: Value) -> int:
        """0 nothing, 1 a value, 10 only descendants, 11 both ($DATA)."""
        node = self.node(*subscripts)
        if node is None:
            return 0
        return (1 if node.value is not None else 0) + (10 if node._children else 0)

    def items(self, prefix: tuple[Scalar, ...] = ()) -> Iterator[tuple[tuple[Scalar, ...], Value]]:
        """Every node that has a value, in order, with its subscripts."""
        if self.value is not None:
            yield prefix, self.value
        for key in self.keys():
            child = self._children.get(key) if self._children else None
            if child is not None:
                yield from child.items((*prefix, key))

    def merge(self, other: LocalArray) -> None:
        """Copy all nodes of another array into this one (MERGE)."""
        for subscripts, value in list(other.items()):
            self.set(value, *subscripts)

    def as_dict(self) -> dict[Scalar, Value]:
        """The values of the first level, for arrays that are simply a record."""
        return {subscripts[0]: value for subscripts, value in self.items() if len(subscripts) == 1}


def _key(subscript: Value) -> Scalar:
    if type(subscript) is int:
        return subscript
    return canonical(subscript)

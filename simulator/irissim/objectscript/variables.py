# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a variable reference in a command or function stands for: a local, a global node, a property."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from irissim.objectscript.host import GlobalRef
from irissim.objectscript.locals import LocalArray, sort_key
from irissim.objectscript.names import quoted, reference_text
from irissim.objectscript.registry import object_of
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.transaction import subtree
from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.value import Scalar, Value, canonical, to_number

Node = tuple[tuple[Value, ...], Value]
MAX_STRING = 3_641_144


class Variable(ABC):
    """Something that SET, KILL, MERGE, LOCK, $GET, $DATA or $ORDER can be applied to."""

    @abstractmethod
    def get(self) -> Value | None:
        """The value, ``None`` when undefined."""

    @abstractmethod
    def set(self, value: Value) -> None:
        """Assign it."""

    @abstractmethod
    def text(self) -> str:
        """How it is written, as $NAME gives it."""

    def value(self) -> Value:
        """The value; <UNDEFINED> if there is none."""
        value = self.get()
        if value is None:
            raise OsError("<UNDEFINED>", self.error_text())
        return value

    def error_text(self) -> str:
        """How an error message names it."""
        return "*" + self.text()

    def increment(self, by: Value) -> Value:
        """$INCREMENT."""
        current = self.get()
        total = numbers.add(to_number("" if current is None else current), to_number(by))
        self.set(total)
        return total

    def kill(self) -> None:
        """KILL."""
        raise OsError("<SYNTAX>")

    def kill_value(self) -> None:
        """ZKILL."""
        raise OsError("<SYNTAX>")

    def data(self) -> int:
        """$DATA."""
        return 0 if self.get() is None else 1

    def order(self, direction: int) -> Value:
        """$ORDER."""
        raise OsError("<FUNCTION>")

    def query(self, direction: int) -> str:
        """$QUERY: the text of the next reference."""
        raise OsError("<FUNCTION>")

    def nodes(self) -> list[Node]:
        """The node and its descendants with values; subscripts are relative."""
        value = self.get()
        return [] if value is None else [((), value)]

    def merge(self, nodes: Iterable[Node]) -> None:
        """MERGE nodes into this one."""
        raise OsError("<SYNTAX>")

    def global_ref(self) -> GlobalRef:
        """The name that LOCK uses; local names are locked under an environment of their own."""
        raise OsError("<SYNTAX>")


class LocalVariable(Variable):
    """A local variable or node."""

    def __init__(self, table: dict[str, LocalArray], name: str, subscripts: tuple[Scalar, ...] = ()) -> None:
        self.table = table
        self.name = name
        self.subscripts = subscripts

    def array(self) -> LocalArray:
        """The whole array, for a call by reference; made when it is not there."""
        array = self.table.get(self.name)
        if array is None:
            array = self.table[self.name] = LocalArray()
        return array

    def get(self) -> Value | None:
        node = self._node()
        return None if node is None else node.value

    def set(self, value: Value) -> None:
        self.array().make(*self.subscripts).value = value

    def text(self) -> str:
        return reference_text(self.name, self.subscripts)

    def kill(self) -> None:
        array = self.table.get(self.name)
        if array is not None:
            array.kill(*self.subscripts)

    def kill_value(self) -> None:
        array = self.table.get(self.name)
        if array is not None:
            array.kill_value(*self.subscripts)

    def data(self) -> int:
        node = self._node()
        return 0 if node is None else node.data()

    def order(self, direction: int) -> Value:
        if not self.subscripts:
            return self._next_name(direction)
        array = self.table.get(self.name)
        return "" if array is None else array.order(*self.subscripts, direction=direction)

    def _next_name(self, direction: int) -> str:
        names = sorted(name for name, array in self.table.items() if array.data())
        later = [name for name in names if (name > self.name if direction >= 0 else name < self.name)]
        if not later:
            return ""
        return later[0] if direction >= 0 else later[-1]

    def query(self, direction: int) -> str:
        array = self.table.get(self.name)
        paths = [path for path, _ in array.items() if path] if array is not None else []
        later = _after(paths, self.subscripts, direction)
        return "" if later is None else reference_text(self.name, later)

    def nodes(self) -> list[Node]:
        node = self._node()
        return [] if node is None else list(node.items())

    def merge(self, nodes: Iterable[Node]) -> None:
        base = None
        for path, value in list(nodes):
            base = base or self.array().make(*self.subscripts)
            base.set(value, *path)

    def global_ref(self) -> GlobalRef:
        return GlobalRef("", self.name, self.subscripts)

    def _node(self) -> LocalArray | None:
        array = self.table.get(self.name)
        return array.node(*self.subscripts) if array is not None and self.subscripts else array


def _after(paths: list[tuple[Scalar, ...]], current: tuple[Scalar, ...], direction: int) -> tuple[Scalar, ...] | None:
    """The neighbour of ``current`` in a sorted list of paths."""

    def key(path: tuple[Scalar, ...]) -> list[tuple[int, object, str]]:
        return [sort_key(subscript) for subscript in path]

    if direction >= 0:
        # A trailing "" asks for the first node below, which every real path follows anyway.
        return next((path for path in paths if key(path) > key(current)), None)
    return next((path for path in reversed(paths) if key(path) < key(current)), None)


class GlobalVariable(Variable):
    """A node of a global."""

    def __init__(self, runtime: Runtime, environment: str, name: str, subscripts: tuple[Scalar, ...]) -> None:
        self.runtime = runtime
        self.ref = GlobalRef(environment or runtime.session.namespace, name, subscripts)
        self._explicit = environment
        runtime.naked = self.ref

    def below(self, subscripts: tuple[Scalar, ...]) -> GlobalVariable:
        """A descendant, for subscript indirection."""
        path = tuple(canonical(part) for part in (*self.ref.subscripts, *subscripts))
        return GlobalVariable(self.runtime, self._explicit, self.ref.name, path)

    def sibling(self, subscript: Scalar) -> GlobalVariable:
        """The node with another last subscript."""
        path = tuple(canonical(part) for part in self.ref.subscripts[:-1])
        return GlobalVariable(self.runtime, self._explicit, self.ref.name, (*path, subscript))

    def _check(self) -> None:
        if "" in self.ref.subscripts:
            raise OsError("<SUBSCRIPT>", self.error_text())

    def get(self) -> Value | None:
        self._check()
        return self.runtime.session.globals.get(self.ref)

    def set(self, value: Value) -> None:
        self._check()
        self.runtime.transaction.set(self.ref, _storable(value))

    def increment(self, by: Value) -> Value:
        self._check()
        return self.runtime.transaction.increment(self.ref, to_number(by))

    def text(self) -> str:
        prefix = f"^|{quoted(self._explicit)}|" if self._explicit else "^"
        return reference_text(prefix + self.ref.name, self.ref.subscripts)

    def error_text(self) -> str:
        # FIDELITY(assumed; GCOS): <UNDEFINED> names a global with its subscripts and without an asterisk, as <PROTECT>
        #   does
        return reference_text("^" + self.ref.name, self.ref.subscripts)

    def kill(self) -> None:
        self._check()
        self.runtime.transaction.kill(self.ref)

    def kill_value(self) -> None:
        self._check()
        self.runtime.transaction.kill_value(self.ref)

    def data(self) -> int:
        return self.runtime.session.globals.data(self.ref)

    def order(self, direction: int) -> Value:
        if not self.ref.subscripts:
            return self._next_name(direction)
        return self.runtime.session.globals.order(self.ref, direction)

    def _next_name(self, direction: int) -> str:
        names = sorted(self.runtime.session.globals.names(self.ref.environment))
        own = self.ref.name
        later = [name for name in names if (name > own if direction >= 0 else name < own)]
        if not later:
            return ""
        return "^" + (later[0] if direction >= 0 else later[-1])

    def query(self, direction: int) -> str:
        found = self.runtime.session.globals.query(self.ref, direction)
        if found is None or found.name != self.ref.name:
            return ""
        return GlobalVariable(self.runtime, self._explicit, found.name, _scalars(found.subscripts)).text()

    def nodes(self) -> list[Node]:
        depth = len(self.ref.subscripts)
        return [(node.subscripts[depth:], value) for node, value in subtree(self.runtime.session.globals, self.ref)]

    def merge(self, nodes: Iterable[Node]) -> None:
        for path, value in list(nodes):
            target = self.ref._replace(subscripts=(*self.ref.subscripts, *path))
            self.runtime.transaction.set(target, _storable(value))

    def global_ref(self) -> GlobalRef:
        return self.ref


def _scalars(subscripts: tuple[Value, ...]) -> tuple[Scalar, ...]:
    return tuple(canonical(subscript) for subscript in subscripts)


def _storable(value: Value) -> Value:
    """Globals keep no object references, only their text."""
    return value if isinstance(value, (str, int)) else canonical(value)


class PropertyVariable(Variable):
    """A property of an object."""

    def __init__(self, target: Value, name: str, subscripts: tuple[Value, ...] | None = None) -> None:
        self.target = object_of(target)
        self.name = name
        self.subscripts = subscripts

    def get(self) -> Value | None:
        if self.subscripts is None:
            return self.target.get_property(self.name)
        node = self._array().node(*self.subscripts)
        return None if node is None else node.value

    def set(self, value: Value) -> None:
        if self.subscripts is None:
            self.target.set_property(self.name, value)
        else:
            self._array().set(value, *self.subscripts)

    def data(self) -> int:
        return super().data() if self.subscripts is None else self._array().data(*self.subscripts)

    def order(self, direction: int) -> Value:
        if not self.subscripts:
            return super().order(direction)
        return self._array().order(*self.subscripts, direction=direction)

    def _array(self) -> LocalArray:
        array = self.target.multidimensional(self.name)
        if array is None:
            raise OsError("<PROPERTY DOES NOT EXIST>", f"*{self.name},{self.target.class_name()}")
        return array

    def text(self) -> str:
        return self.name

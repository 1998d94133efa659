# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Globals of an instance, as the interpreter sees them (structurally objectscript.host.GlobalStore)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol, Self, TypeVar
from weakref import WeakKeyDictionary

from irissim.engine.locks import LockName, LockTable
from irissim.values.collation import decode_path, encode_path
from irissim.values.errors import OsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from irissim.engine.database import Database
    from irissim.engine.databases import DatabaseManager
    from irissim.engine.mapping import GlobalMap
    from irissim.engine.positions import JournalMark, Position
    from irissim.values.value import Value

_MAX_KEY = 511


class Ref(Protocol):
    """A GlobalRef: `environment` is a namespace or `^^/directory/`."""

    @property
    def environment(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def subscripts(self) -> tuple[Value, ...]: ...

    def _replace(self, *, subscripts: tuple[Value, ...]) -> Self: ...


_R = TypeVar("_R", bound=Ref)


class Globals:
    """`instance.globals`. Errors are OsError: <NAMESPACE>, <DIRECTORY>, <PROTECT>, <SUBSCRIPT>... Thread-safe."""

    def __init__(self, databases: DatabaseManager, mapping: GlobalMap, wait_ack: Callable[[Position], None]) -> None:
        self.mapping = mapping
        self._databases = databases
        self._wait_ack = wait_ack
        self._locks = LockTable()
        self._thread = threading.local()
        self._opening = threading.Lock()
        self._transactions: WeakKeyDictionary[object, JournalMark] = WeakKeyDictionary()

    def get(self, ref: Ref) -> Value | None:
        """None: undefined."""
        return self._database(ref).get(ref.name, _path(ref))

    def data(self, ref: Ref) -> int:
        """$DATA."""
        return self._database(ref).data(ref.name, _path(ref))

    def set(self, ref: Ref, value: Value) -> None:
        """SET."""
        database = self._database(ref)
        self._remember(database, database.set(ref.name, _path(ref), value))

    def increment(self, ref: Ref, by: Value = 1) -> Value:
        """$INCREMENT: the new value; nobody else gets the same."""
        database = self._database(ref)
        value, mark = database.increment(ref.name, _path(ref), by)
        self._remember(database, mark)
        return value

    def kill(self, ref: Ref) -> None:
        """KILL."""
        database = self._database(ref)
        self._remember(database, database.kill(ref.name, _path(ref)))

    def order(self, ref: Ref, direction: int = 1) -> Value:
        """The next sibling of the last subscript, "" at the end; without subscripts the next global."""
        if not ref.subscripts:
            return self._next_name(ref, direction)
        parent = encode_path(ref.subscripts[:-1])
        last = ref.subscripts[-1]
        path = parent if last == "" else parent + encode_path((last,))
        return self._database(ref).sibling(ref.name, parent, path, direction)

    def query(self, ref: _R, direction: int = 1) -> _R | None:
        """The next node that has a value; a last subscript "" means the edge of its level."""
        at_edge = bool(ref.subscripts) and ref.subscripts[-1] == ""
        path = encode_path(ref.subscripts[:-1] if at_edge else ref.subscripts)
        found = self._database(ref).node(ref.name, path, direction, at_edge)
        return None if found is None else ref._replace(subscripts=decode_path(found))

    def names(self, environment: str) -> list[str]:
        """Names of the globals with data that the environment sees."""
        found = set()
        for directory in self.mapping.directories(environment):
            for name in self._databases.access(directory).names():
                if self.mapping.directory(environment, name) == directory:
                    found.add(name)
        return sorted(found)

    def lock(self, ref: Ref, timeout: float | None) -> bool:
        """Take one more lock on a name for the calling thread; None waits for ever."""
        return self._locks.acquire(self._lock_name(ref), timeout)

    def unlock(self, ref: Ref) -> None:
        """Give one lock back."""
        self._locks.release(self._lock_name(ref))

    def wait_durable(self) -> None:
        """Block until this thread's updates are safe: journaled, and on a primary acknowledged by the backup.

        Raises NoLongerPrimary."""
        mark: JournalMark | None = getattr(self._thread, "mark", None)
        if mark is not None:
            self._thread.mark = None
            self._wait_ack(mark.position)

    def transaction_began(self, transaction: object) -> None:
        """A process has an open transaction from here on; forgotten when the object is gone."""
        with self._opening:
            self._transactions[transaction] = self._databases.journal_mark()

    def transaction_ended(self, transaction: object) -> None:
        """It was committed or rolled back."""
        with self._opening:
            self._transactions.pop(transaction, None)

    def open_transactions(self) -> list[JournalMark]:
        """Where the open transactions began."""
        with self._opening:
            return list(self._transactions.values())

    def _remember(self, database: Database, mark: JournalMark | None) -> None:
        if database.mirror_writes and mark is not None and mark.series:
            self._thread.mark = mark

    def _database(self, ref: Ref) -> Database:
        return self._databases.access(self.mapping.directory(ref.environment, ref.name))

    def _lock_name(self, ref: Ref) -> LockName:
        return LockName(self.mapping.directory(ref.environment, ref.name), ref.name, encode_path(ref.subscripts))

    def _next_name(self, ref: Ref, direction: int) -> str:
        names = self.names(ref.environment)
        if direction > 0:
            return next((name for name in names if name > ref.name), "")
        return next((name for name in reversed(names) if name < ref.name), "")


def _path(ref: Ref) -> bytes:
    subscripts = ref.subscripts
    if "" in subscripts:
        # FIDELITY(assumed): an empty subscript of a global is <SUBSCRIPT>, as is a key of more than 511 bytes
        number = subscripts.index("") + 1
        raise OsError("<SUBSCRIPT>", f'*^{ref.name}() Subscript {number} is ""')
    path = encode_path(subscripts)
    if len(path) + len(ref.name) > _MAX_KEY:
        raise OsError("<SUBSCRIPT>", f"*^{ref.name}()")
    return path

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TSTART, TCOMMIT and TROLLBACK: what a process changed since TSTART can be undone by itself."""

from __future__ import annotations

from collections.abc import Callable

from irissim.objectscript.host import GlobalRef, GlobalStore
from irissim.values.errors import OsError
from irissim.values.value import Value

Undo = Callable[[], None]


# FIDELITY(assumed; GCOS): TROLLBACK undoes what the process itself changed; a process that dies in a transaction
#   leaves its updates, because the journal knows no transactions
class Transaction:
    """The global updates of a process, with an undo log while a transaction is open."""

    def __init__(self, store: GlobalStore) -> None:
        self._store = store
        self._log: list[Undo] = []
        self._starts: list[int] = []

    @property
    def level(self) -> int:
        """$TLEVEL."""
        return len(self._starts)

    def start(self) -> None:
        """TSTART."""
        if not self._starts:
            self._store.transaction_began(self)
        self._starts.append(len(self._log))

    def commit(self) -> None:
        """TCOMMIT of the innermost level; <COMMAND> outside of a transaction."""
        if not self._starts:
            raise OsError("<COMMAND>")
        self._starts.pop()
        if not self._starts:
            self._log.clear()
            self._store.transaction_ended(self)

    def rollback(self, levels: int | None = None) -> None:
        """TROLLBACK of all levels or of the innermost ones; nothing to do outside of a transaction."""
        count = self.level if levels is None else min(levels, self.level)
        for _ in range(count):
            mark = self._starts.pop()
            while len(self._log) > mark:
                self._log.pop()()
        if count and not self._starts:
            self._store.transaction_ended(self)

    def set(self, ref: GlobalRef, value: Value) -> None:
        """Assign a global node."""
        self._remember_value(ref)
        self._store.set(ref, value)

    def increment(self, ref: GlobalRef, by: Value) -> Value:
        """$INCREMENT; as in IRIS it is not undone by a rollback."""
        return self._store.increment(ref, by)

    def kill(self, ref: GlobalRef) -> None:
        """Remove a global node with its descendants."""
        if self._starts:
            for node, value in subtree(self._store, ref):
                self._log.append(lambda node=node, value=value: self._store.set(node, value))  # type: ignore[misc]
        self._store.kill(ref)

    def kill_value(self, ref: GlobalRef) -> None:
        """ZKILL: remove the value of a node, keep its descendants."""
        self._remember_value(ref)
        _erase_value(self._store, ref)

    def _remember_value(self, ref: GlobalRef) -> None:
        if not self._starts:
            return
        old = self._store.get(ref)
        if old is not None:
            self._log.append(lambda: self._store.set(ref, old))
        else:
            self._log.append(lambda: _erase_value(self._store, ref))


def subtree(store: GlobalStore, ref: GlobalRef) -> list[tuple[GlobalRef, Value]]:
    """A node and its descendants, those that have a value, in order."""
    found: list[tuple[GlobalRef, Value]] = []
    value = store.get(ref)
    if value is not None:
        found.append((ref, value))
    depth = len(ref.subscripts)
    node = store.query(ref)
    while node is not None and node.name == ref.name and node.subscripts[:depth] == ref.subscripts:
        value = store.get(node)
        if value is not None:
            found.append((node, value))
        node = store.query(node)
    return found


def _erase_value(store: GlobalStore, ref: GlobalRef) -> None:
    below = [(node, value) for node, value in subtree(store, ref) if node.subscripts != ref.subscripts]
    store.kill(ref)
    for node, value in below:
        store.set(node, value)

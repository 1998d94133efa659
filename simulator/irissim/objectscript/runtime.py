# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of one process between and during commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from irissim.objectscript.classes import SessionContext
from irissim.objectscript.host import GlobalRef, Session
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.signals import QuitSignal, ReturnSignal
from irissim.objectscript.transaction import Transaction
from irissim.values.errors import OsError
from irissim.values.value import Value

Restore = Callable[[], None]
_DEEPEST = 200
_ANSI_CODES = {"<DIVIDE>": "M9", "<UNDEFINED>": "M6", "<NAKED>": "M1", "<SELECT>": "M4", "<NOLINE>": "M13"}


class Runtime:
    """Locals, process-private globals, $TEST, naked reference, error state, locks and transaction of a process."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.locals: dict[str, LocalArray] = {}
        self.private: dict[str, LocalArray] = {}
        self.test = False
        self.naked: GlobalRef | None = None
        self.zerror = ""
        self.ecode = ""
        self.etrap = ""
        self.zchild: int = 0
        self.turns = 0
        self.last_error: OsError | None = None
        self.locks: list[GlobalRef] = []
        self.transaction = Transaction(session.globals)
        self.frames: list[list[Restore]] = [[]]

    @property
    def context(self) -> SessionContext:
        """The context in which class methods called from here run."""
        return SessionContext(self.session)

    @contextmanager
    def frame(self) -> Iterator[None]:
        """An execution level: what is NEW inside is restored at its end, QUIT and RETURN leave it."""
        if len(self.frames) > _DEEPEST:
            raise OsError("<FRAMESTACK>")
        self.frames.append([])
        try:
            yield
        except (QuitSignal, ReturnSignal):
            pass
        finally:
            for restore in reversed(self.frames.pop()):
                restore()

    def on_leave(self, restore: Restore) -> None:
        """Do something when the current level ends."""
        self.frames[-1].append(restore)

    def new(self, name: str) -> None:
        """NEW of a local variable."""
        saved = self.locals.pop(name, None)

        def restore() -> None:
            if saved is None:
                self.locals.pop(name, None)
            else:
                self.locals[name] = saved

        self.on_leave(restore)

    def new_except(self, kept: frozenset[str]) -> None:
        """Exclusive or argumentless NEW."""
        saved = {name: array for name, array in self.locals.items() if name not in kept}
        for name in saved:
            del self.locals[name]

        def restore() -> None:
            for name in [name for name in self.locals if name not in kept]:
                del self.locals[name]
            self.locals.update(saved)

        self.on_leave(restore)

    def kill_except(self, kept: frozenset[str]) -> None:
        """Exclusive or argumentless KILL. Arrays that a caller shares by reference are emptied, not forgotten."""
        for name in [name for name in self.locals if name not in kept]:
            self.locals.pop(name).kill()

    def local_value(self, name: str) -> Value | None:
        """The value of an unsubscripted local variable."""
        array = self.locals.get(name)
        return None if array is None else array.value

    def defined_names(self) -> list[str]:
        """The local variables that have a value or descendants."""
        return sorted(name for name, array in self.locals.items() if array.data())

    def remember(self, error: OsError) -> None:
        """Note an error for $ZERROR, $ECODE and THROW without argument."""
        self.last_error = error
        self.zerror = str(error)
        code = "Z" + error.name.strip("<>").replace(" ", "")
        self.ecode = f",{_ANSI_CODES.get(error.name, code)},"

    def end(self) -> None:
        """The process ends: its open transaction is undone, its locks are given back."""
        self.transaction.rollback()
        self.release_locks()

    def release_locks(self) -> None:
        """Argumentless LOCK and the end of a process."""
        while self.locks:
            self.session.globals.unlock(self.locks.pop())

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of one process between and during commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

from irissim.objectscript.classes import Argument, ClassContext, MethodSpec, SessionContext, SystemClass
from irissim.objectscript.host import GlobalRef, Session
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.signals import QuitSignal, ReturnSignal
from irissim.objectscript.transaction import Transaction
from irissim.values.errors import OsError
from irissim.values.value import Value, to_int

Restore = Callable[[], None]
_DEEPEST = 200
_ANSI_CODES = {"<DIVIDE>": "M9", "<UNDEFINED>": "M6", "<NAKED>": "M1", "<SELECT>": "M4", "<NOLINE>": "M13"}


@dataclass(frozen=True)
class Stopped:
    """What the terminal goes on with when a debug prompt is left."""

    locals: dict[str, LocalArray]
    this: SystemClass | ClassContext | None
    prompt: str
    level: int


class Program(Protocol):
    """The loaded code that is running, for calls of labels without a routine."""

    def call(self, runtime: Runtime, label: str, arguments: Sequence[Argument]) -> Value:
        """Run a label; <NOLINE> when there is none of that name."""
        ...


@dataclass(frozen=True)
class Crash:
    """Where an error was raised that nothing caught: the debug prompt goes on there."""

    error: OsError
    locals: dict[str, LocalArray]
    this: SystemClass | ClassContext | None
    level: int
    kind: str


_of_sessions: WeakKeyDictionary[Session, Runtime] = WeakKeyDictionary()


def runtime_of(session: Session) -> Runtime:
    """The state of the process that a call of loaded code belongs to."""
    return _of_sessions.get(session) or Runtime(session)


class Runtime:
    """Locals, process-private globals, $TEST, naked reference, error state, locks and transaction of a process."""

    def __init__(self, session: Session) -> None:
        self.session = session
        _of_sessions[session] = self
        self.locals: dict[str, LocalArray] = {}
        self.public = self.locals
        self.this: SystemClass | ClassContext | None = None
        self.overridden: tuple[MethodSpec, str] | None = None
        self.program: Program | None = None
        self.crash: Crash | None = None
        self.stopped: list[Stopped] = []
        self.debug_prompt = ""
        self.debug_level = 0
        self.directory = ""
        """The current directory of the process, "" until it was changed."""
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
        """An execution level that QUIT and RETURN leave."""
        with self.level():
            try:
                yield
            except (QuitSignal, ReturnSignal):
                pass

    @contextmanager
    def level(self) -> Iterator[None]:
        """An execution level: what is NEW inside is restored at its end."""
        if len(self.frames) > _DEEPEST:
            raise OsError("<FRAMESTACK>")
        self.frames.append([])
        try:
            yield
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

    def stop_at(self, error: OsError) -> None:
        """An error that nothing caught: the terminal goes on where it was raised, if that was in loaded code."""
        crash = self.crash
        if crash is None or crash.error is not error:
            return
        # FIDELITY(documented; GCOS): after an error in a program the prompt tells the number of levels on its stack and
        #   what made the last one, as in `USER 2d0>`; the next error adds to it
        # FIDELITY(assumed; GCOS): every such level is shown as one of DO
        self.stopped.append(Stopped(self.locals, self.this, self.debug_prompt, self.debug_level))
        self.debug_level += crash.level
        self.debug_prompt = f" {self.debug_level}{crash.kind}0"
        self.locals, self.this = crash.locals, crash.this
        self.crash = None

    def leave_stopped(self, levels: Value | None) -> None:
        """QUIT at a debug prompt: back to the terminal, or over so many levels."""
        # FIDELITY(documented; GCOS): QUIT clears the whole stack; QUIT 1 and the like clear the last entries of it
        target = 0 if levels is None else self.debug_level - to_int(levels)
        while self.stopped and self.debug_level > target:
            before = self.stopped.pop()
            self.locals, self.this = before.locals, before.this
            self.debug_prompt, self.debug_level = before.prompt, before.level

    @contextmanager
    def procedure(self, arrays: dict[str, LocalArray], shared: tuple[str, ...]) -> Iterator[None]:
        """A procedure: variables of its own, except %names and those it declares public. $TEST comes back after it."""
        outer, test = self.locals, self.test
        self._publish(outer)
        inner = {name: array for name, array in self.public.items() if name.startswith("%")}
        inner.update((name, self.public.setdefault(name, LocalArray())) for name in shared)
        inner.update(arrays)
        self.locals = inner
        try:
            yield
        finally:
            self._publish({name: array for name, array in inner.items() if name not in arrays})
            self.locals, self.test = outer, test
            outer.update((name, array) for name, array in self.public.items() if name.startswith("%"))

    @contextmanager
    def subroutine(self, arrays: dict[str, LocalArray]) -> Iterator[None]:
        """A subroutine without a block: it sees the public variables, and its parameters are NEW."""
        outer = self.locals
        self._publish(outer)
        self.locals = self.public
        saved = {name: self.public.get(name) for name in arrays}
        self.public.update(arrays)
        try:
            yield
        finally:
            for name, array in saved.items():
                if array is None:
                    self.public.pop(name, None)
                else:
                    self.public[name] = array
            self.locals = outer

    def _publish(self, table: dict[str, LocalArray]) -> None:
        if table is not self.public:
            for name, array in table.items():
                if name.startswith("%"):
                    self.public.setdefault(name, array)

    def release_locks(self) -> None:
        """Argumentless LOCK and the end of a process."""
        while self.locks:
            self.session.globals.unlock(self.locks.pop())

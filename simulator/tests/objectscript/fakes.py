# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session in memory, so that the interpreter can be tested without an instance."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from irissim.objectscript.builtin import register_language_classes
from irissim.objectscript.host import GlobalRef, GlobalStore, Session
from irissim.objectscript.interpreter import Interpreter
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.names import checked_subscripts
from irissim.objectscript.registry import ClassRegistry
from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.value import Value, to_number

READ_ONLY = "readonly"


class MemoryGlobals:
    """Globals of namespaces as local arrays; names starting with ``readonly`` are protected."""

    def __init__(self) -> None:
        self.arrays: dict[tuple[str, str], LocalArray] = {}
        self.held: list[GlobalRef] = []
        self.refused: set[str] = set()
        self.transactions: list[object] = []

    def _array(self, ref: GlobalRef) -> LocalArray:
        return self.arrays.setdefault((ref.environment, ref.name), LocalArray())

    def get(self, ref: GlobalRef) -> Value | None:
        node = self._array(ref).node(*ref.subscripts)
        return None if node is None else node.value

    def set(self, ref: GlobalRef, value: Value) -> None:
        if ref.name.startswith(READ_ONLY):
            raise OsError("<PROTECT>", f"^{ref.name},/data/")
        self._array(ref).set(value, *ref.subscripts)

    def kill(self, ref: GlobalRef) -> None:
        self._array(ref).kill(*ref.subscripts)

    def order(self, ref: GlobalRef, direction: int = 1) -> Value:
        return self._array(ref).order(*ref.subscripts, direction=direction)

    def data(self, ref: GlobalRef) -> int:
        return self._array(ref).data(*ref.subscripts)

    def query(self, ref: GlobalRef, direction: int = 1) -> GlobalRef | None:
        paths = [path for path, _ in self._array(ref).items() if path]
        wanted = checked_subscripts(ref.name, ref.subscripts)
        after = LocalArray()
        for path in [*paths, wanted] if wanted else paths:
            after.set(1, *path)
        ordered = [path for path, _ in after.items()]
        index = ordered.index(wanted) if wanted else -1
        step = index + 1 if direction > 0 else index - 1
        return GlobalRef(ref.environment, ref.name, ordered[step]) if 0 <= step < len(ordered) else None

    def increment(self, ref: GlobalRef, by: Value) -> Value:
        current = self.get(ref)
        total = numbers.add(to_number("" if current is None else current), to_number(by))
        self.set(ref, total)
        return total

    def transaction_began(self, transaction: object) -> None:
        self.transactions.append(transaction)

    def transaction_ended(self, transaction: object) -> None:
        self.transactions.remove(transaction)

    def names(self, environment: str) -> list[str]:
        return [name for (place, name), array in self.arrays.items() if place == environment and array.data()]

    def lock(self, ref: GlobalRef, timeout: float | None) -> bool:
        if ref.name in self.refused:
            return False
        self.held.append(ref)
        return True

    def unlock(self, ref: GlobalRef) -> None:
        self.held.remove(ref)


class MemorySession:
    """A process that writes into a list."""

    username = "irisowner"
    zversion = "IRIS for UNIX (simulator)"
    storage = 2147483647
    io = "/dev/null"
    principal = "/dev/null"
    instance: Any = None
    environment: Mapping[str, str] = os.environ
    commits_wait = False

    def __init__(self, version: str = "2026.1") -> None:
        self._namespace = "USER"
        self.job = 4711
        self.written: list[str] = []
        self.input: list[str] = []
        self.interrupted = False
        self.slept: list[float] = []
        self.calls: list[tuple[Any, ...]] = []
        self.globals: GlobalStore = MemoryGlobals()
        self.classes = ClassRegistry(version)
        register_language_classes(self.classes)

    @property
    def namespace(self) -> str:
        return self._namespace

    @namespace.setter
    def namespace(self, name: str) -> None:
        if name.upper() not in ("USER", "%SYS"):
            raise OsError("<NAMESPACE>", "*" + name)
        self._namespace = name.upper()

    @property
    def column(self) -> int:
        return len("".join(self.written).replace("\r", "\n").rpartition("\n")[2])

    def write(self, text: str) -> None:
        self.written.append(text)

    def settle(self) -> None:
        self.calls.append(("settle",))

    def read_line(self, timeout: float | None) -> str | None:
        return self.input.pop(0) if self.input else None

    def use(self, device: str, parameters: Sequence[Value]) -> None:
        if device not in (self.principal, "x"):
            raise OsError("<NOTOPEN>")
        self.io = device

    def open(self, device: str, parameters: Sequence[Value], timeout: float | None) -> bool:
        self.calls.append(("open", device, *parameters, timeout))
        return device == "x"

    def close(self, device: str) -> None:
        self.calls.append(("close", device))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def check(self) -> None:
        if self.interrupted:
            raise OsError("<INTERRUPT>")

    def spawn(self, work: Callable[[Session], None]) -> int:
        work(self)
        return 4712

    def terminate(self, job: int, code: int) -> bool:
        self.calls.append(("terminate", job, code))
        return True


class Terminal:
    """Lines in, text out; an error that nothing caught is written on a line of its own, as a terminal does."""

    def __init__(self, version: str = "2026.1") -> None:
        self.session = MemorySession(version)
        self.interpreter = Interpreter(self.session)

    def run(self, *lines: str) -> str:
        self.session.written.clear()
        for line in lines:
            try:
                self.interpreter.execute(line)
            except OsError as error:
                self.session.write(f"\r\n{error}\r\n")
        return "".join(self.session.written)

    def value(self, text: str) -> Value:
        return self.interpreter.evaluate(text)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the interpreter needs from the world around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from irissim.values.value import Value

if TYPE_CHECKING:
    from irissim.objectscript.registry import ClassRegistry


class GlobalRef(NamedTuple):
    """A node of a global: ``environment`` is a namespace, or ``^^/directory/`` for a database."""

    environment: str
    name: str
    subscripts: tuple[Value, ...] = ()


class GlobalStore(Protocol):
    """The globals of all databases; raises OsError (<PROTECT>, <NAMESPACE>, ...) as IRIS does."""

    def get(self, ref: GlobalRef) -> Value | None: ...

    def set(self, ref: GlobalRef, value: Value) -> None: ...

    def kill(self, ref: GlobalRef) -> None: ...

    def order(self, ref: GlobalRef, direction: int = 1) -> Value:
        """The next sibling of the last subscript, ``""`` at the end."""
        ...

    def data(self, ref: GlobalRef) -> int: ...

    def query(self, ref: GlobalRef, direction: int = 1) -> GlobalRef | None:
        """The next node that has a value."""
        ...

    def increment(self, ref: GlobalRef, by: Value) -> Value: ...

    def names(self, environment: str) -> list[str]:
        """The globals of a namespace or database, without the caret."""
        ...

    def lock(self, ref: GlobalRef, timeout: float | None) -> bool:
        """Take one more lock on a name for the calling thread; ``None`` waits for ever."""
        ...

    def unlock(self, ref: GlobalRef) -> None: ...

    def transaction_began(self, transaction: object) -> None:
        """The process has an open transaction from now on, known by this object."""
        ...

    def transaction_ended(self, transaction: object) -> None: ...


class Session(Protocol):
    """One process of IRIS: where it is, who it is, what it writes to and which classes it sees."""

    @property
    def namespace(self) -> str: ...

    @namespace.setter
    def namespace(self, name: str) -> None:
        """Raises <NAMESPACE> when there is none of that name."""
        ...

    @property
    def username(self) -> str: ...

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that the operating system gave the process."""
        ...

    @property
    def job(self) -> int: ...

    @property
    def globals(self) -> GlobalStore: ...

    @property
    def classes(self) -> ClassRegistry: ...

    @property
    def instance(self) -> object: ...

    @property
    def zversion(self) -> str: ...

    @property
    def storage(self) -> int: ...

    commits_wait: bool
    """Whether TCOMMIT returns only when its updates are safe."""

    def settle(self) -> None:
        """Wait until all updates of the process are safe; ends the process when they cannot be any more."""
        ...

    @property
    def io(self) -> str:
        """The current device ($IO)."""
        ...

    @property
    def principal(self) -> str:
        """The device the session began with ($PRINCIPAL)."""
        ...

    @property
    def column(self) -> int:
        """Characters since the last line start on the current device ($X)."""
        ...

    def write(self, text: str) -> None: ...

    def read_line(self, timeout: float | None) -> str | None:
        """One line without its end; ``None`` when the time ran out or the input ended."""
        ...

    def use(self, device: str, parameters: Sequence[Value]) -> None:
        """Make an open device the current one; <NOTOPEN> otherwise."""
        ...

    def open(self, device: str, parameters: Sequence[Value], timeout: float | None) -> bool: ...

    def close(self, device: str) -> None: ...

    def sleep(self, seconds: float) -> None:
        """Wait; raises when the process is told to end meanwhile."""
        ...

    def check(self) -> None:
        """Called now and then by long loops; raises when the process is told to end or is interrupted."""
        ...

    def spawn(self, work: Callable[[Session], None]) -> int:
        """JOB: run ``work`` in a new process in the same namespace and give its number ($ZCHILD)."""
        ...

    def terminate(self, job: int, code: int) -> bool:
        """End another process; False when there is none of that number."""
        ...

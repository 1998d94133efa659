# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process of IRIS, as the interpreter sees it; here a thread of the daemon."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from irissim.engine.instance import Instance
from irissim.engine.mirror_hooks import NoLongerPrimary
from irissim.objectscript.host import GlobalStore
from irissim.objectscript.registry import ClassRegistry
from irissim.shell.conversation import Conversation, Gone, Interrupted
from irissim.shell.devices import Device, Nothing, Terminal, open_file
from irissim.values.errors import OsError
from irissim.values.value import Value

PROCESS_STORAGE_KB = 262144
IMPLIED_PREFIX = "^^"
ROLE_LOST = "Session ended: the primary role was lost before the mirror acknowledged an update"


@dataclass
class Jobs:
    """The process table of an instance."""

    sessions: dict[int, ProcessSession] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, session: ProcessSession) -> None:
        """A process begins."""
        with self.lock:
            self.sessions[session.job] = session

    def remove(self, session: ProcessSession) -> None:
        """A process has ended."""
        with self.lock:
            self.sessions.pop(session.job, None)


class Terminated(Exception):
    """The process was ended from outside, or by itself, with an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ProcessSession:
    """Implements objectscript.host.Session."""

    def __init__(
        self,
        instance: Instance,
        classes: ClassRegistry,
        jobs: Jobs,
        *,
        namespace: str,
        username: str,
        conversation: Conversation | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.job = threading.get_native_id()
        self.username = username
        self.environment = os.environ if environment is None else environment
        self.instance = instance
        self.classes = classes
        self.storage = PROCESS_STORAGE_KB
        self.commits_wait = False
        self.is_command_argument = False
        self._jobs = jobs
        self._conversation = conversation
        self._terminal: Terminal | Nothing = (
            Terminal(conversation, f"|TRM|:|{self.job}", self._before_output) if conversation else Nothing()
        )
        self._devices: dict[str, Device] = {self._terminal.name: self._terminal}
        self._current: Device = self._terminal
        self._terminated: int | None = None
        self._namespace = ""
        self.namespace = namespace

    @property
    def namespace(self) -> str:
        """Where the process works."""
        return self._namespace

    @namespace.setter
    def namespace(self, name: str) -> None:
        if name.startswith(IMPLIED_PREFIX):
            known = self.instance.databases.label(name.removeprefix(IMPLIED_PREFIX)) is not None
        else:
            name = name.upper()
            known = self.instance.config.get("Namespaces", name) != ""
        if not known:
            raise OsError("<NAMESPACE>", "*" + name)
        self._namespace = name

    @property
    def globals(self) -> GlobalStore:
        """All databases of the instance."""
        return self.instance.globals

    @property
    def zversion(self) -> str:
        """$ZVERSION."""
        return self.instance.zversion

    @property
    def io(self) -> str:
        """$IO."""
        return self._current.name

    @property
    def principal(self) -> str:
        """$PRINCIPAL."""
        return self._terminal.name

    @property
    def column(self) -> int:
        """$X."""
        return self._current.column

    def write(self, text: str) -> None:
        """WRITE on the current device."""
        self.check()
        self._current.write(text)

    def read_line(self, timeout: float | None) -> str | None:
        """READ from the current device."""
        try:
            return self._current.read_line(timeout)
        except Interrupted:
            raise OsError("<INTERRUPT>") from None
        except Gone:
            raise self._ended() from None

    def read_command(self) -> str:
        """The next line at the prompt. Input that has ended is waited for, as IRIS does."""
        assert self._conversation is not None
        try:
            line = self._terminal.read_line(None)
            if line is None:
                # FIDELITY(observed; LIVE, DUR, ANS): when the input ends without `halt` the process lingers
                self._conversation.wait_until_gone()
                raise self._ended()
            return line
        except Gone:
            raise self._ended() from None

    def prompt(self, text: str) -> None:
        """Show the prompt: always on the terminal, whatever the current device is."""
        # FIDELITY(assumed): a line that leaves the current device elsewhere does not change where prompts go
        self._terminal.write(text)
        self._terminal.flush()

    def flush(self) -> None:
        """Show all output."""
        self._terminal.flush()

    def use(self, device: str, parameters: Sequence[Value]) -> None:
        """USE."""
        wanted = self._terminal if device in ("0", "") else self._devices.get(device)
        if wanted is None:
            raise OsError("<NOTOPEN>")
        self._current = wanted

    def open(self, device: str, parameters: Sequence[Value], timeout: float | None) -> bool:
        """OPEN: sequential files; other devices cannot be had."""
        if device in self._devices:
            return True
        opened = open_file(device, parameters)
        if opened is None:
            return False
        self._devices[device] = opened
        return True

    def close(self, device: str) -> None:
        """CLOSE; the terminal becomes the current device if it was the one."""
        found = self._devices.get(device)
        if found is None or found is self._terminal:
            return
        del self._devices[device]
        found.close()
        if self._current is found:
            self._current = self._terminal

    def sleep(self, seconds: float) -> None:
        """HANG."""
        self.flush()
        if self._conversation is None:
            threading.Event().wait(seconds)
            self.check()
            return
        try:
            self._conversation.sleep(seconds)
        except Interrupted:
            raise OsError("<INTERRUPT>") from None
        except Gone:
            raise self._ended() from None

    def spawn(self, work: Callable[[ProcessSession], None]) -> int:
        """JOB."""
        started: list[ProcessSession] = []
        ready = threading.Event()

        def run() -> None:
            child = ProcessSession(
                self.instance,
                self.classes,
                self._jobs,
                namespace=self.namespace,
                username=self.username,
                environment=self.environment,
            )
            started.append(child)
            with child:
                ready.set()
                try:
                    work(child)
                except Terminated:
                    pass
                except OsError as error:
                    self.instance.log.write(f"background process {child.job} ended with {error}", 1, "Job.Error")

        threading.Thread(target=run, name="job", daemon=True).start()
        ready.wait()
        return started[0].job

    def terminate(self, job: int, code: int) -> bool:
        """End another process at its next opportunity."""
        other = self._jobs.sessions.get(job)
        if other is None:
            return False
        other.stop(code)
        return True

    def stop(self, code: int) -> None:
        """Called by another thread: end this process."""
        self._terminated = code
        if self._conversation is not None:
            self._conversation.hang_up()

    def check(self) -> None:
        """Raise when the process was told to end or was interrupted."""
        if self._terminated is not None:
            raise Terminated(self._terminated)
        if self._conversation is None:
            return
        if self._conversation.is_gone:
            raise self._ended()
        if self._conversation.take_interrupt():
            raise OsError("<INTERRUPT>")

    def __enter__(self) -> ProcessSession:
        self._jobs.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._jobs.remove(self)
        for name in list(self._devices):
            self.close(name)

    def settle(self) -> None:
        """Wait until all updates of the process are safe."""
        try:
            self.instance.globals.wait_durable()
        except NoLongerPrimary:
            if self._conversation is not None:
                self._conversation.write(f"\n{ROLE_LOST}\n")
            raise Terminated(1) from None

    def _before_output(self) -> None:
        # Output may tell that an update was made; one that the mirror may not keep must not be told as made.
        self.settle()

    def _ended(self) -> Terminated:
        return Terminated(self._terminated or 0)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container engine that runs prepared commands, in the place of the Docker SDK. Connections are real sockets."""

from __future__ import annotations

import dataclasses
import io
import socket
import struct
import threading
import types
import typing as t


class DockerException(Exception):
    """The SDK's base class of errors."""


class NotFound(DockerException):
    """No such container."""


class RequestException(OSError):
    """The base class of errors of the HTTP library."""


@dataclasses.dataclass
class TLSConfig:
    """Records the arguments as the SDK's class takes them."""

    client_cert: tuple[str, str] | None = None
    ca_cert: str | None = None
    verify: bool | None = None


@dataclasses.dataclass
class Command:
    """What one exec does: reads `reads` bytes (None: one line that ends in "halt"), writes frames, ends with `rc`."""

    stdout: bytes = b""
    stderr: bytes = b""
    rc: int = 0
    reads: int | None = 0
    early: bytes = b""  # arrives together with the headers of the answer
    hangs: bool = False
    torn: bool = False  # the connection ends in the middle of a frame
    received: bytes = b""


def frame(number: int, content: bytes) -> bytes:
    return struct.pack(">BxxxL", number, len(content)) + content


class Wire:
    """What the SDK returns for an exec with a socket: a raw reader with the socket inside, and the answer."""

    def __init__(self, client: socket.socket, early: bytes) -> None:
        self._sock = client
        raw = client.makefile("rb", buffering=0)
        buffered = _Buffered(early, raw)
        self._response = types.SimpleNamespace(raw=types.SimpleNamespace(_fp=types.SimpleNamespace(fp=buffered)))
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True
        self._sock.close()


class _Buffered:
    """A buffered reader that has read more than the headers."""

    def __init__(self, early: bytes, raw: t.Any) -> None:
        self._early = io.BytesIO(early)
        self._raw = raw

    def read1(self, size: int) -> bytes:
        return self._early.read(size) or self._raw.read(size)


class FakeEngine:
    """The client. `commands` are taken in order; `executed` lists what was asked for."""

    def __init__(self, *commands: Command, state: t.Mapping[str, t.Any] | None = None) -> None:
        self.commands = list(commands)
        self.state = {"Running": True, "Status": "running"} if state is None else dict(state)
        self.executed: list[tuple[list[str], str]] = []
        self.wires: list[Wire] = []
        self.arguments: dict[str, t.Any] = {}
        self.failure: Exception | None = None
        self._running: list[Command] = []
        self._asked = 0

    def inspect_container(self, container: str) -> dict[str, t.Any]:
        if self.failure is not None:
            raise self.failure
        return {"Id": container, "State": self.state}

    def exec_create(self, container: str, argv: list[str], stdin: bool, user: str) -> dict[str, str]:
        assert stdin
        if self.failure is not None:
            raise self.failure
        assert self.commands, f"nobody expected {argv}"
        self.executed.append((argv, user))
        self._running.append(self.commands.pop(0))
        return {"Id": str(len(self._running) - 1)}

    def exec_start(self, identity: str, socket: bool) -> Wire:
        assert socket
        command = self._running[int(identity)]
        ours, theirs = _pair()
        wire = Wire(theirs, command.early)
        self.wires.append(wire)
        threading.Thread(target=_serve, args=(command, ours), daemon=True).start()
        return wire

    def exec_inspect(self, identity: str) -> dict[str, t.Any]:
        self._asked += 1
        # The engine needs a moment to know it.
        return {"ExitCode": None if self._asked % 2 else self._running[int(identity)].rc}


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


def _serve(command: Command, ours: socket.socket) -> None:
    with ours:
        if command.hangs:
            while ours.recv(4096):
                continue
            return
        while command.reads is None or len(command.received) < command.reads:
            part = ours.recv(65536)
            command.received += part
            if not part or (command.reads is None and command.received.endswith(b"halt\n")):
                break
        output = b"".join(frame(1, command.stdout[at : at + 7000]) for at in range(0, len(command.stdout), 7000))
        output += frame(2, command.stderr) if command.stderr else b""
        ours.sendall(output[:-3] if command.torn else output)


def install(monkeypatch: t.Any, module: types.ModuleType, engine: FakeEngine) -> None:
    """Put the engine where the module expects the SDK."""

    def client(**arguments: t.Any) -> FakeEngine:
        engine.arguments = arguments
        return engine

    docker = types.SimpleNamespace(
        APIClient=client,
        errors=types.SimpleNamespace(DockerException=DockerException, NotFound=NotFound),
        tls=types.SimpleNamespace(TLSConfig=TLSConfig),
    )
    requests = types.SimpleNamespace(exceptions=types.SimpleNamespace(RequestException=RequestException))
    monkeypatch.setattr(module, "docker", docker, raising=False)
    monkeypatch.setattr(module, "requests", requests, raising=False)
    monkeypatch.setattr(module, "SDK_ERROR", None)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands and files in a container, with an engine that does all the things that engines do."""

from __future__ import annotations

import time
import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._transport import docker, factory
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import FileStream
from ansible_collections.irisops.mirror.plugins.module_utils._transport.docker import DockerTransport
from ansible_collections.irisops.mirror.plugins.module_utils._transport.local import LocalTransport
from ansible_collections.irisops.mirror.tests.unit.support.engine import (
    Command,
    DockerException,
    FakeEngine,
    NotFound,
    RequestException,
    TLSConfig,
    frame,
    install,
)

Connect = t.Callable[..., DockerTransport]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    def make(engine: FakeEngine, user: str | None = None, **options: t.Any) -> DockerTransport:
        install(monkeypatch, docker, engine)
        return DockerTransport("mirrorA", options, user)

    return make


def failing(function: t.Callable[..., t.Any], *arguments: t.Any) -> TransportError:
    with pytest.raises(TransportError) as raised:
        function(*arguments)
    assert raised.value.node == "mirrorA"
    return raised.value


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"base_url": None, "timeout": 60, "version": "auto"}),
        ({"docker_host": "unix:///x", "timeout": 5}, {"base_url": "unix:///x", "timeout": 5, "version": "auto"}),
        (
            {"docker_host": "ssh://a@b", "use_ssh_client": True, "api_version": "1.41"},
            {"base_url": "ssh://a@b", "timeout": 60, "version": "1.41", "use_ssh_client": True},
        ),
        (
            {"docker_host": "tcp://e:2376", "tls": True},
            {"base_url": "https://e:2376", "timeout": 60, "version": "auto", "tls": TLSConfig(verify=False)},
        ),
        (
            {
                "docker_host": "tcp://e:2376",
                "validate_certs": True,
                "ca_path": "/ca",
                "client_cert": "/cert",
                "client_key": "/key",
            },
            {
                "base_url": "https://e:2376",
                "timeout": 60,
                "version": "auto",
                "tls": TLSConfig(("/cert", "/key"), "/ca", True),
            },
        ),
        (
            {"docker_host": "tcp://e:2376", "tls": True, "client_cert": "/cert"},
            {"base_url": "https://e:2376", "timeout": 60, "version": "auto", "tls": TLSConfig(verify=False)},
        ),
    ],
)
def test_connection_options(connect: Connect, options: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    engine = FakeEngine()
    connect(engine, **options)
    assert engine.arguments == expected


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (NotFound("no"), "container_not_found"),
        (DockerException("no"), "engine_unreachable"),
        (RequestException("no"), "engine_unreachable"),
        (PermissionError("no"), "engine_unreachable"),
        (ValueError("bad url"), "engine_unreachable"),
    ],
)
def test_without_container_or_engine(connect: Connect, failure: Exception, code: str) -> None:
    engine = FakeEngine()
    engine.failure = failure
    error = failing(connect, engine)
    assert error.code == code
    assert "docker_host" in error.remedy


@pytest.mark.parametrize(
    "state", [{"Running": False, "Status": "exited"}, {"Running": True, "Paused": True, "Status": "paused"}, {}]
)
def test_a_container_must_run(connect: Connect, state: dict[str, t.Any]) -> None:
    error = failing(connect, FakeEngine(state=state))
    assert error.code == "container_not_running"
    assert str(state.get("Status", "unknown")) in error.message


def test_without_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "SDK_ERROR", "Traceback")
    error = failing(DockerTransport, "mirrorA", {})
    assert error.code == "sdk_missing"
    assert "pip install docker" in error.remedy


def test_a_command_gets_its_input_and_both_outputs_are_told_apart(connect: Connect) -> None:
    program = "write 1\n" * 20000 + "halt\n"
    command = Command("\u00e4".encode() * 9000, b"oops", 3, reads=None)
    engine = FakeEngine(command)
    result = connect(engine, "irisowner").execute(["iris", "session", "IRIS"], program, 10)
    assert (result.rc, result.stdout, result.stderr) == (3, "\u00e4" * 9000, "oops")
    assert command.received == program.encode()
    assert engine.executed == [(["iris", "session", "IRIS"], "irisowner")]
    assert engine.wires[0].is_closed


@pytest.mark.parametrize("cut", [0, 3, 8, 10, 13])
def test_output_that_arrives_with_the_headers_is_not_lost(connect: Connect, cut: int) -> None:
    first = frame(1, b"Node:")[:cut]
    command = Command(b"", b"", early=first)
    engine = FakeEngine(command)
    transport = connect(engine)
    if cut in (0, 13):
        assert transport.execute(["x"], "", 5).stdout == ("Node:" if cut else "")
    else:
        assert failing(transport.execute, ["x"], "", 5).code == "exec_failed"


def test_bytes_that_are_no_text_survive(connect: Connect) -> None:
    result = connect(FakeEngine(Command(b"a\xff\xe4"))).execute(["x"], "", 5)
    assert result.stdout.encode("utf-8", "surrogateescape") == b"a\xff\xe4"


def test_a_command_that_hangs_ends_at_its_limit(connect: Connect) -> None:
    engine = FakeEngine(Command(hangs=True))
    started = time.monotonic()
    error = failing(connect(engine).execute, ["iris", "session"], "halt\n", 0.2)
    assert time.monotonic() - started < 2
    assert error.code == "session_timeout"
    assert "session_timeout" in error.remedy
    assert engine.wires[0].is_closed


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Command(b"OCI runtime exec failed: exec failed", rc=126), "command_not_found"),
        (Command(b"", b'exec: "iris": not found', rc=127), "command_not_found"),
        (Command(b"x" * 100, torn=True), "exec_failed"),
    ],
)
def test_commands_that_cannot_run(connect: Connect, command: Command, code: str) -> None:
    assert failing(connect(FakeEngine(command)).execute, ["iris"], "", 5).code == code


def test_an_engine_that_goes_away_during_a_command(connect: Connect) -> None:
    engine = FakeEngine()
    transport = connect(engine)
    engine.failure = DockerException("gone")
    assert failing(transport.execute, ["iris"], "", 5).code == "exec_failed"
    assert failing(transport.write_file, "/a/b", FileStream(0, 0o600, iter([]))).code == "file_not_writable"


# Files


def test_a_file_is_read_in_pieces(connect: Connect) -> None:
    content = bytes(range(256)) * 200
    engine = FakeEngine(Command(b"51200 640\n"), Command(content))
    stream = connect(engine).open_file("/a/IRIS.DAT")
    pieces = list(stream.chunks)
    assert (stream.size, stream.mode, b"".join(pieces)) == (51200, 0o640, content)
    assert len(pieces) > 1
    assert engine.executed[0][0][-1] == "/a/IRIS.DAT"
    assert engine.executed[1][0] == ["cat", "/a/IRIS.DAT"]
    assert all(wire.is_closed for wire in engine.wires)


@pytest.mark.parametrize("command", [Command(rc=1), Command(b"", b"stat: denied", 1), Command(b"odd output\nmore")])
def test_what_is_no_file_is_not_read(connect: Connect, command: Command) -> None:
    assert failing(connect(FakeEngine(command)).open_file, "/a").code == "file_not_readable"


def test_a_file_that_cannot_be_read_to_its_end(connect: Connect) -> None:
    engine = FakeEngine(Command(b"10 640"), Command(b"abc", b"cat: Input/output error", 1))
    stream = connect(engine).open_file("/a/b")
    error = failing(list, stream.chunks)
    assert error.code == "file_not_readable"
    assert "Input/output error" in error.message


def test_a_file_is_written_with_size_and_mode(connect: Connect) -> None:
    content = b"\x00\xff" * 100_000
    command = Command(reads=len(content))
    engine = FakeEngine(command)
    connect(engine).write_file("/a b/IRIS.DAT", FileStream(len(content), 0o640, iter([content[:10], content[10:]])))
    assert command.received == content
    ((argv, _user),) = engine.executed
    assert argv[:2] == ["sh", "-c"]
    assert argv[3:] == ["sh", "/a b/IRIS.DAT", "200000", "640"], "names are arguments, never part of the command"
    assert "/a b" not in argv[2]


@pytest.mark.parametrize(("size", "content"), [(10, b"123"), (3, b"1234567890"), (1, b"")])
def test_a_file_that_changes_its_size_is_never_taken_for_whole(connect: Connect, size: int, content: bytes) -> None:
    engine = FakeEngine(Command(hangs=True))
    error = failing(connect(engine).write_file, "/a/b", FileStream(size, 0o600, iter([content])))
    assert error.code == "file_not_writable"
    assert "changed while it was read" in error.message
    assert engine.wires[0].is_closed, "the command in the container sees the end and stops"


def test_a_full_disk_is_told_in_the_words_of_the_container(connect: Connect) -> None:
    engine = FakeEngine(Command(b"", b"head: No space left on device", 1, reads=1))
    chunks = iter([b"x" * 100_000] * 50)
    error = failing(connect(engine).write_file, "/a/b", FileStream(5_000_000, 0o600, chunks))
    assert error.code == "file_not_writable"
    assert "No space left" in error.message or "disk full" in error.message


def test_a_copy_that_does_not_move_is_given_up(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "IDLE_LIMIT", 0.2)
    transport = connect(FakeEngine(Command(hangs=True)))
    error = failing(transport.write_file, "/a/b", FileStream(3, 0o600, iter([b"abc"])))
    assert error.code == "file_timeout"


def test_an_error_of_the_source_stays_the_error_of_the_source(connect: Connect) -> None:
    def broken() -> t.Iterator[bytes]:
        yield b"a"
        raise TransportError("file_not_readable", "the source broke", node="mirrorA")

    transport = connect(FakeEngine(Command(hangs=True)))
    assert failing(transport.write_file, "/a/b", FileStream(3, 0o600, broken())).code == "file_not_readable"


def test_options_choose_the_transport(connect: Connect) -> None:
    connect(FakeEngine())
    assert isinstance(factory.make_transport({"container": "mirrorA"}, "host"), DockerTransport)
    for options in ({"container": None, "executable": "iris"}, {"container": "", "executable": "iris"}, {}):
        transport = factory.make_transport(options, "host")
        assert isinstance(transport, LocalTransport)
        assert transport.name == "host"
    assert factory.make_transport({"executable": "/opt/a/bin/iris"}, "host").name == "host:/opt/a/bin/iris"


def test_talking_to_a_command(connect: Connect) -> None:
    engine = FakeEngine(Command(stdout="caf\u00e9 ".encode(), stderr=b"noise", reads=4))
    pipe = connect(engine).open_pipe(["iris", "session"])
    pipe.send("ask\n")
    assert pipe.receive() + pipe.receive() == "caf\u00e9 noise"
    assert pipe.receive() == ""
    pipe.close()
    assert engine.wires[0].is_closed
    assert pipe.receive() == ""
    with pytest.raises(TransportError) as raised:
        pipe.send("more")
    assert raised.value.code == "session_lost"


def test_a_torn_answer_ends_the_talk(connect: Connect) -> None:
    pipe = connect(FakeEngine(Command(stdout=b"half of it", torn=True))).open_pipe(["iris"])
    assert pipe.receive() == ""
    pipe.close()

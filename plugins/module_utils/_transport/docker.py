# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Run in a container through the API of a Docker (or Podman) engine. The only import of the Docker SDK.

The program travels on the standard input of an exec and ends in `halt`, so the stream needs no half-close and works
over TLS; nothing is written into the container, and nothing of the program is visible in the arguments of a process.
"""

from __future__ import annotations

import io
import posixpath
import socket
import struct
import tarfile
import time
import traceback
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import ExecResult, FileStream, Transport

SDK_ERROR: str | None = None
try:
    import docker
    import docker.errors
    import docker.tls
    import requests.exceptions
except ImportError:
    SDK_ERROR = traceback.format_exc()

BLOCK = 512
#: The engine puts output into frames: number of the stream, three unused bytes, size (Docker Engine API, attach).
FRAME_HEADER = struct.Struct(">BxxxL")
STDOUT, STDERR = 1, 2
READ_CHUNK = 2 * 1024 * 1024
SEND_CHUNK = 64 * 1024


class DockerTransport(Transport):
    """A running container. ``options`` are the connection options, named as in community.docker."""

    def __init__(self, container: str, options: t.Mapping[str, t.Any], user: str | None = None) -> None:
        if SDK_ERROR is not None:
            raise TransportError(
                "sdk_missing",
                "the Python package 'docker' is not installed for %s" % _interpreter(),
                "Install it there (pip install docker), or run the task on a host that has it.",
                node=container,
            )
        self.name = container
        self.container = container
        self.user = user or ""
        self.host = str(options.get("docker_host") or "unix:///var/run/docker.sock")
        try:
            self.client = docker.APIClient(**_client_arguments(options))
            found = self.client.inspect_container(container)
        except docker.errors.NotFound as error:
            raise TransportError(
                "container_not_found",
                "there is no container %r at %s" % (container, self.host),
                "Check 'container' and 'docker_host'; 'docker ps -a' on that engine lists what is there.",
                node=container,
            ) from error
        except (docker.errors.DockerException, requests.exceptions.RequestException, OSError, ValueError) as error:
            raise TransportError(
                "engine_unreachable",
                "the container engine at %s cannot be reached: %s" % (self.host, error),
                "Check that it runs, that this user may use it, and the connection options ('docker_host', TLS).",
                node=container,
            ) from error
        state = found.get("State") or {}
        if not state.get("Running") or state.get("Paused"):
            raise TransportError(
                "container_not_running",
                "the container is not running (status: %s)" % (state.get("Status") or "unknown"),
                "Start it and read 'docker logs %s' if it does not stay up." % container,
                node=container,
            )

    def execute(self, argv: t.Sequence[str], stdin: str, limit: float) -> ExecResult:
        started = time.monotonic()
        try:
            created = self.client.exec_create(self.container, list(argv), stdin=True, user=self.user)
            wire = self.client.exec_start(created["Id"], socket=True)
            stdout, stderr = self._converse(wire, stdin.encode("utf-8"), started + limit)
            rc = self._exit_code(created["Id"], started + limit)
        except (TimeoutError, socket.timeout) as error:  # one and the same only since Python 3.10
            raise TransportError(
                "session_timeout",
                "the command %s did not end within %d seconds" % (argv[0], limit),
                "The instance may hang; look at its messages.log. 'session_timeout' sets the limit.",
                node=self.name,
            ) from error
        except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
            raise TransportError(
                "exec_failed", "cannot run %s in the container: %s" % (argv[0], error), node=self.name
            ) from error
        if rc in (126, 127) and "exec" in stdout + stderr:
            raise TransportError(
                "command_not_found",
                "the container has no command %s" % argv[0],
                "Is it an IRIS container? 'executable' names the iris command where it is not in the PATH.",
                node=self.name,
            )
        return ExecResult(rc, stdout, stderr, time.monotonic() - started)

    def _converse(self, wire: t.Any, data: bytes, deadline: float) -> tuple[str, str]:
        """Send everything, then read both streams to their end."""
        collected: dict[int, list[bytes]] = {}
        stream = _Stream(wire, deadline)
        try:
            stream.send(data)
            for number, chunk in stream.frames():
                collected.setdefault(number, []).append(chunk)
        finally:
            wire.close()
        stdout, stderr = (b"".join(collected.get(number, [])) for number in (STDOUT, STDERR))
        return stdout.decode("utf-8", "surrogateescape"), stderr.decode("utf-8", "surrogateescape")

    def _exit_code(self, identity: str, deadline: float) -> int:
        """The engine may need a moment to know the exit code after the streams have ended."""
        while True:
            code = self.client.exec_inspect(identity).get("ExitCode")
            if code is not None:
                return int(code)
            if time.monotonic() > deadline:
                raise TimeoutError()
            time.sleep(0.02)

    def open_file(self, path: str) -> FileStream:
        try:
            chunks, _status = self.client.get_archive(self.container, path, chunk_size=READ_CHUNK)
            archive = tarfile.open(  # noqa: SIM115 (the stream that is returned reads from it)
                fileobj=t.cast(t.BinaryIO, _Reader(chunks)), mode="r|"
            )
            member = archive.next()
            content = archive.extractfile(member) if member is not None else None
        except (
            docker.errors.DockerException,
            requests.exceptions.RequestException,
            tarfile.TarError,
            OSError,
        ) as error:
            raise TransportError(
                "file_not_readable", "cannot read %s in the container: %s" % (path, error), node=self.name
            ) from error
        if member is None or content is None:
            raise TransportError("file_not_readable", "%s is not a regular file" % path, node=self.name)
        return FileStream(member.size, member.mode & 0o7777, _read_all(t.cast(t.BinaryIO, content)))

    def write_file(self, path: str, source: FileStream) -> None:
        directory, name = posixpath.split(path)
        owner = self.execute(["stat", "-c", "%u %g", directory], "", 30.0)
        if owner.rc != 0:
            raise TransportError("file_not_writable", "the directory %s does not exist" % directory, node=self.name)
        entry = tarfile.TarInfo(name)
        entry.size = source.size
        entry.mode = source.mode
        entry.mtime = int(time.time())
        entry.uid, entry.gid = (int(part) for part in owner.stdout.split()[:2])
        try:
            self.client.put_archive(self.container, directory, _archive(entry, source.chunks))
        except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
            raise TransportError(
                "file_not_writable", "cannot write %s in the container: %s" % (path, error), node=self.name
            ) from error


class _Stream:
    """The connection of an exec. The SDK's own reader of frames waits for ever, and it leaves aside what has arrived
    together with the headers of the answer."""

    def __init__(self, wire: t.Any, deadline: float) -> None:
        self._socket = getattr(wire, "_sock", wire)  # it differs for unix, TLS and ssh
        self._deadline = deadline
        response = getattr(wire, "_response", None)
        answer = getattr(getattr(getattr(response, "raw", None), "_fp", None), "fp", None)
        self._read: t.Callable[[int], bytes] = getattr(answer, "read1", None) or self._socket.recv

    def send(self, data: bytes) -> None:
        for start in range(0, len(data), SEND_CHUNK):
            self._limit()
            self._socket.sendall(data[start : start + SEND_CHUNK])

    def frames(self) -> t.Iterator[tuple[int, bytes]]:
        """Number of the stream (1 or 2) and content, until the command has ended."""
        while True:
            header = self._exactly(FRAME_HEADER.size)
            if not header:
                return
            number, size = FRAME_HEADER.unpack(header)
            yield number, self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        """Nothing where the stream ends before; an end in the middle is an error."""
        content = b""
        while len(content) < size:
            self._limit()
            part = self._read(size - len(content))
            if not part:
                if content:
                    raise OSError("the engine closed the connection in the middle of the output")
                break
            content += part
        return content

    def _limit(self) -> None:
        rest = self._deadline - time.monotonic()
        if rest <= 0:
            raise TimeoutError()
        self._socket.settimeout(rest)


class _Reader(io.RawIOBase):
    """A file object over the chunks of an HTTP answer."""

    def __init__(self, chunks: t.Iterable[bytes]) -> None:
        super().__init__()
        self._chunks = iter(chunks)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        parts: list[bytes] = []
        wanted = size if size >= 0 else READ_CHUNK
        while wanted > 0:
            if not self._rest:
                self._rest = next(self._chunks, b"")
                if not self._rest:
                    break
            part, self._rest = self._rest[:wanted], self._rest[wanted:]
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)


def _archive(entry: tarfile.TarInfo, chunks: t.Iterable[bytes]) -> t.Iterator[bytes]:
    """A tar stream with one file, made while the file is being read."""
    yield entry.tobuf(tarfile.PAX_FORMAT)
    sent = 0
    for chunk in chunks:
        sent += len(chunk)
        yield chunk
    if sent != entry.size:
        # The engine sees a stream that breaks off and refuses it: a file that changed its size is never taken as whole
        raise OSError("the file changed while it was read (%d of %d bytes)" % (sent, entry.size))
    yield b"\0" * (-sent % BLOCK + 2 * BLOCK)


def _read_all(content: t.BinaryIO) -> t.Iterator[bytes]:
    while True:
        chunk = content.read(READ_CHUNK)
        if not chunk:
            return
        yield chunk


def _client_arguments(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    arguments: dict[str, t.Any] = {"base_url": options.get("docker_host"), "timeout": options.get("timeout") or 60}
    arguments["version"] = options.get("api_version") or "auto"
    if options.get("use_ssh_client"):
        arguments["use_ssh_client"] = True
    if options.get("tls") or options.get("validate_certs"):
        certificate, key = options.get("client_cert"), options.get("client_key")
        arguments["tls"] = docker.tls.TLSConfig(
            client_cert=(str(certificate), str(key)) if certificate and key else None,
            ca_cert=options.get("ca_path"),
            verify=bool(options.get("validate_certs")),
        )
        arguments["base_url"] = str(arguments["base_url"]).replace("tcp://", "https://")
    return arguments


def _interpreter() -> str:
    import sys

    return sys.executable or "this interpreter"

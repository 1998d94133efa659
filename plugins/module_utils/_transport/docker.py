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

import contextlib
import socket
import time
import traceback
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import (
    ExecResult,
    FileStream,
    Pipe,
    Transport,
)
from ansible_collections.irisops.mirror.plugins.module_utils._transport.exec_stream import (
    STDOUT,
    ExecPipe,
    ExecStream,
)

SDK_ERROR: str | None = None
try:
    import docker
    import docker.errors
    import docker.tls
    import requests.exceptions
except ImportError:
    SDK_ERROR = traceback.format_exc()

#: Seconds after which a copy that does not move is given up.
IDLE_LIMIT = 120
#: Seconds after which somebody who talks to a command has forgotten to close it.
PIPE_LIMIT = 24 * 3600
#: Size and permission bits of a file.
_FIND = 'test -f "$1" && stat -L -c "%s %a" "$1"'
#: Store as many bytes of the input as announced. The command ends by itself, so the input needs no end, which TLS
#: cannot send; the file gets the owner of its directory where that is allowed.
_STORE = (
    'umask 077 && head -c "$2" > "$1" && test "$(stat -c %s "$1")" = "$2" && chmod "$3" "$1" '
    '&& { test "$(id -u)" != 0 || chown "$(stat -c %u:%g "$(dirname "$1")")" "$1"; }'
)


class DockerTransport(Transport):
    """A running container. ``options`` are the connection options, named as in community.docker."""

    def __init__(self, container: str, options: t.Mapping[str, t.Any], user: str | None = None) -> None:
        _demand_sdk(container)
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
            raise _unreachable(self.host, error, container) from error
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
        late = TransportError(
            "session_timeout",
            "the command %s did not end within %d seconds" % (argv[0], limit),
            "The instance may hang; look at its messages.log. 'session_timeout' sets the limit.",
            node=self.name,
        )
        with self._translated("exec_failed", "cannot run %s" % argv[0], late):
            identity, stream = self._start(argv, started + limit)
            with stream:
                stream.send(stdin.encode("utf-8"))
                stdout, stderr = stream.output()
            rc = self._exit_code(identity, started + limit)
        if rc in (126, 127) and "exec" in stdout + stderr:
            raise TransportError(
                "command_not_found",
                "the container has no command %s" % argv[0],
                "Is it an IRIS container? 'executable' names the iris command where it is not in the PATH.",
                node=self.name,
            )
        return ExecResult(rc, stdout, stderr, time.monotonic() - started)

    def open_pipe(self, argv: t.Sequence[str]) -> Pipe:
        with self._translated("exec_failed", "cannot run %s" % argv[0], self._silent(argv[0])):
            _identity, stream = self._start(argv, time.monotonic() + PIPE_LIMIT)
        return ExecPipe(stream, self.name)

    def open_file(self, path: str) -> FileStream:
        found = self.execute(["sh", "-c", _FIND, "sh", path], "", IDLE_LIMIT)
        parts = found.stdout.split()
        if found.rc != 0 or len(parts) != 2:
            raise TransportError(
                "file_not_readable",
                "cannot read %s in the container: %s" % (path, found.stderr.strip() or "it is no file"),
                node=self.name,
            )
        return FileStream(int(parts[0]), int(parts[1], 8), self._content(path))

    def _content(self, path: str) -> t.Iterator[bytes]:
        """The file through an exec: for as long as the engine packs an archive, it runs nothing else in the container,
        not even its health check."""
        with self._translated("file_not_readable", "cannot read %s" % path, self._idle(path)):
            identity, stream = self._start(["cat", path], time.monotonic() + IDLE_LIMIT)
            complaints = b""
            with stream:
                for number, chunk in stream.frames():
                    stream.deadline = time.monotonic() + IDLE_LIMIT
                    if number == STDOUT:
                        yield chunk
                    else:
                        complaints += chunk
            if self._exit_code(identity, time.monotonic() + IDLE_LIMIT) != 0:
                raise OSError(complaints.decode("utf-8", "replace").strip() or "cat failed")

    def write_file(self, path: str, source: FileStream) -> None:
        argv = ["sh", "-c", _STORE, "sh", path, str(source.size), "%o" % source.mode]
        with self._translated("file_not_writable", "cannot write %s" % path, self._idle(path)):
            identity, stream = self._start(argv, time.monotonic() + IDLE_LIMIT)
            complaints = ""
            with stream:
                # A command that has ended already breaks the connection; its exit code and its words tell why
                with contextlib.suppress(ConnectionError):
                    # Exactly the announced number of bytes: the command in the container waits for as many
                    for chunk in source.whole():
                        stream.deadline = time.monotonic() + IDLE_LIMIT
                        stream.send(chunk)
                stream.deadline = time.monotonic() + IDLE_LIMIT
                with contextlib.suppress(ConnectionError):
                    _stdout, complaints = stream.output()
            if self._exit_code(identity, time.monotonic() + IDLE_LIMIT) != 0:
                raise OSError(complaints.strip() or "it broke off; is the disk full?")

    def _start(self, argv: t.Sequence[str], deadline: float) -> tuple[str, ExecStream]:
        identity = str(self.client.exec_create(self.container, list(argv), stdin=True, user=self.user)["Id"])
        return identity, ExecStream(self.client.exec_start(identity, socket=True), deadline)

    def _exit_code(self, identity: str, deadline: float) -> int:
        """The engine may need a moment to know the exit code after the streams have ended."""
        while True:
            code = self.client.exec_inspect(identity).get("ExitCode")
            if code is not None:
                return int(code)
            if time.monotonic() > deadline:
                raise TimeoutError()
            time.sleep(0.02)

    def _silent(self, command: str) -> TransportError:
        return TransportError(
            "engine_unreachable", "the engine did not start %s in the container" % command, node=self.name
        )

    def _idle(self, path: str) -> TransportError:
        return TransportError(
            "file_timeout",
            "nothing of %s moved for %d seconds" % (path, IDLE_LIMIT),
            "Does the disk of the node or the engine hang?",
            node=self.name,
        )

    @contextlib.contextmanager
    def _translated(self, code: str, what: str, late: TransportError) -> t.Iterator[None]:
        """Failures of the engine and of the connection as ours; ``late`` is raised when time is over."""
        try:
            yield
        except (TimeoutError, socket.timeout) as error:  # one and the same only since Python 3.10
            raise late from error
        except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
            raise TransportError(code, "%s in the container: %s" % (what, error), node=self.name) from error


def list_containers(options: t.Mapping[str, t.Any], labels: t.Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Names and labels of all containers of an engine, also of stopped ones, with these labels (NAME or NAME=VALUE)."""
    _demand_sdk("")
    try:
        found = docker.APIClient(**_client_arguments(options)).containers(all=True, filters={"label": list(labels)})
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError, ValueError) as error:
        raise _unreachable(str(options.get("docker_host")), error) from error
    return sorted((str(one["Names"][0]).lstrip("/"), dict(one.get("Labels") or {})) for one in found)


def _demand_sdk(container: str) -> None:
    if SDK_ERROR is not None:
        raise TransportError(
            "sdk_missing",
            "the Python package 'docker' is not installed for %s" % _interpreter(),
            "Install it there (pip install docker), or run the task on a host that has it.",
            node=container,
        )


def _unreachable(host: str, error: Exception, container: str = "") -> TransportError:
    return TransportError(
        "engine_unreachable",
        "the container engine at %s cannot be reached: %s" % (host, error),
        "Check that it runs, that this user may use it, and the connection options ('docker_host', TLS).",
        node=container,
    )


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

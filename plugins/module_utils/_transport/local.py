# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Run where the module runs: IRIS on a virtual machine, or behind any Ansible connection plugin."""

from __future__ import annotations

import codecs
import contextlib
import os
import shutil
import subprocess
import time
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import (
    ExecResult,
    FileStream,
    Pipe,
    Transport,
    pipe_closed,
)

CHUNK = 1024 * 1024


class LocalPipe(Pipe):
    """A process of the host, its output and its complaints in one stream."""

    def __init__(self, process: subprocess.Popen[bytes], node: str) -> None:
        self._process = process
        self._node = node
        self._input = t.cast("t.IO[bytes]", process.stdin).fileno()
        self._output = t.cast("t.IO[bytes]", process.stdout).fileno()
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode

    def send(self, text: str) -> None:
        data = text.encode("utf-8")
        try:
            while data:
                data = data[os.write(self._input, data) :]
        except OSError as error:
            raise pipe_closed(self._node) from error

    def receive(self) -> str:
        while True:
            try:
                chunk = os.read(self._output, CHUNK)
            except OSError:
                return ""
            text = self._decode(chunk)
            if text or not chunk:
                return text

    def close(self) -> None:
        # Without its input a session would stay. The killed process closes the output, which wakes the reader.
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()


class LocalTransport(Transport):
    """Commands and files of the host itself."""

    def __init__(self, name: str) -> None:
        self.name = name

    def execute(self, argv: t.Sequence[str], stdin: str, limit: float) -> ExecResult:
        started = time.monotonic()
        try:
            # check=False: the exit code of `iris session` says nothing by itself, the caller judges it
            done = subprocess.run(  # pylint: disable=ansible-bad-function  # there is no AnsibleModule in this layer
                list(argv),
                input=stdin.encode("utf-8"),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=limit,
                check=False,
            )
        except OSError as error:
            raise self._not_started(argv[0], error) from error
        except subprocess.TimeoutExpired as error:
            raise TransportError(
                "session_timeout",
                "the command %s did not end within %d seconds" % (argv[0], limit),
                "The instance may hang; look at its messages.log. 'session_timeout' sets the limit.",
                node=self.name,
            ) from error
        return ExecResult(
            done.returncode,
            done.stdout.decode("utf-8", "surrogateescape"),
            done.stderr.decode("utf-8", "surrogateescape"),
            time.monotonic() - started,
        )

    def open_pipe(self, argv: t.Sequence[str]) -> Pipe:
        try:
            process = subprocess.Popen(  # pylint: disable=ansible-bad-function,consider-using-with
                list(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise self._not_started(argv[0], error) from error
        return LocalPipe(process, self.name)

    def _not_started(self, command: str, error: OSError) -> TransportError:
        if isinstance(error, FileNotFoundError):
            return TransportError(
                "command_not_found",
                "the command %s was not found" % command,
                "Set 'executable' to the path of the iris command, or 'container' when IRIS runs in one.",
                node=self.name,
            )
        return TransportError(
            "command_failed", "the command %s cannot be run: %s" % (command, error.strerror), node=self.name
        )

    def open_file(self, path: str) -> FileStream:
        try:
            handle = open(path, "rb")  # noqa: SIM115 (closed by the stream that is returned)
        except OSError as error:
            raise TransportError(
                "file_not_readable", "cannot read %s: %s" % (path, error.strerror), node=self.name
            ) from error
        status = os.fstat(handle.fileno())
        return FileStream(status.st_size, status.st_mode & 0o7777, _chunks(handle))

    def write_file(self, path: str, source: FileStream) -> None:
        directory = os.path.dirname(path.rstrip("/"))
        try:
            with open(path, "wb") as handle:
                for chunk in source.whole():
                    handle.write(chunk)
            os.chmod(path, source.mode)
            owner = os.stat(directory)
            if os.geteuid() == 0:
                os.chown(path, owner.st_uid, owner.st_gid)
        except OSError as error:
            free = shutil.disk_usage(directory).free if os.path.isdir(directory) else 0
            raise TransportError(
                "file_not_writable",
                "cannot write %s: %s (%d bytes wanted, %d free)" % (path, error.strerror or error, source.size, free),
                node=self.name,
            ) from error


def _chunks(handle: t.BinaryIO) -> t.Iterator[bytes]:
    with handle:
        while True:
            chunk = handle.read(CHUNK)
            if not chunk:
                return
            yield chunk

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""What the layers above need from a node: run a command with a text on standard input, and move a file."""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import TransportError


@dataclasses.dataclass
class ExecResult:
    """What a command left behind. ``seconds`` is wall time."""

    rc: int
    stdout: str
    stderr: str
    seconds: float


@dataclasses.dataclass
class FileStream:
    """A file being read: its size in bytes, permission bits and content in chunks."""

    size: int
    mode: int
    chunks: t.Iterator[bytes]

    def whole(self) -> t.Iterator[bytes]:
        """The content; OSError when it has not the announced size. A file that changes is never taken for whole."""
        sent = 0
        for chunk in self.chunks:
            sent += len(chunk)
            if sent > self.size:
                break
            yield chunk
        if sent != self.size:
            raise OSError("the file changed while it was read (%d of %d bytes)" % (sent, self.size))


class Pipe(abc.ABC):
    """A command that runs while somebody talks to it. Another thread than the reader may close it."""

    @abc.abstractmethod
    def send(self, text: str) -> None:
        """Write to its standard input; raise TransportError when it takes none any more."""

    @abc.abstractmethod
    def receive(self) -> str:
        """What it has printed, waited for; "" when it has ended or the pipe was closed."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of the command, ended or not."""


class Transport(abc.ABC):
    """A way to one node. ``name`` is how error texts call the node."""

    name: str

    @abc.abstractmethod
    def execute(self, argv: t.Sequence[str], stdin: str, limit: float) -> ExecResult:
        """Run ``argv`` with ``stdin``; raise TransportError when it cannot run or takes over ``limit`` seconds."""

    @abc.abstractmethod
    def open_pipe(self, argv: t.Sequence[str]) -> Pipe:
        """Start ``argv`` to talk to it; raise TransportError when it cannot be started. Whoever opens it closes it."""

    @abc.abstractmethod
    def open_file(self, path: str) -> FileStream:
        """Open a file of the node for reading; raise TransportError when it is not there."""

    @abc.abstractmethod
    def write_file(self, path: str, source: FileStream) -> None:
        """Write a file; it gets the owner of its directory. An existing file of that name is overwritten."""


def pipe_closed(node: str) -> TransportError:
    """The command that was talked to has ended."""
    return TransportError(
        "session_lost", "the session has ended by itself", "The instance stopped or was killed.", node
    )

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""The connection of an exec: bytes in, framed bytes out, with a limit on every wait. Knows nothing of the SDK."""

from __future__ import annotations

import codecs
import contextlib
import socket
import struct
import time
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import Pipe, pipe_closed

STDOUT, STDERR = 1, 2
#: The engine puts output into frames: number of the stream, three unused bytes, size (Docker Engine API, attach).
FRAME_HEADER = struct.Struct(">BxxxL")
CHUNK = 64 * 1024
TORN = "the engine closed the connection in the middle of the output"


class ExecStream:
    """Wraps what the SDK returns for an exec with a socket; ``deadline`` is on the monotonic clock and can be moved.

    The SDK's own reader of frames waits for ever, and it leaves aside what has arrived together with the headers of the
    answer.
    """

    def __init__(self, wire: t.Any, deadline: float) -> None:
        self.deadline = deadline
        self._wire = wire
        self._socket = getattr(wire, "_sock", wire)  # it differs for unix, TLS and ssh
        response = getattr(wire, "_response", None)
        answer = getattr(getattr(getattr(response, "raw", None), "_fp", None), "fp", None)
        self._read: t.Callable[[int], bytes] = getattr(answer, "read1", None) or self._socket.recv

    def __enter__(self) -> ExecStream:
        return self

    def __exit__(self, *_ignored: object) -> None:
        self._wire.close()

    def send(self, data: bytes) -> None:
        for start in range(0, len(data), CHUNK):
            self._limit()
            self._socket.sendall(data[start : start + CHUNK])

    def hang_up(self) -> None:
        """End the connection, also while another thread reads from it."""
        shutdown = getattr(self._socket, "shutdown", None)
        if shutdown is not None:
            with contextlib.suppress(OSError):
                shutdown(socket.SHUT_RDWR)
        self._wire.close()

    def frames(self) -> t.Iterator[tuple[int, bytes]]:
        """Number of the stream (1 or 2) and content, until the command has ended."""
        while True:
            header = self._exactly(FRAME_HEADER.size)
            if not header:
                return
            number, size = FRAME_HEADER.unpack(header)
            content = self._exactly(size)
            if len(content) != size:
                raise OSError(TORN)
            yield number, content

    def output(self) -> tuple[str, str]:
        """Both streams to their end, as text."""
        collected: dict[int, list[bytes]] = {}
        for number, chunk in self.frames():
            collected.setdefault(number, []).append(chunk)
        stdout, stderr = (b"".join(collected.get(number, [])) for number in (STDOUT, STDERR))
        return stdout.decode("utf-8", "surrogateescape"), stderr.decode("utf-8", "surrogateescape")

    def _exactly(self, size: int) -> bytes:
        """Nothing where the stream ends before; an end in the middle is an error."""
        parts: list[bytes] = []
        missing = size
        while missing:
            self._limit()
            part = self._read(missing)
            if not part:
                if parts:
                    raise OSError(TORN)
                break
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _limit(self) -> None:
        rest = self.deadline - time.monotonic()
        if rest <= 0:
            raise TimeoutError()
        self._socket.settimeout(rest)


class ExecPipe(Pipe):
    """Both streams of an exec as they come. A connection that breaks is the end of the command."""

    def __init__(self, stream: ExecStream, node: str) -> None:
        self._stream = stream
        self._node = node
        self._frames = stream.frames()
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode

    def send(self, text: str) -> None:
        try:
            self._stream.send(text.encode("utf-8"))
        except (OSError, ValueError) as error:
            raise pipe_closed(self._node) from error

    def receive(self) -> str:
        # The SDK's wrappers of sockets raise all sorts of errors when another thread closes them
        with contextlib.suppress(OSError, ValueError, AttributeError):
            for _number, chunk in self._frames:
                text = self._decode(chunk)
                if text:
                    return text
        return ""

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.hang_up()

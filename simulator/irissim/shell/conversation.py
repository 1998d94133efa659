# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One `iris` command on the other end of the socket: its output, its input as lines, its going away."""

from __future__ import annotations

import codecs
import socket
import struct
import threading
import time
from collections.abc import Callable

from irissim.shell import wire


class EndOfInput(Exception):
    """Standard input of the command is exhausted."""


class InputTimeout(Exception):
    """No input came in time."""


class Gone(Exception):
    """The command was ended, or the instance is stopping."""


class Interrupted(Exception):
    """Ctrl-C."""


class Conversation:
    """Frames of one connection; a thread of its own takes the input, so that neither side can block the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._buffer = ""
        self._ended = False
        self._gone = False
        self._interrupted = False
        self._changed = threading.Condition()
        self._sending = threading.Lock()

    def header(self) -> tuple[str, dict[str, str]]:
        """The first frame; from then on input is taken in the background."""
        kind, payload = wire.receive(self._connection)
        if kind != wire.HEADER:
            raise wire.Closed
        threading.Thread(target=self._take_input, name="input", daemon=True).start()
        return wire.unpack_header(payload)

    def peer_uid(self) -> int:
        """User id of the command."""
        data = self._connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", data)[1])

    def write(self, text: str) -> None:
        """Send output; a command that is gone ends the conversation."""
        with self._sending:
            try:
                wire.send(self._connection, wire.OUTPUT, text.encode("utf-8", "surrogatepass"))
            except wire.Closed:
                raise Gone from None

    def finish(self, code: int) -> None:
        """Give the exit code and close."""
        with self._sending:
            try:
                wire.send(self._connection, wire.EXIT, str(code).encode())
            except wire.Closed:
                pass
            self._connection.close()

    def hang_up(self) -> None:
        """End a waiting reader, for example because the instance stops."""
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    @property
    def is_gone(self) -> bool:
        """Nobody is on the other end."""
        return self._gone

    def take_interrupt(self) -> bool:
        """True once after each Ctrl-C."""
        with self._changed:
            interrupted, self._interrupted = self._interrupted, False
            return interrupted

    def read_line(self, timeout: float | None = None) -> str:
        """The next line without its end."""
        return self._read(lambda: self._buffer.find("\n") + 1, timeout).rstrip("\r\n")

    def wait_until_gone(self) -> None:
        """Stay until the other end closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._gone)

    def sleep(self, seconds: float) -> None:
        """Sleep that ends early when the command goes away or is interrupted."""
        with self._changed:
            self._changed.wait_for(lambda: self._gone or self._interrupted, seconds)
        self._check()

    def _check(self) -> None:
        if self._gone:
            raise Gone
        if self.take_interrupt():
            raise Interrupted

    def _read(self, available: Callable[[], int], timeout: float | None) -> str:
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while True:
                self._check()
                count = available()
                if count == 0 and self._ended:
                    count = len(self._buffer)
                    if count == 0:
                        raise EndOfInput
                if count:
                    text, self._buffer = self._buffer[:count], self._buffer[count:]
                    return text
                remaining = None if deadline is None else deadline - time.monotonic()
                if remaining is not None and remaining <= 0:
                    raise InputTimeout
                self._changed.wait(remaining)

    def _take_input(self) -> None:
        try:
            while True:
                kind, payload = wire.receive(self._connection)
                with self._changed:
                    if kind == wire.INPUT:
                        self._buffer += self._decoder.decode(payload)
                    elif kind == wire.END_OF_INPUT:
                        self._buffer += self._decoder.decode(b"", final=True)
                        self._ended = True
                    elif kind == wire.INTERRUPT:
                        self._interrupted = True
                    self._changed.notify_all()
        except wire.Closed:
            self.hang_up()

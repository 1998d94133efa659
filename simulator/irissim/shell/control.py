# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket of an instance: sessions, status and stop requests arrive here."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from irissim.shell import wire
from irissim.shell.conversation import Conversation, Gone

Handler = Callable[[Conversation, dict[str, str]], int]

_LOG = logging.getLogger(__name__)
_UNKNOWN_VERB = 64


class ControlServer:
    """Accepts conversations and gives each a thread."""

    def __init__(self, registry: Path, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers
        self._conversations: set[Conversation] = set()
        self._lock = threading.Lock()
        self._socket = _listen(registry)
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def close(self, keep: Conversation | None = None) -> None:
        """Take no more commands and end those that are there, except one that waits for the end of a stop."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()
        with self._lock:
            others = self._conversations - {keep}
        for conversation in others:
            conversation.hang_up()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(Conversation(connection),), name="session", daemon=True).start()

    def _serve(self, conversation: Conversation) -> None:
        with self._lock:
            self._conversations.add(conversation)
        code = 1
        try:
            verb, fields = conversation.header()
            handler = self._handlers.get(verb)
            code = handler(conversation, fields) if handler is not None else _UNKNOWN_VERB
        except (wire.Closed, Gone):
            pass
        except Exception:
            _LOG.exception("a command failed inside the simulator")
        finally:
            conversation.finish(code)
            with self._lock:
                self._conversations.discard(conversation)


def _listen(registry: Path) -> socket.socket:
    """Bind by a relative name (a socket address is short) and replace the socket of a killed predecessor."""
    registry.mkdir(parents=True, exist_ok=True)
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.chdir(registry)
        Path(wire.SOCKET_NAME).unlink(missing_ok=True)
        mask = os.umask(0o077)
        try:
            listener.bind(wire.SOCKET_NAME)
        finally:
            os.umask(mask)
    finally:
        os.fchdir(here)
        os.close(here)
    listener.listen(64)
    return listener


def ask(registry: Path, verb: str, fields: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Ask the instance whose registry this is; raises OSError when it is down."""
    connection = wire.connect(str(registry))
    output = b""
    with connection:
        try:
            wire.send(connection, wire.HEADER, wire.pack_header(verb, dict(fields or {})))
            while True:
                kind, payload = wire.receive(connection)
                if kind == wire.EXIT:
                    return int(payload), output.decode("utf-8")
                output += payload
        except wire.Closed as error:
            raise ConnectionAbortedError("the instance went away") from error

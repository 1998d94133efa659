# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP listener that answers framed messages, one thread a connection; used by the superserver and the agent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from irissim.engine.mirror.wire import Connection, ConnectionLost, Message

Handler = Callable[[Connection, Message], None]
Secure = Callable[[Connection, Message, float], None]
"""Turns a connection into a TLS one when its first message asks for that."""

# A connection that says nothing (a port scan, a health probe) must not keep a thread for ever.
_FIRST_WORD_SECONDS = 30.0


class Listener:
    """Dispatches by the kind of the first message; a handler may keep the connection as long as it likes."""

    def __init__(self, name: str, handlers: dict[str, Handler], secure: Secure) -> None:
        self._name = name
        self._handlers = handlers
        self._secure = secure
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        self._socket: socket.socket | None = None
        self.port = 0

    def start(self, bind: str, port: int) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((bind, port))
            sock.listen(64)
        except OSError:
            sock.close()
            raise
        self.port = int(sock.getsockname()[1])
        self._socket = sock
        threading.Thread(target=self._accept, args=(sock,), name=f"{self._name} accept", daemon=True).start()

    def stop(self) -> None:
        with self._lock:
            sock, self._socket = self._socket, None
            connections = list(self._open)
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
        for connection in connections:
            connection.close()

    def _accept(self, sock: socket.socket) -> None:
        while True:
            try:
                peer, _ = sock.accept()
            except OSError:
                return
            connection = Connection(peer)
            with self._lock:
                if self._socket is None:
                    connection.close()
                    return
                self._open.add(connection)
            threading.Thread(
                target=self._serve, args=(connection,), name=f"{self._name} connection", daemon=True
            ).start()

    def _serve(self, connection: Connection) -> None:
        try:
            message = connection.receive(_FIRST_WORD_SECONDS)
            if message.kind == "TLS":
                self._secure(connection, message, _FIRST_WORD_SECONDS)
                message = connection.receive(_FIRST_WORD_SECONDS)
            handler = self._handlers.get(message.kind)
            if handler is None:
                connection.send("ERROR", text=f"unknown request {message.kind}")
            else:
                handler(connection, message)
        except ConnectionLost:
            pass
        finally:
            connection.close()
            with self._lock:
                self._open.discard(connection)

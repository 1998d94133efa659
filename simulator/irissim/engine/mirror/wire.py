# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Framed messages over TCP, used between members, agents and the arbiter.

A frame is two lengths, a JSON object and raw bytes; journals travel as raw bytes so that they stay identical.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from irissim.engine.mirror.tls_layer import TlsLayer, reason_of

_LENGTHS = struct.Struct(">II")
_MAX_FRAME = 16 * 1024 * 1024


class ConnectionLost(Exception):
    """The peer is gone: closed, reset, unreachable or speaking nonsense."""


class Silent(ConnectionLost):
    """The peer is connected but did not answer in time."""


@dataclass(frozen=True)
class Message:
    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    payload: bytes = b""

    def text(self, name: str, default: str = "") -> str:
        return str(self.fields.get(name, default))

    def number(self, name: str, default: int = 0) -> int:
        return int(self.fields.get(name, default))

    def flag(self, name: str) -> bool:
        return bool(self.fields.get(name, False))


class Connection:
    """One TCP connection; any thread may send, one thread receives."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._sending = threading.Lock()
        self._buffer = bytearray()
        self._closed = False
        self._tls: TlsLayer | None = None
        sock.setblocking(True)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def closed(self) -> bool:
        return self._closed

    def send(self, kind: str, payload: bytes = b"", **fields: Any) -> None:
        head = json.dumps({"kind": kind, **fields}, separators=(",", ":")).encode()
        try:
            with self._sending:
                data = _LENGTHS.pack(len(head), len(payload)) + head + payload
                self._socket.sendall(data if self._tls is None else self._tls.encrypt(data))
        except OSError as error:
            self.close()
            raise ConnectionLost(str(error)) from error

    def receive(self, timeout: float | None = None) -> Message:
        """The next message; Silent when nothing complete arrived within `timeout` seconds."""
        while True:
            message = self._complete()
            if message is not None:
                return message
            self._fill(timeout)

    def _complete(self) -> Message | None:
        if len(self._buffer) < _LENGTHS.size:
            return None
        head, payload = _LENGTHS.unpack_from(self._buffer)
        if head + payload > _MAX_FRAME:
            self.close()
            raise ConnectionLost("frame too long")
        end = _LENGTHS.size + head + payload
        if len(self._buffer) < end:
            return None
        start = _LENGTHS.size
        try:
            fields = json.loads(self._buffer[start : start + head])
            kind = str(fields.pop("kind"))
        except (ValueError, KeyError, AttributeError) as error:
            self.close()
            raise ConnectionLost("malformed frame") from error
        body = bytes(self._buffer[start + head : end])
        del self._buffer[:end]
        return Message(kind, fields, body)

    def _fill(self, timeout: float | None) -> None:
        data = self._read(timeout)
        self._buffer += data if self._tls is None else self._decrypt(self._tls, data)

    def _read(self, timeout: float | None) -> bytes:
        """What arrives at the socket."""
        try:
            if timeout is not None:
                poller = select.poll()
                poller.register(self._socket, select.POLLIN)
                if not poller.poll(max(0.0, timeout) * 1000):
                    raise Silent("no answer in time")
            data = self._socket.recv(1 << 18)
        except (OSError, ValueError) as error:
            self.close()
            raise ConnectionLost(str(error)) from error
        if not data:
            self.close()
            raise ConnectionLost("closed by peer")
        return data

    # TLS -------------------------------------------------------------------------------------------------------------

    @property
    def peer_certificate(self) -> bytes:
        """DER; empty on a plain connection."""
        return b"" if self._tls is None else self._tls.peer_certificate()

    def start_tls(self, context: ssl.SSLContext, server: bool, timeout: float) -> None:
        """Shake hands; from here on everything is encrypted. Nobody may send or receive meanwhile."""
        layer = TlsLayer(context, server)
        limit = time.monotonic() + timeout
        try:
            if self._buffer:
                raise ConnectionLost("data before the TLS handshake")
            while not self._step(layer):
                layer.arrived(self._read(limit - time.monotonic()))
        except ConnectionLost:
            self.close()
            raise
        self._tls = layer
        # The peer may have gone on talking right behind the handshake.
        self._buffer += self._decrypt(layer, b"")

    def _step(self, layer: TlsLayer) -> bool:
        try:
            return layer.shake_hands()
        except ssl.SSLError as error:
            raise ConnectionLost(f"TLS handshake failed: {reason_of(error)}") from error
        finally:
            # Also what tells the peer why it is refused.
            self._flush(layer)

    def _flush(self, layer: TlsLayer) -> None:
        with self._sending:
            data = layer.take_output()
            try:
                self._socket.sendall(data)
            except OSError as error:
                raise ConnectionLost(str(error)) from error

    def _decrypt(self, layer: TlsLayer, data: bytes) -> bytes:
        try:
            plain = layer.decrypt(data)
        except ssl.SSLError as error:
            self.close()
            raise ConnectionLost(f"TLS: {reason_of(error)}") from error
        if layer.has_output:
            self._flush(layer)
        return plain

    def close(self) -> None:
        """Close at once; wakes a thread that is sending or receiving."""
        self._closed = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()


def connect(address: str, port: int, timeout: float, source: str = "") -> Connection:
    """Open a connection; `source` is the node's own address when it is bound to a particular one."""
    origin = (source, 0) if source and source != "0.0.0.0" else None
    try:
        return Connection(socket.create_connection((address, port), timeout, origin))
    except OSError as error:
        raise ConnectionLost(f"{address}|{port}: {error.strerror or error}") from error


def request(address: str, port: int, kind: str, timeout: float, source: str = "", **fields: Any) -> Message:
    """One question, one answer, on a connection of its own."""
    connection = connect(address, port, timeout, source)
    try:
        connection.send(kind, **fields)
        return connection.receive(timeout)
    finally:
        connection.close()

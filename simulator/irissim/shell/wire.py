# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames between the `iris` command and the daemon. Imported by the thin client, so it imports next to nothing."""

from __future__ import annotations

import os
import socket

HEADER = b"H"
INPUT = b"I"
END_OF_INPUT = b"E"
INTERRUPT = b"C"
OUTPUT = b"O"
EXIT = b"X"

ENVIRONMENT = "environment."
"""Begins the names of the fields of a header that carry the environment of the command."""

SOCKET_NAME = "iris.sock"
_PREFIX_LENGTH = 5


class Closed(Exception):
    """The other side is gone."""


def connect(registry: str) -> socket.socket:
    """Connect by a relative name: the path of a node may be longer than a socket address can be."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.chdir(registry)
        connection.connect(SOCKET_NAME)
    except OSError:
        connection.close()
        raise
    finally:
        os.fchdir(here)
        os.close(here)
    return connection


def send(connection: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    """Send one frame; a peer that is gone is reported as Closed."""
    try:
        connection.sendall(kind + len(payload).to_bytes(4, "big") + payload)
    except OSError as error:
        raise Closed from error


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """Wait for one frame."""
    prefix = _exactly(connection, _PREFIX_LENGTH)
    return prefix[:1], _exactly(connection, int.from_bytes(prefix[1:], "big"))


def _exactly(connection: socket.socket, count: int) -> bytes:
    chunks = []
    while count:
        try:
            chunk = connection.recv(min(count, 65536))
        except OSError as error:
            raise Closed from error
        if not chunk:
            raise Closed
        chunks.append(chunk)
        count -= len(chunk)
    return b"".join(chunks)


def pack_header(verb: str, fields: dict[str, str]) -> bytes:
    """The first frame: what is wanted, and its parameters. A NUL cannot occur in an argument of a command."""
    parts = [verb] + [name + "=" + value for name, value in fields.items()]
    return "\0".join(parts).encode("utf-8", "surrogateescape")


def unpack_header(payload: bytes) -> tuple[str, dict[str, str]]:
    """The inverse of pack_header."""
    verb, *rest = payload.decode("utf-8", "surrogateescape").split("\0")
    return verb, dict(field.split("=", 1) for field in rest)

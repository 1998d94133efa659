# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link cutter of the lab cuts what it is told to cut, and nothing else."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from tests.mirror.switchboard import AGENT, SUPERSERVER, Cut, Switchboard
from tests.ports import free_port

SILENT = 0.2


class Echo:
    """A host with one service that answers what it hears."""

    def __init__(self, board: Switchboard, name: str, number: int, service: str) -> None:
        self.name = name
        self.real, self.advertised = f"127.0.0.{70 + number}", f"127.0.0.{80 + number}"
        self._listener = socket.create_server((self.real, free_port(self.real)))
        self.port = int(self._listener.getsockname()[1])
        board.host(name, self.real)
        board.serve(name, service, self.advertised, self.real, self.port)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=(peer,), daemon=True).start()

    @staticmethod
    def _echo(peer: socket.socket) -> None:
        with peer, contextlib.suppress(ConnectionError):
            while data := peer.recv(100):
                peer.sendall(data)

    def call(self, other: Echo) -> socket.socket:
        return socket.create_connection((other.advertised, other.port), 5, (self.real, 0))

    def close(self) -> None:
        self._listener.close()


def _answers(call: socket.socket, words: bytes, seconds: float = 5) -> bool:
    call.settimeout(seconds)
    call.sendall(words)
    return _hears(call, words)


def _hears(call: socket.socket, words: bytes) -> bool:
    heard = b""
    try:
        while len(heard) < len(words):
            heard += call.recv(100)
    except TimeoutError:
        return False
    return heard == words


def _is_dead(call: socket.socket) -> bool:
    call.settimeout(5)
    try:
        return call.recv(1) == b""
    except ConnectionError:
        return True


@pytest.fixture
def hosts() -> Iterator[tuple[Switchboard, Echo, Echo, Echo]]:
    board = Switchboard()
    three = [Echo(board, name, number, SUPERSERVER) for number, name in enumerate(("A", "B", "C"))]
    yield board, three[0], three[1], three[2]
    board.close()
    for host in three:
        host.close()


def test_a_silent_link_delivers_late(hosts: tuple[Switchboard, Echo, Echo, Echo]) -> None:
    board, a, b, c = hosts
    with a.call(b) as call, a.call(c) as other:
        assert _answers(call, b"before")
        board.cut(("A", "B"))
        assert not _answers(call, b"hello", SILENT)
        assert _answers(other, b"others still talk")
        with b.call(a) as late:
            assert not _answers(late, b"new", SILENT)
            board.heal()
            call.settimeout(5)
            late.settimeout(5)
            assert _hears(call, b"hello")
            assert _hears(late, b"new")


def test_a_refusing_link_resets_and_refuses(hosts: tuple[Switchboard, Echo, Echo, Echo]) -> None:
    board, a, b, _ = hosts
    with a.call(b) as call:
        assert _answers(call, b"before")
        board.cut(("A", "B"), how=Cut.REFUSE)
        assert _is_dead(call)
        # The refusal comes while connecting or right after, as the machine has time.
        with contextlib.suppress(ConnectionError), a.call(b) as new:
            assert _is_dead(new)
        board.heal(("B", "A"))
    with a.call(b) as again:
        assert _answers(again, b"after")


def test_one_direction_and_one_service(hosts: tuple[Switchboard, Echo, Echo, Echo]) -> None:
    board, a, b, _ = hosts
    with a.call(b) as call:
        assert _answers(call, b"before")
        board.cut(("A", "B"), services=(AGENT,))
        assert _answers(call, b"the other service is not cut")
        board.cut_one_way("B", "A")
        assert not _answers(call, b"heard", SILENT)
        board.heal(("A", "B"))
        call.settimeout(5)
        assert _hears(call, b"heard")


def test_an_isolated_host_talks_to_nobody(hosts: tuple[Switchboard, Echo, Echo, Echo]) -> None:
    board, a, b, c = hosts
    with a.call(b) as first, c.call(a) as second, b.call(c) as third:
        board.isolate("A")
        assert not _answers(first, b"1", SILENT)
        assert not _answers(second, b"2", SILENT)
        assert _answers(third, b"3")

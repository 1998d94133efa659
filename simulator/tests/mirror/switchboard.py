# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts and heals the network links between the hosts of a test, without any right over the network.

Each host advertises an address at which the switchboard listens. The switchboard passes bytes on to the address where
the host really is, and knows from the source address of a connection which two hosts talk. What happens on one host
(an agent that looks at the instance beside it) does not go through it.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from enum import Enum, auto

_BLOCK = 1 << 16
_CONNECT_SECONDS = 5.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

SUPERSERVER = "superserver"
AGENT = "agent"


class Cut(Enum):
    """How a cut link behaves."""

    SILENCE = auto()
    """As an unplugged cable: nothing arrives, not even the end of a connection. New connections hang."""
    REFUSE = auto()
    """As a firewall that resets what there is and refuses what comes."""


Link = tuple[str, str]


class Switchboard:
    """Links have no direction unless a method says so; a host's services can be cut one by one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._hosts: dict[str, str] = {}
        self._cuts: dict[tuple[str, str, str], Cut] = {}
        self._calls: set[_Call] = set()
        self._listeners: list[socket.socket] = []
        self._closed = False

    def host(self, name: str, real: str) -> None:
        """Connections from the address `real` come from that host."""
        with self._changed:
            self._hosts[real] = name

    def serve(self, name: str, service: str, advertised: str, real: str, port: int) -> None:
        """Listen at the advertised address and pass on to the real one; the port is the same."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((advertised, port))
        listener.listen(64)
        self._listeners.append(listener)
        threading.Thread(target=self._accept, args=(listener, name, service, (real, port)), daemon=True).start()

    # What tests do ---------------------------------------------------------------------------------------------------

    def cut(self, *links: Link, how: Cut = Cut.SILENCE, services: tuple[str, ...] = (SUPERSERVER, AGENT)) -> None:
        """All at the same moment, both directions; with `services` only connections to those of either host."""
        self._cut([(one, other) for a, b in links for one, other in ((a, b), (b, a))], how, services)

    def cut_one_way(self, sender: str, receiver: str) -> None:
        """What `sender` says does not reach `receiver`; the other direction of open connections still works."""
        self._cut([(sender, receiver)], Cut.SILENCE, (SUPERSERVER, AGENT))

    def isolate(self, host: str, how: Cut = Cut.SILENCE) -> None:
        """Unplug a host."""
        self.cut(*((host, other) for other in set(self._hosts.values()) - {host}), how=how)

    def heal(self, *links: Link) -> None:
        """Those links, or all. What was sent during the silence arrives now, as retransmitted segments do."""
        with self._changed:
            for sender, receiver, service in list(self._cuts):
                if not links or (sender, receiver) in links or (receiver, sender) in links:
                    del self._cuts[sender, receiver, service]
            self._changed.notify_all()

    @property
    def whole(self) -> bool:
        """No link is cut."""
        with self._changed:
            return not self._cuts

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._cuts.clear()
            calls = list(self._calls)
            self._changed.notify_all()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for call in calls:
            call.reset()

    # Inside ----------------------------------------------------------------------------------------------------------

    def _cut(self, directions: list[Link], how: Cut, services: tuple[str, ...]) -> None:
        with self._changed:
            for sender, receiver in directions:
                for service in services:
                    self._cuts[sender, receiver, service] = how
            refused = [call for call in self._calls if how is Cut.REFUSE and call.cut_by(self._cuts)]
        for call in refused:
            call.reset()

    def _accept(self, listener: socket.socket, server: str, service: str, target: tuple[str, int]) -> None:
        while True:
            try:
                client, (source, _) = listener.accept()
            except OSError:
                return
            call = _Call(self, client, self._hosts.get(source, ""), server, service)
            threading.Thread(target=call.run, args=(target,), daemon=True).start()

    def enter(self, call: _Call) -> bool:
        """Wait until the call may be put through; False if it is refused."""
        with self._changed:
            self._calls.add(call)
            while (how := call.cut_by(self._cuts)) is not None:
                if how is Cut.REFUSE:
                    return False
                self._changed.wait()
            return not self._closed

    def leave(self, call: _Call) -> None:
        with self._changed:
            self._calls.discard(call)

    def pass_on(self, direction: tuple[str, str, str]) -> None:
        """Wait while bytes must not travel in that direction."""
        with self._changed:
            self._changed.wait_for(lambda: direction not in self._cuts)


class _Call:
    """One connection from a client host to a service of a server host."""

    def __init__(self, board: Switchboard, client: socket.socket, caller: str, server: str, service: str) -> None:
        self._board = board
        self._sockets = [client]
        self._forth = (caller, server, service)
        self._back = (server, caller, service)

    def cut_by(self, cuts: dict[tuple[str, str, str], Cut]) -> Cut | None:
        """A connection needs both directions to be opened."""
        return cuts.get(self._forth) or cuts.get(self._back)

    def run(self, target: tuple[str, int]) -> None:
        try:
            if not self._board.enter(self):
                self.reset()
                return
            client = self._sockets[0]
            server = socket.create_connection(target, _CONNECT_SECONDS)
            server.settimeout(None)
            self._sockets.append(server)
            for end in self._sockets:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers = threading.Thread(target=self._pump, args=(server, client, self._back), daemon=True)
            answers.start()
            self._pump(client, server, self._forth)
            answers.join()
            for end in self._sockets:
                end.close()
        except OSError:
            # Nobody listens there, as after a crash: the client sees that at once.
            self.reset()
        finally:
            self._board.leave(self)

    def _pump(self, source: socket.socket, target: socket.socket, direction: tuple[str, str, str]) -> None:
        try:
            while data := source.recv(_BLOCK):
                self._board.pass_on(direction)
                target.sendall(data)
            self._board.pass_on(direction)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            self._board.pass_on(direction)
            self.reset()

    def reset(self) -> None:
        for end in self._sockets:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This member's standing connection to the arbiter."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from irissim.engine.mirror.wire import Connection, ConnectionLost, Message, Silent, connect

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member


class ArbiterLink:
    """Keeps the connection, knows whom the arbiter sees, and puts questions to it."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._changed = threading.Condition()
        self._connection: Connection | None = None
        self._sessions: dict[str, int] = {}
        self._answers: dict[str, bool] = {}
        self._questions = 0
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="Arbiter", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            if self._connection is not None:
                self._connection.close()
            self._changed.notify_all()

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def sees(self, member: str) -> bool:
        """Is that other member connected to the arbiter too?"""
        return member in self._sessions

    def sight(self, peer: str) -> tuple[int, int] | None:
        """Names the two standing connections of this member and that peer; another pair after either was lost."""
        sessions = self._sessions
        if self._member.name not in sessions or peer not in sessions:
            return None
        return sessions[self._member.name], sessions[peer]

    def ask(self, kind: str, timeout: float, **fields: Any) -> bool:
        """Put a question; a lost connection or no answer in time counts as no."""
        with self._changed:
            connection = self._connection
            self._questions += 1
            question = str(self._questions)
        if connection is None:
            return False
        try:
            connection.send(kind, question=question, **fields)
        except ConnectionLost:
            return False
        with self._changed:
            self._changed.wait_for(
                lambda: question in self._answers or self._connection is not connection, timeout
            )
            return self._answers.pop(question, False)

    def _run(self) -> None:
        while not self._stopped:
            arbiter = self._member.config.settings.arbiter()
            if arbiter is not None and self._member.entry.is_failover:
                self._stay_connected(*arbiter)
            with self._changed:
                self._changed.wait_for(lambda: self._stopped, self._member.retry)

    def _stay_connected(self, host: str, port: int) -> None:
        member = self._member
        try:
            connection = connect(host, port, member.qos / 2, member.source)
        except ConnectionLost:
            member.complain(f"Arbiter {host}|{port} is unreachable", 1)
            return
        try:
            connection.send(
                "ARBITER", mirror=f"{member.mirror}:{member.config.settings.guid}", member=member.name,
                silence=member.qos,
            )  # fmt: skip
            # A connection alone proves little: a host that hangs accepts it too.
            greeting = connection.receive(member.qos / 2)
        except ConnectionLost:
            connection.close()
            member.complain(f"Arbiter {host}|{port} does not answer", 1)
            return
        with self._changed:
            if self._stopped:
                connection.close()
                return
            self._connection = connection
        member.log(f"Arbiter connection established to {host}|{port}")
        try:
            self._heed(greeting, connection)
            self._converse(connection)
        except ConnectionLost:
            pass
        finally:
            connection.close()
            with self._changed:
                self._connection, self._sessions = None, {}
                self._answers.clear()
                self._changed.notify_all()
            if not self._stopped:
                # FIDELITY(documented; HA 5.1.1): losing the arbiter is logged with severity 2
                member.log(f"Lost the connection to the arbiter {host}|{port}", 2)
            member.poke()

    def _converse(self, connection: Connection) -> None:
        heard = time.monotonic()
        while True:
            message = self._next(connection)
            if message is None:
                if time.monotonic() - heard > self._member.qos:
                    return
                connection.send("BEAT")
                continue
            heard = time.monotonic()
            self._heed(message, connection)

    def _heed(self, message: Message, connection: Connection) -> None:
        if message.kind == "PING":
            connection.send("PONG", number=message.number("number"))
        elif message.kind == "PEERS":
            with self._changed:
                self._sessions = dict(message.fields["sessions"])
            self._member.poke()
        elif message.kind == "ANSWER":
            with self._changed:
                self._answers[message.text("question")] = message.flag("granted")
                self._changed.notify_all()

    def _next(self, connection: Connection) -> Message | None:
        """The next message, or None when it is time to show that this member lives."""
        try:
            return connection.receive(self._member.beat)
        except Silent:
            return None

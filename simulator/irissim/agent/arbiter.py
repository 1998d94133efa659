# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arbiter: tells one failover member whether it still sees the other, and never answers both with yes.

A grant is only ever given on a connection that has lasted since the pair entered arbiter-controlled mode. An arbiter
that was restarted has no such connection and therefore grants nothing until the pair has entered the mode again.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from irissim.engine.mirror.wire import Connection, ConnectionLost, Message


class _Session:
    """The standing connection of one member."""

    def __init__(self, connection: Connection, member: str, serial: int) -> None:
        self.connection = connection
        self.member = member
        self.serial = serial
        self.alive = True
        self.pong = 0


@dataclass
class _Pair:
    """What the arbiter knows of one mirror."""

    sessions: dict[str, _Session] = field(default_factory=dict)
    epoch: str = ""
    primary: _Session | None = None
    backup: _Session | None = None
    decided: str = ""


class Arbiter:
    """Serves any number of mirrors."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pairs: dict[str, _Pair] = {}
        self._pings = 0
        self._serial = 0

    def serve(self, connection: Connection, hello: Message) -> None:
        """Handle a member until it goes away."""
        pair_name, silence = hello.text("mirror"), float(hello.fields.get("silence", 8))
        with self._changed:
            self._serial += 1
            session = _Session(connection, hello.text("member"), self._serial)
            pair = self._pairs.setdefault(pair_name, _Pair())
            former = pair.sessions.get(session.member)
            pair.sessions[session.member] = session
        if former is not None:
            self._lose(pair, former)
        self._announce(pair)
        try:
            while True:
                self._handle(pair, session, connection.receive(silence))
        except ConnectionLost:
            pass
        finally:
            self._lose(pair, session)
            self._announce(pair)

    def _lose(self, pair: _Pair, session: _Session) -> None:
        session.connection.close()
        with self._changed:
            session.alive = False
            if pair.sessions.get(session.member) is session:
                del pair.sessions[session.member]
            self._changed.notify_all()

    def _announce(self, pair: _Pair) -> None:
        """Tell each member whom the arbiter sees, and by which of their connections."""
        with self._changed:
            sessions = list(pair.sessions.values())
            seen = {session.member: session.serial for session in sessions}
        for session in sessions:
            try:
                session.connection.send("PEERS", sessions=seen)
            except ConnectionLost:
                continue

    def _handle(self, pair: _Pair, session: _Session, message: Message) -> None:
        if message.kind == "PONG":
            with self._changed:
                session.pong = message.number("number")
                self._changed.notify_all()
        elif message.kind == "BEAT":
            session.connection.send("BEAT")
        elif message.kind == "ENTER":
            self._answer(session, message, self._enter(pair, session, message))
        elif message.kind == "RELEASE":
            self._answer(session, message, self._release(pair, session, message))
        elif message.kind == "TAKEOVER":
            # The session thread must go on receiving, and the question may take a while.
            threading.Thread(
                target=self._judge_takeover, args=(pair, session, message), name="arbiter decision", daemon=True
            ).start()

    @staticmethod
    def _answer(session: _Session, message: Message, granted: bool) -> None:
        session.connection.send("ANSWER", question=message.text("question"), granted=granted)

    def _enter(self, pair: _Pair, session: _Session, message: Message) -> bool:
        """Both members are seen and the backup is active: from now on the arbiter decides."""
        with self._changed:
            backup = pair.sessions.get(message.text("backup"))
            if backup is None or pair.sessions.get(session.member) is not session:
                return False
            pair.epoch, pair.primary, pair.backup, pair.decided = message.text("epoch"), session, backup, ""
            return True

    def _release(self, pair: _Pair, session: _Session, message: Message) -> bool:
        """The primary lost its backup and asks to go on alone."""
        with self._changed:
            if pair.primary is not session or pair.epoch != message.text("epoch") or pair.decided == "backup":
                return False
            pair.decided = "primary"
            return True

    def _judge_takeover(self, pair: _Pair, session: _Session, message: Message) -> None:
        granted = self._takeover(pair, session, message)
        try:
            self._answer(session, message, granted)
        except ConnectionLost:
            return

    def _takeover(self, pair: _Pair, session: _Session, message: Message) -> bool:
        """The backup lost the primary: granted only if the primary does not answer the arbiter either."""
        with self._changed:
            primary = pair.primary
            if pair.backup is not session or pair.epoch != message.text("epoch") or pair.decided or primary is None:
                return pair.backup is session and pair.decided == "backup" and pair.epoch == message.text("epoch")
        seen = self._still_there(primary, float(message.fields.get("patience", 1)))
        with self._changed:
            if pair.decided or pair.epoch != message.text("epoch") or not session.alive:
                return False
            pair.decided = "primary" if seen else "backup"
        if not seen:
            self._lose(pair, primary)
        return not seen

    def _still_there(self, session: _Session, patience: float) -> bool:
        with self._changed:
            self._pings += 1
            number = self._pings
        try:
            session.connection.send("PING", number=number)
        except ConnectionLost:
            return False
        limit = time.monotonic() + patience
        with self._changed:
            while session.alive and session.pong != number:
                remaining = limit - time.monotonic()
                if remaining <= 0:
                    return False
                self._changed.wait(remaining)
            return session.alive

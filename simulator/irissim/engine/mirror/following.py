# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A member that receives the journal of the primary: what a backup and an async member have in common."""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Any

from irissim.engine.mirror import tls
from irissim.engine.mirror.admission import learn
from irissim.engine.mirror.alignment import Inconsistent, align
from irissim.engine.mirror.attention import need_attention
from irissim.engine.mirror.journals import FileHead
from irissim.engine.mirror.settings import MemberEntry, MirrorConfig
from irissim.engine.mirror.wire import Connection, ConnectionLost, Message, Silent
from irissim.engine.positions import START, Position

if TYPE_CHECKING:
    from irissim.engine.mirror.dejournal import Dejournaler
    from irissim.engine.mirror.member import Member


class Ending(Enum):
    """Why a member no longer follows."""

    LOST = "the connection ended"
    REFUSED = "the primary does not want this member"
    INCONSISTENT = "this member has data that the mirror does not have"
    HANDED_OVER = "the primary asked this member to take over"
    OTHER_TYPE = "this member was promoted or demoted"


class Following(ABC):
    """One data channel, from connecting to its end."""

    AS = ""
    """What this member becomes; shown in messages.log."""

    def __init__(self, member: Member, primary: MemberEntry, dejournaler: Dejournaler) -> None:
        self.primary = primary
        self.primary_end = START
        self.heard = 0.0
        self.caught_up_at = time.time()
        self.synchronized = False
        self._type = member.entry.member_type
        self._goal = START
        self._member = member
        self._dejournaler = dejournaler
        self._connection: Connection | None = None

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def run(self) -> Ending:
        """Follow until the link ends, the primary hands over or this member stops."""
        member = self._member
        try:
            self._connection = self._connect()
            ending = self._greet() or self._receive()
        except ConnectionLost:
            ending = Ending.LOST
        except Inconsistent:
            ending = Ending.INCONSISTENT
        else:
            if ending is Ending.OTHER_TYPE:
                # The primary must not take this for the loss of its active backup.
                self.close()
        finally:
            self._drop()
        if ending is Ending.LOST and not member.stopping:
            member.log(f"MirrorClient: Lost connection to primary: {self.primary.name}", 1)
        return ending

    def close(self) -> None:
        """This member stops: say so, so that the primary need not wait for it."""
        connection = self._connection
        if connection is not None:
            try:
                connection.send("BYE")
            except ConnectionLost:
                return
            connection.close()

    # What the kinds of members do differently ------------------------------------------------------------------------

    @abstractmethod
    def _addresses(self) -> tuple[str, ...]:
        """Where the primary may be reached, in this order."""

    @abstractmethod
    def _on_synchronized(self) -> None:
        """Everything has arrived that the primary had when the connection was made."""

    @abstractmethod
    def _on_message(self, message: Message) -> Ending | None:
        """Something that only one kind of member is told."""

    def _vitals(self) -> dict[str, Any]:
        """What only one kind of member says with each acknowledgement."""
        return {}

    def _readiness(self) -> dict[str, Any]:
        """What only one kind of member reports."""
        return {}

    # The channel -----------------------------------------------------------------------------------------------------

    def tell_name(self, name: str) -> None:
        """The certificate of this member has another DN now."""
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(ConnectionLost):
                connection.send("DN", name=name)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> Connection:
        member = self._member
        failure = ConnectionLost("no address")
        for address in self._addresses():
            try:
                return tls.dial(member, self.primary, address, self.primary.superserver_port, member.qos / 2)
            except ConnectionLost as error:
                failure = error
        raise failure

    def _greet(self) -> Ending | None:
        member, connection = self._member, self._open()
        connection.send(
            "DATA", mirror=member.mirror, asker=member.name, member=member.name, guid=member.instance.guid
        )
        welcome = connection.receive(member.qos)
        if welcome.kind != "WELCOME":
            learn(member, self.primary, welcome)
            return Ending.REFUSED
        member.log(f"Found {self.primary.name} as primary, becoming {self.AS}")
        ending = self._take_config(welcome)
        if ending is not None:
            return ending
        start = align(member, [FileHead(*head) for head in welcome.fields["heads"]])
        self._goal = self.primary_end = Position(*welcome.fields["end"])
        self._dejournaler.start()
        connection.send("FROM", count=start.file_count, offset=start.offset)
        # FIDELITY(observed; LSC): the log line of a connected member
        member.log(f"MirrorClient: Connected to primary: {self.primary.name} (ver 4)")
        self._look_at_goal()
        return None

    def _receive(self) -> Ending:
        member, connection = self._member, self._open()
        self.heard = time.monotonic()
        while not member.stopping:
            try:
                message = connection.receive(member.beat)
            except Silent:
                if time.monotonic() - self.heard > member.qos:
                    raise
                self._acknowledge()
                continue
            self.heard = time.monotonic()
            ending = self._handle(message)
            if ending is not None:
                return ending
        return Ending.LOST

    def _handle(self, message: Message) -> Ending | None:
        if message.kind == "BYTES":
            self._store(message)
            return None
        if message.kind == "BEAT":
            self._note_end(Position(*message.fields["end"]))
            self._report()
            return None
        if message.kind == "CONFIG":
            return self._take_config(message)
        if message.kind == "RECONNECT":
            self._open().send("BYE")
            return Ending.LOST
        return self._on_message(message)

    def _take_config(self, message: Message) -> Ending | None:
        member = self._member
        config = MirrorConfig.from_wire(message.fields["config"])
        if member.name not in config.members:
            member.complain(f"{member.name} is no longer a member of {member.mirror}", 2)
            return Ending.REFUSED
        member.change_config(config)
        return None if member.entry.member_type is self._type else Ending.OTHER_TYPE

    def _store(self, message: Message) -> None:
        position = Position(message.number("count"), message.number("offset"))
        self._member.series.append_bytes(position, message.text("file"), message.payload)
        self._note_end(Position(*message.fields["end"]))
        self._dejournaler.arrived()
        self._acknowledge()
        self._look_at_goal()

    def _note_end(self, end: Position) -> None:
        """How far the primary was when it sent this."""
        self.primary_end = max(self.primary_end, end)
        if self._member.series.end() >= end:
            self.caught_up_at = time.time()

    def _look_at_goal(self) -> None:
        if not self.synchronized and self._member.series.end() >= self._goal:
            self.synchronized = True
            self._report()
            self._on_synchronized()

    def _acknowledge(self) -> None:
        self._open().send(
            "ACK", received=list(self._member.series.end()), dejournaled=list(self._dejournaler.position),
            **self._vitals(),
        )  # fmt: skip

    def _report(self) -> None:
        """Tell the primary how this member is doing."""
        self._acknowledge()
        self._open().send(
            "REPORT", synchronized=self.synchronized, stopped=self._dejournaler.stopped,
            attention=need_attention(self._member), **self._readiness(),
        )  # fmt: skip

    def _open(self) -> Connection:
        connection = self._connection
        if connection is None:
            raise ConnectionLost("closed")
        return connection

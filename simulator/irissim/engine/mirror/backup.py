# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This member as follower: receives the journal of the primary and acknowledges it."""

from __future__ import annotations

import time
from enum import Enum
from typing import TYPE_CHECKING

from irissim.engine.mirror.alignment import Inconsistent, align
from irissim.engine.mirror.deliberation import LostLink
from irissim.engine.mirror.journals import FileHead
from irissim.engine.mirror.mount_required import missing_mount_required
from irissim.engine.mirror.settings import MemberEntry, MirrorConfig
from irissim.engine.mirror.types import ControlMode, FailoverStatus, MirrorState
from irissim.engine.mirror.wire import Connection, ConnectionLost, Message, Silent, connect
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


class BackupRole:
    """One data channel, from connecting to its end."""

    def __init__(self, member: Member, primary: MemberEntry, dejournaler: Dejournaler) -> None:
        self.primary = primary
        self.primary_end = START
        self.heard = 0.0
        self.caught_up_at = time.time()
        self.synchronized = False
        self.active = False
        self._epoch = ""
        self._goal = START
        self._member = member
        self._dejournaler = dejournaler
        self._connection: Connection | None = None

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def run(self) -> tuple[Ending, LostLink]:
        """Follow until the link ends, the primary hands over or this member stops."""
        member = self._member
        try:
            self._connection = self._connect()
            ending = self._greet() or self._receive()
        except ConnectionLost:
            ending = Ending.LOST
        except Inconsistent:
            ending = Ending.INCONSISTENT
        finally:
            self._drop()
        if ending is Ending.LOST and not member.stopping:
            member.log(f"MirrorClient: Lost connection to primary: {self.primary.name}", 1)
        return ending, LostLink(self.active, self._epoch)

    def close(self) -> None:
        """This member stops: say so, so that the primary need not wait for it."""
        connection = self._connection
        if connection is not None:
            try:
                connection.send("BYE")
            except ConnectionLost:
                return
            connection.close()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> Connection:
        member = self._member
        failure = ConnectionLost("no address")
        # FIDELITY(documented; HA 3.5.4): the data channel goes to the mirror private address, else to the superserver's
        for address in dict.fromkeys((self.primary.mirror_address, self.primary.ecp_address)):
            try:
                return connect(address, self.primary.superserver_port, member.qos / 2, member.source)
            except ConnectionLost as error:
                failure = error
        raise failure

    def _greet(self) -> Ending | None:
        member, connection = self._member, self._open()
        connection.send("DATA", mirror=member.mirror, member=member.name, guid=member.instance.guid)
        welcome = connection.receive(member.qos)
        if welcome.kind != "WELCOME":
            member.complain(f"MirrorClient: {self.primary.name} refused the connection: {welcome.text('reason')}", 2)
            return Ending.REFUSED
        member.log(f"Found {self.primary.name} as primary, becoming backup")
        member.change_config(MirrorConfig.from_wire(welcome.fields["config"]))
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
        elif message.kind == "BEAT":
            self.primary_end = Position(*message.fields["end"])
            self._report()
        elif message.kind == "CONFIG":
            self._member.change_config(MirrorConfig.from_wire(message.fields["config"]))
        elif message.kind == "ACTIVE":
            self.active = True
            self._member.enter(MirrorState.BACKUP, FailoverStatus.ACTIVE)
            self._member.log("This member is now the active backup")
        elif message.kind == "MODE":
            self._change_mode(message)
        elif message.kind == "HANDOVER":
            self._open().send("TAKEN")
            return Ending.HANDED_OVER
        elif message.kind == "BYE":
            self.active = False
            return Ending.LOST
        return None

    def _store(self, message: Message) -> None:
        position = Position(message.number("count"), message.number("offset"))
        end = self._member.series.append_bytes(position, message.text("file"), message.payload)
        self.primary_end = max(self.primary_end, end)
        self._dejournaler.arrived()
        self._acknowledge()
        self._look_at_goal()

    def _look_at_goal(self) -> None:
        """Backup as soon as everything has arrived that the primary had when the connection was made."""
        if not self.synchronized and self._member.series.end() >= self._goal:
            self.synchronized = True
            self._report()
            self._member.enter(MirrorState.BACKUP, FailoverStatus.CATCHUP)

    def _change_mode(self, message: Message) -> None:
        mode = ControlMode[message.text("mode")]
        self._epoch = message.text("epoch")
        if mode is ControlMode.AGENT:
            self._open().send("MODE", mode=mode.name)

    @property
    def mode(self) -> ControlMode:
        return ControlMode.ARBITER if self._epoch else ControlMode.AGENT

    def _acknowledge(self) -> None:
        received = self._member.series.end()
        if received >= self.primary_end:
            self.caught_up_at = time.time()
        self._open().send(
            "ACK", received=list(received), dejournaled=list(self._dejournaler.position),
            dejournaled_time=self._dejournaler.record_time,
        )  # fmt: skip

    def _report(self) -> None:
        """Besides the acknowledgement: could this member take over now?"""
        self._acknowledge()
        self._open().send("READY", missing=missing_mount_required(self._member))

    def _open(self) -> Connection:
        connection = self._connection
        if connection is None:
            raise ConnectionLost("closed")
        return connection

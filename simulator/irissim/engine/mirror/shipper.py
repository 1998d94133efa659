# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The primary's end of a data channel: sends the journal as it is written, takes acknowledgements."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from irissim.engine.journal_series import JournalFileMissing
from irissim.engine.mirror.settings import MemberEntry
from irissim.engine.mirror.wire import Connection, ConnectionLost, Message
from irissim.engine.positions import START, Position

if TYPE_CHECKING:
    from irissim.engine.mirror.acks import Acknowledgements
    from irissim.engine.mirror.member import Member

_BLOCK = 1 << 18


class Shipper:
    """One connected member. `on_ack` is called after each acknowledgement, `on_answer` for everything else."""

    def __init__(
        self,
        member: Member,
        peer: MemberEntry,
        connection: Connection,
        acks: Acknowledgements,
        on_ack: Callable[[Shipper], None],
        on_answer: Callable[[Shipper, Message], None],
    ) -> None:
        self.peer = peer
        self.active = False
        self.said_goodbye = False
        self.sees_arbiter = False
        self.acked = START
        self.dejournaled = START
        self.missing_database = ""
        """A Mount Required database that the member lacks; it cannot take over without it."""
        self.synchronized = False
        self.dejournaling_stopped = False
        self.needs_attention = False
        self._member = member
        self._connection = connection
        self._acks = acks
        self._on_ack = on_ack
        self._on_answer = on_answer

    def run(self, start: Position) -> None:
        """Ship from `start` until the connection ends; the calling thread receives."""
        threading.Thread(target=self._send, args=(start,), name="Mirror Svr:Rd", daemon=True).start()
        try:
            while True:
                message = self._connection.receive(self._member.qos)
                if message.kind == "ACK":
                    self._acknowledged(message)
                elif message.kind == "REPORT":
                    self._reported(message)
                elif message.kind == "BYE":
                    self.said_goodbye = True
                    return
                else:
                    self._on_answer(self, message)
        except ConnectionLost:
            return
        finally:
            self._connection.close()

    def tell(self, kind: str, **fields: Any) -> bool:
        """Send something besides the journal; False when the member is gone."""
        try:
            self._connection.send(kind, **fields)
        except ConnectionLost:
            return False
        return True

    def close(self) -> None:
        self._connection.close()

    def _acknowledged(self, message: Message) -> None:
        self.acked = Position(*message.fields["received"])
        self.dejournaled = Position(*message.fields["dejournaled"])
        if message.flag("arbiter") is not self.sees_arbiter:
            self.sees_arbiter = message.flag("arbiter")
            self._member.poke()
        self._on_ack(self)

    def _reported(self, message: Message) -> None:
        self.missing_database = message.text("missing")
        self.synchronized = message.flag("synchronized")
        self.dejournaling_stopped = message.flag("stopped")
        self.needs_attention = message.flag("attention")

    def _send(self, position: Position) -> None:
        series = self._member.series
        beaten = time.monotonic()
        try:
            while not self._connection.closed:
                end = series.end()
                begin, data = self._read(position, end)
                if data:
                    self._connection.send(
                        "BYTES", data, count=begin.file_count, offset=begin.offset,
                        file=self._file_name(begin.file_count), end=list(end),
                    )  # fmt: skip
                    position = Position(begin.file_count, begin.offset + len(data))
                    beaten = time.monotonic()
                    continue
                if end > position:
                    self._acks.wait_settled(position, self._member.beat)
                else:
                    series.wait_beyond(position, self._member.beat)
                if time.monotonic() - beaten >= self._member.beat:
                    self._connection.send("BEAT", end=list(series.end()))
                    beaten = time.monotonic()
        except ConnectionLost:
            return
        except JournalFileMissing as error:
            self._member.log(f"MirrorServer: {self.peer.name} needs journal file that is gone: {error}", 2)
            self._connection.close()

    def _read(self, position: Position, end: Position) -> tuple[Position, bytes]:
        begin, data = self._member.series.read_bytes(position, _BLOCK)
        if self.peer.is_failover:
            return begin, data
        # What an active backup does not have yet may still be undone by a takeover, and an async member that has it
        # could not follow the new primary.
        settled = self._acks.settled(end)
        if begin.file_count < settled.file_count:
            return begin, data
        return begin, data[: max(0, settled.offset - begin.offset)] if begin.file_count == settled.file_count else b""

    def _file_name(self, count: int) -> str:
        for file in self._member.series.files():
            if file.count == count:
                return file.path.name
        raise JournalFileMissing(count, self._member.series.log_path)

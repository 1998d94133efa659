# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic download: the content of a mirrored database comes from a member that has it.

The nodes are read while users go on writing. What they change meanwhile is in the journal, which is applied again
from where the reading began: the copy is consistent once that has passed the place where the reading ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from irissim.engine.mirror import peers, tls
from irissim.engine.mirror.content_blocks import pack, unpack
from irissim.engine.mirror.wire import Connection, ConnectionLost, Message
from irissim.engine.mirror_hooks import NoLongerPrimary
from irissim.engine.positions import Position
from irissim.values.errors import OsError, StatusError
from irissim.values.status import status_of, text

if TYPE_CHECKING:
    from irissim.engine.database import Database
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.settings import MemberEntry

FIRST_PROFILE = "2026.1"

_BLOCK = 1 << 18
_ANSWER_SECONDS = 30.0
_ARRIVAL_SECONDS = 60.0
_POLL_SECONDS = 0.1


def is_known(profile: str) -> bool:
    """Whether this release downloads."""
    # FIDELITY(documented; HA 4.8.4.1): automatic download is in the guide of 2026.1
    # FIDELITY(assumed): and in no release before it
    return profile >= FIRST_PROFILE


# The member that has the database ------------------------------------------------------------------------------------


def source_of(membership: Membership, guid: str) -> Database | None:
    """The copy here if another member may take its content from it."""
    # FIDELITY(documented; HA 4.8.4.1): a copy can be downloaded if it is activated and has the FailoverDB flag
    for database in membership.member.instance.databases.mirrored(membership.member.mirror):
        mirror = database.label.mirror
        if mirror is not None and mirror.guid == guid:
            usable = mirror.activated and mirror.failover and not mirror.needs_catchup and not mirror.download
            return database if usable else None
    return None


def answer_source(membership: Membership, connection: Connection, message: Message) -> None:
    """Could this member give the content?"""
    connection.send("SOURCE", valid=source_of(membership, message.text("guid")) is not None)


def serve(membership: Membership, connection: Connection, message: Message) -> None:
    """Send the content of a database in blocks, with the journal positions between which it was read."""
    database = source_of(membership, message.text("guid"))
    if database is None:
        connection.send("REFUSED")
        return
    member = membership.member
    try:
        connection.send("CONTENT", position=list(_position(membership, database)))
        name, path = b"", b""
        while rows := database.rows(name, path, _BLOCK):
            connection.send("ROWS", pack(rows))
            name, path, _ = rows[-1]
        end = _position(membership, database)
        if membership.primary is not None:
            # A copy must not hold what a new primary might never have seen.
            membership.primary.acks.wait(end)
        connection.send("END", position=list(end))
        member.log(f"Database {database.directory} was sent to {message.text('asker')}")
    except (OsError, NoLongerPrimary) as error:
        member.log(f"Sending {database.directory} to {message.text('asker')} failed: {error}", 1)


def _position(membership: Membership, database: Database) -> Position:
    """Everything up to here is in the content, nothing behind it is."""
    with database.lock:
        mirror = database.label.mirror
        if membership.primary is not None or mirror is None:
            return membership.member.series.end()
        return mirror.position


# The member that lacks it --------------------------------------------------------------------------------------------


class Downloads:
    """Of one mirror on this member."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self._lock = threading.Lock()
        self._running: dict[str, threading.Thread] = {}
        self._failures: dict[str, StatusError] = {}

    def is_running(self, directory: str) -> bool:
        """Data is arriving, or being completed from the journals."""
        return directory in self._running

    def require_source(self, guid: str, name: str) -> None:
        """Raise 2104 unless some member can give the content."""
        # FIDELITY(documented; HA 4.8.4.1): on a backup or async the creation fails when no member can provide the data
        # FIDELITY(assumed): with 2104
        for peer in self._peers():
            answer = peers.ask_instance(self._membership.member, peer, "SOURCE", _ANSWER_SECONDS, guid=guid)
            if answer is not None and answer.flag("valid"):
                return
        raise StatusError(2104, f"no member has a valid copy of {name} to download")

    def resume(self) -> None:
        """This member was connected: what is incomplete begins again."""
        # FIDELITY(assumed): an interrupted download begins anew when mirroring starts again, otherwise on request
        member = self._membership.member
        for database in member.instance.databases.mirrored(member.mirror):
            mirror = database.label.mirror
            if mirror is not None and mirror.download:
                self.start(database)

    def start(self, database: Database) -> threading.Thread:
        """Download in the background, unless that is going on already."""
        with self._lock:
            thread = self._running.get(database.directory)
            if thread is None:
                thread = threading.Thread(target=self._run, args=(database,), name="Mirror Download", daemon=True)
                self._running[database.directory] = thread
                self._failures.pop(database.directory, None)
                thread.start()
            return thread

    def finish(self, database: Database) -> None:
        """Download now; raises why it failed."""
        self.start(database).join()
        failure = self._failures.get(database.directory)
        if failure is not None:
            raise failure

    def _run(self, database: Database) -> None:
        member = self._membership.member
        try:
            self._download(database)
            member.log(f"Download of {database.directory} is complete")
        except StatusError as error:
            self._failures[database.directory] = error
            member.log(f"Download of {database.directory} failed: {text(status_of(error))}", 2)
        except OsError as error:
            self._failures[database.directory] = StatusError(5002, str(error))
            member.log(f"Download of {database.directory} failed: {error}", 2)
        finally:
            with self._lock:
                self._running.pop(database.directory, None)

    def _download(self, database: Database) -> None:
        mirror = database.label.mirror
        if mirror is None:
            raise StatusError(2073, database.directory)
        for peer in self._peers():
            try:
                bounds = self._receive(database, peer, mirror.guid)
            except ConnectionLost as lost:
                raise StatusError(5001, f"Lost connection to {peer.name} during the download: {lost}") from None
            if bounds is not None:
                self._complete(database, *bounds)
                return
        raise StatusError(2104, f"no member has a valid copy of {mirror.database_name} to download")

    def _receive(self, database: Database, peer: MemberEntry, guid: str) -> tuple[Position, Position] | None:
        """Where the reading of what is now here began and ended; None if that member cannot give it."""
        try:
            connection = self._ask(peer, guid)
            first = connection.receive(_ANSWER_SECONDS)
        except ConnectionLost:
            return None
        try:
            if first.kind != "CONTENT":
                return None
            database.empty()
            for message in _messages(connection):
                if message.kind == "END":
                    return Position(*first.fields["position"]), Position(*message.fields["position"])
                database.fill(unpack(message.payload))
            raise ConnectionLost("the content is incomplete")
        finally:
            connection.close()

    def _ask(self, peer: MemberEntry, guid: str) -> Connection:
        member = self._membership.member
        connection = tls.dial(member, peer, peer.mirror_address, peer.superserver_port, member.qos)
        connection.send("DOWNLOAD", mirror=member.mirror, asker=member.name, guid=guid)
        return connection

    def _complete(self, database: Database, start: Position, end: Position) -> None:
        """Wait for the journals that belong to the content; after that it is like any other copy."""
        member, dejournaler = self._membership.member, self._membership.dejournaler
        limit = time.monotonic() + _ARRIVAL_SECONDS
        while dejournaler.position < end:
            if member.stopping or time.monotonic() > limit:
                raise StatusError(2082)
            member.series.wait_beyond(dejournaler.position, _POLL_SECONDS)
            dejournaler.arrived()
        database.change_mirror_label(download=False, activated=True, needs_catchup=True, position=start)
        for _, error in dejournaler.link([database]):
            raise error
        database.change_mirror_label(needs_catchup=False)

    def _peers(self) -> Iterator[MemberEntry]:
        """The primary first."""
        member, channel = self._membership.member, self._membership.channel
        others = [peer for peer in member.config.members.values() if peer.name != member.name]
        primary = channel.primary.name if channel is not None else ""
        yield from sorted(others, key=lambda peer: peer.name != primary)


def _messages(connection: Connection) -> Iterator[Message]:
    while True:
        message = connection.receive(_ANSWER_SECONDS)
        if message.kind not in ("ROWS", "END"):
            return
        yield message

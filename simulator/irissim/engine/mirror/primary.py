# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This member as primary: writes mirror journals, serves the others, hands over."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from irissim.engine.mirror import catalogue, journals, tls
from irissim.engine.mirror.acks import Acknowledgements
from irissim.engine.mirror.mode import FailoverMode
from irissim.engine.mirror.rival import Rival
from irissim.engine.mirror.shipper import Shipper
from irissim.engine.mirror.trouble import Trouble
from irissim.engine.mirror.types import FailoverStatus, MirrorState
from irissim.engine.mirror.wire import Connection, Message
from irissim.engine.positions import Position

if TYPE_CHECKING:
    from irissim.engine.journal_records import Record
    from irissim.engine.mirror.arbiter_link import ArbiterLink
    from irissim.engine.mirror.member import Member

_IDLE_SECONDS = 30.0


class PrimaryRole:
    """Made when this member becomes primary, dropped when it ceases to be."""

    def __init__(self, member: Member, arbiter: ArbiterLink, term: int) -> None:
        self.term = term
        self.mode = FailoverMode(member, arbiter)
        self.trouble = Trouble(member, self.mode)
        self.acks = Acknowledgements()
        self._member = member
        self._rival = Rival(member, term)
        self._lock = threading.RLock()
        self._links: dict[str, Shipper] = {}
        self._calls = 0
        self._latest: dict[str, int] = {}
        self._gone: dict[str, float] = {}
        self._since = time.time()
        self._taken = threading.Event()
        self.serving = False

    # Becoming, being -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Switch the journal to the mirror and let users write."""
        member, journal = self._member, self._member.instance.journal
        # FIDELITY(documented; HA 3.2): becoming primary switches to a new mirror journal file
        journal.set_opening(member.mirror, self._opening)
        journal.start_mirror(member.mirror)
        member.instance.databases.set_mirror_writes(member.mirror, True)
        self.serving = True
        member.enter(MirrorState.PRIMARY, FailoverStatus.ACTIVE)
        # FIDELITY(observed; GCM, LSC): the line that the log monitor always reports, severity 1
        member.log("Becoming primary mirror server", 1)

    def _opening(self) -> list[Record]:
        """Every journal file tells by itself who wrote it and what the mirror has."""
        member = self._member
        return [journals.term_mark(member.mirror, time.time(), self.term, member.name), catalogue.whole(member)]

    def run(self, usurped: Callable[[], None]) -> None:
        """Until the instance stops; `usurped` is called if another member turns out to be primary."""
        member = self._member
        while not member.stopping:
            settled = self.mode.review(self.backup)
            if not self.trouble.on:
                self._rival.end()
                member.rest(_IDLE_SECONDS if settled and not self._rival.unsettled else member.beat)
                continue
            member.enter(MirrorState.PRIMARY, FailoverStatus.TROUBLE)
            if self.trouble.resolved():
                self._go_on_alone()
            elif self._rival.took_over():
                self.acks.lose_role()
                usurped()
                return
            else:
                member.rest(self.trouble.seconds_to_next_look())

    @property
    def backup(self) -> Shipper | None:
        """The connected backup."""
        with self._lock:
            return next((link for link in self._links.values() if link.peer.is_failover), None)

    def link(self, name: str) -> Shipper | None:
        with self._lock:
            return self._links.get(name)

    def gone_since(self, name: str) -> float:
        """When a member that is not connected was seen last; at the earliest when this one became primary."""
        return self._gone.get(name, self._since)

    def links(self) -> list[Shipper]:
        with self._lock:
            return list(self._links.values())

    def broadcast_config(self) -> None:
        for link in self.links():
            link.tell("CONFIG", config=self._member.config.to_wire())

    # A member connects ---------------------------------------------------------------------------------------------

    def attach(self, connection: Connection, hello: Message) -> None:
        """Serve a data channel until it ends; runs in the connection's own thread."""
        member = self._member
        with self._lock:
            self._calls += 1
            call = self._calls
        peer = member.config.members.get(hello.text("member"))
        if peer is None or peer.guid != hello.text("guid"):
            connection.send("REFUSED", reason=f"{hello.text('member')} is not a member of {member.mirror}")
            return
        series = member.series
        connection.send(
            "WELCOME", config=member.config.to_wire(), term=self.term, primary=member.name, end=list(series.end()),
            heads=[list(head) for head in journals.heads(series)],
        )  # fmt: skip
        start = connection.receive(member.qos)
        if start.kind != "FROM":
            return
        link = Shipper(member, peer, connection, self.acks, self._acknowledged, self._answered)
        if not self._add(link, call):
            return
        try:
            link.run(Position(start.number("count"), start.number("offset")))
        finally:
            self._remove(link)

    def _add(self, link: Shipper, call: int) -> bool:
        with self._lock:
            if call < self._latest.get(link.peer.name, 0):
                # The member has given this connection up already and made another one.
                return False
            self._latest[link.peer.name] = call
            former = self._links.get(link.peer.name)
            if former is not None:
                former.close()
                former.active = False
            self._links[link.peer.name] = link
            if link.peer.is_failover:
                self._rival.settle()
            if link.peer.is_failover and (self.trouble.on or self.acks.required):
                # It came back as a follower, so it has not taken over and does not count on the arbiter.
                self._go_on_alone()
        self._member.log(f"MirrorServer: {link.peer.name} connected")
        self._member.poke()
        return True

    def _remove(self, link: Shipper) -> None:
        with self._lock:
            if self._links.get(link.peer.name) is link:
                del self._links[link.peer.name]
                self._gone[link.peer.name] = time.time()
            lost_active, link.active = link.active, False
            if lost_active and self._member.stopping:
                # Nobody will ever know whether that backup has what is still unanswered.
                self.acks.lose_role()
            elif lost_active and link.said_goodbye:
                self._go_on_alone()
            elif lost_active:
                self.trouble.begin()
        self._member.log(f"MirrorServer: {link.peer.name} disconnected", 0 if link.said_goodbye else 1)
        self._member.poke()

    def _acknowledged(self, link: Shipper) -> None:
        if not link.peer.is_failover:
            return
        if link.active:
            self.acks.acknowledge(link.acked)
            return
        with self._lock:
            # From here on every answer waits for this backup; only then may it believe that it is active.
            if self._member.stopping or not self.acks.require(link.acked, self._member.series.end):
                return
            link.active = True
        if link.tell("ACTIVE"):
            self._member.log(f"Backup {link.peer.name} is active")
        self._member.poke()

    def _answered(self, link: Shipper, message: Message) -> None:
        if message.kind == "MODE":
            self.mode.confirmed()
        elif message.kind == "TAKEN":
            self._taken.set()
        elif message.kind == "DN":
            tls.note_update(self._member, link.peer, message.text("name"))

    # Trouble ---------------------------------------------------------------------------------------------------------

    def _go_on_alone(self) -> None:
        with self._lock:
            self.mode.forget()
            self.trouble.end()
            self.acks.waive()
            if not self._member.stopping:
                self._member.enter(MirrorState.PRIMARY, FailoverStatus.ACTIVE)

    # Stopping --------------------------------------------------------------------------------------------------------

    def _forbid_failover(self) -> None:
        # FIDELITY(documented; GSA, CLS Config.Mirrors): a stop with nofailover is marked in DefinedPrimary of [Mirrors]
        member = self._member
        settings = replace(member.config.settings, no_failover=member.name)
        member.change_config(member.config.with_settings(settings))
        self.broadcast_config()

    def hand_over(self, nofailover: bool, wanted: bool = False) -> bool:
        """Stop being primary; True if the backup took over. Users cannot write to mirrored databases any more.
        `wanted` by the backup itself, which overrides that there shall be no failover."""
        member = self._member
        databases = member.instance.databases
        self.serving = False
        member.enter(MirrorState.TRANSITION, FailoverStatus.EXIT)
        if self.trouble.on:
            # Who holds a database and waits for an answer would wait for ever.
            self.acks.lose_role()
        with contextlib.ExitStack() as held:
            mirrored = databases.mirrored(member.mirror)
            for database in mirrored:
                held.enter_context(database.lock)
            end = member.series.end()
            complete = not self.acks.required or self.acks.wait_limited(end, member.qos)
            if complete:
                for database in mirrored:
                    database.commit()
            # What is not committed now is forgotten: the backup may become primary without it.
            databases.set_mirror_writes(member.mirror, False)
            member.instance.journal.end_mirror()
        if nofailover:
            self._forbid_failover()
        backup = self.backup
        handed = False
        allowed = wanted or not member.config.settings.no_failover
        if complete and allowed and backup is not None and backup.active:
            # FIDELITY(documented; HA 3.3.3, 6.1.3): a graceful stop of the primary hands over to an active backup
            handed = backup.tell("HANDOVER", term=self.term) and self._taken.wait(member.qos)
        self.acks.lose_role()
        for link in self.links():
            link.tell("BYE")
            link.close()
        return handed

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mirror master: the thread that decides what this member is, again and again."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from irissim.engine.mirror import journals, peers, store
from irissim.engine.mirror.acks import Acknowledgements
from irissim.engine.mirror.admission import Applicant
from irissim.engine.mirror.arbiter_link import ArbiterLink
from irissim.engine.mirror.async_role import AsyncRole, find_primary, learn_role
from irissim.engine.mirror.backup import BackupRole
from irissim.engine.mirror.dejournal import Dejournaler
from irissim.engine.mirror.deliberation import Deliberation, Follow, Lead, LostLink, Wait
from irissim.engine.mirror.following import Ending, Following
from irissim.engine.mirror.member import Member
from irissim.engine.mirror.mount_required import missing_mount_required
from irissim.engine.mirror.primary import PrimaryRole
from irissim.engine.mirror.retention import Retention
from irissim.engine.mirror.settings import MemberEntry, MirrorConfig
from irissim.engine.mirror.takeover_request import TakeoverRequest
from irissim.engine.mirror.types import FailoverStatus, MirrorState

if TYPE_CHECKING:
    from irissim.engine.instance import Instance

_RECONNECT_SECONDS = 0.3


class Membership:
    """One mirror on this instance, from start to stop. Only its thread changes the role."""

    def __init__(self, instance: Instance, config: MirrorConfig, name: str, usurped: Callable[[], None]) -> None:
        self.member = Member(instance, config, name)
        self.arbiter = ArbiterLink(self.member)
        self.dejournaler = Dejournaler(self.member)
        self.retention = Retention(self)
        self.primary: PrimaryRole | None = None
        self.channel: Following | None = None
        """While this member follows a primary."""
        self.parted_at = time.time()
        """When it followed one last, as far as this run of the instance knows."""
        self.acks: Acknowledgements | None = None
        """Of the last time this member was primary: who still waits then must not be told that all is well."""
        self.invalid = False
        """This instance is not found at its own address, or another one is."""
        self.changing_roles = threading.Lock()
        """Held during a promotion or demotion."""
        self._deliberation = Deliberation(self.member, self.arbiter)
        self._usurped = usurped
        self._nofailover = False
        self._yielding = False
        self._asking = threading.Lock()
        self._request: TakeoverRequest | None = None
        self._thread = threading.Thread(target=self._run, name="Mirror Master", daemon=True)

    def start(self) -> None:
        self.member.log(f"Manager initialized for {self.member.mirror}")
        self.arbiter.start()
        self._thread.start()

    def stop(self, nofailover: bool = False, timeout: float | None = None) -> bool:
        """Leave the mirror for now; a primary hands over. False if that did not end in time."""
        self._nofailover = nofailover
        self.member.request_stop()
        channel = self.channel
        if channel is not None:
            channel.close()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def backup(self) -> BackupRole | None:
        """The channel of a failover member."""
        channel = self.channel
        return channel if isinstance(channel, BackupRole) else None

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    # Taking over on request --------------------------------------------------------------------------------------

    def want_primary(self) -> bool:
        """BecomePrimary: ask the primary to hand over, or take over from one that is down; True when primary."""
        with self._asking:
            request = self._request = TakeoverRequest(self.member)
            try:
                self._ask_to_yield(request)
                self.member.poke()
                return request.wait()
            finally:
                self._request = None

    def _ask_to_yield(self, request: TakeoverRequest) -> None:
        member = self.member
        partner, backup = member.partner, self.backup
        if partner is None or backup is None or not backup.connected:
            return
        answer = peers.ask_instance(member, partner, "YIELD", member.qos)
        # FIDELITY(documented; CLS): BecomePrimary makes the other member go down, but not at all costs
        # FIDELITY(assumed): not while the primary has data that this member may lack
        if answer is not None and not answer.flag("granted"):
            request.refuse(f"{partner.name} does not hand over, this member is not its active backup")

    def yield_role(self) -> bool:
        """The backup wants to be primary: hand over, then go down."""
        role = self.primary
        if role is None or role.backup is None or not role.backup.active:
            return False
        self._yielding = True
        self.member.request_stop()
        return True

    # The thread ------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        member = self.member
        try:
            member.series.drop_torn_tail()
            self._validate()
            Applicant(member).wait()
            learn_role(member)
            lost = LostLink()
            while not member.stopping:
                if not member.entry.is_failover:
                    lost = self._seek()
                    continue
                request = self._request
                verdict = self._deliberation.decide(lost, wanted=request is not None)
                lost = LostLink()
                if isinstance(verdict, Lead):
                    self._lead()
                elif isinstance(verdict, Follow):
                    lost = self._follow(verdict.primary)
                else:
                    self._wait(verdict, request)
            ended = MirrorState.STOPPED
        except Exception:
            # FIDELITY(documented; CLS): Crashed means that the mirror master is gone, only a restart of IRIS helps
            member.log(f"Mirror Master crashed: {traceback.format_exc()}", 2)
            self._abandon_role()
            ended = MirrorState.CRASHED
        self.arbiter.stop()
        self.dejournaler.stop()
        member.enter(ended, FailoverStatus.EXIT)

    def _abandon_role(self) -> None:
        """Without its master a primary must neither write nor answer."""
        role, self.primary = self.primary, None
        if role is not None:
            role.acks.lose_role()
            self.member.instance.databases.set_mirror_writes(self.member.mirror, False)
            for link in role.links():
                link.close()

    def _validate(self) -> None:
        """An instance that is not found at its own address must not take part."""
        # FIDELITY(documented; HA 5.3, ERR 2173): a member must reach itself at its own mirror address, otherwise it
        #   does not join
        member = self.member
        while not member.stopping:
            try:
                if peers.ask_member(member, member.entry, member.qos / 4) is not None:
                    self.invalid = False
                    return
                reason = "nobody answers"
            except peers.NoView:
                reason = "another instance answers"
            self.invalid = True
            member.complain(
                f"Failed to validate this member at its own address {member.entry.mirror_address}|"
                f"{member.entry.superserver_port}: {reason}", 2,
            )  # fmt: skip
            member.enter(MirrorState.WAITING, FailoverStatus.INACTIVE)
            member.rest(member.retry)

    def _wait(self, verdict: Wait, request: TakeoverRequest | None) -> None:
        # FIDELITY(documented; CLS GetFailoverMemberStatus): Trouble is a backup that is not active any more and will
        #   not take over without contacting the other member, Deciding one that finds out who can become primary
        status = FailoverStatus.TROUBLE if self._deliberation.was_active else FailoverStatus.DECIDING
        self.member.enter(verdict.state, status)
        if request is not None and verdict.state is MirrorState.WAITING:
            request.refuse(self.member.complaint)
        self.member.rest(verdict.seconds)

    def _lead(self) -> None:
        member = self.member
        member.enter(MirrorState.TRANSITION, FailoverStatus.FAILOVER)
        obstacle = self._obstacle()
        if obstacle:
            member.complain(obstacle, 2)
            member.withdraw_claim()
            member.enter(MirrorState.WAITING, FailoverStatus.INACTIVE)
            if self._request is not None:
                self._request.refuse(obstacle)
            member.rest(member.retry)
            return
        self.dejournaler.finish()
        self._clear_no_failover()
        role = PrimaryRole(member, self.arbiter, journals.last_term(member.series)[0] + 1)
        self.primary, self.acks = role, role.acks
        role.begin()
        member.withdraw_claim()
        role.run(self._usurped)
        role.hand_over(self._nofailover, self._yielding)
        self.primary = None
        if self._yielding:
            self._usurped()

    def _obstacle(self) -> str:
        """Why this member cannot become primary although it may."""
        member = self.member
        # FIDELITY(documented; CLS Promote): the interface NoMatchedSubnet stands for doing without the virtual address
        interface = store.load_local(member.instance.config).virtual_address_interface
        if member.config.settings.virtual_address and interface.upper() != "NOMATCHEDSUBNET":
            # FIDELITY(observed; HA 3.7.3, LSC): a virtual address cannot be
            #   assigned without root, which containers lack, and then the takeover is aborted
            return "AddVirtualAddress failed, cannot become primary: Need root privileges to run this script"
        missing = missing_mount_required(member)
        if missing:
            # FIDELITY(documented; HA 3.3): no takeover while a database that must be mounted at startup is not mounted,
            #   or is mirrored and not activated and caught up
            return f"Database {missing} is required but not ready, cannot become primary"
        return ""

    def _clear_no_failover(self) -> None:
        # FIDELITY(documented; CPF): no-failover disappears when the member starts as primary
        config = self.member.config
        if config.settings.no_failover:
            self.member.change_config(config.with_settings(replace(config.settings, no_failover="")))

    def _seek(self) -> LostLink:
        """An async member waits for others to lead."""
        member = self.member
        primary = find_primary(member)
        if primary is not None:
            return self._follow(primary)
        # FIDELITY(documented; CLS %SYSTEM.Mirror): an async member that finds no primary is Waiting, says why in
        #   messages.log and tries again
        member.complain(f"No primary of {member.mirror} could be found", 1)
        member.enter(MirrorState.WAITING, FailoverStatus.INACTIVE)
        member.rest(member.retry)
        return LostLink()

    def _channel_to(self, primary: MemberEntry) -> Following:
        if self.member.entry.is_failover:
            return BackupRole(self.member, primary, self.dejournaler, self.arbiter)
        return AsyncRole(self.member, primary, self.dejournaler)

    def _follow(self, primary: MemberEntry) -> LostLink:
        member = self.member
        member.enter(MirrorState.SYNCHRONIZING, FailoverStatus.RESTART)
        role = self.channel = self._channel_to(primary)
        ending = role.run()
        self.channel, self.parted_at = None, time.time()
        lost = role.lost if isinstance(role, BackupRole) else LostLink()
        if member.stopping or ending is Ending.OTHER_TYPE:
            return LostLink()
        if ending is Ending.HANDED_OVER:
            member.log(f"{primary.name} asked this member to take over")
            if member.claim():
                self._lead()
            return LostLink()
        if ending in (Ending.REFUSED, Ending.INCONSISTENT):
            member.enter(MirrorState.WAITING, FailoverStatus.INACTIVE)
            member.rest(member.retry)
        elif not lost.active:
            member.enter(MirrorState.SYNCHRONIZING, FailoverStatus.RESTART)
            member.rest(_RECONNECT_SECONDS)
        else:
            member.enter(MirrorState.TRANSITION, FailoverStatus.DECIDING)
        return lost

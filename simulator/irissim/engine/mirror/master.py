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

from irissim.engine.mirror import journals, peers
from irissim.engine.mirror.acks import Acknowledgements
from irissim.engine.mirror.arbiter_link import ArbiterLink
from irissim.engine.mirror.backup import BackupRole, Ending
from irissim.engine.mirror.dejournal import Dejournaler
from irissim.engine.mirror.deliberation import Deliberation, Follow, Lead, LostLink, Wait
from irissim.engine.mirror.member import Member
from irissim.engine.mirror.mount_required import missing_mount_required
from irissim.engine.mirror.primary import PrimaryRole
from irissim.engine.mirror.settings import MemberEntry, MirrorConfig
from irissim.engine.mirror.types import FailoverStatus, MirrorState

if TYPE_CHECKING:
    from irissim.engine.instance import Instance

_RETRY_SECONDS = 2.0
_RECONNECT_SECONDS = 0.3
_YIELD_SECONDS = 60.0


class Membership:
    """One mirror on this instance, from start to stop. Only its thread changes the role."""

    def __init__(self, instance: Instance, config: MirrorConfig, name: str, usurped: Callable[[], None]) -> None:
        self.member = Member(instance, config, name)
        self.arbiter = ArbiterLink(self.member)
        self.dejournaler = Dejournaler(self.member)
        self.primary: PrimaryRole | None = None
        self.backup: BackupRole | None = None
        self.acks: Acknowledgements | None = None
        """Of the last time this member was primary: who still waits then must not be told that all is well."""
        self._deliberation = Deliberation(self.member, self.arbiter)
        self._usurped = usurped
        self._nofailover = False
        self._yielding = False
        self._wanted = False
        self._thread = threading.Thread(target=self._run, name="Mirror Master", daemon=True)

    def start(self) -> None:
        self.member.log(f"Manager initialized for {self.member.mirror}")
        self.arbiter.start()
        self._thread.start()

    def stop(self, nofailover: bool = False, timeout: float | None = None) -> bool:
        """Leave the mirror for now; a primary hands over. False if that did not end in time."""
        self._nofailover = nofailover
        self.member.request_stop()
        backup = self.backup
        if backup is not None:
            backup.close()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    # Taking over on request --------------------------------------------------------------------------------------

    def want_primary(self) -> bool:
        """BecomePrimary: ask the primary to hand over, or take over from one that is down; True when primary."""
        member = self.member
        partner = member.partner
        self._wanted = True
        try:
            backup = self.backup
            if partner is not None and backup is not None and backup.connected:
                peers.ask_instance(member, partner, "YIELD", member.qos)
            member.poke()
            limit = time.monotonic() + _YIELD_SECONDS
            with member.changed:
                while member.state is not MirrorState.PRIMARY and member.state is not MirrorState.STOPPED:
                    if member.state is MirrorState.WAITING or time.monotonic() > limit:
                        break
                    member.changed.wait(1.0)
                return member.state is MirrorState.PRIMARY
        finally:
            self._wanted = False

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
            lost = LostLink()
            while not member.stopping:
                verdict = self._deliberation.decide(lost, self._wanted)
                lost = LostLink()
                if isinstance(verdict, Lead):
                    self._lead()
                elif isinstance(verdict, Follow):
                    lost = self._follow(verdict.primary)
                else:
                    self._wait(verdict)
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
                    return
                reason = "nobody answers"
            except (peers.NotThatMember, peers.NoLongerMember):
                reason = "another instance answers"
            member.complain(
                f"Failed to validate this member at its own address {member.entry.mirror_address}|"
                f"{member.entry.superserver_port}: {reason}", 2,
            )  # fmt: skip
            member.enter(MirrorState.WAITING, FailoverStatus.INACTIVE)
            member.rest(_RETRY_SECONDS)

    def _wait(self, verdict: Wait) -> None:
        self.member.enter(verdict.state, FailoverStatus.DECIDING)
        self.member.rest(verdict.seconds)

    def _lead(self) -> None:
        member = self.member
        member.enter(MirrorState.TRANSITION, FailoverStatus.FAILOVER)
        obstacle = self._obstacle()
        if obstacle:
            member.complain(obstacle, 2)
            member.withdraw_claim()
            member.enter(MirrorState.WAITING, FailoverStatus.INACTIVE)
            member.rest(_RETRY_SECONDS)
            return
        self.dejournaler.finish()
        self._clear_no_failover()
        role = PrimaryRole(member, self.arbiter, journals.last_term(member.series)[0] + 1)
        self.primary, self.acks = role, role.acks
        role.begin()
        member.withdraw_claim()
        role.run(self._usurped)
        role.hand_over(self._nofailover)
        self.primary = None
        if self._yielding:
            self._usurped()

    def _obstacle(self) -> str:
        """Why this member cannot become primary although it may."""
        member = self.member
        if member.config.settings.virtual_address:
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

    def _follow(self, primary: MemberEntry) -> LostLink:
        member = self.member
        member.enter(MirrorState.SYNCHRONIZING, FailoverStatus.RESTART)
        self.backup = BackupRole(member, primary, self.dejournaler)
        ending, lost = self.backup.run()
        self.backup = None
        if member.stopping:
            return LostLink()
        if ending is Ending.HANDED_OVER:
            member.log(f"{primary.name} asked this member to take over")
            if member.claim():
                self._lead()
            return LostLink()
        if ending in (Ending.REFUSED, Ending.INCONSISTENT):
            member.enter(MirrorState.WAITING, FailoverStatus.INACTIVE)
            member.rest(_RETRY_SECONDS)
        elif not lost.active:
            member.enter(MirrorState.SYNCHRONIZING, FailoverStatus.RESTART)
            member.rest(_RECONNECT_SECONDS)
        else:
            member.enter(MirrorState.TRANSITION, FailoverStatus.DECIDING)
        return lost

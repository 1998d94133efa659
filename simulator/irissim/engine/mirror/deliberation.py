# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this failover member should do now: lead, follow, or wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from irissim.engine.mirror import journals, peers
from irissim.engine.mirror.alignment import Inconsistent, retrieve
from irissim.engine.mirror.settings import MemberEntry
from irissim.engine.mirror.types import MirrorState
from irissim.engine.mirror.wire import ConnectionLost

if TYPE_CHECKING:
    from irissim.engine.mirror.arbiter_link import ArbiterLink
    from irissim.engine.mirror.member import Member

_SOON = 0.3


@dataclass(frozen=True)
class LostLink:
    """How this member was connected to the primary until a moment ago."""

    active: bool = False
    epoch: str = ""
    """Names the arbiter-controlled period; "" in agent-controlled mode."""


@dataclass(frozen=True)
class Lead:
    """Become primary; the claim is made."""


@dataclass(frozen=True)
class Follow:
    """Become backup of a running primary."""

    primary: MemberEntry


@dataclass(frozen=True)
class Wait:
    """Neither is possible now."""

    seconds: float
    state: MirrorState


_SHORTLY = Wait(_SOON, MirrorState.TRANSITION)

Verdict = Lead | Follow | Wait


class Deliberation:
    """Asks the other failover member, its agent, and last the arbiter."""

    def __init__(self, member: Member, arbiter: ArbiterLink) -> None:
        self._member = member
        self._arbiter = arbiter
        self.was_active = False
        """This member was the active backup when it lost the primary, and has met nobody since."""

    @property
    def _blocked(self) -> Wait:
        return Wait(self._member.retry, MirrorState.WAITING)

    def decide(self, lost: LostLink, wanted: bool = False) -> Verdict:
        """With the verdict Lead this member has claimed the primary role, otherwise it claims nothing. `wanted`: an
        operator asks for it."""
        self.was_active = self.was_active or lost.active
        verdict = self._decide(lost, wanted)
        if not isinstance(verdict, Wait):
            self.was_active = False
        if not isinstance(verdict, Lead):
            self._member.withdraw_claim()
        return verdict

    def _decide(self, lost: LostLink, wanted: bool) -> Verdict:
        member = self._member
        member.forget_claims()
        partner = member.partner
        if partner is None:
            if member.config.settings.no_failover not in ("", member.name) and not wanted:
                member.complain(f"No failover is set for {member.mirror}, waiting for it to be cleared")
                return self._blocked
            # FIDELITY(observed; LSC): the log line of a sole failover member
            member.log("No other mirror members configured, becoming primary mirror server")
            return self._lead()
        try:
            view = peers.ask_member(member, partner, member.qos / 4)
        except peers.NotThatMember:
            member.complain(f"The instance at the address of {partner.name} is not that mirror member", 2)
            return self._blocked
        except peers.NoLongerMember:
            # FIDELITY(assumed): a former partner that says it left the mirror cannot be primary and holds nobody up
            member.complain(f"{partner.name} is no longer a member of {member.mirror}")
            return self._lead()
        except peers.Refused:
            # FIDELITY(assumed; HA 5.4): a member whose new DN is not authorized waits until it is; it does not turn to
            #   the ISCAgent of a partner that answers
            return self._blocked
        if view is not None:
            return self._with_running(partner, view, wanted)
        # FIDELITY(documented; HA 6.1.3, CLS Config.Mirrors): after a stop with nofailover, and after SetNoFailover, the
        #   other member does not take over by itself
        if member.config.settings.no_failover == partner.name and not wanted:
            member.complain(f"{partner.name} is set to return as primary (nofailover), not taking over")
            return self._blocked
        return self._with_silent(partner, lost, wanted)

    # The other instance answers --------------------------------------------------------------------------------------

    def _with_running(self, partner: MemberEntry, view: peers.PeerView, wanted: bool) -> Verdict:
        own = journals.standing(self._member.series)
        if view.is_primary and view.standing.term >= own.term:
            return Follow(partner)
        if view.is_primary:
            # It was overtaken while it could not be reached and has not noticed yet.
            return self._through_agent(partner, force=True) or _SHORTLY
        if view.claiming:
            return _SHORTLY
        return self._negotiate(partner, view, own, wanted)

    def _negotiate(
        self, partner: MemberEntry, view: peers.PeerView, own: journals.Standing, wanted: bool
    ) -> Verdict:
        """Both run and nobody is primary: the one with the longer journal leads, else the one that led last."""
        # FIDELITY(documented; HA 6.2.5): when both members failed and come back they negotiate which has the latest
        #   data
        member = self._member
        if own == view.standing:
            last = journals.last_term(member.series)[1]
            better = last == member.name or (last != partner.name and member.name < partner.name)
        else:
            better = own > view.standing
        defined = member.config.settings.no_failover
        if defined and not wanted:
            better = defined == member.name
        if not better and view.state is not MirrorState.STOPPED:
            return _SHORTLY
        if not member.claim():
            return _SHORTLY
        if own < view.standing and not self._retrieve_from(partner):
            return self._blocked
        answer = peers.ask_instance(member, partner, "CLAIM", member.qos / 4)
        return Lead() if answer is not None and answer.flag("granted") else _SHORTLY

    # The other instance is silent ------------------------------------------------------------------------------------

    def _with_silent(self, partner: MemberEntry, lost: LostLink, wanted: bool) -> Verdict:
        member = self._member
        verdict = self._through_agent(partner, force=False)
        if verdict is not None:
            return verdict
        # FIDELITY(documented; HA 3.3.5, 3.3.3): if not even the agent answers, an active backup takes over only in
        #   arbiter controlled mode and only if the arbiter lost the primary too
        if lost.active and lost.epoch and self._arbiter.ask(
            "TAKEOVER", member.qos, epoch=lost.epoch, patience=member.qos / 2
        ):
            member.log("The arbiter has lost the primary too, taking over", 1)
            return self._lead()
        # FIDELITY(observed; LIVE): BecomePrimary on a backup whose partner's host is gone makes it primary
        # FIDELITY(assumed): only if it was active when it lost the primary, and the arbiter does not see the primary
        if wanted and self.was_active and not self._arbiter.sees(partner.name):
            member.log(f"{partner.name} is unreachable, taking over on request", 1)
            return self._lead()
        # FIDELITY(observed; LSC): the log line of a member that may not take over
        member.complain("Failed to contact agent on former primary, can't take over", 2)
        return self._blocked

    def _through_agent(self, partner: MemberEntry, force: bool) -> Verdict | None:
        """None: the agent cannot be reached."""
        # FIDELITY(documented; HA 3.3): a takeover by agent needs the agent to confirm the other instance down or to
        #   force it down, and the journals that are missing here
        member = self._member
        found = peers.find_agent(member, partner, member.qos / 4)
        if found is None:
            return None
        if found.alive and not found.hung and not force:
            return _SHORTLY
        if not member.claim():
            return _SHORTLY
        try:
            # Asked again: an instance that started in the meantime has seen the claim and waits.
            if found.alive and not found.agent.force_down(member.qos):
                return self._blocked
            if found.agent.look(member.qos / 4).alive:
                return _SHORTLY
        except ConnectionLost:
            return None
        if found.alive:
            member.log(f"{partner.name} did not answer and was forced down by its ISCAgent", 2)
        return Lead() if self._retrieve_from(partner) else self._blocked

    def _retrieve_from(self, partner: MemberEntry) -> bool:
        member = self._member
        found = peers.find_agent(member, partner, member.qos / 4)
        if found is None:
            return False
        try:
            retrieve(member, found.agent)
        except ConnectionLost as error:
            member.complain(f"Retrieving the journals of {partner.name} failed: {error}", 2)
            return False
        except Inconsistent:
            return False
        return True

    def _lead(self) -> Verdict:
        return Lead() if self._member.claim() else _SHORTLY

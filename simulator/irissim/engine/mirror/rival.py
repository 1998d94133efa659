# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other failover member as a possible second primary: after a takeover, and while this primary is in trouble."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from irissim.engine.mirror import journals, peers
from irissim.engine.mirror.wire import ConnectionLost

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member
    from irissim.engine.mirror.settings import MemberEntry


class Rival:
    """Asked by the master of a primary, again and again."""

    def __init__(self, member: Member, term: int) -> None:
        self._member = member
        self._term = term
        self._next_look = 0.0
        former = journals.last_term(member.series)[1]
        self._unsettled = former not in ("", member.name)
        """The member that led before may still believe that it is primary."""

    @property
    def unsettled(self) -> bool:
        return self._unsettled

    def settle(self) -> None:
        """It follows this member."""
        self._unsettled = False

    def took_over(self) -> bool:
        """Did the other member become primary after this one?"""
        view = self._ask()
        return view is not None and view.standing.term > self._term

    def end(self) -> None:
        """Make sure that the former primary is none any more."""
        if not self._unsettled or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + self._member.retry
        partner, view = self._member.partner, self._ask()
        if partner is None:
            self._unsettled = False
        elif view is None:
            self._end_silent(partner)
        elif view.is_primary and view.standing.term < self._term:
            self._force_down(partner)
        else:
            self._unsettled = False

    def _end_silent(self, partner: MemberEntry) -> None:
        found = peers.find_agent(self._member, partner, self._member.beat)
        if found is None or (found.alive and not found.hung):
            return
        if found.alive:
            self._force_down(partner)
        else:
            self._unsettled = False

    def _force_down(self, partner: MemberEntry) -> None:
        # FIDELITY(documented; HA 3.3.2.2, 3.3.5.2): when the connection is restored, the new primary forces the former
        #   one down, also when that hangs
        member = self._member
        found = peers.find_agent(member, partner, member.beat)
        try:
            if found is not None and found.agent.force_down(member.qos):
                self._unsettled = False
                member.log(f"{partner.name} was primary before this member and was forced down by its ISCAgent", 2)
        except ConnectionLost:
            return

    def _ask(self) -> peers.PeerView | None:
        partner = self._member.partner
        if partner is None:
            return None
        try:
            return peers.ask_member(self._member, partner, self._member.beat)
        except peers.NoView:
            return None

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a disaster recovery member a failover member, and a failover member a disaster recovery member."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from irissim.engine.mirror import journals, peers, registration, role_change, store
from irissim.engine.mirror.alignment import Inconsistent, retrieve
from irissim.engine.mirror.async_operations import AsyncOperations
from irissim.engine.mirror.async_role import find_primary
from irissim.engine.mirror.missing import missing_here
from irissim.engine.mirror.settings import MirrorConfig
from irissim.engine.mirror.wire import ConnectionLost
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irissim.engine.mirror.journals import Standing
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.settings import MemberEntry
    from irissim.engine.mirror.wire import Message


class Form(Enum):
    """Which members must be within reach."""

    ALL = "Promote"
    PARTNER = "PromoteWithPartner"
    SELECTED = "PromoteWithSelectedPartner"


@dataclass
class _Survey:
    """The failover members as their instances and agents show them."""

    primary: MemberEntry | None = None
    standings: dict[str, Standing] = field(default_factory=dict)
    unavailable: list[str] = field(default_factory=list)


class Promotion(AsyncOperations):
    """Every form fills `unavailable` with the failover members whose agent could not be reached."""

    def promote(self, form: Form, unavailable: list[str], partner: str = "") -> None:
        """Promote, PromoteWithPartner and PromoteWithSelectedPartner."""
        membership = self._promotable()
        with _alone(membership):
            survey = _survey(membership, unavailable)
            chosen = _choose(membership, survey, form, partner.upper())
            if survey.primary is not None:
                self._join_primary(membership, survey.primary, unavailable)
            else:
                self._replace(membership, [chosen], unavailable)

    def promote_alone(self, unavailable: list[str], hold: bool = False) -> None:
        """PromoteWithNoPartner; `hold`: become primary only when no failover is cleared."""
        membership = self._promotable()
        with _alone(membership):
            survey = _survey(membership, unavailable)
            if survey.primary is not None:
                # FIDELITY(documented; CLS, ERR 2155): not while a primary runs
                raise StatusError(2155, survey.primary.name)
            _gather_journals(membership)
            self._replace(membership, [], unavailable, hold=hold)

    def promote_check(self, unavailable: list[str]) -> str:
        """PromoteCheck: the partner that Promote would take, "" if a member is out of reach."""
        membership = self._promotable()
        survey = _survey(membership, unavailable)
        if survey.unavailable:
            return ""
        return _choose(membership, survey, Form.ALL, "").name

    def demote(self) -> None:
        """Demote: this failover member becomes a disaster recovery member."""
        # FIDELITY(documented; HA 5.6, ERR 2133, 2116): not the only failover member, not the primary
        # FIDELITY(assumed; ERR 2082): without a primary that can be told it is refused
        membership = self._require_failover()
        member = membership.member
        if member.partner is None:
            raise StatusError(2133)
        if membership.primary is not None:
            raise StatusError(2116)
        primary = find_primary(member)
        answer = (
            peers.ask_instance(member, primary, role_change.DEMOTE, member.qos, name=member.name) if primary else None
        )
        if answer is None:
            raise StatusError(2082)
        role_change.adopt(membership, _config_in(answer))

    def demote_partner(self) -> None:
        """DemotePartner, on the primary."""
        # FIDELITY(documented; HA 5.6, CLS, ERR 2113, 2128, 2133): only the primary demotes the other failover member,
        #   whose instance or agent must be within reach
        membership = self._require_failover()
        member, partner = membership.member, membership.member.partner
        if partner is None:
            raise StatusError(2133)
        if membership.primary is None:
            raise StatusError(2113)
        linked = membership.primary.link(partner.name) is not None
        if not linked and peers.find_agent(member, partner, member.qos / 4) is None:
            raise StatusError(2128)
        role_change.demote_here(membership, partner.name)
        if not linked and not role_change.tell(member, partner):
            raise StatusError(2128)

    # Steps -----------------------------------------------------------------------------------------------------------

    def _promotable(self) -> Membership:
        # FIDELITY(documented; CLS, ERR 2117, 2118, 2132): only a disaster recovery member, with its own agent running,
        #   and with a network interface if the mirror has a virtual address
        # FIDELITY(documented; HA 4.10.1): a member is promoted only if it has all databases of the mirror
        # FIDELITY(assumed; ERR 2102): one that lacks a database is refused with this number
        membership = self._require()
        member = membership.member
        if not member.entry.is_disaster_recovery:
            raise StatusError(2117)
        registration.check_agent(self._instance)
        interface = store.load_local(self._instance.config).virtual_address_interface
        if member.config.settings.virtual_address and not interface:
            raise StatusError(2132)
        for name in missing_here(membership):
            raise StatusError(2102, name)
        return membership

    def _join_primary(self, membership: Membership, primary: MemberEntry, unavailable: list[str]) -> None:
        member = membership.member
        former = [entry for entry in member.config.failover_members() if entry.name != primary.name]
        answer = peers.ask_instance(member, primary, role_change.PROMOTE, member.qos, name=member.name)
        if answer is None:
            raise StatusError(2127)
        self._become_failover(membership, _config_in(answer))
        _tell(membership, former, unavailable)

    def _replace(
        self, membership: Membership, partners: list[MemberEntry], unavailable: list[str], hold: bool = False
    ) -> None:
        """No primary runs: this member decides who the failover members are."""
        member = membership.member
        former = member.config.failover_members()
        kept = {member.name, *(entry.name for entry in partners)}
        config = role_change.with_failover_members(member.config, kept)
        # FIDELITY(documented; CLS PromoteWithNoPartner): with Flags=1 no failover is set and the member waits until it
        #   is cleared
        # FIDELITY(assumed): DefinedPrimary then names the former primary
        defined = journals.last_term(member.series)[1] if hold else ""
        self._become_failover(membership, config.with_settings(replace(config.settings, no_failover=defined)))
        _tell(membership, former, unavailable)
        asyncs = [entry for entry in config.members.values() if not entry.is_failover]
        _tell(membership, [entry for entry in asyncs if all(entry.name != one.name for one in former)], [])

    def _become_failover(self, membership: Membership, config: MirrorConfig) -> None:
        self._clear_hold(membership)
        role_change.adopt(membership, config)
        membership.member.log(f"This member was promoted to failover member of {membership.member.mirror}", 1)


@contextmanager
def _alone(membership: Membership) -> Iterator[None]:
    # FIDELITY(documented; ERR 2178): one promotion or demotion at a time
    if not membership.changing_roles.acquire(blocking=False):
        raise StatusError(2178)
    try:
        yield
    finally:
        membership.changing_roles.release()


def _survey(membership: Membership, unavailable: list[str]) -> _Survey:
    """Ask instances and agents of all failover members."""
    member = membership.member
    survey = _Survey(unavailable=unavailable)
    for entry in member.config.failover_members():
        found = peers.find_agent(member, entry, member.qos / 4)
        try:
            view = peers.ask_member(member, entry, member.qos / 4)
        except peers.NoView:
            view = None
        if view is not None:
            survey.standings[entry.name] = view.standing
            if view.is_primary:
                survey.primary = entry
        if found is None:
            survey.unavailable.append(entry.name)
        elif view is None:
            try:
                survey.standings[entry.name] = found.agent.journals(member.qos)[0]
            except ConnectionLost:
                survey.unavailable.append(entry.name)
    return survey


def _choose(membership: Membership, survey: _Survey, form: Form, selected: str) -> MemberEntry:
    """The failover partner."""
    # FIDELITY(documented; HA 5.5, CLS, ERR 2121, 2124, 2125): the running primary, else the member that was primary
    #   last; Promote needs all agents, PromoteWithPartner that of the partner; a partner that the caller selects must
    #   be a failover member, and no other than the primary if one runs
    member = membership.member
    candidates = {entry.name: entry for entry in member.config.failover_members()}
    if form is Form.SELECTED:
        if selected not in candidates:
            raise StatusError(2124, selected)
        if survey.primary is not None and survey.primary.name != selected:
            raise StatusError(2125, selected)
        return candidates[selected]
    if form is Form.ALL and survey.unavailable:
        raise StatusError(2121)
    last = journals.last_term(member.series)[1]
    best = max(survey.standings, key=lambda name: (survey.standings[name], name == last), default="")
    chosen = survey.primary.name if survey.primary is not None else best
    if survey.primary is None and survey.unavailable and last in survey.unavailable:
        chosen = ""
    if chosen not in candidates or (chosen in survey.unavailable and survey.primary is None):
        raise StatusError(2121)
    return candidates[chosen]


def _gather_journals(membership: Membership) -> None:
    """From other members that are not failover members and have more."""
    # FIDELITY(documented; HA 5.5): promoted without partner, a member takes what other async members have of the
    #   journals before it becomes primary, and reports in messages.log what it could not reach
    member = membership.member
    for entry in member.config.members.values():
        if entry.is_failover or entry.name == member.name:
            continue
        found = peers.find_agent(member, entry, member.qos / 4)
        if found is None:
            member.log(f"{entry.name} could not be asked for journals of {member.mirror}", 1)
            continue
        try:
            retrieve(member, found.agent)
        except (ConnectionLost, Inconsistent) as error:
            member.log(f"Journals of {entry.name} could not be retrieved: {error}", 1)


def _tell(membership: Membership, entries: list[MemberEntry], unavailable: list[str]) -> None:
    for entry in entries:
        if not role_change.tell(membership.member, entry) and entry.name not in unavailable:
            unavailable.append(entry.name)


def _config_in(answer: Message) -> MirrorConfig:
    if answer.kind == "ERROR":
        raise StatusError(int(answer.fields["code"]), *answer.fields["arguments"])
    if "config" not in answer.fields:
        raise StatusError(2127)
    return MirrorConfig.from_wire(answer.fields["config"])

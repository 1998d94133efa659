# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of all members with their status and latency, on whatever member it is asked for."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, NamedTuple

from irissim.engine.mirror import latency, peers
from irissim.engine.mirror.attention import need_attention
from irissim.engine.mirror.status import BACKUP, PRIMARY, role_and_status
from irissim.engine.mirror.types import AsyncRow, FailoverStatus, MemberRow, MirrorState, TrackedRow

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.settings import MemberEntry
    from irissim.engine.mirror.shipper import Shipper

_ASYNC = "Async"
_UNKNOWN = "Unknown"
_PATIENCE = 1.0
# FIDELITY(assumed): how the status that another member shows of itself reads in the other vocabulary
_STATUS_BY_STATE = {
    MirrorState.PRIMARY.value: FailoverStatus.ACTIVE,
    MirrorState.BACKUP.value: FailoverStatus.ACTIVE,
    MirrorState.CONNECTED.value: FailoverStatus.ASYNC,
    MirrorState.SYNCHRONIZING.value: FailoverStatus.CATCHUP,
}


class _Words(NamedTuple):
    """The latency columns: journal and database, in distance and in time."""

    journal: str
    database: str
    journal_time: str
    database_time: str


_NOTHING = _Words(*[latency.NOT_AVAILABLE] * 4)


def member_rows(membership: Membership) -> list[MemberRow]:
    """Rows of MemberStatusList: the primary knows all, other members ask it about all but themselves."""
    # FIDELITY(documented; HA 5.1.1): every member shows type, status and latency of all members
    member = membership.member
    entries = member.config.members.values()
    if membership.primary is not None:
        return [_own_row(membership) if entry.name == member.name else _known(membership, entry) for entry in entries]
    told = _ask_primary(membership)
    rows = []
    for entry in entries:
        if entry.name == member.name:
            rows.append(_own_row(membership))
        else:
            rows.append(told.get(entry.name) or _guessed(membership, entry))
    return rows


def connected_asyncs(membership: Membership) -> list[AsyncRow]:
    """Rows of AsyncMemberList: those that have a data channel to this primary."""
    primary = membership.primary
    links = primary.links() if primary is not None else []
    return [
        AsyncRow(link.peer.name, link.peer.kind.value, link.peer.distinguished_name, _link_word(link.peer, link))
        for link in links
        if not link.peer.is_failover
    ]


def tracked(membership: Membership) -> TrackedRow:
    """Row of MirrorTrackedByAsyncMember."""
    # FIDELITY(assumed): agent and directory are those of this member, StatusInt says whether it is connected, DNUpdates
    #   whether updates of the primary's DN wait for approval
    member, words = membership.member, _own_words(membership)
    entry = member.entry
    return TrackedRow(
        name=member.mirror,
        agent_address=entry.agent_address,
        agent_port=entry.agent_port,
        instance_directory=entry.directory,
        async_type=entry.async_type,
        status=member.state.value,
        connected=int(member.state is MirrorState.CONNECTED),
        journal_latency=words.journal_time,
        database_latency=words.database_time,
        pending_updates=0,
        dejournal_filter=entry.dejournal_filter,
    )


def _ask_primary(membership: Membership) -> dict[str, MemberRow]:
    channel = membership.channel
    if channel is None or not channel.connected:
        return {}
    answer = peers.ask_instance(membership.member, channel.primary, "MEMBERS", membership.member.qos)
    if answer is None:
        return {}
    rows = [MemberRow(*row) for row in answer.fields.get("rows", ())]
    return {row.name: row for row in rows}


def rows_for_others(membership: Membership | None) -> list[list[str]]:
    """What the primary answers them; nothing if it is not the primary."""
    if membership is None or membership.primary is None:
        return []
    return [list(astuple(row)) for row in member_rows(membership)]


def _row(entry: MemberEntry, role: str, status: FailoverStatus, words: _Words, display: str) -> MemberRow:
    return MemberRow(entry.name, role, status.value, *words, entry.kind.value, display)


def _own_row(membership: Membership) -> MemberRow:
    member = membership.member
    role, status = _ASYNC, member.failover_status
    if member.entry.is_failover:
        role, status = role_and_status(membership, member.entry)
    display = member.state.value
    if membership.primary is not None and membership.primary.trouble.on:
        # FIDELITY(documented; HA 5.1.1.1): the monitor says In Trouble of such a primary
        display = "In Trouble"
    return _row(member.entry, role, status, _own_words(membership), display)


def _own_words(membership: Membership) -> _Words:
    # FIDELITY(documented; HA 5.1.1.1): Journal Transfer is N/A on the primary, Active on an active backup, Caught up on
    #   one that the primary does not wait for; Dejournaling is N/A on the primary
    if membership.primary is not None:
        return _NOTHING
    channel = membership.channel
    if channel is None or not channel.connected:
        return _Words(*[latency.disconnected_words(membership.parted_at)] * 4)
    backup = membership.backup
    journal, database = latency.journal_lag(membership), latency.database_lag(membership)
    warning = _warning(membership.dejournaler.stopped, need_attention(membership.member))
    return _words(journal, database, active=backup is not None and backup.active, warning=warning)


def _words(journal: latency.Lag, database: latency.Lag, *, active: bool, warning: str) -> _Words:
    return _Words(
        latency.ACTIVE if active else latency.distance_words(journal),
        warning or latency.distance_words(database),
        latency.ACTIVE if active else latency.time_words(journal),
        warning or latency.time_words(database),
    )


def _warning(stopped: bool, attention: bool) -> str:
    """What is said instead of the dejournaling latency."""
    if stopped:
        return latency.STOPPED
    return latency.ATTENTION if attention else ""


def _known(membership: Membership, entry: MemberEntry) -> MemberRow:
    """Of another member, on the primary."""
    primary = membership.primary
    link = primary.link(entry.name) if primary is not None else None
    role = BACKUP if entry.is_failover else _ASYNC
    if link is None:
        since = primary.gone_since(entry.name) if primary is not None else membership.parted_at
        words = _Words(*[latency.disconnected_words(since)] * 4)
        return _row(entry, role, FailoverStatus.DOWN, words, _state_word(membership, entry))
    words = _words(
        latency.link_journal_lag(membership, link),
        latency.link_database_lag(membership, link),
        active=link.active,
        warning=_warning(link.dejournaling_stopped, link.needs_attention),
    )
    return _row(entry, role, _link_status(entry, link), words, _link_word(entry, link))


def _link_status(entry: MemberEntry, link: Shipper) -> FailoverStatus:
    if not entry.is_failover:
        return FailoverStatus.ASYNC
    return FailoverStatus.ACTIVE if link.active else FailoverStatus.CATCHUP


def _link_word(entry: MemberEntry, link: Shipper) -> str:
    if not link.synchronized:
        return MirrorState.SYNCHRONIZING.value
    return BACKUP if entry.is_failover else MirrorState.CONNECTED.value


def _guessed(membership: Membership, entry: MemberEntry) -> MemberRow:
    """Of another member, while no primary can be asked."""
    role = _ASYNC
    status = FailoverStatus.DOWN
    if entry.is_failover:
        role, status = role_and_status(membership, entry)
    word = _state_word(membership, entry)
    if status is FailoverStatus.DOWN and word != FailoverStatus.DOWN.value:
        # It answers, so it is not down, whatever this member lacks to follow it.
        status = _STATUS_BY_STATE.get(word, FailoverStatus.INACTIVE)
    if word == PRIMARY:
        role = PRIMARY
    elif role == PRIMARY:
        role = _UNKNOWN
    return _row(entry, role, status, _NOTHING, word)


def _state_word(membership: Membership, entry: MemberEntry) -> str:
    """What a member that is not connected says of itself, Down if it says nothing."""
    # FIDELITY(documented; CLS, HA 5.1.1.1): Down is shown by the others for a member that is down or inaccessible
    try:
        view = peers.ask_member(membership.member, entry, min(_PATIENCE, membership.member.qos / 4))
    except peers.NoView:
        view = None
    return view.state.value if view is not None else FailoverStatus.DOWN.value

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this member shows of the mirror and its members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irissim.engine.mirror import journals, latency, mount_required
from irissim.engine.mirror.types import (
    ArbiterState,
    ArbiterStatus,
    ControlMode,
    FailoverMemberInfo,
    FailoverStatus,
    MemberRow,
    MirrorState,
)

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.settings import MemberEntry
    from irissim.engine.mirror.shipper import Shipper

_PRIMARY = "Primary"
_BACKUP = "Backup"


def _role_and_status(membership: Membership, entry: MemberEntry) -> tuple[str, FailoverStatus]:
    """Of any failover member, as this one knows it."""
    member = membership.member
    primary, backup = membership.primary, membership.backup
    if entry.name == member.name:
        return (_PRIMARY if primary is not None else _BACKUP), member.failover_status
    if primary is not None:
        link = primary.link(entry.name)
        if link is None:
            # FIDELITY(observed; LIVE): a dead partner is shown as Down
            return _BACKUP, FailoverStatus.DOWN
        return _BACKUP, FailoverStatus.ACTIVE if link.active else FailoverStatus.CATCHUP
    if backup is not None and backup.connected and backup.primary.name == entry.name:
        return _PRIMARY, FailoverStatus.ACTIVE
    was_primary = journals.last_term(member.series)[1] == entry.name
    return (_PRIMARY if was_primary else _BACKUP), FailoverStatus.DOWN


def failover_member(membership: Membership, entry: MemberEntry) -> FailoverMemberInfo:
    """One list of GetFailoverMemberStatus."""
    # FIDELITY(documented; CLS): name, agent address, role, status, mirror address, ECP address
    # FIDELITY(assumed): the addresses stand there without their ports
    role, status = _role_and_status(membership, entry)
    return FailoverMemberInfo(
        name=entry.name,
        agent_address=entry.agent_address,
        role=role,
        status=status.value,
        mirror_address=entry.mirror_address,
        ecp_address=entry.ecp_address,
    )


def member_row(membership: Membership, entry: MemberEntry) -> MemberRow:
    """One row of MemberStatusList."""
    role, status = _role_and_status(membership, entry)
    journal, database = _latency_words(membership, entry, role)
    return MemberRow(
        name=entry.name,
        role=role,
        status=status.value,
        journal_latency=journal,
        database_latency=database,
        journal_time_latency=journal,
        database_time_latency=database,
        display_type="Failover",
        display_status=_display_status(membership, entry, role, status),
    )


def _display_status(membership: Membership, entry: MemberEntry, role: str, status: FailoverStatus) -> str:
    if entry.name == membership.member.name:
        return membership.member.state.value
    if status is FailoverStatus.DOWN:
        return FailoverStatus.DOWN.value
    if role == _PRIMARY or status is FailoverStatus.ACTIVE:
        return role
    return MirrorState.SYNCHRONIZING.value


def _latency_words(membership: Membership, entry: MemberEntry, role: str) -> tuple[str, str]:
    # FIDELITY(documented; HA 5.1.1.1): Journal Transfer is N/A on the primary, Active on an active backup, Caught up on
    #   one that the primary does not wait for; Dejournaling is N/A on the primary
    if entry.name == membership.member.name:
        backup = membership.backup
        if role == _PRIMARY:
            return latency.NOT_AVAILABLE, latency.NOT_AVAILABLE
        if backup is None or not backup.connected:
            words = latency.disconnected_words(membership.dejournaler.record_time)
            return words, words
        journal = latency.journal_lag(membership).seconds
        database = latency.words(latency.database_lag(membership).seconds)
        return (latency.ACTIVE if backup.active else latency.words(journal)), database
    primary = membership.primary
    link = primary.link(entry.name) if primary is not None else None
    if role == _PRIMARY or primary is None:
        return latency.NOT_AVAILABLE, latency.NOT_AVAILABLE
    if link is None:
        words = latency.disconnected_words(primary.gone_since(entry.name))
        return words, words
    return _link_words(membership, link)


def _link_words(membership: Membership, link: Shipper) -> tuple[str, str]:
    database = latency.words(latency.dejournal_seconds(membership, link))
    if link.active:
        return latency.ACTIVE, database
    reached = latency.distance(link.acked, membership.member.series.end())
    return (latency.CAUGHT_UP if reached == 1 else latency.words(1)), database


def arbiter_status(membership: Membership) -> ArbiterStatus:
    """Arbiter, mode, connection."""
    member, arbiter = membership.member, membership.arbiter
    mode = ControlMode.AGENT
    if membership.primary is not None:
        mode = membership.primary.mode.mode
    elif membership.backup is not None:
        mode = membership.backup.mode
    state = ArbiterState.NOT_CONNECTED
    if arbiter.connected:
        partner = member.partner
        seen = partner is not None and arbiter.sees(partner.name)
        state = ArbiterState.BOTH if seen else ArbiterState.THIS_ONLY
    return ArbiterStatus(member.config.settings.arbiter_node, mode, state)


def failover_ready(membership: Membership, seconds: int) -> tuple[bool, str]:
    """IsFailoverReady: could the backup take over without human help?"""
    # FIDELITY(documented; CR24): two failover members, backup active, mount-required mirrored databases active on it,
    #   arbiter controlled mode if there is an arbiter, dejournaling within the limit (checked last)
    # FIDELITY(assumed): the wording of the reasons
    if membership.member.partner is None:
        return False, "There is no other failover member"
    primary, backup = membership.primary, membership.backup
    link = primary.backup if primary is not None else None
    if not ((link is not None and link.active) or (backup is not None and backup.active)):
        return False, "The backup is not active"
    missing = link.missing_database if link is not None else mount_required.missing_mount_required(membership.member)
    if missing:
        return False, f"Database {missing} is required at startup but not active on the backup"
    status = arbiter_status(membership)
    if status.address and status.mode is not ControlMode.ARBITER:
        return False, "The mirror is not in arbiter controlled mode"
    lag = (
        latency.dejournal_seconds(membership, link)
        if link is not None
        else latency.database_lag(membership).seconds
    )
    if lag > seconds:
        return False, f"The databases of the backup are {lag} seconds behind"
    return True, ""

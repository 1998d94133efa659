# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this member shows of the mirror and its members."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from irissim.engine.mirror import journals, latency, mount_required
from irissim.engine.mirror.types import (
    ArbiterState,
    ArbiterStatus,
    ControlMode,
    FailoverMemberInfo,
    FailoverStatus,
)

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.settings import MemberEntry

PRIMARY = "Primary"
BACKUP = "Backup"
NOT_ACTIVE = "The backup is not active"


def role_and_status(membership: Membership, entry: MemberEntry) -> tuple[str, FailoverStatus]:
    """Of any failover member, as this one knows it."""
    member = membership.member
    primary, channel = membership.primary, membership.channel
    if entry.name == member.name:
        return (PRIMARY if primary is not None else BACKUP), member.failover_status
    if primary is not None:
        link = primary.link(entry.name)
        if link is None:
            # FIDELITY(observed; LIVE): a dead partner is shown as Down
            return BACKUP, FailoverStatus.DOWN
        return BACKUP, FailoverStatus.ACTIVE if link.active else FailoverStatus.CATCHUP
    if channel is not None and channel.connected and channel.primary.name == entry.name:
        return PRIMARY, FailoverStatus.ACTIVE
    was_primary = journals.last_term(member.series)[1] == entry.name
    return (PRIMARY if was_primary else BACKUP), FailoverStatus.DOWN


def failover_member(membership: Membership, entry: MemberEntry) -> FailoverMemberInfo:
    """One list of GetFailoverMemberStatus."""
    # FIDELITY(documented; CLS): name, agent address, role, status, mirror address, ECP address
    # FIDELITY(assumed): the addresses stand there without their ports
    role, status = role_and_status(membership, entry)
    return FailoverMemberInfo(
        name=entry.name,
        agent_address=entry.agent_address,
        role=role,
        status=status.value,
        mirror_address=entry.mirror_address,
        ecp_address=entry.ecp_address,
    )


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
    if not membership.member.entry.is_failover:
        return False, "This is not a failover member"
    if membership.member.partner is None:
        return False, "There is no other failover member"
    primary, backup = membership.primary, membership.backup
    link = primary.backup if primary is not None else None
    if not ((link is not None and link.active) or (backup is not None and backup.active)):
        return False, NOT_ACTIVE
    missing = link.missing_database if link is not None else mount_required.missing_mount_required(membership.member)
    if missing:
        return False, f"Database {missing} is required at startup but not active on the backup"
    status = arbiter_status(membership)
    if status.address and status.mode is not ControlMode.ARBITER:
        return False, "The mirror is not in arbiter controlled mode"
    lag = (
        latency.link_database_lag(membership, link)
        if link is not None
        else latency.database_lag(membership)
    ).seconds
    if lag > seconds:
        return False, f"The databases of the backup are {lag} seconds behind"
    return True, ""


def current_position(membership: Membership) -> str:
    """count^offset^timestamp of the primary's journal."""
    # FIDELITY(documented; CLS): GetPrimaryJournalPosition answers fileCount^offset^timestamp
    # FIDELITY(assumed): the timestamp is UTC in ODBC form
    end = membership.member.series.end()
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    return f"{end.file_count}^{end.offset}^{stamp}"

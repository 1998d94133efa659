# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is failover member and who is disaster recovery member: changing that, and telling everybody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from irissim.engine.mirror import peers
from irissim.engine.mirror.settings import MirrorConfig
from irissim.engine.mirror.types import AsyncType, MemberType
from irissim.engine.mirror.wire import ConnectionLost
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.member import Member
    from irissim.engine.mirror.settings import MemberEntry

PROMOTE = "PROMOTE"
DEMOTE = "DEMOTE"
CONFIGURE = "CONFIGURE"
UNREGISTER = "UNREGISTER"


def with_failover_members(config: MirrorConfig, names: Collection[str]) -> MirrorConfig:
    """These are the failover members; former ones become disaster recovery members, others stay what they are."""
    members = dict(config.members)
    for name, entry in config.members.items():
        if name in names:
            members[name] = replace(entry, member_type=MemberType.FAILOVER)
        elif entry.is_failover:
            members[name] = replace(entry, member_type=MemberType.ASYNC, async_type=AsyncType.DISASTER_RECOVERY)
    return config.with_members(members)


def lonely_without_failover(config: MirrorConfig) -> bool:
    """The state "No Partner In No Failover"."""
    return bool(config.settings.no_failover) and len(config.failover_members()) == 1


def adopt(membership: Membership, config: MirrorConfig) -> None:
    """Another member changed the configuration; a member of another type connects anew."""
    member = membership.member
    if member.name not in config.members:
        return
    former = member.entry.member_type
    member.change_config(config)
    channel = membership.channel
    if member.entry.member_type is not former and channel is not None:
        channel.close()


# On the primary ------------------------------------------------------------------------------------------------------


def promote_here(membership: Membership, name: str) -> MirrorConfig:
    """A disaster recovery member asks the primary to take it as backup."""
    # FIDELITY(documented; HA 5.5, ERR 2157, 2176): with a running primary the promoted member becomes its backup and
    #   the former backup a disaster recovery member; not while the primary is in trouble, and not in the state
    #   "No Partner In No Failover"
    member, role = membership.member, membership.primary
    if role is None or name not in member.config.members:
        raise StatusError(2127)
    if role.trouble.on:
        raise StatusError(2157, member.name, member.failover_status.value)
    if lonely_without_failover(member.config):
        raise StatusError(2176)
    return _apply(membership, {member.name, name})


def demote_here(membership: Membership, name: str) -> MirrorConfig:
    """The backup becomes a disaster recovery member."""
    member = membership.member
    if membership.primary is None:
        raise StatusError(2113)
    if name == member.name:
        raise StatusError(2116)
    return _apply(membership, {member.name})


def unregister(membership: Membership, guid: str) -> bool:
    """A member left; False if this one is not the primary."""
    member, role = membership.member, membership.primary
    if role is None:
        return False
    with member.changed:
        left = [entry.name for entry in member.config.members.values() if entry.guid == guid and entry != member.entry]
        members = {name: entry for name, entry in member.config.members.items() if name not in left}
        member.change_config(member.config.with_members(members))
    for name in left:
        member.log(f"{name} left mirror {member.mirror}")
    role.broadcast_config()
    return True


def _apply(membership: Membership, failover: Collection[str]) -> MirrorConfig:
    member, role = membership.member, membership.primary
    if not membership.changing_roles.acquire(blocking=False):
        # FIDELITY(documented; ERR 2178): one promotion or demotion at a time
        raise StatusError(2178)
    try:
        with member.changed:
            member.change_config(with_failover_members(member.config, failover))
        if role is not None:
            role.broadcast_config()
    finally:
        membership.changing_roles.release()
    member.log(f"Failover members of {member.mirror} are now {' and '.join(sorted(failover))}", 1)
    return member.config


# Telling the others --------------------------------------------------------------------------------------------------


def tell(member: Member, peer: MemberEntry) -> bool:
    """Give a member the new configuration, or have it ask for its role when it starts; False: it is out of reach."""
    # FIDELITY(documented; HA 5.5, CPF ValidatedMember): the agent of a member that is down sets ValidatedMember=0 in
    #   its iris.cpf, so that at its next start it gets its role from the primary
    answer = peers.ask_instance(member, peer, CONFIGURE, member.qos, config=member.config.to_wire())
    if answer is not None and answer.flag("adopted"):
        return True
    found = peers.find_agent(member, peer, member.qos / 4)
    if found is None:
        return False
    try:
        return found.agent.invalidate(member.qos)
    except ConnectionLost:
        return False

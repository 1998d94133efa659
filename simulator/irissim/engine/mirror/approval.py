# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person approves or rejects new members and changed certificates, and switches TLS of a mirror on or off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from irissim.engine.mirror import tls, verification
from irissim.engine.mirror.requests import register_member
from irissim.engine.mirror.settings import MemberEntry, MirrorConfig
from irissim.engine.mirror.wire import ConnectionLost, request
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership

_TIMEOUT = 5.0


def authorize(memberships: list[Membership], name: str) -> None:
    """AuthorizePendingMembers for one DN."""
    # FIDELITY(documented; CLS AuthorizePendingMembers): the lists of new members and of DN updates are looked through,
    #   a DN that is in neither is an error
    # FIDELITY(assumed): that error is 5001
    found = [_authorize_in(membership, name) for membership in memberships]
    if not any(found):
        raise StatusError(5001, f"'{name}' is not pending")


def pending_members(membership: Membership) -> list[MemberEntry]:
    """Rows of PendingNewMembers."""
    return membership.member.instance.pending.new_members(membership.member.mirror)


def pending_updates(membership: Membership) -> list[tuple[MemberEntry, str]]:
    """Rows of PendingDNUpdates: a member and its new DN."""
    member = membership.member
    updates = member.instance.pending.updates(member.mirror)
    return [(entry, updates[entry.guid]) for entry in member.config.members.values() if entry.guid in updates]


def _authorize_in(membership: Membership, name: str) -> bool:
    member = membership.member
    pending = member.instance.pending
    found = False
    for entry in pending.new_members(member.mirror):
        if entry.distinguished_name == name:
            register_member(membership, entry)
            pending.remove(member.mirror, entry.guid)
            found = True
    for guid, update in pending.updates(member.mirror).items():
        if update == name:
            _set_name(membership, guid, name)
            pending.remove(member.mirror, guid)
            found = True
    return found


def _set_name(membership: Membership, guid: str, name: str) -> None:
    member = membership.member
    with member.changed:
        members = dict(member.config.members)
        for entry in members.values():
            if entry.guid == guid:
                members[entry.name] = replace(entry, distinguished_name=name)
        member.change_config(member.config.with_members(members))
    if membership.primary is not None:
        membership.primary.broadcast_config()


def reject(membership: Membership, member_name: str, guid: str) -> None:
    """RemoveFromApprovalList."""
    member = membership.member
    # FIDELITY(documented; HA 5.4): only the primary can reject, others must accept what the primary says of itself
    if membership.primary is None:
        raise StatusError(2113)
    pending = member.instance.pending
    names = {entry.guid: entry.name for entry in pending.new_members(member.mirror)}
    names |= {entry.guid: entry.name for entry in member.config.members.values()}
    # FIDELITY(assumed): name and GUID must belong together, and what is not in a list is an error (5001)
    if names.get(guid, "") != member_name.upper() or not pending.remove(member.mirror, guid):
        raise StatusError(5001, f"Mirror member '{member_name}' with GUID '{guid}' is not pending")
    member.log(f"{member_name.upper()} was removed from the approval list", 1)


def add_failover(membership: Membership, target: str, address: str, port: int) -> None:
    """AddFailoverMember: the primary adds a second failover member that has joined and waits."""
    if membership.primary is None:
        raise StatusError(2113)
    member = membership.member
    if member.partner is not None:
        # FIDELITY(observed; R-AD): with two failover members already the answer is 2137
        raise StatusError(2137)
    entry = _ask_agent(membership, target, address, port)
    # FIDELITY(documented; HA 4.7.3): the certificate of the second failover member is verified when it is added
    if member.config.settings.use_ssl:
        verification.verify_peer(member, entry)
    register_member(membership, entry)
    member.instance.pending.remove(member.mirror, entry.guid)


def _ask_agent(membership: Membership, target: str, address: str, port: int) -> MemberEntry:
    """The entry of the new member, from the agent of its host."""
    # FIDELITY(documented; CLS AddFailoverMember): the other side has two failover members configured, one of them this
    # FIDELITY(assumed; ERR 2086, 2083, 2042): errors for an agent that cannot be reached, an instance it does not know,
    #   and a configuration without this member
    member = membership.member
    try:
        answer = request(address, port, "INSTANCE", _TIMEOUT, member.source, name=target, mirror=member.mirror)
    except ConnectionLost as error:
        raise StatusError(2086, f"{address}|{port}", str(error)) from None
    if not answer.flag("found"):
        raise StatusError(2083, f"instance '{target}' is not known to the ISCAgent at {address}|{port}")
    for fields in answer.fields["mirrors"]:
        config = MirrorConfig.from_wire(fields)
        if config.name != member.mirror:
            continue
        entry = config.members.get(answer.text("member"))
        if entry is not None and entry.is_failover and member.name in config.members:
            return entry
    raise StatusError(2042, member.name, target)


# Certificates --------------------------------------------------------------------------------------------------------


def update_own_name(membership: Membership) -> None:
    """UpdateDNinMirrorSetMember, and what a new certificate entails."""
    # FIDELITY(documented; HA 5.4): the primary's new DN is sent to the members that are connected and is valid there at
    #   once; that of another member is told to the primary, which lists it
    member = membership.member
    name = tls.require_pair(member.instance.ssl_configs)
    if member.entry.distinguished_name == name:
        return
    _set_name(membership, member.instance.guid, name)
    channel = membership.channel
    if channel is not None:
        channel.tell_name(name)


# UseSSL --------------------------------------------------------------------------------------------------------------


def use_ssl(membership: Membership, enable: bool) -> None:
    """UpdateMirrorUseSSL."""
    # FIDELITY(documented; CLS UpdateMirrorUseSSL): primary only; both TLS configurations exist before TLS is enabled
    role, member = membership.primary, membership.member
    if role is None:
        raise StatusError(2113)
    if enable:
        name = tls.require_pair(member.instance.ssl_configs)
        _set_name(membership, member.instance.guid, name)
    if member.config.settings.use_ssl == enable:
        return
    with member.changed:
        member.change_config(member.config.with_settings(replace(member.config.settings, use_ssl=enable)))
    member.log(f"Mirror {member.mirror} {'requires' if enable else 'no longer requires'} TLS", 1)
    # FIDELITY(documented; CLS UpdateMirrorUseSSL): the others get the new setting from the primary
    # FIDELITY(assumed): connected members connect again at once; turning TLS on leaves their DNs to be authorized, as
    #   the guide (HA 4.10.4) describes
    for link in role.links():
        link.tell("CONFIG", config=member.config.to_wire())
        link.tell("RECONNECT")

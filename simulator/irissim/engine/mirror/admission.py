# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may connect to a member of a mirror with TLS, and how a new member waits until it may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from irissim.engine.mirror import tls
from irissim.engine.mirror.settings import MemberEntry, MirrorConfig
from irissim.engine.mirror.types import FailoverStatus, MirrorState
from irissim.engine.mirror.wire import Connection, ConnectionLost, Message

if TYPE_CHECKING:
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.member import Member

_RETRY_SECONDS = 2.0


# At the server -------------------------------------------------------------------------------------------------------


def refusal(member: Member, connection: Connection, asker: str, leads: bool) -> dict[str, Any] | None:
    """Why this connection may not ask in the name of a member; None if it may. The primary (`leads`) remembers."""
    # FIDELITY(documented; SEC, HA 4.5): a mirror that requires TLS requires it of every connection between members, and
    #   the server drops a client whose DN is not the one that the configuration of the mirror has for it
    name = tls.peer_name(connection)
    entry = member.config.members.get(asker)
    if not name:
        # FIDELITY(assumed): a member checks that it is reachable at its own address without TLS
        if not tls.incoming(member.config, member.entry) or asker == member.name:
            return None
        # FIDELITY(documented; CLS UpdateMirrorUseSSL): a member learns that UseSSL changed when it connects
        news = {"config": member.config.to_wire()} if leads and entry is not None else {}
        return {"reason": "the mirror requires TLS", **news}
    if entry is None:
        return {"reason": f"{asker} is not a member of {member.mirror}"}
    if entry.distinguished_name == name:
        return None
    if leads:
        tls.note_update(member, entry, name)
    return {"reason": f"its DN '{name}' is not authorized"}


def apply(member: Member, connection: Connection, message: Message) -> tuple[str, dict[str, Any]]:
    """A new member asks the primary whether it is in; the first time it is put into the list."""
    name = tls.peer_name(connection)
    if not name:
        return "REFUSED", {"reason": "joining this mirror requires TLS"}
    entry = MemberEntry.parse(message.text("member"), message.text("line"))
    known = member.config.members.get(entry.name)
    if known is not None and known.guid == entry.guid and known.distinguished_name == name:
        return "APPROVED", {"config": member.config.to_wire()}
    if entry.distinguished_name != name:
        return "REFUSED", {"reason": "it sent another DN than that of its certificate"}
    pending = member.instance.pending
    with member.changed:
        waits = any(other.guid == entry.guid for other in pending.new_members(member.mirror))
        if not waits and not message.flag("first"):
            return "REJECTED", {}
        # FIDELITY(documented; HA 4.7.3): in a mirror with TLS new members wait in a list of the primary
        if pending.add_member(member.mirror, entry):
            member.log(f"MirrorServer: new member {entry.name} is pending: {name}", 1)
    return "PENDING", {}


# At the new member ---------------------------------------------------------------------------------------------------


def enter(instance: Instance, config: MirrorConfig, entry: MemberEntry) -> MirrorConfig:
    """Join a mirror with TLS: this member knows the mirror, the mirror will ask a person."""
    # FIDELITY(documented; CLS AddFailoverMember, HA 4.7.3): the new member already lists itself beside the members of
    #   the mirror, and the join itself succeeds
    instance.pending.apply(config.name)
    return config.with_members({**config.members, entry.name: entry})


class Applicant:
    """Asks again and again until the primary lets this member in."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._asked: set[str] = set()

    def wait(self) -> None:
        """Until admitted or stopped. Nothing is replicated meanwhile, and this member never becomes primary."""
        # FIDELITY(assumed; HA 4.7.3): a member that is not authorized is WAITING; a rejected one asks again only when
        #   its mirror is started anew
        member = self._member
        pending = member.instance.pending
        while pending.applying(member.mirror) and not member.stopping:
            if self._ask_all():
                pending.admitted(member.mirror)
                member.log(f"This member was authorized to join mirror {member.mirror}")
                return
            member.enter(MirrorState.WAITING, FailoverStatus.INACTIVE)
            member.rest(_RETRY_SECONDS)

    def _ask_all(self) -> bool:
        others = (entry for entry in self._member.config.members.values() if entry.name != self._member.name)
        return any(self._ask(other) for other in others if other.is_failover)

    def _ask(self, other: MemberEntry) -> bool:
        member = self._member
        try:
            answer = tls.ask(
                member, other, other.mirror_address, other.superserver_port, "APPLY", member.qos,
                member=member.name, line=member.entry.line(), first=other.guid not in self._asked,
            )  # fmt: skip
        except ConnectionLost as error:
            member.complain(f"MirrorClient: {other.name} cannot be asked for approval: {error}", 2)
            return False
        if answer.kind == "APPROVED":
            member.change_config(MirrorConfig.from_wire(answer.fields["config"]))
            return True
        if answer.kind == "PENDING":
            self._asked.add(other.guid)
            member.complain(f"MirrorClient: waiting to be authorized on {other.name}", 1)
        elif answer.kind == "REJECTED":
            member.complain(f"MirrorClient: {other.name} has rejected this member", 2)
        else:
            member.complain(f"MirrorClient: {other.name} refused the request to join: {answer.text('reason')}", 2)
        return False


def learn(member: Member, peer: MemberEntry, refused: Message) -> None:
    """Another member refused a connection, perhaps because this one is behind with the settings of the mirror."""
    reason = refused.text("reason")
    member.tell_once(f"REFUSED {peer.name}", f"MirrorClient: {peer.name} refused the connection: {reason}", 2)
    if "config" in refused.fields:
        config = MirrorConfig.from_wire(refused.fields["config"])
        if member.name in config.members:
            member.change_config(config)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This member as async member: looks for the primary and follows it, never leads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from irissim.engine.mirror import peers, store
from irissim.engine.mirror.following import Ending, Following
from irissim.engine.mirror.settings import MirrorConfig
from irissim.engine.mirror.types import FailoverStatus, MirrorState

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member
    from irissim.engine.mirror.settings import MemberEntry
    from irissim.engine.mirror.wire import Message


class AsyncRole(Following):
    """The data channel of a disaster recovery or reporting member."""

    # FIDELITY(documented; HA 3.1.2, 3.3): journals reach an async member without the primary waiting for it, and it is
    #   never a candidate for automatic failover

    AS = "async"

    def _addresses(self) -> tuple[str, ...]:
        # FIDELITY(documented; HA 3.5.4, CLS Config.MapMirrors): an async member tries the mirror private address of the
        #   primary, then its superserver address
        return tuple(dict.fromkeys((self.primary.mirror_address, self.primary.ecp_address)))

    def _on_synchronized(self) -> None:
        self._member.enter(MirrorState.CONNECTED, FailoverStatus.ASYNC)

    def _on_message(self, message: Message) -> Ending | None:
        return Ending.LOST if message.kind == "BYE" else None


def find_primary(member: Member) -> MemberEntry | None:
    """Ask who leads the mirror now: the failover members first, then those that may have been promoted."""
    # FIDELITY(assumed): an async member that was away during a promotion finds the new primary among the disaster
    #   recovery members that it knows
    config = member.config
    others = [entry for entry in config.members.values() if entry.name != member.name and entry.can_lead]
    found: list[tuple[int, MemberEntry]] = []
    for entry in sorted(others, key=lambda entry: not entry.is_failover):
        try:
            view = peers.ask_member(member, entry, member.qos / 4)
        except peers.NoView:
            continue
        if view is not None and view.is_primary:
            found.append((view.standing.term, entry))
    return max(found, key=lambda item: item[0])[1] if found else None


def learn_role(member: Member) -> None:
    """With ValidatedMember=0 nothing is assumed: the primary must say what this member is."""
    # FIDELITY(documented; CPF ValidatedMember): such a member obtains its role from the primary before it joins
    # FIDELITY(assumed): it then is a validated member again
    while not member.stopping:
        local = store.load_local(member.instance.config)
        if local.validated:
            return
        primary = find_primary(member)
        answer = peers.ask_instance(member, primary, "CONFIG", member.qos) if primary is not None else None
        config = MirrorConfig.from_wire(answer.fields["config"]) if answer and "config" in answer.fields else None
        if config is not None and member.name in config.members:
            member.change_config(config)
            store.save_local(member.instance.config, replace(local, validated=True))
            member.log(f"{member.name} has its role from the primary: {member.entry.kind.value}")
            return
        member.complain("ValidatedMember is 0 and no primary could be asked for the role of this member", 2)
        member.enter(MirrorState.WAITING, FailoverStatus.INACTIVE)
        member.rest(member.retry)

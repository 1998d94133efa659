# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The "no failover" state of a mirror: only the named member may become primary."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from irissim.engine.mirror import journals, peers
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.settings import MemberEntry

REQUEST = "NOFAILOVER"


# FIDELITY(documented; CLS Config.Mirrors): DefinedPrimary of [Mirrors] names the member that may become primary; it is
#   emptied when that member becomes primary
def mark(membership: Membership, primary: str) -> None:
    """Here only; a primary also tells whoever is connected. "" ends the state."""
    member = membership.member
    settings = replace(member.config.settings, no_failover=primary)
    member.change_config(member.config.with_settings(settings))
    if membership.primary is not None:
        membership.primary.broadcast_config()


def set_state(membership: Membership) -> None:
    """SetNoFailover."""
    # FIDELITY(documented; CR24): SetNoFailover runs on failover members (2081) and notifies the other one
    # FIDELITY(assumed): it is set here also when the other member cannot be told, which is answered with 2087
    member = membership.member
    _require_failover(membership)
    primary = _current_primary(membership)
    mark(membership, primary)
    member.log(f"No failover is set for mirror {member.mirror}, {primary} may become primary", 1)
    partner = member.partner
    if partner is not None and not _tell(membership, partner, primary):
        raise _unreachable(partner)


def clear_state(membership: Membership, always_local: bool) -> None:
    """ClearNoFailover."""
    # FIDELITY(documented; CR24): if the other member cannot be told nothing is cleared and an error answers, unless
    #   AlwaysClearLocal is set
    member = membership.member
    _require_failover(membership)
    partner = member.partner
    if partner is not None and not _tell(membership, partner, "") and not always_local:
        raise _unreachable(partner)
    mark(membership, "")
    member.log(f"No failover is cleared for mirror {member.mirror}", 1)
    member.poke()


def _require_failover(membership: Membership) -> None:
    if not membership.member.entry.is_failover:
        raise StatusError(2081)


def _current_primary(membership: Membership) -> str:
    """The member that is primary, else the one that was."""
    member = membership.member
    if membership.primary is not None:
        return member.name
    if membership.backup is not None:
        return membership.backup.primary.name
    return journals.last_term(member.series)[1] or member.name


def _tell(membership: Membership, partner: MemberEntry, primary: str) -> bool:
    member = membership.member
    answer = peers.ask_instance(member, partner, REQUEST, member.qos, primary=primary)
    return answer is not None and answer.kind == REQUEST


def _unreachable(partner: MemberEntry) -> StatusError:
    return StatusError(2087, partner.name, f"{partner.mirror_address}|{partner.superserver_port}")

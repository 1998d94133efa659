# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding an arbiter to a mirror that has none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from irissim.engine.mirror import tls
from irissim.engine.mirror.wire import ConnectionLost

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership

_TIMEOUT = 5.0


def add(membership: Membership, node: str) -> bool:
    """Through the primary, whichever member that is; False if there is an arbiter, or no primary to ask."""
    # FIDELITY(documented; HA 4.10.4, CPF ConfigMirror): an arbiter is added on the primary, which tells all members
    member = membership.member
    if member.config.settings.arbiter_node:
        return False
    if membership.primary is not None:
        return add_here(membership, node)
    for other in member.config.failover_members():
        if other.name == member.name:
            continue
        try:
            answer = tls.ask(
                member, other, other.ecp_address, other.superserver_port, "ARBITER", _TIMEOUT, node=node
            )
        except ConnectionLost:
            continue
        if answer.flag("added"):
            return True
    return False


def add_here(membership: Membership, node: str) -> bool:
    """On the primary; False elsewhere or if there is an arbiter."""
    member, role = membership.member, membership.primary
    if role is None:
        return False
    with member.changed:
        config = member.config
        if config.settings.arbiter_node:
            return False
        member.change_config(config.with_settings(replace(config.settings, arbiter_node=node)))
    member.log(f"Arbiter {node} was added to mirror {member.mirror}")
    role.broadcast_config()
    return True

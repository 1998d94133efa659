# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journal files that this member lacks, from the hosts of the failover members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from irissim.engine.mirror import peers
from irissim.engine.mirror.wire import ConnectionLost
from irissim.engine.positions import Position

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member
    from irissim.engine.mirror.peers import Agent


def fetch_file(member: Member, count: int) -> bool:
    """Bring back one file of the mirror journal; False when nobody has it."""
    # FIDELITY(documented; CLS CatchupDB): a mirror member finds journal files for catch-up through the agents of the
    #   mirror, wherever they are
    for peer in member.config.failover_members():
        if peer.name == member.name:
            continue
        view = peers.find_agent(member, peer, member.qos)
        if view is None:
            continue
        try:
            if member.series.restore(count, _blocks(view.agent, count, member.qos)):
                member.log(f"Journal file #{count} of {member.mirror} was retrieved from {peer.name}")
                return True
        except ConnectionLost:
            continue
    return False


def _blocks(agent: Agent, count: int, timeout: float) -> Iterator[tuple[str, bytes]]:
    for begin, name, data in agent.fetch(Position(count, 0), timeout):
        if begin.file_count != count:
            return
        yield name, data

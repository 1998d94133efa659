# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before a member follows another journal it gives up what the other does not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from irissim.engine.mirror import journals
from irissim.engine.mirror.journals import FileHead
from irissim.engine.mirror.peers import Agent
from irissim.engine.positions import START, Position

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member


class Inconsistent(Exception):
    """A database here holds data that the mirror does not have."""


class Frozen(Inconsistent):
    """What databases outside the mirror need is only in the journal, because their files must not change."""


def align(member: Member, heads: Sequence[FileHead]) -> Position:
    """Cut the own journal back to what it shares with the other; answers where to go on."""
    series = member.series
    own = journals.heads(series)
    if not own:
        if series.files():
            series.truncate(START)
        return Position(heads[0].number, 0) if heads else START
    agreed = journals.common_end(own, heads)
    if agreed < series.end():
        _require_consistent(member, agreed)
        member.log(f"Journal of {member.mirror} is cut back to file #{agreed.file_count} offset {agreed.offset}", 1)
        if member.instance.freeze.frozen:
            # FIDELITY(assumed): a member that has to cut its journal back waits for the thaw
            member.complain(f"The journal of {member.mirror} must be cut back, that waits for the end of the freeze")
            raise Frozen(member.mirror)
        # Databases outside the mirror may have their last updates in what is cut off.
        member.instance.databases.flush()
        series.truncate(agreed)
    return agreed


def _require_consistent(member: Member, agreed: Position) -> None:
    for database in member.instance.databases.mirrored(member.mirror):
        mirror = database.label.mirror
        if mirror is not None and mirror.activated and mirror.position > agreed:
            # FIDELITY(documented; HA 5.7): data that the mirror does not have is reported with a severity 1 detail
            #   and a severity 2 text, and the member does not join until it is rebuilt
            member.complain(
                f"Database {database.directory} is at journal file #{mirror.position.file_count} offset "
                f"{mirror.position.offset}, the mirror parted at #{agreed.file_count} offset {agreed.offset}", 1,
            )  # fmt: skip
            member.complain(
                f"This member has detected that its data is inconsistent with the mirror {member.mirror}. "
                "It has to be rebuilt from a good copy.", 2,
            )  # fmt: skip
            raise Inconsistent(database.directory)


def retrieve(member: Member, agent: Agent) -> None:
    """Fetch what the other member's host has and this one lacks."""
    theirs, heads = agent.journals(member.qos)
    if not heads or theirs <= journals.standing(member.series):
        return
    member.log(f"Retrieving mirror journals of {member.mirror} through the ISCAgent")
    start = align(member, heads)
    for position, name, data in agent.fetch(start, member.qos):
        member.series.append_bytes(position, name, data)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a member is behind its primary, in figures and in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.shipper import Shipper
    from irissim.engine.positions import Position

NOT_AVAILABLE = "N/A"
CAUGHT_UP = "Caught up"
ACTIVE = "Active"


class Lag(NamedTuple):
    """Distance as the API counts it, and seconds."""

    distance: int
    seconds: int


NOT_CONNECTED = Lag(0, -1)


def distance(reached: Position, goal: Position) -> int:
    """1 caught up, negative files, positive bytes."""
    # FIDELITY(documented; CLS): DistanceFromPrimary... answers 0 for an error, 1 when caught up, negative files or
    #   positive bytes behind
    if reached >= goal:
        return 1
    files = goal.file_count - reached.file_count
    return -files if files else max(2, goal.offset - reached.offset)


def journal_lag(membership: Membership) -> Lag:
    """Of the journals received here."""
    backup = membership.backup
    if backup is None or not backup.connected:
        return NOT_CONNECTED
    behind = distance(membership.member.series.end(), backup.primary_end)
    return Lag(behind, 0 if behind == 1 else _seconds_since(backup.caught_up_at))


def database_lag(membership: Membership) -> Lag:
    """Of the databases here."""
    backup = membership.backup
    if backup is None or not backup.connected:
        return NOT_CONNECTED
    dejournaler = membership.dejournaler
    behind = distance(dejournaler.position, backup.primary_end)
    return Lag(behind, 0 if behind == 1 else _seconds_since(dejournaler.record_time))


def dejournal_seconds(membership: Membership, link: Shipper) -> int:
    """Of the databases of a connected member, as the primary knows it."""
    if link.dejournaled >= membership.member.series.end():
        return 0
    return _seconds_since(link.dejournaled_time)


def words(seconds: int) -> str:
    """The text of the monitor's columns."""
    # FIDELITY(documented; HA 5.1.1.1): the columns say "Caught up" or "<time> behind"
    # FIDELITY(assumed): the time is shown in seconds
    return CAUGHT_UP if seconds <= 0 else f"{seconds} seconds behind"


def disconnected_words(since: float) -> str:
    return "Disconnected on " + time.strftime("%m/%d/%Y %H:%M:%S", time.localtime(since))


def _seconds_since(moment: float) -> int:
    return max(1, int(time.time() - moment)) if moment else 1

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a member is behind its primary, in figures and in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from irissim.engine.journal_series import JournalFileMissing

if TYPE_CHECKING:
    from irissim.engine.journal_series import JournalSeries
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.shipper import Shipper
    from irissim.engine.positions import Position

NOT_AVAILABLE = "N/A"
CAUGHT_UP = "Caught up"
ACTIVE = "Active"
# FIDELITY(documented; HA 5.1.1.1): shown instead of the dejournaling latency
STOPPED = "Warning! Dejournaling is stopped."
ATTENTION = "Warning! Some databases need attention."


class Lag(NamedTuple):
    """Distance as the API counts it, and seconds."""

    distance: int
    seconds: int


REACHED = 1
NOT_CONNECTED = Lag(0, -1)
JUST_BEHIND = Lag(2, 1)


def distance(reached: Position, goal: Position) -> int:
    """1 caught up, negative files, positive bytes."""
    # FIDELITY(documented; CLS): DistanceFromPrimary... answers 0 for an error, 1 when caught up, negative files or
    #   positive bytes behind
    if reached >= goal:
        return REACHED
    files = goal.file_count - reached.file_count
    return -files if files else max(2, goal.offset - reached.offset)


def journal_lag(membership: Membership) -> Lag:
    """Of the journals received here."""
    channel = membership.channel
    if channel is None or not channel.connected:
        return NOT_CONNECTED
    behind = distance(membership.member.series.end(), channel.primary_end)
    # FIDELITY(documented; HA 5.1.1.1): the time is that between the last journal data received and now
    return Lag(behind, 0 if behind == REACHED else _seconds_since(channel.caught_up_at))


def database_lag(membership: Membership) -> Lag:
    """Of the databases here, measured by the journals received here."""
    # FIDELITY(documented; CLS): DistanceFromPrimaryDatabases and DatabasesLatency compare with the journal data that
    #   this member received, not with the primary's
    channel = membership.channel
    if channel is None or not channel.connected:
        return NOT_CONNECTED
    series, reached = membership.member.series, membership.dejournaler.position
    end = series.end()
    return Lag(distance(reached, end), waiting_seconds(series, reached, end))


def link_journal_lag(membership: Membership, link: Shipper) -> Lag:
    """Of the journals of a connected member, as the primary knows it."""
    series = membership.member.series
    end = series.end()
    return Lag(distance(link.acked, end), waiting_seconds(series, link.acked, end))


def link_database_lag(membership: Membership, link: Shipper) -> Lag:
    """Of the databases of a connected member, as the primary knows it."""
    return Lag(
        distance(link.dejournaled, link.acked),
        waiting_seconds(membership.member.series, link.dejournaled, link.acked),
    )


def waiting_seconds(series: JournalSeries, reached: Position, goal: Position) -> int:
    """Age of the oldest record between two positions, 0 if there is none."""
    if reached >= goal:
        return 0
    try:
        for _, record in series.read(reached, goal):
            return _seconds_since(record.time)
    except JournalFileMissing:
        pass
    return 1


def time_words(lag: Lag) -> str:
    """The text of the monitor's columns."""
    # FIDELITY(documented; HA 5.1.1.1): the columns say "Caught up" or "<time> behind"
    # FIDELITY(assumed): the time is shown in seconds
    return CAUGHT_UP if lag.distance == REACHED else f"{lag.seconds} seconds behind"


def distance_words(lag: Lag) -> str:
    """The same in journal files or bytes."""
    # FIDELITY(documented; CLS): JournalLatency and DatabaseLatency of MemberStatusList say how far behind a member is,
    #   the columns with Time in their names say it in time
    # FIDELITY(assumed): the former count as DistanceFromPrimary... does, in files or bytes
    if lag.distance == REACHED:
        return CAUGHT_UP
    return f"{-lag.distance} files behind" if lag.distance < 0 else f"{lag.distance} bytes behind"


def disconnected_words(since: float) -> str:
    return "Disconnected on " + time.strftime("%m/%d/%Y %H:%M:%S", time.localtime(since))


def _seconds_since(moment: float) -> int:
    return max(1, int(time.time() - moment))

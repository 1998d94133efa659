# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this member shows of its mirrored databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irissim.engine.mirror import latency
from irissim.engine.mirror.types import DatabaseRow, DatabaseState

if TYPE_CHECKING:
    from irissim.engine.label import MirrorLabel
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.mirrored import MirroredDatabases


def database_rows(membership: Membership, databases: MirroredDatabases) -> list[DatabaseRow]:
    """All mirrored databases of one mirror, by name."""
    member = membership.member
    rows = []
    for database in member.instance.databases:
        label = database.label if database.mounted else member.instance.databases.label(database.directory)
        mirror = label.mirror if label is not None else None
        if mirror is None or mirror.mirror_name != member.mirror:
            continue
        state = (
            _state(membership, databases, database.directory, mirror) if database.mounted else DatabaseState.DISMOUNTED
        )
        rows.append(
            DatabaseRow(
                name=mirror.database_name,
                directory=database.directory,
                mirror=member.mirror,
                state=state,
                latency=_latency(membership, state),
                last_record=_next_record(membership, state, mirror),
            )
        )
    return sorted(rows, key=lambda row: row.name)


def _state(
    membership: Membership, databases: MirroredDatabases, directory: str, mirror: MirrorLabel
) -> DatabaseState:
    # FIDELITY(documented; HA 5.1.1.3): Normal on the primary; elsewhere a copy is obsolete when its GUID is not the
    #   mirror's, orphaned when the primary no longer has it, then by what it needs
    if membership.primary is not None:
        # FIDELITY(assumed): a copy that was not complete when this member took over still says so
        if mirror.download:
            return DatabaseState.NEEDS_DOWNLOAD
        if not mirror.activated:
            return DatabaseState.NEEDS_ACTIVATION
        return DatabaseState.NEEDS_CATCHUP if mirror.needs_catchup else DatabaseState.NORMAL
    known = membership.dejournaler.catalogue
    if known is not None and mirror.guid not in known:
        same_name = any(entry.name == mirror.database_name for entry in known.values())
        return DatabaseState.OBSOLETE if same_name else DatabaseState.ORPHANED
    if mirror.download:
        running = databases.downloads.is_running(directory)
        return DatabaseState.DOWNLOADING if running else DatabaseState.NEEDS_DOWNLOAD
    if not mirror.activated:
        return DatabaseState.NEEDS_ACTIVATION
    if directory in databases.catching_up:
        return DatabaseState.CATCHUP_RUNNING
    if mirror.needs_catchup:
        return DatabaseState.NEEDS_CATCHUP
    # FIDELITY(assumed): Dejournaling Stopped also while mirroring is stopped here
    stopped = membership.dejournaler.stopped or directory in databases.paused or not membership.running
    return DatabaseState.DEJOURNALING_STOPPED if stopped else DatabaseState.DEJOURNALING


def _latency(membership: Membership, state: DatabaseState) -> str:
    if state is not DatabaseState.DEJOURNALING:
        return latency.NOT_AVAILABLE
    lag = latency.database_lag(membership)
    # FIDELITY(assumed): without a primary there is nothing to be behind of
    return latency.NOT_AVAILABLE if lag == latency.NOT_CONNECTED else latency.time_words(lag)


def _next_record(membership: Membership, state: DatabaseState, mirror: MirrorLabel) -> str:
    # FIDELITY(documented; HA 5.1.1.3): Next Record to Dejournal is N/A on a Normal primary, else Current with file and
    #   offset
    if state is DatabaseState.NORMAL:
        return latency.NOT_AVAILABLE
    dejournaling = state is DatabaseState.DEJOURNALING
    position = membership.dejournaler.position if dejournaling else mirror.position
    return f"{'Current,' if dejournaling else ''}#{position.file_count},{position.offset}"

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of mirrored databases that follow those on the primary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from irissim.engine.database import Database
    from irissim.engine.mirror.catalogue import Catalogue
    from irissim.engine.mirror.member import Member


def follow_all(member: Member, known: Catalogue | None) -> None:
    """Give all mirrored databases of this member what the primary says of them."""
    for database in member.instance.databases.mirrored(member.mirror):
        follow(member, known, database)


def follow(member: Member, known: Catalogue | None, database: Database) -> None:
    """The same for one database; nothing is written when nothing differs."""
    # FIDELITY(documented; HA 4.8.1): Maximum Size, Expansion Size, Resource Name and Collation of a mirrored database
    #   follow the primary, whoever changed them, also after a member was away; on an async the sizes only grow, and
    #   the resource follows only in databases with the FailoverDB flag
    mirror = database.label.mirror
    if mirror is None or known is None or mirror.guid not in known or database.read_only:
        return
    entry, label = known[mirror.guid], database.label
    wanted: dict[str, Any] = {
        "max_mb": entry.max_mb,
        "expansion_mb": entry.expansion_mb,
        "collation": entry.collation,
    }
    if mirror.failover:
        wanted["resource"] = entry.resource
    if not member.entry.is_failover:
        # No limit is the greatest one.
        wanted["max_mb"] = 0 if 0 in (entry.max_mb, label.max_mb) else max(entry.max_mb, label.max_mb)
        wanted["expansion_mb"] = max(entry.expansion_mb, label.expansion_mb)
    changes = {name: value for name, value in wanted.items() if getattr(label, name) != value}
    if changes:
        database.change_label(**changes)

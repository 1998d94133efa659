# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mirror has and this member has not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from irissim.engine.mirror import names

if TYPE_CHECKING:
    from irissim.engine.label import MirrorLabel
    from irissim.engine.mirror.master import Membership


def missing_here(membership: Membership) -> Iterable[str]:
    """Full names of mirrored databases of the primary that this member does not have."""
    member = membership.member
    if membership.primary is not None:
        return
    here = {mirror.guid for mirror in _labels(membership)}
    for entry in (membership.dejournaler.catalogue or {}).values():
        if entry.guid not in here:
            yield names.full_database_name(member.mirror, entry.name)


def _labels(membership: Membership) -> Iterable[MirrorLabel]:
    """Labels of the mirrored databases of this member."""
    for database in membership.member.instance.databases.mirrored(membership.member.mirror):
        mirror = database.label.mirror
        if mirror is not None:
            yield mirror

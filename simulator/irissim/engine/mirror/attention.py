# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a mirrored database of a member that follows need somebody?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member


def need_attention(member: Member) -> bool:
    """Is one of them dismounted, not activated or behind for good?"""
    databases = member.instance.databases
    for database in databases:
        label = database.label if database.mounted else databases.label(database.directory)
        mirror = label.mirror if label is not None else None
        if mirror is None or mirror.mirror_name != member.mirror:
            continue
        if not database.mounted or not mirror.activated or mirror.needs_catchup:
            return True
    return False

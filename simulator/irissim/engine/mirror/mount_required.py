# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases without which an instance must not become primary."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member


def missing_mount_required(member: Member) -> str:
    """Directory of the first Mount Required database that is not ready, "" if all are."""
    databases = member.instance.databases
    for name in member.instance.config.section("Databases"):
        directory, _, required = member.instance.config.fields("Databases", name, 3)[:3]
        if required != "1" or not directory:
            continue
        database = databases.find(directory)
        if database is None or not database.mounted:
            return directory
        mirror = database.label.mirror
        if mirror is not None and (not mirror.activated or mirror.needs_catchup):
            return directory
    return ""

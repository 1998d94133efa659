# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.MapRoutines."""

from __future__ import annotations

from irissim.library.config_entry import Entry
from irissim.library.config_mapping import MappingEntry


class MapRoutines(MappingEntry):
    """Routines that a namespace sees in another database; kept, for there are no routines to find."""

    NAME = "Config.MapRoutines"
    KIND = "Routine mapping"
    PREFIX = "Routine_"
    ENTRIES = (Entry("Database", required=True, upper=True),)
    LAYOUT = ("Database",)

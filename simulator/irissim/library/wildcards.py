# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name masks of class queries: `*` anywhere, several masks separated by commas, compared without case."""

from __future__ import annotations

from fnmatch import fnmatchcase


def matches(name: str, masks: str) -> bool:
    """Whether a name is meant by a mask; an empty mask means all."""
    folded = name.casefold()
    wanted = [mask.strip().casefold().replace("[", "[[]") for mask in masks.split(",")] if masks else ["*"]
    return any(fnmatchcase(folded, mask) for mask in wanted)

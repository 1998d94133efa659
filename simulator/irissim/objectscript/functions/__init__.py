# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The $functions, by subject. Importing this package registers all of them."""

from __future__ import annotations

from irissim.objectscript.functions import (
    arithmetic,
    callout,
    choices,
    conversion,
    dynamic,
    formatting,
    lists,
    nodes,
    objects,
    strings,
    targets,
    times,
)

__all__ = [
    "arithmetic",
    "callout",
    "choices",
    "conversion",
    "dynamic",
    "formatting",
    "lists",
    "nodes",
    "objects",
    "strings",
    "targets",
    "times",
]

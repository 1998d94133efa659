# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands, by subject. Importing this package registers all of them."""

from __future__ import annotations

from irissim.objectscript.commands import (
    assigning,
    calling,
    devices,
    errors,
    locking,
    loops,
    output,
    process,
    scoping,
    transactions,
    zwrite,
)

__all__ = [
    "assigning",
    "calling",
    "devices",
    "errors",
    "locking",
    "loops",
    "output",
    "process",
    "scoping",
    "transactions",
    "zwrite",
]

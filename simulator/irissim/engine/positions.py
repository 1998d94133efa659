# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where something stands in the journals."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """A place in one series of journal files: just behind `offset` bytes of file number `file_count` (from 1)."""

    file_count: int
    offset: int


class JournalMark(NamedTuple):
    """A place in everything an instance journals. `series` is "" for its local files, else a mirror name."""

    series: str
    position: Position


START = Position(1, 0)
LOCAL_START = JournalMark("", START)

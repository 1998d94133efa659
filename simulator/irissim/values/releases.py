# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of releases: 2024.1 comes before 2024.10."""

from __future__ import annotations


def is_before(release: str, other: str) -> bool:
    """Whether a release is older than another one."""
    return _key(release) < _key(other)


def _key(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part.isdecimal())

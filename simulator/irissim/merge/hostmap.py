# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which member a host is to be, by the number at the end of its name (ConfigMirror with Member=auto)."""

from __future__ import annotations

import re

DEFAULT_MAP = "primary,backup"
MAP_MEMBERS = ("primary", "backup", "drasync")
ASYNC_LIMIT = 14
_NAME = re.compile(r"(.*)-([0-9]+)")


class NoPlace(Exception):
    """The host name or the map cannot be used; the text says why."""


def members_of(text: str) -> list[str]:
    """The members of a Map."""
    # FIDELITY(documented; ACMF 5.6): Map is primary,backup and up to 14 drasync; primary,backup by default
    members = [member.strip().lower() for member in text.split(",")]
    unknown = [member for member in members if member not in MAP_MEMBERS]
    if unknown:
        raise NoPlace(f"Map cannot hold {', '.join(unknown) or 'nothing'}, only {', '.join(MAP_MEMBERS)}")
    if members.count("primary") != 1 or members.count("backup") > 1:
        raise NoPlace("Map needs primary once and backup at most once")
    if members.count("drasync") > ASYNC_LIMIT:
        raise NoPlace(f"Map can hold drasync {ASYNC_LIMIT} times")
    return members


def place_of(host: str, members: list[str], ordinal: int) -> tuple[str, str]:
    """The member a host is to be, and the host that is to be the primary of its mirror."""
    # FIDELITY(documented; ACMF 5.6): a host name ends in -number: members repeat with each further mirror; or in
    #   -number-number: the first number is that of the mirror. Ordinal is the number of the first host
    # FIDELITY(assumed): the primary's name is in the same domain, and padded with zeros if the own one is
    short, dot, domain = host.partition(".")
    found = _NAME.fullmatch(short)
    if found is None:
        raise NoPlace(f"the host name {host} does not end in -number")
    prefix, digits = found[1], found[2]
    position = int(digits) - ordinal
    if position < 0:
        raise NoPlace(f"the number of host {host} is below Ordinal={ordinal}")
    first = 0
    if _NAME.fullmatch(prefix) is None:
        first = position - position % len(members)
        position %= len(members)
    elif position >= len(members):
        raise NoPlace(f"the number of host {host} is beyond the Map of {len(members)} members")
    primary = str(ordinal + first + members.index("primary")).zfill(len(digits) if digits.startswith("0") else 0)
    return members[position], f"{prefix}-{primary}{dot}{domain}"

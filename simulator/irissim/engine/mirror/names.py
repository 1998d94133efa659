# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mirror, member and mirrored database names may look like."""

from __future__ import annotations

import re

from irissim.values.errors import StatusError

_MEMBER_BANNED = frozenset(' \t[]#;*=^~,"')
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
MIRROR_LENGTH = 15
MEMBER_LENGTH = 32
DATABASE_LENGTH = 62


def mirror_name(name: str) -> str:
    """The stored form of a mirror name."""
    # FIDELITY(documented; HA 4.7.1, CLS, ERR): a mirror name is 1-15 alphanumerics and stored upper case
    #   (2002, 2011, 2012, 2110)
    if not name:
        raise StatusError(2002)
    if ":" in name:
        raise StatusError(2011)
    if len(name) > MIRROR_LENGTH:
        raise StatusError(2012, MIRROR_LENGTH)
    if not (name.isascii() and name.isalnum()):
        raise StatusError(2110, name)
    return name.upper()


def member_name(name: str) -> str:
    """The stored form of a member (system) name."""
    # FIDELITY(documented; CLS, HA 4.7.1): a member name has at most 32 characters and no colon and is stored upper case
    #   (2023, 2024)
    if ":" in name:
        raise StatusError(2023)
    if len(name) > MEMBER_LENGTH:
        raise StatusError(2024, MEMBER_LENGTH)
    # FIDELITY(assumed; HA 4.7.1, CPF): characters that the portal bans in member names are refused with 5001; the slash
    #   stays allowed because the generated default contains one
    for character in name:
        if character in _MEMBER_BANNED or not character.isprintable():
            raise StatusError(5001, f"Mirror member name '{name}' contains an illegal character")
    return name.upper()


def default_member_name(host: str, instance: str) -> str:
    """`HOST/INSTANCE`, or "" when that is too long."""
    # FIDELITY(documented; CLS): the default member name is HOST/INSTANCE, null if that exceeds 32 characters (2148)
    name = f"{host}/{instance}".upper()
    return name if len(name) <= MEMBER_LENGTH else ""


def database_name(name: str) -> str:
    """The stored form of a mirrored database name."""
    # FIDELITY(documented; HA 4.8.2, CLS): a mirrored database name has 1-62 characters, starts with a letter or _, then
    #   letters, digits, - and _, and is compared without case (2058, 2059, 2060, 2167)
    if not name:
        raise StatusError(2058)
    if ":" in name:
        raise StatusError(2060)
    if len(name) > DATABASE_LENGTH:
        raise StatusError(2059, DATABASE_LENGTH)
    if not _DATABASE.match(name):
        raise StatusError(2167)
    return name.upper()


def full_database_name(mirror: str, database: str) -> str:
    return f":mirror:{mirror}:{database}"

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashes of passwords: `hash,salt[,work factor[,algorithm]]`, as merge files give them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from irissim.values.errors import StatusError

# FIDELITY(documented; CPF PasswordHash): work factor 10000 and SHA512 unless given otherwise
_WORK_FACTOR, _ALGORITHM = 10000, "SHA512"
_HASH = re.compile(r"[0-9A-Fa-f]+,[^,\s]+(,[1-9][0-9]{0,6}(,SHA(1|256|384|512))?)?")


def password_hash(password: str) -> str:
    """The hash of a password; 845 for one that the default pattern does not allow."""
    # FIDELITY(documented; ERR 845): a password must match length and pattern
    # FIDELITY(assumed): the default pattern 3.128ANP: 3 to 128 printable characters
    if not 3 <= len(password) <= 128 or not password.isprintable():
        raise StatusError(845)
    salt = secrets.token_hex(32)
    return f"{_digest(password, salt, _WORK_FACTOR, _ALGORITHM, 64).hex()},{salt},{_WORK_FACTOR},{_ALGORITHM}"


def is_password_hash(text: str) -> bool:
    """Whether it has the form of one."""
    return _HASH.fullmatch(text) is not None


def matches_hash(password: str, hashed: str) -> bool:
    """Whether a password has that hash."""
    wanted, salt, turns, algorithm = [*hashed.split(","), "", ""][:4]
    found = _digest(password, salt, int(turns or _WORK_FACTOR), algorithm or _ALGORITHM, len(wanted) // 2)
    return hmac.compare_digest(found.hex(), wanted.lower())


def _digest(password: str, salt: str, turns: int, algorithm: str, length: int) -> bytes:
    # FIDELITY(assumed): a salt of hexadecimal digits stands for bytes, any other for its characters
    try:
        raw = bytes.fromhex(salt)
    except ValueError:
        raw = salt.encode()
    return hashlib.pbkdf2_hmac(algorithm.lower(), password.encode(), raw, turns, max(1, length))

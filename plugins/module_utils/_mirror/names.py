# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Names as IRIS accepts them, checked before anything is sent.

Sources: High Availability Guide 4.7.1, 4.7.5, 4.8.1, 4.8.2; class reference of Config.MirrorMember and SYS.Database;
error numbers 2012, 2021, 2023, 2039, 2059, 2110 of the Error Reference.
"""

from __future__ import annotations

import re

from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError

MIRROR_LENGTH = 15
MEMBER_LENGTH = 32
MIRRORED_DATABASE_LENGTH = 62
#: Longest name of a database or namespace entry that is passed on; IRIS itself checks further.
ENTRY_LENGTH = 64

#: Databases that cannot be mirrored (HA 4.8.1; class text of SYS.Database adds IRISMETRICS).
SYSTEM_DATABASES = frozenset(
    ("IRISSYS", "IRISSECURITY", "IRISLIB", "IRISLOCALDATA", "IRISTEMP", "IRISAUDIT", "IRISMETRICS", "ENSLIB")
)

_MIRROR = re.compile(r"[A-Za-z0-9]+\Z")
#: The form of the portal refuses / too, but the name that IRIS itself makes up, HOST/INSTANCE, has one.
_MEMBER_FORBIDDEN = set(':[]#;*=^~,"')
_MIRRORED_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_NAMESPACE = re.compile(r"[A-Za-z%][A-Za-z0-9_-]*\Z")
_GLOBAL = re.compile(r"%?[A-Za-z][A-Za-z0-9.]*\Z")
_MAPPING = re.compile(r"%?[A-Za-z][A-Za-z0-9.]*\*?\Z")


def mirror_name(name: str) -> str:
    """The name as IRIS stores it: 1 to 15 letters and digits, upper case."""
    if len(name) > MIRROR_LENGTH:
        raise InputError(
            "mirror_name_invalid",
            "the mirror name %r has %d characters, IRIS allows %d (ERROR #2012)" % (name, len(name), MIRROR_LENGTH),
            "Choose 1 to 15 letters and digits.",
            numbers=[2012],
        )
    if not _MIRROR.match(name):
        raise InputError(
            "mirror_name_invalid",
            "the mirror name %r may contain letters and digits only (ERROR #2110)" % (name,),
            "Choose 1 to 15 letters and digits, without underscore, hyphen or blank.",
            numbers=[2110],
        )
    return name.upper()


def member_name(name: str) -> str:
    """The name of a member as IRIS stores it: up to 32 characters, upper case, none of the forbidden ones."""
    if not name or len(name) > MEMBER_LENGTH:
        raise InputError(
            "member_name_invalid",
            "the member name %r has %d characters, IRIS allows 1 to %d (ERROR #2039)"
            % (name, len(name), MEMBER_LENGTH),
            "Choose a name such as MIRRORA.",
            numbers=[2039],
        )
    wrong = sorted({char for char in name if char in _MEMBER_FORBIDDEN or not "!" <= char <= "~"})
    if wrong:
        raise InputError(
            "member_name_invalid",
            "the member name %r contains %s" % (name, " ".join(repr(char) for char in wrong)),
            'Letters, digits, hyphen and underscore are safe; blanks and : [ ] # ; * = ^ ~ , " are forbidden.',
            numbers=[2023] if ":" in wrong else [],
        )
    return name.upper()


def mirrored_database_name(name: str) -> str:
    """The name of a database inside the mirror; IRIS compares it without case."""
    if not _MIRRORED_DATABASE.match(name) or len(name) > MIRRORED_DATABASE_LENGTH:
        raise InputError(
            "database_name_invalid",
            "the mirrored database name %r is not valid" % (name,),
            "It begins with a letter or underscore and has up to 62 letters, digits, underscores and hyphens.",
            numbers=[2059] if len(name) > MIRRORED_DATABASE_LENGTH else [2167],
        )
    return name.upper()


def database_name(name: str) -> str:
    """The name of a database entry as stored in [Databases]."""
    if not _MIRRORED_DATABASE.match(name) or len(name) > ENTRY_LENGTH:
        raise InputError(
            "database_name_invalid",
            "the database name %r is not valid" % (name,),
            "It begins with a letter or underscore and has letters, digits, underscores and hyphens.",
        )
    return name.upper()


def refuse_system_database(name: str) -> None:
    """System databases cannot be mirrored (ERROR #363)."""
    if name.upper() in SYSTEM_DATABASES:
        raise InputError(
            "system_database",
            "%s is a system database and cannot be mirrored (ERROR #363)" % name.upper(),
            "Mirror the databases of applications; users, namespaces and mappings are made on each member.",
            numbers=[363],
        )


def namespace_name(name: str) -> str:
    if not _NAMESPACE.match(name) or len(name) > ENTRY_LENGTH:
        raise InputError(
            "namespace_name_invalid",
            "the namespace name %r is not valid" % (name,),
            "It begins with a letter or % and has letters, digits, underscores and hyphens.",
        )
    return name.upper()


def global_name(name: str) -> str:
    """The name of a global without its caret."""
    bare = name[1:] if name.startswith("^") else name
    if not _GLOBAL.match(bare) or bare.endswith("."):
        raise InputError(
            "global_name_invalid", "the global name %r is not valid" % (name,), "Give it as Company or ^Company."
        )
    return bare


def mapping_name(name: str) -> str:
    """The left side of a global, routine or package mapping: a name, or the beginning of one and an asterisk."""
    bare = name[1:] if name.startswith("^") else name
    if not _MAPPING.match(bare):
        raise InputError(
            "mapping_name_invalid",
            "the mapping %r is not valid" % (name,),
            "Give a name, or the beginning of one and *.",
        )
    return bare


def directory(path: str) -> str:
    """An absolute directory with a slash at its end, as IRIS stores it."""
    if not path.startswith("/") or any(ord(char) < 32 or char in "^:" for char in path):
        raise InputError(
            "directory_invalid",
            "the directory %r is not an absolute path without control characters, ^ and :" % (path,),
            "Give the path as the node sees it, such as /shared/durable/mgr/COMPANY/.",
        )
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise InputError("directory_invalid", "the directory %r contains .." % (path,), "Give the plain absolute path.")
    return "/" + "".join(part + "/" for part in parts)

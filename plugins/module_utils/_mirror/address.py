# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Addresses of the arbiter in both notations, and hosts.

`SYS.Mirror` writes `host|port`, configuration merge files write `host:port`; both are read, the first is sent.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError

AGENT_PORT = 2188

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9]+)?\Z")


def host(value: str, option: str) -> str:
    """A host name or address, brackets of an IPv6 address removed."""
    bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    if not (_HOST.match(bare) or _IPV6.match(bare)):
        raise InputError("address_invalid", "%r is no host name or IP address" % (value,), "Correct '%s'." % option)
    return bare


def port(value: int, option: str) -> int:
    if not 1 <= value <= 65535:
        raise InputError("address_invalid", "%d is no TCP port" % value, "Correct '%s'." % option)
    return value


def arbiter(value: str | t.Mapping[str, t.Any]) -> str:
    """`host|port` of an arbiter given as a dict with address and port, or in either notation; "" for none."""
    if isinstance(value, str):
        if not value:
            return ""
        pipe = re.match(r"(?P<host>.+)\|(?P<port>\d+)\Z", value)
        colon = re.match(r"(?P<host>\[.+\]|[^:]+):(?P<port>\d+)\Z", value)
        found = pipe or colon
        name, number = (found.group("host"), int(found.group("port"))) if found else (value, AGENT_PORT)
    else:
        if not value.get("address"):
            return ""
        name, number = value["address"], int(value.get("port") or AGENT_PORT)
    return "%s|%d" % (host(name, "arbiter"), port(number, "arbiter"))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""From options to a transport."""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import Transport
from ansible_collections.irisops.mirror.plugins.module_utils._transport.docker import DockerTransport
from ansible_collections.irisops.mirror.plugins.module_utils._transport.local import LocalTransport


def make_transport(options: t.Mapping[str, t.Any], host: str) -> Transport:
    """A container when ``container`` is given, else the host that the module runs on.

    ``host`` names it in errors, with the path of the command where one tells several instances apart.
    """
    if options.get("container"):
        return DockerTransport(options["container"], options, options.get("exec_user"))
    executable = str(options.get("executable") or "")
    return LocalTransport("%s:%s" % (host, executable) if "/" in executable else host)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.INetInfo."""

from __future__ import annotations

import socket

from irissim.library.system_names import host_name
from irissim.objectscript.classes import Context, SystemClass, class_method
from irissim.values.value import Value, to_string


class INetInfo(SystemClass):
    """Host names and addresses."""

    NAME = "%SYSTEM.INetInfo"

    @class_method()
    def LocalHostName(ctx: Context) -> Value:
        return host_name(ctx)

    @class_method()
    def HostNameToAddr(ctx: Context, HostName: Value) -> Value:
        try:
            return socket.gethostbyname(to_string(HostName))
        except OSError:
            return ""

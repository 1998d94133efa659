# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYS.System."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.library.system_names import host_name, system_name
from irissim.objectscript.classes import Context, SystemClass, class_method
from irissim.values.value import Value


class System(SystemClass):
    """What this instance is called."""

    NAME = "%SYS.System"

    @class_method()
    def GetInstanceName(ctx: Context) -> Value:
        return str(engine(ctx).name)

    @class_method()
    def GetNodeName(ctx: Context, Flag: Value = 0) -> Value:
        return host_name(ctx)

    @class_method()
    def GetUniqueInstanceName(ctx: Context) -> Value:
        return system_name(ctx)

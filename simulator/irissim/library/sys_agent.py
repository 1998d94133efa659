# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Agent."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, Status, SystemClass, class_method
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value


class Agent(SystemClass):
    """The ISCAgent of this node."""

    NAME = "SYS.Agent"
    NAMESPACE = "%SYS"

    @class_method()
    def IsRunning(ctx: Context) -> Value:
        return int(_is_running(ctx))

    @class_method()
    def GetVersion(ctx: Context) -> Value:
        # FIDELITY(documented; CR24): "" when the agent is down
        # FIDELITY(assumed): the version is that of the instance; a node has one installation for both
        return engine(ctx).version if _is_running(ctx) else ""

    @class_method()
    def VerifyConnection(ctx: Context, timeout: Value = 10) -> Status:
        engine(ctx).mirror.check_agent()
        return OK

    @class_method()
    def GetApplicationPort(ctx: Context) -> Value:
        return engine(ctx).addresses.agent_port if _is_running(ctx) else ""

    @class_method()
    def GetApplicationInterface(ctx: Context) -> Value:
        # FIDELITY(documented; CR24): the bound address, * for all, "" when the agent is down
        if not _is_running(ctx):
            return ""
        bind: str = engine(ctx).addresses.bind
        return "*" if bind == "0.0.0.0" else bind

    @class_method()
    def IsMirroringEnabled(ctx: Context) -> Value:
        return int(_is_running(ctx))


def _is_running(context: Context) -> bool:
    try:
        engine(context).mirror.check_agent()
    except StatusError:
        return False
    return True

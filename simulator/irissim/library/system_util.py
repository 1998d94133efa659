# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.Util."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, SystemClass, class_method
from irissim.values.value import Value, to_string


class Util(SystemClass):
    """Directories and environment of this instance."""

    NAME = "%SYSTEM.Util"

    @class_method()
    def InstallDirectory(ctx: Context) -> Value:
        return str(engine(ctx).install_dir).rstrip("/") + "/"

    @class_method()
    def DataDirectory(ctx: Context) -> Value:
        return str(engine(ctx).data_dir).rstrip("/") + "/"

    @class_method()
    def ManagerDirectory(ctx: Context) -> Value:
        return str(engine(ctx).mgr).rstrip("/") + "/"

    @class_method()
    def GetEnviron(ctx: Context, VariableName: Value) -> Value:
        # FIDELITY(documented; CR24): a variable of the environment of the process, "" if there is none
        return ctx.session.environment.get(to_string(VariableName), "")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.Version."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, SystemClass, class_method
from irissim.values.value import Value


class Version(SystemClass):
    """The version this simulator plays."""

    NAME = "%SYSTEM.Version"

    @class_method()
    def GetVersion(ctx: Context) -> Value:
        return str(engine(ctx).zversion)

    @class_method()
    def GetNumber(ctx: Context) -> Value:
        return ".".join(str(engine(ctx).version).split(".")[:3])

    @class_method()
    def GetMajor(ctx: Context) -> Value:
        return int(str(engine(ctx).version).split(".")[0])

    @class_method()
    def GetMinor(ctx: Context) -> Value:
        return int(str(engine(ctx).version).split(".")[1])

    @class_method()
    def GetProduct(ctx: Context) -> Value:
        return "IRIS"

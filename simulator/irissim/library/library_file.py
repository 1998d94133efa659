# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%Library.File: class methods on files and directories."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from irissim.library.arrays import OMITTED
from irissim.objectscript.classes import Context, LocalArray, SystemClass, class_method
from irissim.values.value import Value, to_bool, to_string


class File(SystemClass):
    """Files of the node; relative names are relative to the mgr directory."""

    NAME = "%Library.File"

    @class_method()
    def Exists(ctx: Context, filename: Value) -> Value:
        return int(_path(ctx, filename).exists())

    @class_method()
    def DirectoryExists(ctx: Context, dirname: Value) -> Value:
        return int(_path(ctx, dirname).is_dir())

    @class_method(byref=("return",))
    def CreateDirectory(ctx: Context, dirname: Value, return_: LocalArray = OMITTED) -> Value:
        return _attempt(lambda: _path(ctx, dirname).mkdir(), return_)

    @class_method(byref=("return_",))
    def CreateDirectoryChain(ctx: Context, dirname: Value, return_: LocalArray = OMITTED) -> Value:
        return _attempt(lambda: _path(ctx, dirname).mkdir(parents=True, exist_ok=True), return_)

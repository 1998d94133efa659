# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%Library.File: class methods on files and directories."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable

from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine, path_of
from irissim.objectscript.classes import Context, LocalArray, SystemClass, class_method
from irissim.values.value import Value, to_bool, to_string


class File(SystemClass):
    """Files of the node; relative names are relative to the mgr directory."""

    NAME = "%Library.File"

    @class_method()
    def Exists(ctx: Context, filename: Value) -> Value:
        return int(path_of(ctx, filename).exists())

    @class_method()
    def DirectoryExists(ctx: Context, dirname: Value) -> Value:
        return int(path_of(ctx, dirname).is_dir())

    @class_method(byref=("return_",))
    def CreateDirectory(ctx: Context, dirname: Value, return_: LocalArray = OMITTED) -> Value:
        return _attempt(path_of(ctx, dirname).mkdir, return_)

    @class_method(byref=("return_",))
    def CreateDirectoryChain(ctx: Context, dirname: Value, return_: LocalArray = OMITTED) -> Value:
        return _attempt(lambda: path_of(ctx, dirname).mkdir(parents=True, exist_ok=True), return_)

    @class_method(byref=("return_",))
    def CreateNewDir(ctx: Context, directory: Value, name: Value, return_: LocalArray = OMITTED) -> Value:
        # FIDELITY(documented; CR24): makes a directory below another
        return _attempt((path_of(ctx, directory) / to_string(name)).mkdir, return_)

    @class_method(byref=("return_",))
    def RemoveDirectory(ctx: Context, dirname: Value, return_: LocalArray = OMITTED) -> Value:
        return _attempt(path_of(ctx, dirname).rmdir, return_)

    @class_method(byref=("return_",))
    def RemoveDirectoryTree(ctx: Context, dirname: Value, return_: LocalArray = OMITTED) -> Value:
        return _attempt(lambda: shutil.rmtree(path_of(ctx, dirname)), return_)

    @class_method(byref=("return_",))
    def CopyFile(
        ctx: Context, pFrom: Value, pTo: Value, pOverwrite: Value = 0, return_: LocalArray = OMITTED
    ) -> Value:
        source, target = path_of(ctx, pFrom), path_of(ctx, pTo)
        if target.exists() and not to_bool(pOverwrite):
            return 0
        return _attempt(lambda: shutil.copyfile(source, target), return_)

    @class_method(byref=("return_",))
    def Rename(ctx: Context, oldfilename: Value, newfilename: Value, return_: LocalArray = OMITTED) -> Value:
        return _attempt(lambda: path_of(ctx, oldfilename).rename(path_of(ctx, newfilename)), return_)

    @class_method(byref=("return_",))
    def Delete(ctx: Context, filename: Value, return_: LocalArray = OMITTED) -> Value:
        return _attempt(path_of(ctx, filename).unlink, return_)

    @class_method()
    def GetFileSize(ctx: Context, name: Value) -> Value:
        # FIDELITY(documented; CR24): -2 for a file that is not there
        try:
            return path_of(ctx, name).stat().st_size
        except OSError:
            return -2

    @class_method()
    def GetFileDateModified(ctx: Context, name: Value, UTC: Value = 0) -> Value:
        try:
            moment = path_of(ctx, name).stat().st_mtime
        except OSError:
            return ""
        # $HOROLOG counts days from 31 December 1840, which is day 47117 before the epoch of Unix.
        seconds = int(moment) if to_bool(UTC) else int(moment) + time.localtime(moment).tm_gmtoff
        return f"{47117 + seconds // 86400},{seconds % 86400}"

    @class_method()
    def NormalizeDirectory(ctx: Context, filename: Value) -> Value:
        return str(path_of(ctx, filename)).rstrip("/") + "/"

    @class_method()
    def NormalizeFilename(ctx: Context, filename: Value, directory: Value = "") -> Value:
        return str(path_of(ctx, os.path.join(to_string(directory), to_string(filename))))

    @class_method()
    def GetDirectory(ctx: Context, filename: Value) -> Value:
        return str(path_of(ctx, filename).parent).rstrip("/") + "/"

    @class_method()
    def GetFilename(ctx: Context, filename: Value) -> Value:
        return os.path.basename(to_string(filename))

    @class_method()
    def ManagerDirectory(ctx: Context) -> Value:
        return str(engine(ctx).mgr).rstrip("/") + "/"


def _attempt(action: Callable[[], object], result: LocalArray) -> int:
    """1 or 0, and minus the error number of the operating system by reference."""
    try:
        action()
    except (OSError, shutil.Error) as error:
        result.value = -(getattr(error, "errno", None) or 1)
        return 0
    result.value = 0
    return 1

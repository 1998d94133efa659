# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYS.Journal.System: state and place of the journal, switching of its files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from irissim.engine.instance import Instance
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method
from irissim.values.errors import StatusError
from irissim.values.status import OK, status_of
from irissim.values.value import Value, to_bool, to_int, to_string

# FIDELITY(assumed): how the reasons for a journal switch are shown
_REASONS = {0: "Unspecified", 1: "Switched by the user"}
_SECTION = "Journal"
_PRIMARY, _ALTERNATE = "CurrentDirectory", "AlternateDirectory"
_MEGABYTE = 1 << 20


class System(SystemClass):
    """The journal of this instance; it is always on."""

    NAME = "%SYS.Journal.System"
    NAMESPACE = "%SYS"

    # State ----------------------------------------------------------------------------------------------------------

    @class_method()
    def GetState(ctx: Context) -> Value:
        # FIDELITY(documented; CR24): 0 enabled, 1 disabled, 2 suspended, 3 frozen, 4 paused
        return 0

    @class_method()
    def GetStateString(ctx: Context) -> Value:
        return "Normal"

    @class_method(byref=("Cause",))
    def IsDisabled(ctx: Context, Status: Value = "", Cause: LocalArray = OMITTED) -> Value:
        return _no(Cause)

    @class_method(byref=("Cause",))
    def IsPaused(ctx: Context, Status: Value = "", Cause: LocalArray = OMITTED) -> Value:
        return _no(Cause)

    @class_method(byref=("Cause",))
    def IsFrozen(ctx: Context, Status: Value = "", Cause: LocalArray = OMITTED) -> Value:
        return _no(Cause)

    @class_method(byref=("Cause",))
    def IsGettingIOError(ctx: Context, Status: Value = "", Cause: LocalArray = OMITTED) -> Value:
        return _no(Cause)

    @class_method()
    def IsJournalEncryptionEnabled(ctx: Context, Type: Value = 1) -> Value:
        return 0

    # Files ----------------------------------------------------------------------------------------------------------

    @class_method()
    def GetCurrentFileName(ctx: Context) -> Value:
        return str(engine(ctx).journal.current_file())

    @class_method()
    def GetLastFileName(ctx: Context) -> Value:
        return str(engine(ctx).journal.current_file())

    @class_method()
    def GetCurrentFileCount(ctx: Context) -> Value:
        return engine(ctx).journal.mark().position.file_count

    @class_method()
    def GetCurrentFileOffset(ctx: Context) -> Value:
        return engine(ctx).journal.mark().position.offset

    @class_method()
    def Sync(ctx: Context) -> Value:
        # FIDELITY(documented; CR24): everything up to the answered offset is on disk
        descriptor = os.open(engine(ctx).journal.current_file(), os.O_RDONLY)
        try:
            offset = engine(ctx).journal.mark().position.offset
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return offset

    @class_method()
    def WhereCommitted(ctx: Context) -> Value:
        return engine(ctx).journal.mark().position.offset

    # Switching ------------------------------------------------------------------------------------------------------

    @class_method(byref=("NewFile",))
    def RollToNextFile(ctx: Context, Reason: Value, NewFile: LocalArray) -> Status:
        engine(ctx).journal.switch(_REASONS.get(to_int(Reason), f"Reason {to_int(Reason)}"))
        NewFile.value = str(engine(ctx).journal.current_file())
        return OK

    @class_method()
    def SwitchFile(
        ctx: Context,
        curdir: Value = "",
        altdir: Value = "",
        maxsiz: Value = "",
        expsiz: Value = "",
        okshdw: Value = 0,
        reason: Value = 1,
    ) -> Status:
        instance = engine(ctx)
        if to_string(maxsiz):
            raise StatusError(5001, "The simulator takes the size of journal files from Config.Journal")
        why = _REASONS.get(to_int(reason), f"Reason {to_int(reason)}")
        if to_string(altdir):
            _configure(instance, _ALTERNATE, to_string(altdir), create=False)
        if to_string(curdir):
            _configure(instance, _PRIMARY, to_string(curdir), create=False)
            instance.journal.move_to(Path(to_string(curdir)), why)
        else:
            instance.journal.switch(why)
        return OK

    @class_method(byref=("NewFile",))
    def SwitchDirectory(ctx: Context, NewFile: LocalArray = OMITTED) -> Status:
        instance = engine(ctx)
        other, _ = _other_directory(instance)
        if not other:
            # FIDELITY(assumed): without a second directory the switch is refused
            raise StatusError(5001, "There is no other journal directory")
        _require_writable(other)
        instance.journal.move_to(Path(other), "Switched to the other directory")
        NewFile.value = str(instance.journal.current_file())
        return OK

    # Directories ----------------------------------------------------------------------------------------------------

    @class_method(byref=("Status",))
    def GetPrimaryDirectory(ctx: Context, Status: LocalArray) -> Value:
        Status.value = OK
        return _configured(engine(ctx), _PRIMARY)

    @class_method(byref=("Status",))
    def GetAlternateDirectory(ctx: Context, Status: LocalArray) -> Value:
        Status.value = OK
        return _configured(engine(ctx), _ALTERNATE)

    @class_method(byref=("Directory", "Type"))
    def GetTheOtherDirectory(ctx: Context, Directory: LocalArray = OMITTED, Type: LocalArray = OMITTED) -> Value:
        # FIDELITY(documented; CR24): type 1 is the primary directory, 2 the secondary one, 0 none
        # FIDELITY(assumed): the answer is the type, too
        Directory.value, Type.value = _other_directory(engine(ctx))
        return Type.value

    @class_method()
    def SetPrimaryDirectory(ctx: Context, dir: Value, create: Value) -> Status:
        # FIDELITY(assumed): the setting is used from the next start on, or by SwitchDirectory
        _configure(engine(ctx), _PRIMARY, to_string(dir), to_bool(create))
        return OK

    @class_method()
    def SetAlternateDirectory(ctx: Context, dir: Value, create: Value) -> Value:
        # FIDELITY(documented; CR24): declared as %String
        # FIDELITY(assumed): the string is a status all the same
        try:
            _configure(engine(ctx), _ALTERNATE, to_string(dir), to_bool(create))
        except StatusError as error:
            return status_of(error)
        return OK

    @class_method()
    def GetJournalFilePrefix(ctx: Context) -> Value:
        return engine(ctx).config.get(_SECTION, "JournalFilePrefix")

    @class_method()
    def GetFreeSpace(ctx: Context) -> Value:
        # FIDELITY(assumed): in megabytes
        return shutil.disk_usage(engine(ctx).journal.directory).free // _MEGABYTE


def _no(cause: LocalArray) -> Value:
    cause.value = ""
    return 0


def _slashed(directory: str) -> str:
    return directory.rstrip("/") + "/"


def _configured(instance: Instance, which: str) -> str:
    return _slashed(instance.config.get(_SECTION, which) or str(instance.journal.directory))


def _other_directory(instance: Instance) -> tuple[str, int]:
    current = _slashed(str(instance.journal.directory))
    for which, kind in ((_PRIMARY, 1), (_ALTERNATE, 2)):
        directory = _configured(instance, which)
        if directory != current:
            return directory, kind
    return "", 0


def _configure(instance: Instance, which: str, directory: str, create: bool) -> None:
    if create:
        try:
            os.makedirs(directory, exist_ok=True)
        except OSError as error:
            raise StatusError(5001, f"Cannot create {directory}: {error.strerror}") from error
    _require_writable(directory)
    instance.config.set(_SECTION, which, _slashed(directory))
    instance.config.save()


def _require_writable(directory: str) -> None:
    if not os.path.isdir(directory):
        raise StatusError(73, directory)
    if not os.access(directory, os.W_OK):
        raise StatusError(5001, f"{directory} cannot be written")

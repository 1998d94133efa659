# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup.General: freeze and thaw for external backups."""

from __future__ import annotations

import time
from typing import Any

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, Status, SystemClass, class_method
from irissim.objectscript.signals import Halt
from irissim.values.errors import StatusError
from irissim.values.oslist import list_build
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_seconds, to_string

SUCCESS, FAILURE = 5, 3


class General(SystemClass):
    """External backups of a whole instance."""

    NAME = "Backup.General"
    NAMESPACE = "%SYS"

    @class_method()
    def ExternalFreeze(
        ctx: Context,
        LogFile: Value = "",
        Text: Value = "",
        SwitchJournalFile: Value = 1,
        TimeOut: Value = 10,
        Hibernate: Value = 0,
        Verbose: Value = 0,
        ExternalFreezeTimeOut: Value = 0,
        Username: Value = "",
        Password: Value = "",
        WDSuspendLimit: Value = 0,
        RequiredFile: Value = "",
    ) -> Status:
        try:
            engine(ctx).freeze.freeze(
                to_seconds(ExternalFreezeTimeOut), to_bool(SwitchJournalFile), to_seconds(WDSuspendLimit)
            )
        except StatusError:
            _leave(ctx, FAILURE)
            raise
        _note(LogFile, "frozen", Text)
        _leave(ctx, SUCCESS)
        return OK

    @class_method()
    def ExternalThaw(ctx: Context, LogFile: Value = "", Username: Value = "", Password: Value = "") -> Status:
        engine(ctx).freeze.thaw()
        _note(LogFile, "thawed", "")
        _leave(ctx, SUCCESS)
        return OK

    @class_method()
    def ExternalSetHistory(ctx: Context, LogFile: Value = "", Description: Value = "") -> Status:
        engine(ctx).log.write(f"External backup finished: {to_string(Description)}", 0, "Backup.History")
        engine(ctx).purger.record_backup(to_string(Description))
        return OK

    @class_method()
    def QuiesceUpdates(ctx: Context, TimeOut: Value = "", Hibernate: Value = 0, Verbose: Value = 0) -> Status:
        engine(ctx).freeze.quiesce_updates()
        return OK

    @class_method()
    def ResumeUpdates(ctx: Context) -> Status:
        engine(ctx).freeze.resume_updates()
        return OK

    @class_method()
    def GetLastFullBackupInfo(ctx: Context) -> Value:
        # FIDELITY(documented; CR24): (0,text) or (1,date,description,device)
        backups = engine(ctx).purger.backups()
        if not backups:
            return list_build([0, "No information recorded about a full backup"])
        moment, description = backups[-1]
        # FIDELITY(assumed): the form of the date; an external backup has no device
        return list_build([1, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment)), description, ""])

    # FIDELITY(documented; CR24): 1 means that no online backup is running, and the simulator never runs one
    @class_method()
    def AbortBackup(ctx: Context) -> Value:
        return 1

    @class_method()
    def GetAbortStatus(ctx: Context) -> Value:
        return 0

    @class_method()
    def ClearAbortStatus(ctx: Context) -> Value:
        return 0

    @class_method()
    def IsWDSuspended(ctx: Context) -> Value:
        return int(engine(ctx).freeze.frozen)

    @class_method()
    def IsWDSuspendedExt(ctx: Context) -> Value:
        frozen = engine(ctx).freeze.frozen
        _leave(ctx, SUCCESS if frozen else FAILURE)
        return int(frozen)


def _leave(context: Context, code: int) -> None:
    # FIDELITY(documented; CR24, DI): as argument of a command, freeze, thaw and the question end the process with 5 for
    #   success and 3 for failure
    session: Any = context.session
    if session.is_command_argument:
        raise Halt(code)


def _note(log_file: Value, what: str, text: Value) -> None:
    path = to_string(log_file)
    if path:
        try:
            with open(path, "a", encoding="utf-8") as stream:
                stream.write(f"{what} {to_string(text)}".rstrip() + "\n")
        except OSError as error:
            raise StatusError(5001, f"Cannot write {path}: {error.strerror}") from error

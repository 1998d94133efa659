# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Container."""

from __future__ import annotations

from pathlib import Path

from irissim.engine.passwords import password_hash
from irissim.engine.security_objects import WEB_GATEWAY
from irissim.engine.system_monitor import GREEN
from irissim.library.engine_access import engine
from irissim.library.security_users import Users
from irissim.objectscript.classes import Context, Status, SystemClass, class_method
from irissim.objectscript.signals import Halt
from irissim.values.errors import StatusError
from irissim.values.status import OK, is_ok, status_of, text
from irissim.values.value import Value, to_string


class Container(SystemClass):
    """What concerns the container around the instance."""

    NAME = "SYS.Container"
    NAMESPACE = "%SYS"

    @class_method()
    def SetMonitorStateOK(ctx: Context) -> Status:
        # FIDELITY(documented; CR24): alerts of severity 1 and 2 no longer make the container look unhealthy
        engine(ctx).log.write("System Monitor state set to OK")
        engine(ctx).monitor.set_state(GREEN)
        return OK

    @class_method()
    def ForcePasswordChange(ctx: Context) -> Status:
        # FIDELITY(documented; CR24): everybody but CSPSystem has to change the password with the next login
        table = engine(ctx).security.objects.users
        for name in table.names():
            if name != WEB_GATEWAY:
                table.put(name, {**table.get(name), "ChangePassword": "1"})
        return OK

    @class_method()
    def SetNeverExpires(ctx: Context, pUsername: Value) -> Status:
        Users.change(ctx, pUsername, {"AccountNeverExpires": 1})
        return OK

    @class_method()
    def PreventFailoverMessage(ctx: Context) -> Status:
        return OK

    @class_method()
    def PreventJournalRolloverMessage(ctx: Context) -> Status:
        return OK

    @class_method()
    def QuiesceForBundling(ctx: Context) -> Status:
        # FIDELITY(documented; CR24): prepares the instance for becoming part of an image, as far as it has anything to
        #   prepare: everything is on disk afterwards
        engine(ctx).databases.flush()
        return OK

    @class_method()
    def ChangePassword(ctx: Context, pPasswordFile: Value) -> Status:
        # FIDELITY(documented; CR24): the first line of the file becomes the password of all enabled accounts that have
        #   a role, and of CSPSystem
        # FIDELITY(documented; ADOCK): these passwords do not expire
        try:
            engine(ctx).security.objects.change_passwords(password_hash(_first_line(Path(to_string(pPasswordFile)))))
        except StatusError as error:
            return _handle(ctx, status_of(error))
        return OK

    @class_method()
    def ErrorHandler(ctx: Context, pSC: Value) -> Status:
        return _handle(ctx, pSC)

    @class_method()
    def EnableOSAuthentication(ctx: Context) -> Status:
        return OK


def _first_line(file: Path) -> str:
    """What ChangePassword() takes from its file."""
    try:
        with file.open(encoding="utf-8", errors="surrogateescape") as stream:
            line = stream.readline().rstrip("\r\n")
    except OSError:
        raise StatusError(5012, str(file)) from None
    if not line:
        raise StatusError(5001, f"the first line of {file} is empty")
    return line


def _handle(context: Context, status: Value) -> Status:
    # FIDELITY(documented; CR24): methods of this class show an error and end the process with exit code 1;
    #   SYS_CONTAINER_QUIET=1 in the environment keeps them from showing, SYS_CONTAINER_CONTINUE_ON_ERROR=1 from ending
    if is_ok(status):
        return status
    environment = context.session.environment
    if environment.get("SYS_CONTAINER_QUIET") != "1":
        context.session.write(f"\n{text(status, context.classes.language)}\n")
    if environment.get("SYS_CONTAINER_CONTINUE_ON_ERROR") != "1":
        raise Halt(1)
    return status

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security.Applications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from irissim.engine.security_objects import Record
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.library.security_record import SecurityRecord
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, method, query
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_int, to_string

_WEB = 2


class Applications(SecurityRecord):
    """Web applications and privileged ones."""

    NAME = "Security.Applications"
    TABLE = "applications"
    # FIDELITY(assumed; ERR 867): a second application of a name is refused with 867, a name that cannot be with 799
    EXISTS, MISSING, INVALID, SYSTEM = 867, 869, 799, 870
    # FIDELITY(documented; CR24): properties and their defaults
    FIELDS: ClassVar[Mapping[str, Value]] = {
        "AutheEnabled": "64",
        "AutoCompile": 1,
        "ChangePasswordPage": "",
        "ClientApplications": "",
        "CookiePath": "",
        "CorsAllowlist": "",
        "CorsCredentialsAllowed": 1,
        "CorsHeadersList": "",
        "CSPZENEnabled": 1,
        "CSRFToken": 1,
        "DeepSeeEnabled": 0,
        "Description": "",
        "DispatchClass": "",
        "Enabled": 1,
        "ErrorPage": "",
        "EventClass": "",
        "GroupById": "",
        "iKnowEnabled": 0,
        "InbndWebServicesEnabled": 1,
        "IsNameSpaceDefault": 0,
        "JWTAuthEnabled": 0,
        "JWTAccessTokenTimeout": "60",
        "JWTRefreshTokenTimeout": "900",
        "LockCSPName": 1,
        "LoginPage": "",
        "MatchRoles": "",
        "NameSpace": "",
        "Package": "",
        "Path": "",
        "PermittedClasses": "",
        "Recurse": 1,
        "RedirectEmptyPath": 0,
        "Resource": "",
        "Routines": "",
        "ServeFiles": "1",
        "ServeFilesTimeout": "3600",
        "SuperClass": "",
        "Timeout": "900",
        "Type": "2",
        "UseCookies": "2",
        "SessionScope": "2",
        "UserCookieScope": "2",
        "WSGIAppLocation": "",
        "WSGIAppName": "",
        "WSGICallable": "app",
        "WSGIDebug": 0,
        "WSGIType": "1",
    }

    @classmethod
    def check(cls, context: Context, name: str, changes: Record) -> Record:
        # FIDELITY(assumed): the namespace and the resource of an application must exist
        if changes.get("NameSpace") and not engine(context).config.has("Namespaces", changes["NameSpace"]):
            raise StatusError(433, changes["NameSpace"])
        resource = changes.get("Resource", "")
        if resource and not engine(context).security.objects.resources.stored_name(resource):
            raise StatusError(892, resource)
        return changes

    @class_method(byref=("Properties",))
    def Create(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        given = Applications.given(ctx, Properties)
        is_web = to_int(given.get("Type", _WEB)) & _WEB
        # FIDELITY(assumed): the name of a web application begins with a slash
        if is_web and not to_string(Name).startswith("/"):
            raise StatusError(799, to_string(Name))
        Applications.add(ctx, Name, given)
        return OK

    @class_method()
    def Copy(ctx: Context, Name: Value, NewName: Value, NewDescription: Value = "") -> Status:
        # FIDELITY(assumed): a copy of an application is of the same kind, so its name has to suit that
        if to_int(Applications.fetch(ctx, Name)["Type"]) & _WEB and not to_string(NewName).startswith("/"):
            raise StatusError(799, to_string(NewName))
        Applications.copy(ctx, Name, NewName, {"Description": NewDescription})
        return OK

    @class_method()
    def Delete(ctx: Context, Name: Value) -> Status:
        Applications.drop(ctx, Name)
        return OK

    @class_method(byref=("Application", "Status"))
    def Exists(ctx: Context, Name: Value, Application: LocalArray, Status: LocalArray) -> Value:
        return Applications.find(ctx, Name, Application, Status)

    @class_method(byref=("Properties",))
    def Get(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        Applications.get_array(ctx, Name, Properties)
        return OK

    @class_method(byref=("Properties",))
    def Modify(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        Applications.change(ctx, Name, Applications.given(ctx, Properties))
        return OK

    @class_method(byref=("NumExported",))
    def Export(
        ctx: Context,
        FileName: Value = "ApplicationsExport.xml",
        NumExported: LocalArray = OMITTED,
        Applications: Value = "*",
        Type: Value = -1,
    ) -> Status:
        _KIND.export_xml(ctx, FileName, Applications, NumExported, lambda record: _wanted(record, Type))
        return OK

    @class_method(byref=("NumImported",))
    def Import(
        ctx: Context,
        FileName: Value = "ApplicationsExport.xml",
        NumImported: LocalArray = OMITTED,
        Flags: Value = 0,
    ) -> Status:
        Applications.import_xml(ctx, FileName, NumImported, Flags)
        return OK

    @method()
    def IsPublic(self) -> Value:
        return int(not to_string(self.get_property("Resource")))

    @query(columns=("Name", "Namespace", "Enabled", "DispatchClass"))
    def List(ctx: Context, Names: Value = "*", Type: Value = -1, Filter: Value = "") -> Iterable[Sequence[Value]]:
        for name, record in Applications.selected(ctx, Names):
            if _wanted(record, Type):
                enabled = "Yes" if to_bool(record["Enabled"]) else "No"
                yield name, record["NameSpace"], enabled, record["DispatchClass"]


_KIND = Applications


def _wanted(record: Record, kind: Value) -> bool:
    # FIDELITY(documented; CR24): Type selects by bits, -1 means all
    return to_int(kind) == -1 or bool(to_int(record["Type"]) & to_int(kind))

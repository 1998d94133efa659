# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security.Users."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from irissim.engine.passwords import is_password_hash, password_hash
from irissim.engine.security_objects import Record
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.library.security_record import SecurityRecord, items_of, without
from irissim.library.security_roles import check_roles, granted_roles
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_string

_ALL = "%ALL"
_CREATE = (
    "FullName", "NameSpace", "Routine", "ExpirationDate", "ChangePassword", "Enabled", "Comment", "Flags",
    "PhoneNumber", "PhoneProvider", "AccountNeverExpires", "PasswordNeverExpires", "PasswordHashAlgorithm",
    "PasswordHashWorkFactor", "EscalationRoles",
)  # fmt: skip
_PASSWORDS = ("Password", "PasswordExternal", "PasswordHash")


class Users(SecurityRecord):
    """Who can log in."""

    NAME = "Security.Users"
    TABLE = "users"
    EXISTS, MISSING, INVALID, SYSTEM = 837, 838, 842, 841
    FIELDS: ClassVar[Mapping[str, Value]] = {
        "AccountNeverExpires": 0,
        "AutheEnabled": "0",
        "ChangePassword": 0,
        "Comment": "",
        "EmailAddress": "",
        "Enabled": 1,
        "EscalationRoles": "",
        "ExpirationDate": "",
        "Flags": "1",
        "FullName": "",
        "InvalidLoginAttempts": "0",
        "LoginDateTime": "",
        "NameSpace": "",
        "Password": "",
        "PasswordExternal": "",
        "PasswordHash": "",
        "PasswordHashAlgorithm": "SHA512",
        "PasswordHashWorkFactor": "10000",
        "PasswordNeverExpires": 0,
        "PhoneNumber": "",
        "PhoneProvider": "",
        "Roles": "",
        "Routine": "",
        "SuperUser": "0",
    }
    # FIDELITY(documented; CR24): a password can be set and never be read
    WRITE_ONLY = _PASSWORDS

    @classmethod
    def check(cls, context: Context, name: str, changes: Record) -> Record:
        # FIDELITY(documented; CR24, ERR 942, 883): roles must exist, a user cannot have the name of a role; a clear
        #   password becomes a salted hash; SuperUser follows from the role %All
        if engine(context).security.objects.roles.stored_name(name):
            raise StatusError(942)
        for key in ("Roles", "EscalationRoles"):
            check_roles(context, changes.get(key, ""))
        hashed = changes.pop("PasswordHash", "")
        if hashed and not is_password_hash(hashed):
            raise StatusError(407, "PasswordHash", "hash,salt[,work factor[,algorithm]] is expected")
        for key in ("Password", "PasswordExternal"):
            if key in changes:
                hashed = password_hash(changes.pop(key))
        if hashed:
            changes["PasswordHash"] = hashed
        if "Roles" in changes:
            roles = items_of(changes["Roles"])
            changes["Roles"] = ",".join(roles)
            changes["SuperUser"] = str(int(_ALL in (role.upper() for role in roles)))
        if changes.get("NameSpace") and not engine(context).config.has("Namespaces", changes["NameSpace"]):
            # FIDELITY(assumed): the namespace of a user must exist
            raise StatusError(433, changes["NameSpace"])
        return changes

    @class_method(byref=("UserRoles", "Attributes"))
    def Create(
        ctx: Context,
        Username: Value,
        UserRoles: LocalArray = OMITTED,
        Password: Value = "",
        FullName: Value = "",
        NameSpace: Value = "",
        Routine: Value = "",
        ExpirationDate: Value = "",
        ChangePassword: Value = "",
        Enabled: Value = "",
        Comment: Value = "",
        Flags: Value = 1,
        PhoneNumber: Value = "",
        PhoneProvider: Value = "",
        Attributes: LocalArray = OMITTED,
        AccountNeverExpires: Value = "",
        PasswordNeverExpires: Value = "",
        PasswordHashAlgorithm: Value = "",
        PasswordHashWorkFactor: Value = "",
        EscalationRoles: Value = "",
    ) -> Status:
        # FIDELITY(documented; CR24): Create(Username,.Properties), or each property as an argument
        if UserRoles.data() > 1:
            given = Users.given(ctx, UserRoles)
        else:
            values = (
                FullName, NameSpace, Routine, ExpirationDate, ChangePassword, Enabled, Comment, Flags, PhoneNumber,
                PhoneProvider, AccountNeverExpires, PasswordNeverExpires, PasswordHashAlgorithm,
                PasswordHashWorkFactor, EscalationRoles,
            )  # fmt: skip
            given = {name: value for name, value in zip(_CREATE, values, strict=True) if to_string(value)}
            given |= {"Roles": UserRoles.get(), "Password": Password}
        if not any(name in given for name in _PASSWORDS):
            raise StatusError(845)
        Users.add(ctx, Username, {"Roles": "", **given})
        return OK

    @class_method()
    def Copy(
        ctx: Context,
        Name: Value,
        NewName: Value,
        NewFullName: Value = "",
        SQLSysPrivs: Value = 1,
        SQLObjPrivs: Value = 1,
        NewPassword: Value = "",
    ) -> Status:
        # FIDELITY(assumed): without a password the copy has the password of the user that is copied
        if not to_string(NewPassword) and not Users.fetch(ctx, Name)["PasswordHash"]:
            raise StatusError(845)
        Users.copy(ctx, Name, NewName, {"FullName": NewFullName, "Password": NewPassword})
        return OK

    @class_method()
    def Delete(ctx: Context, Username: Value) -> Status:
        Users.drop(ctx, Username)
        return OK

    @class_method(byref=("User", "Status"))
    def Exists(ctx: Context, Username: Value, User: LocalArray, Status: LocalArray, Flag: Value = 0) -> Value:
        return Users.find(ctx, Username, User, Status)

    @class_method(byref=("Properties",))
    def Get(ctx: Context, Username: Value, Properties: LocalArray) -> Status:
        Users.get_array(ctx, Username, Properties)
        return OK

    @class_method(byref=("Properties",))
    def Modify(ctx: Context, Username: Value, Properties: LocalArray) -> Status:
        # FIDELITY(observed; R-IM): whoever passes what Get gave, passes read-only values, too; they are not changed
        given = Users.given(ctx, Properties)
        given.pop("SuperUser", None)
        Users.change(ctx, Username, given)
        return OK

    @class_method(byref=("Roles",))
    def AddRoles(ctx: Context, Username: Value, Roles: LocalArray, Admin: Value = 0) -> Status:
        _grant(ctx, Username, "Roles", Roles)
        return OK

    @class_method(byref=("Roles",))
    def AddEscalationRoles(ctx: Context, Username: Value, Roles: LocalArray) -> Status:
        _grant(ctx, Username, "EscalationRoles", Roles)
        return OK

    @class_method(byref=("Roles",))
    def RemoveEscalationRoles(ctx: Context, Username: Value, Roles: LocalArray) -> Status:
        _revoke(ctx, Username, "EscalationRoles", Roles)
        return OK

    @class_method(byref=("Roles",))
    def GetRoleSet(ctx: Context, Username: Value, Roles: LocalArray) -> Status:
        Roles.value = ",".join(granted_roles(ctx, _KIND.fetch(ctx, Username)["Roles"]))
        return OK

    @class_method(byref=("Roles",))
    def RemoveRoles(ctx: Context, Username: Value, Roles: LocalArray) -> Status:
        _revoke(ctx, Username, "Roles", Roles)
        return OK

    @class_method(byref=("Count",))
    def ExpireUserPasswords(ctx: Context, Names: Value, Count: LocalArray) -> Status:
        Count.value = _set_change_password(ctx, Names, "1")
        return OK

    @class_method(byref=("Count",))
    def UnExpireUserPasswords(ctx: Context, Names: Value, Count: LocalArray) -> Status:
        Count.value = _set_change_password(ctx, Names, "0")
        return OK

    @class_method(byref=("NumExported", "NumSQLPrivilegesExported"))
    def Export(
        ctx: Context,
        FileName: Value = "UsersExport.xml",
        NumExported: LocalArray = OMITTED,
        Usernames: Value = "*",
        Roles: Value = "*",
        SQLPrivileges: Value = 0,
        NumSQLPrivilegesExported: LocalArray = OMITTED,
    ) -> Status:
        Users.export_xml(ctx, FileName, Usernames, NumExported, lambda record: _has(record, to_string(Roles)))
        NumSQLPrivilegesExported.value = 0
        return OK

    @class_method(byref=("NumImported", "NumSQLPrivsImported"))
    def Import(
        ctx: Context,
        FileName: Value = "UsersExport.xml",
        NumImported: LocalArray = OMITTED,
        Flags: Value = 0,
        NumSQLPrivsImported: LocalArray = OMITTED,
    ) -> Status:
        Users.import_xml(ctx, FileName, NumImported, Flags)
        NumSQLPrivsImported.value = 0
        return OK

    @query(columns=("Name", "Enabled", "Roles", "LastLoginTime", "Flags"))
    def List(
        ctx: Context, Names: Value = "*", Roles: Value = "*", LastLoginOlderThan: Value = 0, Flag: Value = 0
    ) -> Iterable[Sequence[Value]]:
        for name, record in Users.selected(ctx, Names):
            if _has(record, to_string(Roles)):
                enabled = "Yes" if to_bool(record["Enabled"]) else "No"
                yield name, enabled, record["Roles"], record["LoginDateTime"], record["Flags"]


_KIND = Users


def _grant(context: Context, user: Value, field: str, roles: LocalArray) -> None:
    """Add roles to those that a user has."""
    held = items_of(_KIND.fetch(context, user)[field])
    added = [role for role in items_of(to_string(roles.get())) if role not in held]
    _KIND.change(context, user, {field: ",".join([*held, *added])})


def _revoke(context: Context, user: Value, field: str, roles: LocalArray) -> None:
    """Take roles from those that a user has."""
    held = _KIND.fetch(context, user)[field]
    for role in items_of(to_string(roles.get())):
        held = without(held, role)
    _KIND.change(context, user, {field: held})


def _set_change_password(context: Context, names: Value, value: str) -> int:
    chosen = [name for name, _ in Users.selected(context, names)]
    for name in chosen:
        Users.change(context, name, {"ChangePassword": value})
    return len(chosen)


def _has(record: Record, roles: str) -> bool:
    held = {role.casefold() for role in items_of(record["Roles"])}
    return roles in ("", "*") or any(role.casefold() in held for role in items_of(roles))

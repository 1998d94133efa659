# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security.Roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from irissim.engine.security_objects import Record
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.library.security_record import SecurityRecord, items_of, without
from irissim.library.security_resources import PERMISSIONS, permission_bits
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.objectscript.registry import object_of
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_int, to_string

_ALL = "%All"


class Roles(SecurityRecord):
    """Permissions on resources under one name."""

    NAME = "Security.Roles"
    TABLE = "roles"
    EXISTS, MISSING, INVALID, SYSTEM = 884, 883, 887, 880
    FIELDS: ClassVar[Mapping[str, Value]] = {
        "Description": "",
        "GrantedRoles": "",
        "Resources": "",
        "EscalationOnly": 0,
    }

    @classmethod
    def check(cls, context: Context, name: str, changes: Record) -> Record:
        # FIDELITY(documented; ERR 886, 942, 883, 892, 897): %All cannot be modified, a role and a user cannot have the
        #   same name, granted roles and resources must exist, permissions must be letters of RWU
        if name == _ALL:
            raise StatusError(886, name)
        objects = engine(context).security.objects
        if objects.users.stored_name(name):
            raise StatusError(942)
        check_roles(context, changes.get("GrantedRoles", ""))
        if "Resources" in changes:
            changes["Resources"] = ",".join(_pair(context, pair) for pair in items_of(changes["Resources"]))
        return changes

    @classmethod
    def cleared(cls, context: Context, name: str) -> None:
        # FIDELITY(assumed): deleting a role takes it from users and from other roles
        objects = engine(context).security.objects
        for table, key in ((objects.users, "Roles"), (objects.roles, "GrantedRoles")):
            for other in table.names():
                record = table.get(other)
                if name.casefold() in (item.casefold() for item in items_of(record.get(key, ""))):
                    table.put(other, {**record, key: without(record[key], name)})

    @class_method()
    def Create(
        ctx: Context,
        Name: Value,
        Description: Value = "",
        Resources: Value = "",
        GrantedRoles: Value = "",
        EscalationOnly: Value = 0,
    ) -> Status:
        values = {"Description": Description, "Resources": Resources, "GrantedRoles": GrantedRoles}
        Roles.add(ctx, Name, {**values, "EscalationOnly": EscalationOnly})
        return OK

    @class_method()
    def Copy(ctx: Context, Name: Value, NewName: Value, NewDescription: Value, EscalationOnly: Value) -> Status:
        changes = {"Description": NewDescription, "EscalationOnly": EscalationOnly}
        Roles.copy(ctx, Name, NewName, changes)
        return OK

    @class_method(byref=("Properties",))
    def GetProperties(ctx: Context, Role: Value, Properties: LocalArray) -> Status:
        Roles.get_array(ctx, object_of(Role).get_property("Name"), Properties)
        return OK

    @class_method()
    def Delete(ctx: Context, Name: Value) -> Status:
        Roles.drop(ctx, Name)
        return OK

    @class_method(byref=("Role", "Status"))
    def Exists(ctx: Context, Name: Value, Role: LocalArray, Status: LocalArray) -> Value:
        return Roles.find(ctx, Name, Role, Status)

    @class_method(byref=("Properties", "Role"))
    def Get(ctx: Context, Name: Value, Properties: LocalArray, Role: LocalArray = OMITTED) -> Status:
        Roles.get_array(ctx, Name, Properties)
        Roles.find(ctx, Name, Role, LocalArray())
        return OK

    @class_method(byref=("Properties",))
    def Modify(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        Roles.change(ctx, Name, Roles.given(ctx, Properties))
        return OK

    @class_method(byref=("NumExported", "NumSQLPrivilegesExported"))
    def Export(
        ctx: Context,
        FileName: Value = "RolesExport.xml",
        NumExported: LocalArray = OMITTED,
        Roles: Value = "*",
        Resources: Value = "*",
        SQLPrivileges: Value = 0,
        NumSQLPrivilegesExported: LocalArray = OMITTED,
    ) -> Status:
        _KIND.export_xml(ctx, FileName, Roles, NumExported, lambda record: _has(record, to_string(Resources)))
        NumSQLPrivilegesExported.value = 0
        return OK

    @class_method(byref=("NumImported", "NumSQLPrivsImported"))
    def Import(
        ctx: Context,
        FileName: Value = "RolesExport.xml",
        NumImported: LocalArray = OMITTED,
        Flags: Value = 0,
        NumSQLPrivsImported: LocalArray = OMITTED,
    ) -> Status:
        Roles.import_xml(ctx, FileName, NumImported, Flags)
        NumSQLPrivsImported.value = 0
        return OK

    @query(columns=("Name", "Description", "GrantedRoles", "CanBeEdited", "EscalationOnly"))
    def List(ctx: Context, Names: Value = "*", Resources: Value = "*", Flags: Value = 0) -> Iterable[Sequence[Value]]:
        for name, record in Roles.selected(ctx, Names):
            fixed = name == _ALL or (name.startswith("%DB_") and Roles.table(ctx).is_predefined(name))
            # FIDELITY(documented; CR24): bit 0 of Flags leaves out the system roles that cannot be edited
            if _has(record, to_string(Resources)) and not (fixed and to_int(Flags) & 1):
                yield name, record["Description"], record["GrantedRoles"], int(not fixed), record["EscalationOnly"]

    @query(columns=("Name", "Description", "GrantedRoles", "Resources", "EscalationOnly"))
    def ListAll(ctx: Context, Names: Value = "*") -> Iterable[Sequence[Value]]:
        for name, record in Roles.selected(ctx, Names):
            values = (record["Description"], record["GrantedRoles"], record["Resources"], record["EscalationOnly"])
            yield (name, *values)


_KIND = Roles


def check_roles(context: Context, roles: str) -> None:
    """The roles of a list must exist."""
    for role in items_of(roles):
        if not engine(context).security.objects.roles.stored_name(role):
            raise StatusError(883, role)


def granted_roles(context: Context, roles: str) -> list[str]:
    """Roles with those that are granted to them, and so on."""
    table, found = engine(context).security.objects.roles, list(dict.fromkeys(items_of(roles)))
    for role in found:
        granted = items_of(table.get(role).get("GrantedRoles", ""))
        found.extend(other for other in granted if other not in found)
    return found


def _pair(context: Context, text: str) -> str:
    """Resource:permission, checked, with the letters in order."""
    name, _, permission = text.partition(":")
    stored = engine(context).security.objects.resources.stored_name(name)
    if not stored:
        raise StatusError(892, name)
    bits = permission_bits(permission, name)
    if not bits:
        raise StatusError(897, permission, name)
    return stored + ":" + "".join(letter for letter, bit in PERMISSIONS.items() if bits & bit)


def _has(record: Record, wanted: str) -> bool:
    """Whether a role has one of these resources, with at least these permissions."""
    if wanted in ("", "*"):
        return True
    held = dict(pair.split(":", 1) for pair in items_of(record["Resources"]))
    for item in items_of(wanted):
        name, _, permission = item.partition(":")
        if name in held and set(permission) <= set(held[name]):
            return True
    return False

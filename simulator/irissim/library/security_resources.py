# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security.Resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from irissim.engine.security_objects import DATABASE_TYPE, Record, Table
from irissim.library.arrays import OMITTED
from irissim.library.database_view import DatabaseView
from irissim.library.engine_access import engine
from irissim.library.security_record import SecurityRecord, items_of
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.errors import StatusError
from irissim.values.oslist import list_build
from irissim.values.status import OK
from irissim.values.value import Value, to_int, to_string

PERMISSIONS = {"R": 1, "W": 2, "U": 4}
_DATABASE = "%DB_"


class Resources(SecurityRecord):
    """What permissions are for."""

    NAME = "Security.Resources"
    TABLE = "resources"
    EXISTS, MISSING, INVALID, SYSTEM = 891, 892, 896, 890
    FIELDS: ClassVar[Mapping[str, Value]] = {"Description": "", "PublicPermission": "0", "Type": "0"}

    @classmethod
    def check(cls, context: Context, name: str, changes: Record) -> Record:
        if "PublicPermission" in changes:
            changes["PublicPermission"] = str(permission_bits(changes["PublicPermission"], name))
        return changes

    @classmethod
    def cleared(cls, context: Context, name: str) -> None:
        # FIDELITY(documented; CR24): deleting a resource takes it out of all roles
        roles = engine(context).security.objects.roles
        for role in roles.names():
            record = roles.get(role)
            pairs = items_of(record.get("Resources", ""))
            kept = [pair for pair in pairs if pair.partition(":")[0].casefold() != name.casefold()]
            if kept != pairs:
                roles.put(role, {**record, "Resources": ",".join(kept)})

    @classmethod
    def others(cls, context: Context, kind: str) -> Iterator[tuple[str, Record]]:
        """All objects of another kind."""
        table: Table = getattr(engine(context).security.objects, kind)
        for name in table.names():
            yield name, table.get(name)

    @class_method()
    def Create(
        ctx: Context, Name: Value, Description: Value = "", PublicPermission: Value = "", Type: Value = ""
    ) -> Status:
        text = to_string(Name)
        is_database = text.upper().startswith(_DATABASE)
        kind = to_string(Type) or str(DATABASE_TYPE if is_database else 0)
        values = {"Description": Description, "PublicPermission": to_string(PublicPermission) or "0", "Type": kind}
        Resources.add(ctx, Name, values)
        # FIDELITY(documented; SEC): with the resource of a database goes a role of that name, which can read and write
        roles = engine(ctx).security.objects.roles
        if is_database and not roles.stored_name(text):
            roles.put(text, {"Resources": f"{text}:RW"})
        return OK

    @class_method(byref=("InUse", "Roles", "Databases", "Applications"))
    def InUse(
        ctx: Context,
        Name: Value,
        InUse: LocalArray,
        Roles: LocalArray,
        Databases: LocalArray,
        Applications: LocalArray,
        Flags: Value = 0,
    ) -> Status:
        # FIDELITY(documented; CR24): $LISTs of those that use the resource, "" for none; bit 0 of Flags adds the
        #   permissions to the roles
        # FIDELITY(assumed): databases are given by their directories
        Resources.fetch(ctx, Name)
        wanted = to_string(Name).casefold()
        roles = [
            f"{role}:{pair.partition(':')[2]}" if to_int(Flags) & 1 else role
            for role, record in _KIND.others(ctx, "roles")
            for pair in items_of(record.get("Resources", ""))
            if pair.partition(":")[0].casefold() == wanted
        ]
        applications = [
            name
            for name, record in _KIND.others(ctx, "applications")
            if record.get("Resource", "").casefold() == wanted
        ]
        instance = engine(ctx)
        directories = [instance.config.fields("Databases", name)[0] for name in instance.config.section("Databases")]
        labels = {directory: DatabaseView(instance, directory).label for directory in directories if directory}
        databases = [
            name for name, label in labels.items() if label is not None and label.resource.casefold() == wanted
        ]
        for target, names in ((Roles, roles), (Databases, databases), (Applications, applications)):
            target.value = list_build(names) if names else ""
        InUse.value = int(bool(roles or databases or applications))
        return OK

    @class_method()
    def Delete(ctx: Context, Name: Value) -> Status:
        Resources.drop(ctx, Name)
        return OK

    @class_method(byref=("Resource", "Status"))
    def Exists(ctx: Context, Name: Value, Resource: LocalArray, Status: LocalArray) -> Value:
        return Resources.find(ctx, Name, Resource, Status)

    @class_method(byref=("Properties",))
    def Get(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        Resources.get_array(ctx, Name, Properties)
        return OK

    @class_method(byref=("Properties",))
    def Modify(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        Resources.change(ctx, Name, Resources.given(ctx, Properties))
        return OK

    @class_method(byref=("NumExported",))
    def Export(
        ctx: Context,
        FileName: Value = "ResourcesExport.xml",
        NumExported: LocalArray = OMITTED,
        Resources: Value = "*",
        PublicPermissions: Value = -1,
        Type: Value = -1,
    ) -> Status:
        _KIND.export_xml(ctx, FileName, Resources, NumExported, lambda record: _wanted(record, PublicPermissions, Type))
        return OK

    @class_method(byref=("NumImported",))
    def Import(
        ctx: Context,
        FileName: Value = "ResourcesExport.xml",
        NumImported: LocalArray = OMITTED,
        Flags: Value = 0,
    ) -> Status:
        Resources.import_xml(ctx, FileName, NumImported, Flags)
        return OK

    @query(columns=("Name", "Description", "PublicPermission", "AllowDelete", "PublicPermissionLong", "Type"))
    def List(
        ctx: Context, Names: Value = "*", PublicPermissions: Value = -1, Type: Value = -1, Flags: Value = 0
    ) -> Iterable[Sequence[Value]]:
        for name, record in Resources.selected(ctx, Names):
            if _wanted(record, PublicPermissions, Type):
                bits = to_int(record["PublicPermission"])
                short = "".join(letter for letter, bit in PERMISSIONS.items() if bits & bit)
                words = {"R": "Read", "W": "Write", "U": "Use"}
                long = ",".join(words[letter] for letter in short)
                deletable = int(not Resources.table(ctx).is_predefined(name))
                yield name, record["Description"], short, deletable, long, record["Type"]


_KIND = Resources


def permission_bits(text: str, resource: str) -> int:
    """RWU as bits, as a number already or in letters or words; 897 for anything else."""
    # FIDELITY(documented; CR24): a permission is bits 1, 2 and 4, letters of RWU, or READ,WRITE,USE
    if text.isdecimal() and int(text) < 8:
        return int(text)
    words = {"READ": "R", "WRITE": "W", "USE": "U"}
    letters = [words.get(part.strip().upper(), part.strip().upper()) for part in text.split(",")]
    found = set("".join(letters))
    if not found <= set(PERMISSIONS):
        raise StatusError(897, text, resource)
    return sum(PERMISSIONS[letter] for letter in found)


def _wanted(record: Record, permissions: Value, kind: Value) -> bool:
    bits = to_int(record["PublicPermission"])
    # FIDELITY(documented; CR24): -1 means all, bit 9 those without a public permission
    if to_int(permissions) != -1 and not (bits & to_int(permissions) or (to_int(permissions) & 512 and not bits)):
        return False
    return to_int(kind) == -1 or bool(to_int(record["Type"]) & to_int(kind))

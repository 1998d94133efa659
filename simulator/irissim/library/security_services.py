# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security.Services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from irissim.engine.security import Service
from irissim.library.arrays import OMITTED, read_record, write_record
from irissim.library.engine_access import engine
from irissim.library.security_file import read_records, record_path, write_records
from irissim.library.wildcards import matches
from irissim.objectscript.classes import (
    Context,
    LocalArray,
    Status,
    SystemClass,
    class_method,
    field,
    method,
    query,
)
from irissim.values.errors import StatusError
from irissim.values.status import OK, status_of
from irissim.values.value import Value, to_bool, to_int, to_string

_FIELDS = {
    "AutheEnabled": "authe_enabled",
    "ClientSystems": "client_systems",
    "Description": "description",
    "Enabled": "enabled",
}
_TABLE = "services"
_USE = 4
# FIDELITY(documented; CR24): bits of AutheEnabled
_METHODS = {16: "Operating System", 32: "Password", 64: "Unauthenticated", 2048: "LDAP", 8192: "Delegated"}


class Services(SystemClass):
    """The services through which an instance can be reached."""

    NAME = "Security.Services"
    NAMESPACE = "%SYS"

    Name = field()
    AutheEnabled = field(0)
    ClientSystems = field()
    Description = field()
    Enabled = field(0)

    @class_method(byref=("Service", "Status"))
    def Exists(ctx: Context, Name: Value, Service: LocalArray, Status: LocalArray) -> Value:
        try:
            service = engine(ctx).security.service(to_string(Name))
        except StatusError as error:
            Service.value, Status.value = "", status_of(error)
            return 0
        opened = Services(ctx)
        for name, value in _properties(service).items():
            opened.set_property(name, value)
        Service.value, Status.value = opened, OK
        return 1

    @class_method(byref=("Properties",))
    def Get(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        write_record(Properties, _properties(engine(ctx).security.service(to_string(Name))))
        return OK

    @class_method(byref=("Properties",))
    def Modify(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        # FIDELITY(observed; R-PF, HCM): Modify changes only the given properties
        service = engine(ctx).security.service(to_string(Name))
        given = read_record(ctx, Properties, ("Name", *_FIELDS), Services.NAME)
        engine(ctx).security.modify_service(service.name, **_changes(given))
        return OK

    @class_method(byref=("NumExported",))
    def Export(
        ctx: Context,
        FileName: Value = "ServicesExport.xml",
        NumExported: LocalArray = OMITTED,
        Services: Value = "*",
    ) -> Status:
        chosen = [item for item in engine(ctx).security.services() if matches(item.name, to_string(Services))]
        records = {item.name: {name: to_string(value) for name, value in _fields(item).items()} for item in chosen}
        write_records(record_path(ctx, FileName), _TABLE, records)
        NumExported.value = len(records)
        return OK

    @class_method(byref=("NumImported",))
    def Import(
        ctx: Context, FileName: Value = "ServicesExport.xml", NumImported: LocalArray = OMITTED, Flags: Value = 0
    ) -> Status:
        # FIDELITY(documented; CR24): on failure no records are imported; bit 0 of Flags only counts them
        security = engine(ctx).security
        records = read_records(record_path(ctx, FileName), _TABLE, _FIELDS)
        changes = {security.service(name).name: _changes(record) for name, record in records.items()}
        if not to_int(Flags) & 1:
            for name, given in changes.items():
                security.modify_service(name, **given)
        NumImported.value = len(changes)
        return OK

    @method()
    def IsPublic(self) -> Value:
        # FIDELITY(assumed): a service is public if nobody needs a permission to use the resource of its name; services
        #   without such a resource are not
        resource = engine(self).security.objects.resources.get(to_string(self.get_property("Name")))
        return int(to_int(resource.get("PublicPermission", "0")) & _USE != 0)

    @query(
        columns=(
            "Name", "Enabled", "Public", "Authentication Methods", "Allowed Connections", "Description",
            "EnabledBoolean", "HttpOnlyCookies", "TwoFactorEnabled",
        )
    )  # fmt: skip
    def Detail(ctx: Context, Names: Value) -> Iterable[Sequence[Value]]:
        # FIDELITY(assumed): the words for the methods; without a list of addresses all connections are allowed
        for service in engine(ctx).security.services():
            if matches(service.name, to_string(Names)):
                enabled = "Yes" if service.enabled else "No"
                methods = ",".join(word for bit, word in _METHODS.items() if service.authe_enabled & bit)
                allowed = service.client_systems or "Unrestricted"
                yield (
                    service.name, enabled, "N/A", methods, allowed, service.description, int(service.enabled), 0, 0
                )  # fmt: skip

    @query(columns=("Name", "Enabled", "Public", "Description", "EnabledBoolean"))
    def List(ctx: Context, Names: Value) -> Iterable[Sequence[Value]]:
        for service in engine(ctx).security.services():
            if matches(service.name, to_string(Names)):
                enabled = "Yes" if service.enabled else "No"
                yield (service.name, enabled, "N/A", service.description, int(service.enabled))


def _fields(service: Service) -> dict[str, Value]:
    values: dict[str, Value] = {name: getattr(service, attribute) for name, attribute in _FIELDS.items()}
    return {**values, "Enabled": int(service.enabled)}


def _properties(service: Service) -> dict[str, Value]:
    return {"Name": service.name, **_fields(service)}


def _changes(given: Mapping[str, Value]) -> dict[str, Any]:
    changes: dict[str, Any] = {
        attribute: to_string(given[name]) for name, attribute in _FIELDS.items() if name in given
    }
    if "AutheEnabled" in given:
        changes["authe_enabled"] = to_int(given["AutheEnabled"])
    if "Enabled" in given:
        # FIDELITY(assumed; CR24): anything but 0 and 1 is no value for Enabled
        if to_string(given["Enabled"]) not in ("0", "1"):
            raise StatusError(407, "Enabled", to_string(given["Enabled"]))
        changes["enabled"] = to_bool(given["Enabled"])
    return changes

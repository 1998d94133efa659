# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security.Services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from irissim.engine.security import Service
from irissim.library.arrays import read_record, write_record
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method, field, query
from irissim.values.errors import StatusError
from irissim.values.status import OK, status_of
from irissim.values.value import Value, to_bool, to_int, to_string

_FIELDS = {
    "AutheEnabled": "authe_enabled",
    "ClientSystems": "client_systems",
    "Description": "description",
    "Enabled": "enabled",
}


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

    @query(columns=("Name", "Enabled", "Public", "Description", "EnabledBoolean"))
    def List(ctx: Context, Names: Value) -> Iterable[Sequence[Value]]:
        for service in engine(ctx).security.services():
            if matches(service.name, to_string(Names)):
                enabled = "Yes" if service.enabled else "No"
                yield (service.name, enabled, "N/A", service.description, int(service.enabled))


def _properties(service: Service) -> dict[str, Value]:
    values: dict[str, Value] = {name: getattr(service, attribute) for name, attribute in _FIELDS.items()}
    values["Enabled"] = int(service.enabled)
    return {"Name": service.name, **values}


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

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that create, modify and delete objects: which class an action calls, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass

from irissim.merge.calls import Calls, Refusal, record
from irissim.merge.source import Action, MergeError
from irissim.objectscript.classes import SystemClass

ALL = ("Create", "Modify", "Delete")
MODIFY = ("Modify",)
_VERB = re.compile(r"(Create|Modify|Delete)(\w+)")
_MACRO = re.compile(r"\$\$\$(\w+)")


@dataclass(frozen=True)
class Kind:
    """A kind of object that actions handle through the methods of a class."""

    class_name: str
    keys: tuple[str, ...] = ("Name",)
    verbs: tuple[str, ...] = ALL


# FIDELITY(documented; CPF [Actions]): the objects, their classes, what can be done with them and what names them
# FIDELITY(assumed; CPF [Actions]): the order of this table is the order of execution, whatever that of the file is
KINDS = {
    "System": Kind("Security.System", (), MODIFY),
    "Service": Kind("Security.Services", ("Name",), MODIFY),
    "Config": Kind("Config.config", (), MODIFY),
    "ECP": Kind("Config.ECP", (), MODIFY),
    "Journal": Kind("Config.Journal", (), MODIFY),
    "Logging": Kind("Config.Logging", (), MODIFY),
    "Miscellaneous": Kind("Config.Miscellaneous", (), MODIFY),
    "Monitor": Kind("Config.Monitor", (), MODIFY),
    "SQL": Kind("Config.SQL", (), MODIFY),
    "Startup": Kind("Config.Startup", (), MODIFY),
    "ComPort": Kind("Config.ComPorts"),
    "Device": Kind("Config.Devices"),
    "DeviceSubType": Kind("Config.DeviceSubTypes"),
    "MagTape": Kind("Config.MagTapes"),
    "LicenseServer": Kind("Config.LicenseServers"),
    "SqlSysDatatype": Kind("Config.SqlSysDatatypes"),
    "SqlUserDatatype": Kind("Config.SqlUserDatatypes"),
    "WorkQueue": Kind("Config.WorkQueues"),
    "Event": Kind("Security.Events", ("Source", "Type", "Name")),
    "LDAPConfig": Kind("Security.LDAPConfigs"),
    "Resource": Kind("Security.Resources"),
    "Role": Kind("Security.Roles"),
    "User": Kind("Security.Users"),
    "SSLConfig": Kind("Security.SSLConfigs"),
    "Server": Kind("Security.Servers", ("Port", "BindAddress")),
    "ECPServer": Kind("Config.ECPServers"),
    "Mirror": Kind("Config.Mirrors"),
    "MirrorMember": Kind("Config.MirrorMember", (), MODIFY),
    "DatabaseFile": Kind("SYS.Database", ("Directory",)),
    "Database": Kind("Config.Databases"),
    "Namespace": Kind("Config.Namespaces"),
    "MapGlobal": Kind("Config.MapGlobals", ("Namespace", "Name")),
    "MapRoutine": Kind("Config.MapRoutines", ("Namespace", "Name")),
    "MapPackage": Kind("Config.MapPackages", ("Namespace", "Name")),
    "DocDB": Kind("Security.DocDBs", ("Name", "Namespace")),
    "Application": Kind("Security.Applications"),
    "WebAppPctAccess": Kind("Security.WebAppPctAccess", ("Name", "AllowType", "Class")),
    "WalletCollection": Kind("%Wallet.Collection"),
    "WalletKeyValue": Kind("%Wallet.KeyValue"),
    "WalletSymmetricKey": Kind("%Wallet.SymmetricKey"),
    "WalletRSA": Kind("%Wallet.RSA"),
}

# FIDELITY(documented; ACMF 5.1.1, CR24 Security.Services): the macros for AutheEnabled and their bits
_AUTHE_BITS = {
    "AutheK5CCache": 0,
    "AutheK5Prompt": 1,
    "AutheK5API": 2,
    "AutheK5KeyTab": 3,
    "AutheOS": 4,
    "AuthePassword": 5,
    "AutheUnauthenticated": 6,
    "AutheKB": 7,
    "AutheKBEncryption": 8,
    "AutheKBIntegrity": 9,
    "AutheLDAP": 11,
    "AutheLDAPCache": 12,
    "AutheDelegated": 13,
    "AutheLoginToken": 14,
}


def split(action: Action) -> tuple[str, str] | None:
    """Verb and object of an action; None for one that handles no object."""
    found = _VERB.fullmatch(action.name)
    if found is None or found[2] not in KINDS or found[1] not in KINDS[found[2]].verbs:
        return None
    return found[1], found[2]


def run(calls: Calls, action: Action, verb: str, kind: Kind) -> bool:
    """Carry an action out; False if there was nothing to do."""
    system_class = calls.kind(kind.class_name)
    if system_class is None:
        raise MergeError(
            f"{action.name} needs the class {kind.class_name}, which the simulator does not have", action.line
        )
    names = action.require(*kind.keys)
    if action.name == "CreateUser" and "Password" in action.properties:
        # FIDELITY(documented; CPF CreateUser): a user is created with PasswordHash, Password is not accepted
        raise MergeError("CreateUser takes PasswordHash, not Password", action.line)
    known = set(system_class.properties) | set(kind.keys)
    # FIDELITY(documented; CPF): the synopsis of DeleteMap... names the database, which Delete does not need
    action.only(*known, *(("Database",) if verb == "Delete" else ()))
    properties = {name: expanded(action, value) for name, value in action.without(*kind.keys).items()}
    if not kind.keys:
        calls.status(kind.class_name, "Modify", record(properties))
        return True
    # FIDELITY(documented; ACMF 1.5): Create is skipped if the object exists, Modify and Delete if it does not
    if calls.exists(kind.class_name, *names) == (verb == "Create"):
        return False
    if verb == "Delete":
        calls.status(kind.class_name, "Delete", *names)
    elif verb == "Modify":
        calls.status(kind.class_name, "Modify", *names, record(properties))
    else:
        _create(calls, system_class, names, properties)
    return True


def _create(calls: Calls, kind: type[SystemClass], names: tuple[str, ...], properties: dict[str, str]) -> None:
    """Create takes an array of properties, or each as an argument of its own."""
    parameters = [parameter.name for parameter in kind.methods["Create"].signature.parameters]
    if kind.NAME == "Config.Namespaces":
        # FIDELITY(documented; CPF CreateNamespace): Globals is enough, its database holds the routines, too
        properties.setdefault("Routines", properties.get("Globals", ""))
    if "Properties" in parameters or kind.NAME == "Security.Users":
        calls.status(kind.NAME, "Create", *names, record(properties))
        return
    unknown = set(properties) - set(parameters)
    if unknown:
        raise Refusal(f"it cannot be created with {', '.join(sorted(unknown))}")
    arguments = [properties.get(parameter) for parameter in parameters[len(names) :]]
    calls.status(kind.NAME, "Create", *names, *arguments)


def expanded(action: Action, value: str) -> str:
    """A value with its macros replaced by their sum."""
    if "$$$" not in value:
        return value
    total = 0
    for term in value.split("+"):
        macro = _MACRO.fullmatch(term.strip())
        if macro is None or macro[1] not in _AUTHE_BITS:
            raise MergeError(f"{action.name}: {term.strip()} is no macro that the simulator has", action.line)
        total |= 1 << _AUTHE_BITS[macro[1]]
    return str(total)

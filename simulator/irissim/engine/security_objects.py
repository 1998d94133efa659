# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, roles, resources and web applications of one instance. A mirror does not replicate them."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from irissim.engine.jsonstore import JsonStore
from irissim.engine.passwords import matches_hash

if TYPE_CHECKING:
    from pathlib import Path

USERS, ROLES, RESOURCES, APPLICATIONS = "users", "roles", "resources", "applications"
SYSTEM_TYPE, DATABASE_TYPE, SERVICE_TYPE = 1, 2, 4
_DATABASE = "%DB_"
NOBODY = "UnknownUser"
WEB_GATEWAY = "CSPSystem"
_NO_LOGIN = (NOBODY, "_PUBLIC")
# FIDELITY(documented; ADOCK): the predefined accounts of an image have the password SYS, which has to be changed
_FIRST_PASSWORD = "SYS"

Record = dict[str, str]

# FIDELITY(documented; SEC): the predefined users, roles and resources of an instance
# FIDELITY(assumed): those listed here, with what they hold; the ones that nothing in the simulator needs are left out
_PREDEFINED_USERS = {
    "Admin": ("System Administrator", "%Manager"),
    "CSPSystem": ("Web Gateway user", ""),
    "IAM": ("API manager user", "%IAM_API"),
    "SuperUser": ("System Super User", "%All"),
    "UnknownUser": ("Unknown User", "%All"),
    "_Ensemble": ("Interoperability Manager", "%All"),
    "_PUBLIC": ("Internal use", ""),
    "_SYSTEM": ("SQL System Manager", "%All"),
}
_ROLES = ("%All", "%Developer", "%EnsRole_Administrator", "%IAM_API", "%Manager", "%Operator", "%SQL", "%SQLTuneTable")
_DATABASES = ("%DEFAULT", "IRISAUDIT", "IRISLIB", "IRISLOCALDATA", "IRISSYS", "IRISTEMP", "USER")
_ADMIN_RESOURCES = (
    "%Admin_ExternalLanguageServerEdit", "%Admin_Journal", "%Admin_Manage", "%Admin_Operate", "%Admin_RoleEdit",
    "%Admin_Secure", "%Admin_Tasks", "%Admin_UserEdit", "%Development", "%DocDB_Admin", "%System_Callout",
)  # fmt: skip
_SERVICE_RESOURCES = (
    "%Service_CallIn", "%Service_Console", "%Service_Login", "%Service_Object", "%Service_SQL", "%Service_Terminal",
    "%Service_WebGateway",
)  # fmt: skip
_ROLE_RESOURCES = {
    "%Developer": "%DB_IRISSYS:R,%Development:U,%Service_Object:U,%Service_SQL:U,%Service_Terminal:U",
    "%Manager": "%Admin_Journal:U,%Admin_Manage:U,%Admin_Operate:U,%Admin_Secure:U,%Admin_Tasks:U,%DB_IRISSYS:RW",
    "%Operator": "%Admin_Operate:U,%DB_IRISSYS:R",
    "%SQL": "%Service_SQL:U",
}
_APPLICATIONS = {"/api/mgmnt": "%SYS", "/api/monitor": "%SYS", "/csp/sys": "%SYS", "/csp/user": "USER"}


def _predefined(kind: str) -> dict[str, Record]:
    if kind == USERS:
        return {
            name: {"FullName": text, "Roles": roles, "Enabled": str(int(name != "_PUBLIC")), "ChangePassword": "1"}
            for name, (text, roles) in _PREDEFINED_USERS.items()
        }
    if kind == ROLES:
        roles = {name: {"Resources": _ROLE_RESOURCES.get(name, "")} for name in _ROLES}
        return roles | {_DATABASE + name: {"Resources": f"{_DATABASE}{name}:RW"} for name in _DATABASES}
    if kind == RESOURCES:
        found = {name: {"Type": str(SYSTEM_TYPE)} for name in _ADMIN_RESOURCES}
        found |= {name: {"Type": str(SYSTEM_TYPE | SERVICE_TYPE)} for name in _SERVICE_RESOURCES}
        return found | {_DATABASE + name: {"Type": str(SYSTEM_TYPE | DATABASE_TYPE)} for name in _DATABASES}
    return {name: {"NameSpace": namespace, "Type": "3"} for name, namespace in _APPLICATIONS.items()}


class Table:
    """The objects of one kind by name; names ignore case. Thread-safe."""

    def __init__(self, file: Path, kind: str) -> None:
        self._store = JsonStore(file)
        self._kind = kind
        self._lock = threading.RLock()
        self._predefined = _predefined(kind)

    def is_predefined(self, name: str) -> bool:
        """Whether IRIS brings the object itself."""
        return name.casefold() in {known.casefold() for known in self._predefined}

    def names(self) -> list[str]:
        """In order."""
        return sorted(self._all())

    def stored_name(self, name: str) -> str:
        """The name as it was given at creation; "" if there is none."""
        return next((known for known in self._all() if known.casefold() == name.casefold()), "")

    def get(self, name: str) -> Record:
        """A copy of the properties; {} if there is no such object."""
        return dict(self._all().get(self.stored_name(name), {}))

    def put(self, name: str, record: Mapping[str, str]) -> None:
        """Create or replace."""
        with self._lock:
            everything = self._all()
            everything[self.stored_name(name) or name] = dict(record)
            self._store.set(self._kind, everything)

    def remove(self, name: str) -> None:
        """Remove one that is there."""
        with self._lock:
            everything = self._all()
            del everything[self.stored_name(name)]
            self._store.set(self._kind, everything)

    def _all(self) -> dict[str, Record]:
        with self._lock:
            stored = self._store.get(self._kind)
            return dict(self._predefined if stored is None else stored)


class SecurityObjects:
    """`instance.security.objects`."""

    def __init__(self, folder: Path) -> None:
        self.users, self.roles, self.resources, self.applications = (
            Table(folder / f"security-{kind}.json", kind) for kind in (USERS, ROLES, RESOURCES, APPLICATIONS)
        )

    def accepts(self, name: str, password: str) -> bool:
        """Whether somebody can log in so."""
        record = self.users.get(name)
        if record.get("Enabled", "1") != "1" or not record or not password:
            return False
        if hashed := record.get("PasswordHash"):
            return matches_hash(password, hashed)
        first = self.users.is_predefined(name) and self.users.stored_name(name) not in _NO_LOGIN
        return first and hmac.compare_digest(password.encode(), _FIRST_PASSWORD.encode())

    def change_passwords(self, hashed: str) -> None:
        """The password of all enabled users with a role, and of the user of the Web Gateway."""
        for name in self.users.names():
            record = self.users.get(name)
            can_log_in = record.get("Enabled", "1") == "1" and name not in _NO_LOGIN
            if can_log_in and (record.get("Roles") or name == WEB_GATEWAY):
                changed = {"PasswordHash": hashed, "ChangePassword": "0", "PasswordNeverExpires": "1"}
                self.users.put(name, {**record, **changed})

    def set_default_password(self, hashed: str) -> None:
        """[Startup] PasswordHash: the password of the predefined users, as long as none of them has got one."""
        # FIDELITY(documented; CPF PasswordHash): once only, for each enabled predefined user with a role
        users = self.users
        predefined = [name for name in users.names() if users.is_predefined(name)]
        if any(users.get(name).get("PasswordHash") for name in predefined):
            return
        for name in predefined:
            record = users.get(name)
            if record.get("Enabled") == "1" and record.get("Roles"):
                users.put(name, {**record, "PasswordHash": hashed, "ChangePassword": "0"})

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""What a mirror does not replicate, as data: which class keeps it, what of it is configuration, how it is made.

Sources: class reference of Security.Users, Roles, Resources, Applications, Services, of Config.Namespaces, MapGlobals,
MapRoutines, MapPackages, and of %SYS.Task. Properties that say what happened (logins, changes), that hold secrets
(passwords, salts, keys) or that IRIS computes are in no list, so they are never even read.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.objects import Found, Query, Records


@dataclasses.dataclass(frozen=True)
class Kind:
    """One class of objects.

    ``compared`` are the properties that are configuration, ``judged`` are read to decide, ``initial`` are given to new
    objects and never compared. ``unordered`` are lists with commas whose order means nothing. ``create`` says how an
    object is made: with an array of properties, "bare" (with ``arguments``, then modified), saved as an object, or not
    at all. Objects whose name matches ``builtin``, or for which ``is_system`` is true, are what IRIS brings itself.
    """

    option: str
    class_name: str
    compared: tuple[str, ...]
    query: Query
    owners: Query | None = None
    label: str = ""
    judged: tuple[str, ...] = ()
    initial: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    create: str = "array"
    arguments: tuple[str, ...] = ()
    outputs: int = 0
    ignores_case: bool = True
    builtin: str = "%"
    is_system: t.Callable[[t.Mapping[str, str]], bool] = lambda values: False

    @property
    def step(self) -> Records:
        """The step that reads all objects of the kind."""
        return Records(
            "read %s%s" % (self.option, self.label and " of " + self.label),
            self.query,
            self.compared + self.judged + self.initial,
            self.owners,
            self.create != "save",
            self.outputs,
        )

    def name_of(self, found: Found) -> str:
        """How people call an object."""
        if self.create == "save":
            return found.values.get("Name", "")
        return "/".join([found.owner, self.label, found.key]) if self.owners else found.key

    def comes_with_iris(self, found: Found) -> bool:
        return bool(re.match(self.builtin, self.name_of(found))) or self.is_system(found.values)


def _has_system_bit(values: t.Mapping[str, str]) -> bool:
    number = values.get("Type", "")
    return number.isdigit() and int(number) % 2 == 1


_NAMESPACES = Query("Config.Namespaces", "List", ("*",), "Namespace")


def _mapping(label: str, class_name: str, *more: str) -> Kind:
    return Kind(
        "mappings",
        class_name,
        ("Database", *more),
        Query(class_name, "List", ("*",)),
        _NAMESPACES,
        label,
        databases=("Database", "LockDatabase"),
        ignores_case=False,
    )


#: In the order in which they are made: what refers to others comes after them.
KINDS: tuple[Kind, ...] = (
    Kind(
        "resources",
        "Security.Resources",
        ("Description", "PublicPermission"),
        Query("Security.Resources", "List", ("*",)),
        judged=("Type",),
        create="bare",
        # The type is for internal use: IRIS sets it
        arguments=("", ""),
        is_system=_has_system_bit,
        builtin="%(?!DB_)",
    ),
    Kind(
        "roles",
        "Security.Roles",
        ("Description", "Resources", "GrantedRoles", "EscalationOnly"),
        Query("Security.Roles", "List", ("*",)),
        unordered=("Resources", "GrantedRoles"),
        create="bare",
        arguments=("", "", ""),
        outputs=1,
        builtin="%(?!DB_)|%DB_(%DEFAULT|IRIS|ENSLIB|USER$|HS)",
    ),
    Kind(
        "namespaces",
        "Config.Namespaces",
        ("Globals", "Routines", "TempGlobals"),
        _NAMESPACES,
        databases=("Globals", "Routines", "TempGlobals"),
    ),
    _mapping("globals", "Config.MapGlobals", "Collation", "LockDatabase"),
    _mapping("routines", "Config.MapRoutines"),
    _mapping("packages", "Config.MapPackages"),
    Kind(
        "users",
        "Security.Users",
        (
            "FullName",
            "Roles",
            "EscalationRoles",
            "Enabled",
            "NameSpace",
            "Routine",
            "Comment",
            "ExpirationDate",
            "AccountNeverExpires",
            "PasswordNeverExpires",
            "EmailAddress",
            "PhoneNumber",
            "PhoneProvider",
            "AutheEnabled",
        ),
        Query("Security.Users", "List", ("*",)),
        judged=("Flags",),
        initial=("ChangePassword",),
        unordered=("Roles", "EscalationRoles"),
        builtin=r"_|(Admin|CSPSystem|IAM|SuperUser|UnknownUser|irisowner)\Z",
    ),
    Kind(
        "applications",
        "Security.Applications",
        (
            "Description",
            "Enabled",
            "NameSpace",
            "Resource",
            "MatchRoles",
            "AutheEnabled",
            "DispatchClass",
            "Path",
            "Package",
            "SuperClass",
            "PermittedClasses",
            "EventClass",
            "GroupById",
            "LoginPage",
            "ChangePasswordPage",
            "ErrorPage",
            "AutoCompile",
            "Recurse",
            "LockCSPName",
            "ServeFiles",
            "ServeFilesTimeout",
            "Timeout",
            "CookiePath",
            "UseCookies",
            "SessionScope",
            "UserCookieScope",
            "IsNameSpaceDefault",
            "RedirectEmptyPath",
            "InbndWebServicesEnabled",
            "CSPZENEnabled",
            "CSRFToken",
            "DeepSeeEnabled",
            "iKnowEnabled",
            "CorsAllowlist",
            "CorsCredentialsAllowed",
            "CorsHeadersList",
            "JWTAuthEnabled",
            "JWTAccessTokenTimeout",
            "JWTRefreshTokenTimeout",
            "WSGIAppLocation",
            "WSGIAppName",
            "WSGICallable",
            "WSGIDebug",
            "WSGIType",
        ),
        # Bit 1: web applications
        Query("Security.Applications", "List", ("*", "2")),
        initial=("Type",),
        unordered=("CorsAllowlist", "CorsHeadersList"),
        is_system=_has_system_bit,
    ),
    Kind(
        "services",
        "Security.Services",
        ("Enabled", "AutheEnabled", "ClientSystems"),
        Query("Security.Services", "List", ("*",)),
        create="",
        builtin="",
    ),
    Kind(
        "tasks",
        "%SYS.Task",
        (
            "Description",
            "NameSpace",
            "TaskClass",
            "Settings",
            "RunAsUser",
            "Priority",
            "IsBatch",
            "TimePeriod",
            "TimePeriodEvery",
            "TimePeriodDay",
            "DailyFrequency",
            "DailyFrequencyTime",
            "DailyIncrement",
            "DailyStartTime",
            "DailyEndTime",
            "StartDate",
            "EndDate",
            "RunAfterGUID",
            "Suspended",
            "SuspendOnError",
            "SuspendTerminated",
            "RescheduleOnStart",
            "MirrorStatus",
            "Expires",
            "ExpiresDays",
            "ExpiresHours",
            "ExpiresMinutes",
            "EmailOutput",
            "OpenOutputFile",
            "OutputDirectory",
            "OutputFilename",
            "OutputFileIsBinary",
        ),
        Query("%SYS.Task", "TaskListDetail", (), "ID"),
        judged=("Name", "Type", "JobGUID"),
        # What a class of the user takes as settings can hold a password
        hidden=("Settings",),
        create="save",
        ignores_case=False,
        builtin=r"(?!)",
        is_system=lambda values: values.get("Type") == "0",
    ),
)

OPTIONS = ("users", "roles", "resources", "applications", "tasks", "namespaces", "mappings", "services")


def of(options: t.Collection[str]) -> list[Kind]:
    """The kinds that the options name, in the order in which they are made."""
    return [kind for kind in KINDS if kind.option in options]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Steps that read a node, and what their answers mean. Nothing here writes.

Calls and columns: class reference of SYS.Mirror, %SYSTEM.Mirror, Config.Mirrors, Config.MapMirrors,
Config.MirrorMember, Config.Databases, SYS.Database, Security.Services. Decisions use GetStatus(), GetMemberType() and
database flags, never texts that can be localised.
"""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Argument,
    Call,
    ListItem,
    ListText,
    Output,
    Ref,
    Version,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read, Rows, Step
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import (
    MEMBER_TYPES,
    InstanceDatabase,
    Member,
    MirroredDatabase,
    Node,
    Settings,
)

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers

SERVICE = "%Service_Mirror"
#: Seconds of dejournaling latency that IsFailoverReady tolerates; its own default.
READY_LATENCY = 60

_MIRROR_PROPERTIES = (
    "GUID",
    "ArbiterNode",
    "QOSTimeout",
    "UseSSL",
    "VirtualAddress",
    "CompressionForFailoverMembers",
    "CompressionForAsyncMembers",
    "CompressionTypeForFailoverMembers",
    "CompressionTypeForAsyncMembers",
    "AllowParallelDejournaling",
)
_MEMBER_COLUMNS = (
    "Name",
    "AgentAddress",
    "AgentPort",
    "ECPAddress",
    "MemberType",
    "MirrorAddress",
    "MirrorSSPort",
    "AsyncMemberType",
)
_STATUS_COLUMNS = (
    "MemberName",
    "CurrentRole",
    "CurrentStatus",
    "JournalLatency",
    "DatabaseLatency",
    "DisplayType",
    "DisplayStatus",
)
_MIRRORED_COLUMNS = ("Name", "Directory", "MirrorName", "MirrorStatus", "Latency")
_MIRRORED_FLAGS = (
    "Mounted",
    "ReadOnlyMounted",
    "MirrorActivationRequired",
    "MirrorDBCatchup",
    "MirrorObsolete",
    "MirrorDBPaused",
    "MirrorDBName",
)
_DATABASE_COLUMNS = ("Name", "Directory", "Server")
_DATABASE_FLAGS = (
    "Mounted",
    "ReadOnlyMounted",
    "GlobalJournalState",
    "Size",
    "MaxSize",
    "ExpansionSize",
    "ResourceName",
    "Mirrored",
    "MirrorDBName",
)


def first_mirror() -> ListItem:
    """The mirror of a failover member or DR async, the first of a reporting async, or ""."""
    return ListItem(Call("%SYSTEM.Mirror", "GetMirrorNames"), 1)


def version_steps() -> list[Step]:
    return [Read("version", {"zversion": Version()})]


def service_steps() -> list[Step]:
    return [
        Read(
            "service",
            {"enabled": Output("Svc", "Enabled")},
            first=Call("Security.Services", "Get", SERVICE, Ref("Svc")),
        )
    ]


def membership_steps(mirror: Argument | None = None) -> list[Step]:
    """Who this node is, in which mirror, with which settings and partners."""
    name = first_mirror() if mirror is None else mirror
    return [
        *version_steps(),
        *service_steps(),
        Read(
            "member",
            {
                "type": Call("%SYSTEM.Mirror", "GetMemberType"),
                "status": Call("%SYSTEM.Mirror", "GetStatus", name),
                "primary": Call("%SYSTEM.Mirror", "IsPrimary"),
                "backup": Call("%SYSTEM.Mirror", "IsBackup"),
                "mirrors": ListText(Call("%SYSTEM.Mirror", "GetMirrorNames")),
            },
        ),
        Read("own", {"name": Output("Own", "SystemName")}, first=Call("Config.MirrorMember", "Get", Ref("Own"))),
        Read(
            "settings",
            {"name": name, **{key: Output("Set", key) for key in _MIRROR_PROPERTIES}},
            first=Call("Config.Mirrors", "Get", name, Ref("Set")),
        ),
        Rows("members", "Config.MapMirrors", "List", [name, "*"], _MEMBER_COLUMNS),
        Rows("statuses", "SYS.Mirror", "MemberStatusList", [name], _STATUS_COLUMNS),
        Read(
            "failover",
            {"this": ListText(Output("This")), "other": ListText(Output("Other"))},
            first=Call("SYS.Mirror", "GetFailoverMemberStatus", Ref("This"), Ref("Other")),
        ),
        Read("ready", {"answer": ListText(Call("SYS.Mirror", "IsFailoverReady", READY_LATENCY))}),
    ]


def mirrored_steps(mirror: Argument | None = None) -> list[Step]:
    """The mirrored databases of this node (of all its mirrors unless one is named) and those that it lacks."""
    name = first_mirror() if mirror is None else mirror
    return [
        Rows(
            "mirrored",
            "SYS.Mirror",
            "MirroredDatabaseList",
            ["*", "*" if mirror is None else mirror],
            _MIRRORED_COLUMNS,
            ("SYS.Database", "Directory", _MIRRORED_FLAGS),
        ),
        Rows("missing", "SYS.Mirror", "MissingMirroredDatabases", [name], ("Name",)),
    ]


def database_steps() -> list[Step]:
    """The database entries of this instance."""
    return [
        Rows(
            "databases",
            "Config.Databases",
            "List",
            ["*"],
            _DATABASE_COLUMNS,
            ("SYS.Database", "Directory", _DATABASE_FLAGS),
        )
    ]


def read_service(answers: Answers) -> bool:
    return answers.value("service", "enabled") == "1"


def read_node(answers: Answers) -> Node:
    """A :class:`Node` from the answers of :func:`membership_steps` and, where asked, :func:`mirrored_steps`."""
    node = Node(
        version=answers.value("version", "zversion"),
        service_enabled=read_service(answers),
        member_type=MEMBER_TYPES.get(answers.value("member", "type"), "indeterminate"),
        status=answers.value("member", "status", default="NOTINIT"),
        is_primary=answers.value("member", "primary") == "1",
        is_backup=answers.value("member", "backup") == "1",
        mirrors=_elements(answers.value("member", "mirrors")),
        member_name=answers.value("own", "name").upper(),
    )
    if not node.is_member:
        return node
    node.settings = _settings(answers)
    node.members = _members(answers)
    ready = _elements(answers.value("ready", "answer"))
    node.failover_ready = ready[:1] == ["1"]
    node.failover_reason = ready[1] if len(ready) > 1 else ""
    if answers.find("mirrored") is not None:
        node.databases = read_mirrored(answers)
        node.missing_databases = [
            row["Name"].rsplit(":", 1)[-1].upper() for row in answers.rows("missing", ("Name",)) if row["Name"]
        ]
    return node


def read_mirrored(answers: Answers) -> list[MirroredDatabase]:
    return [
        MirroredDatabase(
            mirror_name=(row["MirrorDBName"] or row["Name"]).upper(),
            directory=row["Directory"],
            mirror=row["MirrorName"].upper(),
            status=row["MirrorStatus"],
            latency=row["Latency"],
            mounted=row["Mounted"] == "1",
            read_only=row["ReadOnlyMounted"] == "1",
            activated=row["MirrorActivationRequired"] == "0",
            caught_up=row["MirrorDBCatchup"] == "0",
            obsolete=row["MirrorObsolete"] == "1",
            paused=row["MirrorDBPaused"] == "1",
        )
        for row in answers.rows("mirrored", _MIRRORED_COLUMNS + _MIRRORED_FLAGS)
    ]


def read_databases(answers: Answers) -> list[InstanceDatabase]:
    return [
        InstanceDatabase(
            name=row["Name"].upper(),
            directory=row["Directory"],
            server=row["Server"],
            known=row["Mounted"] != "",
            mounted=row["Mounted"] == "1",
            read_only=row["ReadOnlyMounted"] == "1",
            journaled=row["GlobalJournalState"] == "3",
            size=_number(row["Size"]),
            max_size=_number(row["MaxSize"]),
            expansion_size=_number(row["ExpansionSize"]),
            resource=row["ResourceName"],
            mirrored=row["Mirrored"] == "1",
            mirror_name=row["MirrorDBName"].upper(),
        )
        for row in answers.rows("databases", _DATABASE_COLUMNS + _DATABASE_FLAGS)
    ]


def _settings(answers: Answers) -> Settings | None:
    name = answers.value("settings", "name")
    if not name:
        return None
    text = {key: answers.value("settings", key) for key in _MIRROR_PROPERTIES}
    return Settings(
        name=name.upper(),
        guid=text["GUID"],
        arbiter=text["ArbiterNode"],
        qos_timeout=_number(text["QOSTimeout"]),
        use_tls=text["UseSSL"] == "1",
        virtual_address=text["VirtualAddress"],
        compression_failover=_number(text["CompressionForFailoverMembers"]),
        compression_async=_number(text["CompressionForAsyncMembers"]),
        compression_type_failover=_number(text["CompressionTypeForFailoverMembers"]),
        compression_type_async=_number(text["CompressionTypeForAsyncMembers"]),
        parallel_dejournaling=_number(text["AllowParallelDejournaling"]),
    )


def _members(answers: Answers) -> list[Member]:
    async_types = {"0": "dr", "1": "reporting_ro", "2": "reporting_rw"}
    failover = {}
    for side in ("this", "other"):
        parts = _elements(answers.value("failover", side))
        if len(parts) >= 4 and parts[0]:
            failover[parts[0].upper()] = (parts[2].lower(), parts[3])
    shown = {row["MemberName"].upper(): row for row in answers.rows("statuses", _STATUS_COLUMNS)}
    members = []
    for row in answers.rows("members", _MEMBER_COLUMNS):
        name = row["Name"].upper()
        is_async = row["MemberType"] == "2"
        role, status = failover.get(name, ("async" if is_async else "unknown", ""))
        display = shown.get(name, {})
        members.append(
            Member(
                name=name,
                type=async_types.get(row["AsyncMemberType"], "async") if is_async else "failover",
                role=role,
                status=status,
                superserver_address=row["ECPAddress"],
                superserver_port=_number(row["MirrorSSPort"]),
                mirror_address=row["MirrorAddress"],
                agent_address=row["AgentAddress"],
                agent_port=_number(row["AgentPort"]),
                display={
                    "role": display.get("CurrentRole", ""),
                    "status": display.get("CurrentStatus", ""),
                    "journal_transfer": display.get("JournalLatency", ""),
                    "dejournaling": display.get("DatabaseLatency", ""),
                    "type": display.get("DisplayType", ""),
                    "member_status": display.get("DisplayStatus", ""),
                },
            )
        )
    return members


def _elements(text: str) -> list[str]:
    return text.split(ListText.SEPARATOR) if text else []


def _number(text: str) -> int:
    try:
        return int(float(text))
    except ValueError:
        return 0

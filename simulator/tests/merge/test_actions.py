# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions of merge files on one instance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from irissim.engine.mirror.types import MirrorState
from irissim.objectscript.host import GlobalRef

Merger = Any


def test_objects_are_made_in_the_order_of_their_dependence(merge: Merger) -> None:
    assert merge.actions(
        'CreateMapGlobal:Namespace=USER,Name="App*",Database=APP',
        "CreateNamespace:Name=app,Globals=APP",
        "CreateDatabase:Name=APP,Directory=app,Size=3,MaxSize=7,ResourceName=%DB_APP,MountRequired=1",
        "ModifyService:Name=%service_ecp,Enabled=1,AutheEnabled=$$$AuthePassword+$$$AutheUnauthenticated",
    ) == ["ModifyService %service_ecp", "CreateDatabase APP app", "CreateNamespace app", "CreateMapGlobal USER App*"]
    instance = merge.instance
    directory = f"{instance.mgr}/app/"
    label = instance.databases.label(directory)
    assert (label.size_mb, label.max_mb, label.resource) == (3, 7, "%DB_APP")
    assert instance.config.get("Databases", "APP") == f"{directory},,1"
    assert instance.config.get("Namespaces", "APP") == "APP,APP"
    assert instance.security.service("%Service_ECP").authe_enabled == 96
    instance.globals.set(GlobalRef("USER", "AppData"), "here")
    assert instance.globals.get(GlobalRef("APP", "AppData")) == "here"


def test_what_is_there_is_left_alone(merge: Merger) -> None:
    lines = ("CreateDatabase:Name=APP,Directory=app", "CreateNamespace:Name=APP,Globals=APP")
    merge.actions(*lines)
    before = merge.instance.config.text()
    assert merge.actions(*lines, "CreateNamespace:Name=APP,Globals=USER") == []
    assert merge.actions("ModifyNamespace:Name=NONE,Globals=USER", "DeleteNamespace:Name=NONE") == []
    assert merge.actions("ModifyDatabase:Name=NONE,MaxSize=5", "DeleteDatabase:Name=NONE,Directory=x") == []
    with_mirror = "CreateDatabase:Name=APP,Directory=app,MirrorSetName=DEMO,MirrorDBName=APP"
    assert merge.actions(with_mirror) == [], "a database that exists is not even looked at"
    assert "not a member of mirror DEMO" in merge.refuses(f"{with_mirror},LogicalOnly=1")
    assert merge.instance.config.text() == before


def test_modified_and_deleted(merge: Merger) -> None:
    merge.actions("CreateDatabase:Name=APP,Directory=app", "CreateNamespace:Name=APP,Globals=APP")
    merge.actions("ModifyDatabase:Name=APP,Directory=app,MaxSize=9,MountAtStartup=1")
    directory = f"{merge.instance.mgr}/app/"
    assert merge.instance.databases.label(directory).max_mb == 9
    assert merge.instance.config.get("Databases", "APP") == f"{directory},,,,1"
    assert "ERROR #429" in merge.refuses("DeleteDatabase:Name=APP,Directory=app")
    assert "in another directory" in merge.refuses("DeleteDatabase:Name=APP,Directory=other")
    assert (Path(directory) / "IRIS.DAT").exists()
    # The database goes after the namespace that uses it, whatever the file says.
    assert merge.actions("DeleteDatabase:Name=APP,Directory=app", "DeleteNamespace:Name=APP") == [
        "DeleteNamespace APP",
        "DeleteDatabase APP app",
    ]
    assert not (Path(directory) / "IRIS.DAT").exists()
    assert "APP" not in merge.instance.config.section("Databases")


def test_a_file_without_an_entry(merge: Merger) -> None:
    assert merge.actions("CreateDatabaseFile:Directory=plain,Size=2") == ["CreateDatabaseFile plain"]
    assert merge.actions("CreateDatabaseFile:Directory=plain", "ModifyDatabaseFile:Directory=plain,MaxSize=8") == [
        "ModifyDatabaseFile plain"
    ]
    directory = f"{merge.instance.mgr}/plain"
    assert merge.instance.databases.label(directory).max_mb == 8
    assert directory not in merge.instance.config.text()
    merge.actions("DeleteDatabaseFile:Directory=plain")
    assert merge.instance.databases.label(directory) is None


def test_seed_copies_a_database(merge: Merger) -> None:
    merge.actions("CreateDatabase:Name=OLD,Directory=old", "CreateNamespace:Name=OLD,Globals=OLD")
    merge.instance.globals.set(GlobalRef("OLD", "Data", (1,)), "kept")
    merge.actions(
        f"CreateDatabase:Name=NEW,Directory=new,Seed={merge.instance.mgr}/old", "CreateNamespace:Name=NEW,Globals=NEW"
    )
    assert merge.instance.globals.get(GlobalRef("NEW", "Data", (1,))) == "kept"
    merge.instance.globals.set(GlobalRef("OLD", "Data", (2,)), "still writable")
    assert "no IRIS.DAT in Seed" in merge.refuses("CreateDatabase:Name=N2,Directory=n2,Seed=/nowhere")
    assert "ERROR #20" in merge.refuses(f"CreateDatabase:Name=N2,Directory=new,Seed={merge.instance.mgr}/old")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("CreateDatabase:Name=APP", "line 2: CreateDatabase needs the property Directory"),
        ("CreateDatabase:Name=APP,Directory=app,Colour=red", "line 2: CreateDatabase has no property Colour"),
        ("CreateDatabase:Name=APP,Directory=app,LogicalOnly=yes", "line 2: CreateDatabase: LogicalOnly must be 0 or 1"),
        ("CreateDatabase:Name=APP,Directory=app,MirrorDBName=A", "line 2: CreateDatabase needs the property MirrorSet"),
        (
            "CreateDatabase:Name=APP,Directory=app,MirrorDBName=A,MirrorSetName=DEMO",
            "line 2: CreateDatabase: this instance is not a member of mirror DEMO",
        ),
        ("CreateDatabase:Name=APP,Directory=user", "line 2: CreateDatabase APP user: ERROR #20"),
        ("CreateNamespace:Name=N,Globals=NONE", "line 2: CreateNamespace N: ERROR #420"),
        ("CreateNamespace:Name=N,Globals=USER,Speed=1", "line 2: CreateNamespace has no property Speed"),
        ("ModifyService:Name=%Service_ECP,Enabled=maybe", "line 2: ModifyService %Service_ECP: ERROR #407"),
        ("ModifyService:Name=%Service_ECP,AutheEnabled=$$$AutheMagic", "line 2: ModifyService: $$$AutheMagic is no"),
        ("CreateDevice:Name=D", "line 2: CreateDevice needs the class Config.Devices, which the simulator does not"),
        ("Execute:Namespace=%SYS,ClassName=%SYSTEM.Status", "line 2: Execute needs the property MethodName"),
        ("Execute:Namespace=%SYS,ClassName=No.Class,MethodName=M", "line 2: Execute %SYS: <CLASS DOES NOT EXIST>"),
        ("Execute:Namespace=NONE,ClassName=No.Class,MethodName=M", "line 2: Execute NONE: <NAMESPACE>"),
        ("Execute:Namespace=%SYS,ClassName=%SYSTEM.Status,MethodName=OK,Arg2=x", "line 2: Execute: arguments must be"),
        ("Execute:Namespace=%SYS,ClassName=SYS.Mirror,MethodName=DefaultSystemName", "line 2: Execute %SYS: it"),
        ("Execute:Namespace=%SYS,ClassName=SYS.Mirror,MethodName=StopMirror", "line 2: Execute %SYS: ERROR #2074"),
        ("Execute:Namespace=%SYS,RoutineName=Tag^NONE", "line 2: Execute %SYS: <NOROUTINE>"),
        ("Execute:Namespace=%SYS,ClassName=a) halt,MethodName=M", "line 2: Execute: ClassName or MethodName is no"),
    ],
)
def test_a_refused_action_names_its_line_and_reason(shared: Merger, line: str, message: str) -> None:
    assert shared.refuses(line).startswith(message)


def test_users_roles_resources_and_applications(merge: Merger) -> None:
    line = 'CreateUser:Name=jane,PasswordHash="ABCD,12,10000,SHA512",Roles="app,%SQL",FullName=Jane'
    assert merge.actions(
        line,
        'CreateRole:Name=app,Resources="%DB_APP:RW,%Development:U"',
        "CreateResource:Name=%DB_APP,PublicPermission=R",
        "CreateApplication:Name=/csp/app,NameSpace=USER,AutheEnabled=$$$AuthePassword",
        "ModifyUser:Name=Admin,ChangePassword=0",
    ) == [
        "CreateResource %DB_APP",
        "CreateRole app",
        "CreateUser jane",
        "ModifyUser Admin",
        "CreateApplication /csp/app",
    ]
    objects = merge.instance.security.objects
    assert objects.users.get("jane")["PasswordHash"] == "ABCD,12,10000,SHA512"
    assert objects.users.get("Admin")["ChangePassword"] == "0"
    assert objects.applications.get("/csp/app")["AutheEnabled"] == "32"
    assert merge.actions("DeleteRole:Name=app", "DeleteUser:Name=jane") == ["DeleteUser jane", "DeleteRole app"]
    assert "ERROR #883" in merge.refuses(line)
    secret = merge.refuses("CreateUser:Name=joe,PasswordHash=tell-nobody")
    assert ("ERROR #407" in secret, "tell-nobody" in secret) == (True, False)
    assert "takes PasswordHash, not Password" in merge.refuses("CreateUser:Name=joe,Password=x")
    merge("[Startup]", "PasswordHash=ABCD,12")
    assert objects.users.get("_SYSTEM")["PasswordHash"] == "ABCD,12"
    assert "PasswordHash" not in objects.users.get("CSPSystem")


def test_execute_is_last_and_passes_its_arguments(merge: Merger) -> None:
    execute = "Execute:Namespace=%SYS,ClassName=SYS.Database,MethodName=DismountDatabase,Arg1=\"{}/app\""
    assert merge.actions(
        execute.format(merge.instance.mgr), "CreateDatabase:Name=APP,Directory=app"
    ) == ["CreateDatabase APP app", "Execute %SYS"]
    assert not merge.instance.databases.find(f"{merge.instance.mgr}/app").mounted


def test_create_mirror_alone_makes_no_running_mirror(merge: Merger) -> None:
    lines = ("ModifyService:Name=%Service_Mirror,Enabled=1", "CreateMirror:Name=DEMO,GUID=7")
    assert merge.actions(*lines) == ["ModifyService %Service_Mirror", "CreateMirror DEMO"]
    mirror = merge.instance.mirror
    assert (mirror.is_member(), mirror.is_started("DEMO"), mirror.state("DEMO")) == (0, False, MirrorState.NOTINIT)
    assert merge.actions("CreateMirror:Name=DEMO,GUID=8") == []
    assert merge.actions("DeleteMirror:Name=DEMO") == ["DeleteMirror DEMO"]
    assert merge.instance.config.section("Mirrors") == {}

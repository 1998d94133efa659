# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration merge of running nodes: at the start, by command, and while the file is watched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.shell.members import FAILURE, SUCCESS, member_file, network

from irissim.shell import settings

MakeNode = Callable[..., Any]
WaitFor = Callable[..., None]


def test_iris_merge_says_what_it_did_and_where_it_failed(make_node: MakeNode, tmp_path: Path) -> None:
    node = make_node("mirrorA")
    good, bad = tmp_path / "good.cpf", tmp_path / "bad.cpf"
    good.write_text("[Startup]\nSystemMode=TEST\n[Actions]\nCreateNamespace:Name=APP,Globals=USER\n", encoding="utf-8")
    bad.write_text("[Startup]\nSystemMode=LIVE\n[Actions]\nCreateNamespaze:Name=B,Globals=USER\n", encoding="utf-8")
    down = node.iris("merge", "IRIS", str(good))
    assert (down.returncode, "running instance" in down.stderr) == (1, False), "there is no iris.cpf before the start"
    node.tool("start")
    cpf = node.home / "iris.cpf"

    done = node.iris("merge", "IRIS", str(good), str(cpf))
    assert (done.returncode, done.stdout) == (0, f"IRIS Merge of {good} into {cpf}\n{SUCCESS}\n")
    assert "SystemMode=TEST\n" in cpf.read_text(encoding="utf-8")
    assert node.value("$namespace", "APP") == "APP"

    failed = node.iris("merge", "IRIS", str(bad))
    assert failed.returncode == 1
    assert f"{bad}: line 4: there is no action CreateNamespaze\n{FAILURE}\n" in failed.stdout
    assert "SystemMode=TEST\n" in cpf.read_text(encoding="utf-8"), "nothing of a wrong file is applied"

    for words, reason in (
        ((str(tmp_path / "none.cpf"),), "there is no such merge file"),
        ((), "ISC_CPF_MERGE_FILE is not set"),
        ((str(good), str(tmp_path / "iris.cpf")), "there is no CPF"),
        ((str(good), str(good)), "is not the active CPF"),
        ((str(good), str(cpf), "more"), "unknown argument: more"),
    ):
        result = node.iris("merge", "IRIS", *words)
        assert result.returncode == 1
        assert reason in result.stdout + result.stderr


def test_a_merge_file_is_applied_at_the_start_and_watched(
    make_node: MakeNode, wait_for: WaitFor, tmp_path: Path
) -> None:
    file = tmp_path / "merge.cpf"
    node = make_node("mirrorA", "--merge-file", str(file))
    # A file that is not there is told about, and the instance starts.
    started = node.iris("start", "IRIS", "quietly")
    assert (started.returncode, f"{file} does not exist" in started.stdout) == (0, True)
    node.iris("stop", "IRIS", "quietly")

    secret = "FBFE8593AEFA510C27FD184738D6E865A441DE98"
    file.write_text(
        f"[config]\nglobals=0,0,64,0,0,0\n[Startup]\nPasswordHash={secret},u4ocm4qh\n"
        "[Actions]\nCreateNamespace:Name=ONE,Globals=USER\n",
        encoding="utf-8",
    )
    started = node.iris("start", "IRIS", "quietly")
    assert SUCCESS in started.stdout
    assert "globals=0,0,64,0,0,0" in (node.home / "iris.cpf").read_text(encoding="utf-8")
    assert node.value("$namespace", "ONE") == "ONE"
    again = node.iris("merge", "IRIS")
    assert (again.returncode, SUCCESS in again.stdout) == (0, True)

    file.write_text("[Actions]\nCreateNamespace:Name=TWO,Globals=USER\n", encoding="utf-8")
    wait_for(lambda: "Merge: CreateNamespace TWO" in node.messages)
    assert node.value("$namespace", "TWO") == "TWO"
    file.write_text("[Actions]\nCreateNamespace:Name=THREE,Globals=NONE\n", encoding="utf-8")
    wait_for(lambda: f"{file}: line 2: CreateNamespace THREE: ERROR #420" in node.messages)
    file.write_text("", encoding="utf-8")
    node.iris("stop", "IRIS", "quietly")
    assert SUCCESS not in node.iris("start", "IRIS", "quietly").stdout
    everything = [path for path in node.home.rglob("*") if path.is_file()]
    assert [path.name for path in everything if secret.encode() in path.read_bytes()] == ["security-users.json"]


def test_a_file_with_an_error_aborts_the_start(make_node: MakeNode, tmp_path: Path) -> None:
    file = tmp_path / "merge.cpf"
    file.write_text("[Startup]\nSystemMode=TEST\n[Actionz]\nX:Y=1\n", encoding="utf-8")
    node = make_node("mirrorA", "--merge-file", str(file))
    started = node.iris("start", "IRIS", "quietly")
    assert started.returncode == 1
    assert f"{file}: line 4:" in started.stdout
    assert "** Startup aborted **" in started.stdout
    assert "SystemMode=TEST" not in (node.home / "iris.cpf").read_text(encoding="utf-8")


def test_three_nodes_become_a_mirror_by_merge_files_alone(
    make_node: MakeNode, wait_for: WaitFor, licence: str, tmp_path: Path
) -> None:
    net = network()
    addresses = [f"{net}{host}" for host in (1, 2, 3)]
    files = [tmp_path / name for name in ("a.cpf", "b.cpf")]
    arbiter = make_node("arbiter", "--arbiter", "--bind", addresses[2])
    a, b = (
        make_node(name, "--key", licence, "--bind", address, "--merge-file", str(file))
        for name, address, file in zip(("NODEA", "NODEB"), addresses, files, strict=False)
    )
    member_file(files[0], a, addresses[0], "primary", "localhost")
    url = f",ArbiterURL={addresses[2]}:{arbiter.agent_port}"
    member_file(files[1], b, addresses[1], "backup", f"{addresses[0]}:{a.agent_port}", url)
    for node in (arbiter, a, b):
        node.tool("start")
    assert (a.value("$system.Mirror.GetStatus()"), b.value("$system.Mirror.GetStatus()")) == ("PRIMARY", "BACKUP")
    a.session('set ^Company(1)="first"', namespace="APP")
    wait_for(lambda: b.value("$get(^Company(1))", "APP") == "first")
    # The mirror had no arbiter, the second member's file brought it.
    wait_for(lambda: "Failover mode changed to Arbiter Controlled" in a.messages)
    assert f"{addresses[2]}|{arbiter.agent_port}" in (a.home / "iris.cpf").read_text(encoding="utf-8")

    before = [(node.home / "iris.cpf").read_text(encoding="utf-8") for node in (a, b)]
    for node in (a, b):
        merged = node.iris("merge", "IRIS")
        assert (merged.returncode, SUCCESS in merged.stdout) == (0, True)
    assert [(node.home / "iris.cpf").read_text(encoding="utf-8") for node in (a, b)] == before
    assert a.messages.count("Merge: ConfigMirror DEMO") == b.messages.count("Merge: ConfigMirror DEMO") == 1

    # What a mirror does not replicate stays where it was made, and has to be made on each member.
    a.session(
        'set sc=##class(Security.Roles).Create("app","","%DB_USER:RW")',
        'set sc=##class(Security.Users).Create("jane","app","secret")',
        'set sc=##class(Security.Resources).Create("appresource")',
        'set p("NameSpace")="APP",sc=##class(Security.Applications).Create("/csp/app",.p)',
        'kill p set p("Globals")="APP",p("Routines")="APP",sc=##class(Config.Namespaces).Create("APPTWO",.p)',
        'kill p set p("Database")="APP",sc=##class(Config.MapGlobals).Create("USER","Company",.p)',
    )
    a.session("set ^Company(2)=1", namespace="APP")
    wait_for(lambda: b.value("$get(^Company(2))", "APP") == "1")
    objects = {
        "Security.Users": "jane", "Security.Roles": "app", "Security.Resources": "appresource",
        "Security.Applications": "/csp/app", "Config.Namespaces": "APPTWO",
    }  # fmt: skip
    found = "_".join(f'##class({kind}).Exists("{name}",.o,.s)' for kind, name in objects.items())
    found += '_##class(Config.MapGlobals).Exists("USER","Company",.o,.s)'
    assert (a.value(found), b.value(found)) == ("111111", "000000")

    # An existing database is added on the primary by LogicalOnly or ModifyDatabase, and Seed copies one there.
    files[0].write_text(
        f"[Actions]\nCreateDatabase:Name=OLD,Directory={a.home}/mgr/old\n"
        f"CreateDatabase:Name=SEEDED,Directory={a.home}/mgr/seeded,Seed={a.home}/mgr/user,"
        "MirrorSetName=DEMO,MirrorDBName=SEEDED\n",
        encoding="utf-8",
    )
    wait_for(lambda: "Merge: CreateDatabase SEEDED" in a.messages)
    files[0].write_text(
        f"[Actions]\nCreateDatabase:Name=OLD,Directory={a.home}/mgr/old,MirrorSetName=DEMO,MirrorDBName=OLD,"
        "LogicalOnly=1\nModifyDatabase:Name=USER,MirrorSetName=DEMO,MirrorDBName=USERDB\n",
        encoding="utf-8",
    )
    wait_for(lambda: "Merge: ModifyDatabase USER" in a.messages)
    count = 'set rs=##class(%ResultSet).%New("SYS.Mirror:MirroredDatabaseList") do rs.Execute() while rs.Next() {'
    assert a.session(count + ' write "<",rs.Get("Name"),">"}').count(">") >= 4
    for name in ("OLD", "SEEDED", "USERDB"):
        assert f"as {name}" in a.messages
    # On the other member such a change is refused, with the number that AddDatabase gives there.
    files[1].write_text(
        "[Actions]\nModifyDatabase:Name=USER,MirrorSetName=DEMO,MirrorDBName=USER2\n", encoding="utf-8"
    )
    wait_for(lambda: "ModifyDatabase USER: ERROR #2113" in b.messages)
    assert "Merge: ConfigMirror DEMO" in b.messages


def test_a_backup_waits_for_its_primary(make_node: MakeNode, wait_for: WaitFor, licence: str, tmp_path: Path) -> None:
    net = network()
    file_a, file_b = tmp_path / "a.cpf", tmp_path / "b.cpf"
    a = make_node("NODEA", "--key", licence, "--bind", net + "1", "--merge-file", str(file_a))
    b = make_node("NODEB", "--key", licence, "--bind", net + "2", "--merge-file", str(file_b))
    for node in (a, b):
        node.tool("start")
    member_file(file_b, b, net + "2", "backup", f"{net}1:{a.agent_port}")
    wait_for(lambda: "IRIS Merge of" in b.messages)
    member_file(file_a, a, net + "1", "primary", "localhost")
    wait_for(lambda: SUCCESS in b.messages)
    assert b.value("$system.Mirror.GetStatus()") == "BACKUP"
    c = make_node("NODEC", "--key", licence, "--bind", net + "3", "--merge-file", str(tmp_path / "c.cpf"))
    member_file(tmp_path / "c.cpf", c, net + "3", "drasync", f"{net}1:{a.agent_port}")
    c.tool("start")
    assert SUCCESS in c.messages
    assert c.value("$system.Mirror.GetMemberType()") == "Disaster Recovery"


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISC_CPF_MERGE_FILE", "/merge/file.cpf")
    assert settings.load(tmp_path).merge_file == Path("/merge/file.cpf")
    monkeypatch.delenv("ISC_CPF_MERGE_FILE")
    assert settings.load(tmp_path).merge_file is None

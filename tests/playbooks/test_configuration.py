# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a mirror does not replicate is found, copied and exported, and no secret is shown. One test after the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.irisops.mirror.tests.integration.lab import PLAYBOOK, ROOT, Lab, Play, playbook

MODULE = "iris_mirror_config_drift"
#: Nothing that is printed may hold one of these.
ALICE, BOB, SETTING = "Alice-secret-1!", "Bob-secret-2!", "token-of-a-task"
SECRETS = (ALICE, BOB, SETTING)

#: What somebody does on the primary, in a terminal.
WORK = f"""
set sc=##class(Security.Resources).Create("AppData","Data of ""the"" app","RW",0)
set sc=##class(Security.Resources).Create("%DB_APP","Resource of a database","")
set sc=##class(Security.Roles).Create("AppUser","","AppData:R","")
set sc=##class(Security.Roles).Create("AppAdmin","","AppData:RW","AppUser,%SQL")
kill p set p("Password")="{ALICE}",p("Roles")="AppAdmin",p("FullName")="Alice",p("Comment")="10%; ""quoted"" text"
set sc=##class(Security.Users).Create("alice",.p)
kill p set p("Password")="{BOB}",p("Roles")="AppUser" set sc=##class(Security.Users).Create("bob",.p)
kill p set p("Comment")="changed" set sc=##class(Security.Users).Modify("Admin",.p)
kill p set p("Globals")="COMPANY",p("Routines")="COMPANY" set sc=##class(Config.Namespaces).Create("APP",.p)
kill p set p("Database")="USER" set sc=##class(Config.MapGlobals).Create("APP","Order*",.p)
set sc=##class(Config.MapRoutines).Create("APP","Lib*",.p),sc=##class(Config.MapPackages).Create("APP","My.Lib",.p)
kill p set p("NameSpace")="APP",p("Resource")="AppData" set sc=##class(Security.Applications).Create("/csp/app",.p)
kill p set p("Enabled")=0 set sc=##class(Security.Services).Modify("%Service_Bindings",.p)
set t=##class(%SYS.Task).%New(),t.Name="Tidy",t.NameSpace="%SYS",t.TaskClass="%SYS.Task.PurgeTaskHistory"
set t.DailyStartTime=7200,t.Settings=$listbuild("Token","{SETTING}"),sc=t.%Save()
set f=##class(%SYS.Task).%New(),f.Name="After",f.NameSpace="%SYS",f.TaskClass="%SYS.Task.PurgeTaskHistory"
set f.TimePeriod=4,f.RunAfterGUID=t.JobGUID,sc=f.%Save()
set o=##class(%SYS.Task).%OpenId(3),o.DailyStartTime=9000,sc=o.%Save()
""".strip().splitlines()

#: What it comes to on the other member.
EXPECTED = {
    'write ##class(Security.Users).Get("alice",.p),"<",p("FullName"),"|",p("Roles"),"|",p("Comment"),">"': (
        '<Alice|AppAdmin|10%; "quoted" text>'
    ),
    'write ##class(Security.Roles).Get("AppAdmin",.p),"<",p("Resources"),"|",p("GrantedRoles"),">"': (
        "<AppData:RW|AppUser,%SQL>"
    ),
    'write ##class(Config.MapGlobals).Get("APP","Order*",.p),"<",p("Database"),">"': "<USER>",
    'write ##class(Security.Applications).Get("/csp/app",.p),"<",p("NameSpace"),"|",p("Resource"),">"': "<APP|AppData>",
    'write "<",##class(%SYS.Task).%OpenId(3).DailyStartTime,">"': "<9000>",
    'write "<",$list(##class(%SYS.Task).%OpenId(1000).Settings,2),">"': f"<{SETTING}>",
    'write "<",##class(%SYS.Task).%OpenId(1001).RunAfterGUID=##class(%SYS.Task).%OpenId(1000).JobGUID,">"': "<1>",
}


@pytest.fixture(scope="module")
def lab(nodes: Lab) -> Lab:
    build(nodes)
    return nodes


def place(lab: Lab, node: str) -> str:
    return f"{lab.directory(node)}/mgr/COMPANY/"


def build(lab: Lab) -> None:
    """A mirror of both nodes with one database."""
    mirror: dict[str, Any] = {"name": "MIRRORSET", "wait_timeout": 60}
    for node in ("mirrorA", "mirrorB"):
        own = {**mirror, "member": node, "superserver_address": lab.addresses[node]}
        wish = {"name": "COMPANY", "directory": place(lab, node)}
        done = [lab.module("iris_mirror_service", node)]
        if node == "mirrorA":
            done.append(lab.module("iris_mirror_create", node, arbiter={"address": lab.addresses["arbiter"]}, **own))
            done.append(lab.module("iris_database", node, databases=[wish]))
        else:
            done.append(lab.module("iris_mirror_join", node, primary={"address": lab.addresses["mirrorA"]}, **own))
        source = {"executable": lab.iris("mirrorA")}
        done.append(lab.module("iris_mirror_db", node, mirror="MIRRORSET", databases=[wish], source=source))
        assert not [one for one in done if one.get("failed")], done


def drift(lab: Lab, node: str = "mirrorB", **options: Any) -> dict[str, Any]:
    source = {"executable": lab.iris("mirrorA")}
    found = lab.module(MODULE, node, **{"mirror": "MIRRORSET", "source": source, **options})
    assert not [secret for secret in SECRETS if secret in str(found)]
    return found


def told(play: Play, changed: int) -> str:
    assert play.code == 0 and play.changed == changed, play.output
    assert not [secret for secret in SECRETS if secret in play.output]
    return play.output


def test_members_of_a_fresh_mirror_do_not_differ(lab: Lab) -> None:
    found = drift(lab)
    assert (found["differences"], found["changed"], found["sessions"]) == ([], False, 1)
    assert drift(lab, "mirrorA")["differences"] == []


def test_work_on_the_primary_is_found_and_nothing_changed(lab: Lab) -> None:
    lab.session("mirrorA", *WORK)
    before = drift(lab)["differences"]
    kinds = {one["kind"] for one in before}
    assert kinds == {"users", "roles", "resources", "applications", "tasks", "namespaces", "mappings", "services"}
    for options in ((), ("--check", "-e", "apply=true")):
        output = told(lab.play("sync_config", "-vvv", *options), 1 if options else 0)
        # YAML doubles the quotes of a text, and folds it.
        shown = " ".join(output.replace("''", "'").split())
        assert "users alice: only on the primary (would create)" in shown
        assert "tasks Purge Tasks DailyStartTime: '3600' here, '9000' on the primary (would modify)" in shown
    assert drift(lab)["differences"] == before


def test_a_member_that_is_not_primary_is_no_source(lab: Lab) -> None:
    refused = drift(lab, "mirrorA", source={"executable": lab.iris("mirrorB")}, apply=True)
    assert refused["failed"] and refused["error"]["code"] == "not_primary"


def test_it_is_copied_and_a_second_run_changes_nothing(lab: Lab) -> None:
    options = ("-vvv", "-e", "apply=true", "-e", json.dumps({"user_passwords": {"alice": ALICE}}))
    told(lab.play("sync_config", *options), 1)
    for line, expected in EXPECTED.items():
        assert expected in lab.session("mirrorB", line), line
    left = drift(lab)["differences"]
    assert [(one["name"], one["property"], one["action"]) for one in left] == [("bob", "Enabled", "none")]
    told(lab.play("sync_config", *options), 0)
    done = drift(lab, apply=True, user_passwords={"Bob": BOB})
    assert done["changed"] and done["remaining"] == []


def test_only_prune_deletes(lab: Lab) -> None:
    lab.session("mirrorB", 'set sc=##class(Security.Roles).Create("Old","","","")')
    lab.session("mirrorB", 'kill p set p("Database")="USER" do ##class(Config.MapGlobals).Create("APP","Old",.p)')
    kept = drift(lab, apply=True)
    assert not kept["changed"] and {one["name"] for one in kept["remaining"]} == {"Old", "APP/globals/Old"}
    gone = drift(lab, apply=True, prune=True)
    assert gone["changed"] and gone["remaining"] == []


def test_the_mirror_is_exported_and_the_export_changes_nothing(lab: Lab, tmp_path: Path) -> None:
    directory = tmp_path / "exported"
    options = ("-e", f"export_directory={directory}")
    told(lab.play("export", "--check", *options), 1)
    assert not directory.exists()
    told(lab.play("export", *options), 2)
    told(lab.play("export", *options), 0)

    group = yaml.safe_load((directory / "group_vars" / "iris_nodes.yml").read_text(encoding="utf-8"))
    assert group["iris_mirror_name"] == "MIRRORSET"
    assert group["iris_mirror_arbiter"] == {"address": lab.addresses["arbiter"], "port": 2188}
    assert [one["name"] for one in group["iris_databases"]] == ["COMPANY"]
    app = next(one for one in group["iris_namespaces"] if one["name"] == "APP")
    assert app["global_mappings"] == [{"name": "Order*", "database": "USER"}]
    hosts = yaml.safe_load((directory / "hosts.yml").read_text(encoding="utf-8"))["iris_nodes"]["hosts"]
    assert hosts["mirrorB"]["iris_superserver_address"] == lab.addresses["mirrorB"]
    # These nodes share one file system
    own = hosts["mirrorB"]["iris_databases"]
    assert [one["directory"] for one in own] == [place(lab, "mirrorB")]
    assert not [secret for secret in SECRETS for file in directory.rglob("*.yml") if secret in file.read_text("utf-8")]

    command = [str(PLAYBOOK), "-i", str(directory), str(ROOT / "playbooks" / "site.yml"), "-e", "iris_wait_timeout=60"]
    told(Play.finish(playbook([*command, "--check"])), 0)
    told(Play.finish(playbook(command)), 0)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The article's mirror by hand: two nodes and an arbiter, lines for `iris session`, a copied IRIS.DAT."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from tests.patience import PATIENCE

pytestmark = pytest.mark.slow

MAKE_DATABASE = (
    'set dir="{directory}"',
    "set sc=##class(%File).CreateDirectoryChain(dir)",
    "set sc=##class(SYS.Database).CreateDatabase(dir) write $system.Status.GetErrorText(sc)",
    'set p("Directory")=dir',
    'set sc=##class(Config.Databases).Create("COMPANY",.p) write $system.Status.GetErrorText(sc)',
    'kill p set p("Globals")="COMPANY",p("Routines")="COMPANY"',
    'set sc=##class(Config.Namespaces).Create("COMPANY",.p) write $system.Status.GetErrorText(sc)',
)
ENABLE = 'set s("Enabled")=1 set sc=##class(Security.Services).Modify("%Service_Mirror",.s) write "enabled:",sc'
OWN_ADDRESSES = (
    'set i("ECPAddress")="127.0.0.1",i("MirrorAddress")="127.0.0.1",i("AgentAddress")="127.0.0.1"',
    'set i("AgentPort")={port}',
)


def make_database(node: Any) -> str:
    directory = f"{node.home}/mgr/COMPANY/"
    output = node.session(*(line.format(directory=directory) for line in MAKE_DATABASE))
    assert "ERROR" not in output
    return directory


def status(page: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_mirror_of_the_article(
    make_node: Callable[..., Any], wait_for: Callable[..., None], licence: str
) -> None:
    arbiter = make_node("arbiter", "--arbiter")
    a, b = (make_node(name, "--key", licence) for name in ("mirrorA", "mirrorB"))
    for node in (arbiter, a, b):
        node.tool("start")
    directory_a, directory_b = make_database(a), make_database(b)
    a.session('set ^Company(1)="first company"', namespace="COMPANY")

    output = a.session(
        ENABLE,
        *(line.format(port=a.agent_port) for line in OWN_ADDRESSES),
        f'set i("ArbiterNode")="127.0.0.1|{arbiter.agent_port}"',
        'set sc=##class(SYS.Mirror).CreateNewMirrorSet("MIRRORSET","MIRRORA",.i)',
        'write "created:",sc,$system.Status.GetErrorText(sc)',
    )
    assert "enabled:1" in output
    assert "created:1" in output
    wait_for(lambda: a.value("$system.Mirror.GetStatus()") == "PRIMARY")

    output = b.session(
        ENABLE,
        *(line.format(port=b.agent_port) for line in OWN_ADDRESSES),
        f'set target="127.0.0.1",port={a.agent_port}',
        'set sc=##class(SYS.Mirror).JoinMirrorAsFailoverMember("MIRRORSET","MIRRORB","IRIS",target,port,.i)',
        'write "joined:",sc,$system.Status.GetErrorText(sc)',
    )
    assert "joined:1" in output
    wait_for(lambda: b.value("$system.Mirror.GetStatus()") == "BACKUP")

    output = a.session(
        f'set sc=##class(SYS.Mirror).AddDatabase("{directory_a}") write "added:",sc',
        f'set sc=##class(SYS.Mirror).AddDatabase("{directory_a}") write "again:",$system.Status.GetErrorCodes(sc)',
    )
    assert "added:1" in output
    assert "again:2063" in output

    assert a.iris("session", "IRIS", "-U%SYS", "##class(Backup.General).ExternalFreeze()").returncode == 5
    b.session(f'do ##class(SYS.Database).DismountDatabase("{directory_b}")')
    shutil.copyfile(f"{directory_a}IRIS.DAT", f"{directory_b}IRIS.DAT")
    assert a.iris("session", "IRIS", "-U%SYS", "##class(Backup.General).ExternalThaw()").returncode == 5

    output = b.session(
        f'set sc=##class(SYS.Database).MountDatabase("{directory_b}") write "mounted:",sc',
        f'set sc=##class(SYS.Mirror).ActivateMirroredDatabase("{directory_b}") write "active:",sc',
        f'write "caughtup:",##class(SYS.Mirror).CatchupDB($lb(+$zu(49,"{directory_b}")),,.bad),$length($get(bad))',
    )
    assert "mounted:1" in output
    assert "active:1" in output
    assert "caughtup:10" in output
    a.session('set ^Company(2)="another company"', namespace="COMPANY")
    assert b.value("$get(^Company(1))", "COMPANY") == "first company"
    wait_for(lambda: b.value("$get(^Company(2))", "COMPANY") == "another company")
    assert f"<PROTECT> ^Company,{directory_b}" in b.session('set ^Company(3)="no"', namespace="COMPANY")

    wait_for(lambda: a.value("$list(##class(SYS.Mirror).IsFailoverReady())") == "1")
    rows = a.session(
        'set rs=##class(%ResultSet).%New("SYS.Mirror:MemberStatusList") do rs.Execute("MIRRORSET")',
        'while rs.Next() { write "[",rs.Get("MemberName"),",",rs.GetData(2),",",rs.GetData(3),"]" }',
        'set rs=##class(%ResultSet).%New("SYS.Mirror:MirroredDatabaseList") do rs.Execute()',
        'while rs.Next() { write "[",rs.Get("Name"),",",rs.Get("MirrorStatus"),"]" }',
    )
    assert "[MIRRORA,Primary,Active][MIRRORB,Backup,Active]" in rows
    assert "[COMPANY,Normal]" in rows
    view = f'##class(SYS.Database).%OpenId("{directory_b}")'
    flags = ("Mounted", "ReadOnlyMounted", "Mirrored", "InActiveMirror", "MirrorActivationRequired", "MirrorDBCatchup")
    assert b.value("_".join(f"{view}.{flag}" for flag in flags)) == "111100"
    assert a.iris("qlist", "IRIS").stdout.split("^")[10:12] == ["Failover", "Primary"]
    assert "mirroring:    Member Type = Failover; Status = Backup" in b.iris("list", "IRIS").stdout
    assert status(f"http://127.0.0.1:{a.web_port}/csp/mirror_status.cxw") == (200, "SUCCESS")
    assert status(f"http://127.0.0.1:{b.web_port}/csp/mirror_status.cxw") == (503, "FAILED")
    assert "iris_mirror_status 2\n" in status(f"http://127.0.0.1:{a.web_port}/api/monitor/metrics")[1]

    # A graceful stop of the primary hands over; the old primary comes back as backup, and nothing is lost.
    assert a.iris("stop", "IRIS", "quietly").returncode == 0
    wait_for(lambda: b.value("$system.Mirror.GetStatus()") == "PRIMARY")
    b.session('set ^Company(3)="written after the hand-over"', namespace="COMPANY")
    assert a.iris("start", "IRIS", "quietly").returncode == 0
    wait_for(lambda: a.value("$system.Mirror.GetStatus()") == "BACKUP")
    wait_for(lambda: a.value("$get(^Company(3))", "COMPANY") == "written after the hand-over")

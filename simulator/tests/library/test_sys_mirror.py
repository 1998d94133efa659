# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror and its neighbours on an instance that is in no mirror, and arguments that cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from irissim.values.errors import OsError


@pytest.fixture
def enabled(terminal: Any) -> Any:
    terminal.do('set s("Enabled")=1 set sc=##class(Security.Services).Modify("%Service_Mirror",.s)')
    return terminal


def test_a_node_outside_any_mirror(terminal: Any) -> None:
    assert terminal.value("$system.Mirror.GetMemberType()") == "Not Member"
    assert terminal.value("$SYSTEM.Mirror.GetStatus()") == "NOTINIT"
    assert terminal.value("$system.Mirror.IsMember()_$system.Mirror.IsPrimary()_$system.Mirror.IsBackup()") == "000"
    assert terminal.value("$system.Mirror.GetMirrorNames()_$system.Mirror.MirrorName()") == ""
    assert terminal.value("$list($system.Mirror.GetMemberStatus())") == "Not Initialized"
    assert terminal.value('##class(SYS.Mirror).IsMirrorStarted("X")') == 0
    assert terminal.value("$list(##class(SYS.Mirror).IsFailoverReady())") == 0
    assert terminal.codes("##class(SYS.Mirror).GetFailoverMemberStatus(.a,.b)") == "2074"


def test_the_service_is_needed_first(terminal: Any) -> None:
    assert terminal.codes('##class(SYS.Mirror).CreateNewMirrorSet("SET","A",.i)') == "2066"


@pytest.mark.parametrize(
    ("subscript", "value", "code"),
    [("QOSTimeout", "300001", "407"), ("ArbiterNode", "a,b", "407")],
)
def test_bad_mirror_info(enabled: Any, subscript: str, value: str, code: str) -> None:
    enabled.do(f'kill i set i("{subscript}")="{value}"')
    assert enabled.codes('##class(SYS.Mirror).CreateNewMirrorSet("SET","A",.i)') == code


def test_a_misspelt_subscript_is_noted(enabled: Any) -> None:
    enabled.do('kill i set i("QosTimeout")=1 set sc=##class(SYS.Mirror).CreateNewMirrorSet("SET","A",.i)')
    assert "unknown subscript QosTimeout" in enabled.instance.log.path.read_text("utf-8")


def test_too_many_arguments_fail(terminal: Any) -> None:
    with pytest.raises(OsError, match="<PARAMETER>"):
        terminal.value('##class(SYS.Mirror).CreateNewMirrorSet("SET","A",.i,.s,1)')
    with pytest.raises(OsError, match="<METHOD DOES NOT EXIST>"):
        terminal.value('##class(SYS.Mirror).CreateMirrorSet("SET")')


def test_catchup_wants_a_list(terminal: Any) -> None:
    with pytest.raises(OsError, match="<LIST>"):
        terminal.value('##class(SYS.Mirror).CatchupDB("not a list")')


def test_services(terminal: Any) -> None:
    assert terminal.value('##class(Security.Services).Exists("%Service_Mirror",.o)') == 1
    assert terminal.value("o.Enabled") == 0
    assert terminal.value('##class(Security.Services).Exists("%Service_None")') == 0
    assert terminal.codes('##class(Security.Services).Get("%Service_None",.p)') == "809"
    terminal.do('kill p set p("Enabled")="yes"')
    assert terminal.codes('##class(Security.Services).Modify("%Service_Mirror",.p)') == "407"


def test_names_of_the_instance(terminal: Any) -> None:
    assert terminal.value("$system") == "mirrorA:IRIS"
    assert terminal.value("$zu(110)_$zu(5)") == "mirrorA%SYS"
    assert terminal.value("##class(%SYS.System).GetInstanceName()") == "IRIS"
    assert terminal.value("$system.INetInfo.LocalHostName()") == "mirrorA"
    assert terminal.value("$system.Version.GetMajor()") == 2022
    assert terminal.value("$zu(12,\"\")") == f"{terminal.instance.mgr}/"


def test_the_agent_that_does_not_run(terminal: Any) -> None:
    assert terminal.value("##class(SYS.Agent).IsRunning()") == 0
    assert terminal.codes("##class(SYS.Agent).VerifyConnection()") == "2118"
    assert terminal.value("##class(SYS.Agent).GetApplicationPort()") == ""


def test_files(terminal: Any) -> None:
    base = f"{terminal.instance.mgr}/files"
    assert terminal.value(f'##class(%File).CreateDirectoryChain("{base}/a/b")') == 1
    assert terminal.value(f'##class(%File).DirectoryExists("{base}/a/b")') == 1
    terminal.do(f'set f="{base}/x" open f:"NW" use f write "12345" close f')
    assert terminal.value('##class(%File).GetFileSize(f)_##class(%File).GetFileSize("none")') == "5-2"
    assert terminal.value(f'##class(%File).CopyFile(f,"{base}/y")_##class(%File).CopyFile(f,"{base}/y")') == "10"
    assert terminal.value(f'##class(%File).Rename(f,"{base}/z",.e)_e') == "10"
    assert terminal.value('##class(%File).Delete(f,.e)_","_e') == "0,-2"
    assert terminal.value(f'##class(%File).NormalizeDirectory("{base}")') == f"{base}/"
    assert terminal.value(f'##class(%File).GetDirectory("{base}/z")') == f"{base}/"


def test_async_members_and_promotion_outside_any_mirror(enabled: Any) -> None:
    enabled.do('set u="old",p="old"')
    join = '##class(SYS.Mirror).JoinMirrorAsAsyncMember("SET","A","IRIS","127.0.0.1",1,1,.l)'
    assert enabled.codes(join) == "2099", "there is no licence"
    assert enabled.value("##class(SYS.Mirror).AsyncDejournalStatus()") == ""
    assert enabled.codes("##class(SYS.Mirror).AsyncDejournalStop()") == "2159"
    assert enabled.codes("##class(SYS.Mirror).PromoteCheck(.u,.p)") == "2074"
    assert enabled.value("u_p") == ""
    assert enabled.codes("##class(SYS.Mirror).PromoteWithSelectedPartner(,.u)") == "2074"
    assert enabled.codes("##class(SYS.Mirror).Demote()") == "2074"
    assert enabled.codes("##class(SYS.Mirror).RemoveMirrorConfiguration()") == "2074"
    assert enabled.codes('##class(SYS.Mirror).RemoveOneMirrorSet("SET")') == "2051"
    assert enabled.value('##class(SYS.Mirror).CheckLeftOverJournalFile("SET")') == 1
    assert enabled.value("##class(Config.MirrorMember).AllowNewMirrorSet()") == 1
    assert enabled.value("##class(Config.MirrorMember).AllowClearFailoverDBFlag()") == 0


def test_a_dejournal_filter_is_refused(enabled: Any) -> None:
    enabled.instance.config.set("MapMirrors.SET", "A", "a,2188,,a,GUID,/d/,2,a,1972,,0,,,1")
    enabled.do('set filter("DejournalFilter")="ZFilter"')
    assert enabled.codes('##class(Config.MapMirrors).Modify("SET","A",.filter)') == "5001"

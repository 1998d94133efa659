# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session scripts in the forms that public projects use."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def node(shared_node: Any) -> Any:
    """These tests share one node."""
    return shared_node


CLASS = """Class Site.Setup
{

ClassMethod Run(name As %String, mode As %String = "plain") As %Status
{
  write !,"Setting up "_name_" ("_mode_")"
  quit 1
}

ClassMethod Fail()
{
  set hidden = 5
  write nothing
}

ClassMethod Later(value)
{
  kill ^||own
  set ^SiteLater = value
  halt
}

}
"""


@pytest.fixture
def loaded(node: Any, tmp_path: Path) -> Any:
    """The node with the class above in %SYS."""
    source = tmp_path / "Site.Setup.cls"
    source.write_text(CLASS, encoding="utf-8")
    output = node.session(f'do $SYSTEM.OBJ.Load("{source}", "ck")')
    assert "Load finished successfully." in output
    return node


def test_a_heredoc_whose_lines_the_shell_joined(node: Any, tmp_path: Path) -> None:
    # A backslash at the end of a line of an unquoted heredoc makes one line of several.
    source = tmp_path / "Joined.cls"
    source.write_text(CLASS.replace("Site.Setup", "Site.Joined"), encoding="utf-8")
    line = f'do $SYSTEM.OBJ.Load("{source}", "ck") set sc = ##class(Site.Joined).Run("hostA","demo") halt\n'
    result = node.iris("session", "IRIS", "-U", "%SYS", given=line)
    assert "Setting up hostA (demo)" in result.stdout
    assert result.returncode == 0


def test_one_method_as_an_argument(loaded: Any) -> None:
    result = loaded.iris("session", "IRIS", "-U%SYS", '##class(Site.Setup).Run("hostB")')
    assert result.stdout == "\nSetting up hostB (plain)"
    assert loaded.iris("terminal", "IRIS", "-U", "%SYS", '##class(Site.Setup).Run("c")').returncode == 0


def test_the_exit_code_of_a_build_script(loaded: Any) -> None:
    script = "set sc = 1\n{}\nif '$Get(sc) do ##class(%SYSTEM.Process).Terminate(, 1)\nhalt\n"
    bad = 'set sc = $system.Status.Error(5001,"no")'
    assert loaded.iris("session", "IRIS", given=script.format("set sc = 1")).returncode == 0
    assert loaded.iris("session", "IRIS", given=script.format(bad)).returncode == 1


def test_an_error_in_a_method_leads_to_the_debug_prompt(loaded: Any) -> None:
    output = loaded.session(
        "set outer=1",
        "do ##class(Site.Setup).Fail()",
        "write hidden",
        "write outer",
        "do ##class(Site.Setup).Fail()",
        "quit 2",
        "write hidden",
        "quit",
        "write outer",
    )
    assert "\n<UNDEFINED>zFail+2^Site.Setup.1 *nothing\n%SYS 2d0>5\n%SYS 2d0>" in output
    assert "<UNDEFINED> *outer\n%SYS 2d0>" in output
    assert "*nothing\n%SYS 4d0>\n%SYS 2d0>5\n%SYS 2d0>\n%SYS>1\n%SYS>" in output


def test_an_error_that_was_caught_changes_no_prompt(loaded: Any) -> None:
    output = loaded.session("try { do ##class(Site.Setup).Fail() } catch e { write e.Name }")
    assert "<UNDEFINED>\n%SYS>" in output
    assert "2d0" not in loaded.session("write nothing")


def test_a_job_runs_on_its_own(loaded: Any, wait_for: Callable[..., None]) -> None:
    loaded.session("kill ^SiteLater", 'job ##class(Site.Setup).Later("done")')
    wait_for(lambda: loaded.value("$get(^SiteLater)") == "done")
    wait_for(lambda: "ended with" not in loaded.messages)


def test_a_command_of_the_operating_system(node: Any, tmp_path: Path) -> None:
    assert node.value(f'$zf(-1,"cd {tmp_path} && touch made && exit 4")') == "4"
    assert (tmp_path / "made").exists()
    # It does not read the lines of the session.
    assert "still here" in node.session('do $zf(-1,"cat")', 'write "still here"')


def test_comments_and_blocks_on_one_line(node: Any) -> None:
    output = node.session(
        "; a remark",
        "// another",
        "#; and one more",
        "  set a=1 ; behind",
        "set b=2 // behind",
        "/* a whole */ set c=3",
        "if a { write a } else { write 0 }",
        "for i=1:1:3 { continue:i=2  write i }",
        "kill x for  quit:$increment(x)>3  write x",
        "write !,?5,b,c",
        'zn "USER" write $namespace',
        'znspace "%SYS" write $znspace',
    )
    for part in (">1\n", ">13\n", ">123\n", "\n     23\n", "USER", "%SYS"):
        assert part in output
    assert "<SYNTAX>" not in output


INSTALLER = """Include %occInclude

Class Site.Mirror
{

ClassMethod Set(member As %String) As %Status
{
  if $system.Mirror.IsMember() {
    write !,"already a member"
    quit $$$OK
  }
  do ..Service()
  set role = $SYSTEM.Util.GetEnviron("SITE_ROLE"), sc = $$$OK
  if role = "FIRST" { set sc = ..Create(member) }
  elseif role = "" { set sc = $$$ERROR($$$GeneralError,"SITE_ROLE is not set") }
  if 'sc do $system.OBJ.DisplayError(sc)
  quit sc
}

ClassMethod Service()
{
  do ##class(Security.Services).Get("%Service_Mirror", .service)
  set service("Enabled") = 1
  do ##class(Security.Services).Modify("%Service_Mirror", .service)
}

ClassMethod Create(member) As %Status
{
  ;set info("CompressionForFailoverMembers") = 1 // not today
  set info("UseSSL") = 0
  set info("MirrorAddress") = $SYSTEM.Util.GetEnviron("SITE_ADDRESS")
  set sc = ##class(SYS.Mirror).CreateNewMirrorSet("SITE", member, .info)
  quit:$$$ISERR(sc) sc
  set done = '$$$OK
  try {
    for i = 1:1:300 {
      hang .1
      set state = $LIST($SYSTEM.Mirror.GetMemberStatus("SITE"))
      if state = "Primary" quit
    }
    write !,"became ",state
    set folder = ##class(%Library.File).ManagerDirectory()_"site"
    do ##class(%Library.File).CreateNewDir(##class(%Library.File).ManagerDirectory(), "site")
    #; the last two arguments make it a mirrored database
    $$$THROWONERROR(sc, ##class(SYS.Database).CreateDatabase(folder, 4,,,,,"SITEDB", "SITE"))
    set config("Directory") = folder
    $$$ThrowOnError(##class(Config.Databases).Create("SITE", .config))
    $$$ThrowOnError(##class(SYS.Database).CreateDatabase(folder, 4,,,,,"SITEDB", "SITE"))
  } catch problem {
    set done = problem.AsStatus()
  }
  return done
}

}
"""


def test_an_installer_class_makes_a_mirror_from_the_environment_of_its_command(
    make_node: Callable[..., Any], licence: str, tmp_path: Path
) -> None:
    node = make_node("first", "--key", licence)
    node.tool("start")
    source = tmp_path / "Mirror.cls"
    source.write_text(INSTALLER, encoding="utf-8")
    script = tmp_path / "setup.sh"
    # Written as people write it: an unquoted heredoc, lines that a backslash joins, a dollar sign that is kept.
    script.write_text(
        f"""iris session $NAME -U %SYS << END
do \\$SYSTEM.OBJ.Load("{source}", "ck") \\
set sc = ##class(Site.Mirror).Set("$MEMBER")
write !,"<",\\$system.Status.GetErrorCodes(sc),">"
halt
END
""",
        encoding="utf-8",
    )

    def run(**more: str) -> str:
        path = f"{node.home}/bin:{os.environ['PATH']}"
        environment = {"PATH": path, "NAME": "IRIS", "MEMBER": "FIRST/IRIS", "SITE_ADDRESS": "127.0.0.1", **more}
        return subprocess.run(
            ["/bin/sh", str(script)], env=environment, capture_output=True, text=True, timeout=90, check=True
        ).stdout

    nothing = run()
    assert "ERROR #5001: SITE_ROLE is not set" in nothing
    assert "<5001>" in nothing
    made = run(SITE_ROLE="FIRST")
    # The database is made and mirrored at once; making it once more is an error of the second call.
    assert "became Primary" in made
    assert "ERROR #" in made
    assert node.value('$list($system.Mirror.GetMemberStatus("SITE"),1)') == "Primary"
    assert "already a member" in run(SITE_ROLE="FIRST")
    lines = (
        'set rs=##class(%ResultSet).%New("SYS.Mirror:MirroredDatabaseList") do rs.Execute()',
        'while rs.Next() { write "<",rs.Data("Name"),":",rs.GetData(4),">" }',
        "kill this,other do ##class(SYS.Mirror).GetFailoverMemberStatus(.this,.other)",
        'write "<",$listtostring(this,"|"),">" write "<",$lts($lb("a",,"c")),">"',
        'write "<",$listget(this,3,"?"),"/",$get(other,"alone"),">"',
        'write "<",$system.Status.GetErrorCodes(##class(SYS.Mirror).AuthorizePendingMembers($lb("CN=nobody"))),">"',
    )
    answer = node.session(*lines)
    assert "<SITEDB:Normal>" in answer
    assert "FIRST/IRIS" in answer
    assert "<a,,c>" in answer
    assert re.search(r"%SYS><\d+>\n", answer)


def test_variables_of_the_environment_reach_the_session_and_its_commands(node: Any) -> None:
    path = os.environ["PATH"]
    read = '$system.Util.GetEnviron("SITE"),$system.Util.GetEnviron("NONE")'
    line = f'write $zf(-1,"test ""$SITE"" = here"),{read}\nhalt\n'
    result = subprocess.run(
        [str(node.home / "bin" / "iris"), "session", "IRIS"],
        env={"PATH": path, "SITE": "here"}, input=line, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "USER>0here\n" in result.stdout
    assert node.value('$system.Util.GetEnviron("SITE")') == ""


def test_a_class_that_does_not_exist_is_named_and_the_lines_go_on(node: Any) -> None:
    output = node.session(
        'Do ##class(SYS.MirrorSetup).CreateMirror("DEMO","host",2188)', 'set x="more"', "write x"
    )  # fmt: skip
    assert "<CLASS DOES NOT EXIST> *SYS.MirrorSetup\n" in output
    assert ">more\n" in output


def test_a_block_over_several_lines_is_a_syntax_error_at_the_prompt(node: Any) -> None:
    output = node.session("if 1 {", '  write "inside"', "}", 'write "end"')
    assert output.count("<SYNTAX>") == 2
    assert "end" in output


def test_zwrite_of_what_was_given_by_reference(node: Any) -> None:
    output = node.session('do ##class(Security.Services).Get("%Service_Mirror",.s)', "zwrite s(\"Enabled\")", "zw s")
    assert output.count('s("Enabled")=') == 2
    assert 's("AutheEnabled")=' in output


@pytest.mark.parametrize("routine", ["^MIRROR", "^SECURITY", "^DATABASE", "^JOURNAL", "^BACKUP", "MAIN^SHUTDOWN"])
def test_menus_of_the_system_are_refused_by_name(node: Any, routine: str) -> None:
    assert f"<NOROUTINE> *{routine.rpartition('^')[2]}" in node.session(f"do {routine}")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%Installer manifests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.library.conftest import Terminal

INSTALLER = """Include %occInclude

Class Site.Installer
{

XData Plan [ XMLNamespace = INSTALLER ]
{
<Manifest>
@TAGS@
</Manifest>
}

ClassMethod setup(ByRef pVars, pLogLevel As %Integer = 0, pInstaller, pLogger) As %Status [ CodeMode = objectgenerator, Internal ]
{
  quit ##class(%Installer.Manifest).%Generate(%compiledclass, %code, "Plan")
}

ClassMethod Note(first, second) As %Status
{
  set ^SiteNote = first_"/"_second_"/"_$namespace
  quit:first="bad" $$$ERROR($$$GeneralError,"invoked and failed")
  quit $$$OK
}

}
"""  # noqa: E501 - a line of ObjectScript

Load = Callable[[str], None]


@pytest.fixture
def load(terminal: Terminal, tmp_path: Path) -> Load:
    """Load the installer with these tags in its manifest."""

    def load_it(tags: str) -> None:
        source = tmp_path / "Site.Installer.cls"
        source.write_text(INSTALLER.replace("@TAGS@", tags), encoding="utf-8")
        assert terminal.codes(f'$system.OBJ.Load("{source}","ck-d")') == ""

    return load_it


def failure(terminal: Terminal, call: str = "##class(Site.Installer).setup(.vars)") -> str:
    """The text of the error of a run, "" for success."""
    return str(terminal.value(f"$system.Status.GetErrorText({call})"))


def test_a_namespace_with_databases_and_mappings(terminal: Terminal, load: Load, tmp_path: Path) -> None:
    load(
        f"""
<Default Name="APP" Value="SITE"/>
<Default Name="BASE" Dir="{tmp_path}/db"/>
<Namespace Name="${{APP}}" Code="${{APP}}-CODE" Data="${{APP}}-DATA" Create="yes" Ensemble="0">
  <Configuration>
    <Database Name="${{APP}}-CODE" Dir="${{BASE}}code" Create="yes" Resource="%DB_${{APP}}" MountRequired="1"/>
    <Database Name="${{APP}}-DATA" Dir="${{BASE}}data" InitialSize="2" Create="yes"/>
    <GlobalMapping Global="Shared.*" From="USER"/>
    <RoutineMapping Routines="ZZ*" From="USER"/>
    <ClassMapping Package="Tools" From="USER"/>
  </Configuration>
</Namespace>"""
    )
    assert failure(terminal) == ""
    terminal.do('do ##class(Config.Namespaces).Get("SITE",.n),##class(Config.Databases).Get("SITE-CODE",.d)')
    assert (terminal.value('n("Globals")'), terminal.value('n("Routines")')) == ("SITE-DATA", "SITE-CODE")
    assert (terminal.value('d("Directory")'), terminal.value('d("MountRequired")')) == (f"{tmp_path}/db/code/", "1")
    assert (tmp_path / "db" / "data" / "IRIS.DAT").is_file()
    terminal.do('set $namespace="SITE",^Own=1,^SharedOne=1,$namespace="%SYS"')
    assert terminal.value(f'$data(^|"^^{tmp_path}/db/data/"|Own)') == 1
    for kind, name in (("MapGlobals", "Shared.*"), ("MapRoutines", "ZZ*"), ("MapPackages", "Tools")):
        assert terminal.value(f'##class(Config.{kind}).Exists("SITE","{name}")') == 1
    # A second run finds everything in place; the caller chooses another name.
    assert failure(terminal) == ""
    terminal.do('set other("APP")="OTHER"')
    assert failure(terminal, "##class(Site.Installer).setup(.other)") == ""
    assert terminal.value('##class(Config.Namespaces).Exists("OTHER")') == 1


def test_variables_conditions_and_loops(terminal: Terminal, load: Load) -> None:
    load(
        """
<Var Name="Sum" Value="#{1+2}"/>
<Default Name="Sum" Value="9"/>
<If Condition='(${Sum}=3)'><Var Name="Was" Value="three"/></If><Else><Var Name="Was" Value="other"/></Else>
<If Condition='##class(Config.Namespaces).Exists("NOWHERE")'><Error Status="never"/></If>
<Else><Var Name="Missing" Value="yes"/></Else>
<IfNotDef Var="Nope"><Var Name="Defined" Value="no"/></IfNotDef>
<IfDef Var="Sum"><Var Name="Known" Value="${Was}"/></IfDef>
<ForEach Index="Part" Values="a,b,c"><Var Name="All_${Part}" Value="${Part}1"/></ForEach>"""
    )
    assert failure(terminal) == ""
    names = ("Sum", "Was", "Missing", "Defined", "Known", "All_c")
    assert [str(terminal.value(f'vars("{name}")')) for name in names] == ["3", "three", "yes", "no", "three", "c1"]


def test_import_and_invoke(terminal: Terminal, load: Load, tmp_path: Path) -> None:
    source = tmp_path / "src" / "App"
    source.mkdir(parents=True)
    (source / "Main.cls").write_text("Class App.Main\n{\nClassMethod Hi(x)\n{\n quit x_$namespace\n}\n}\n", "utf-8")
    load(
        f"""
<Namespace Name="USER" Create="no">
  <Import File="{tmp_path}/src" Recurse="1"/>
  <Invoke Class="App.Main" Method="Hi" Return="Answer"><Arg Value="in "/></Invoke>
</Namespace>
<Invoke Class="Site.Installer" Method="Note" CheckStatus="1"><Arg Value="${{Answer}}"/><Arg Value="2"/></Invoke>"""
    )
    assert failure(terminal) == ""
    assert terminal.value("^SiteNote") == "in USER/2/%SYS"


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ('<Production Name="X"/>', "The tag <Production> of a manifest is not supported"),
        ('<Namespace Name="NOPE" Create="no"/>', "NOPE"),
        ('<Namespace Name="USER" Ensemble="1"/>', "Ensemble of <Namespace> is not supported"),
        ('<Var Name="a" Value="${Nowhere}"/>', "The variable Nowhere of the manifest is not defined"),
        ('<Error Status="stop here"/>', "stop here"),
        ('<Import File="/no/such.cls"/>', "ERROR #5012"),
        ('<Invoke Class="Site.Installer" Method="Note" CheckStatus="1"><Arg Value="bad"/><Arg/></Invoke>', "and f"),
        ('<Invoke Class="No.Such" Method="X"/>', "<CLASS DOES NOT EXIST> *No.Such"),
    ],
)
def test_what_fails_is_named(terminal: Terminal, load: Load, tags: str, reason: str) -> None:
    load(tags)
    assert reason in failure(terminal)


def test_a_manifest_is_checked_when_its_class_is_compiled_and_runs_in_sys_only(
    terminal: Terminal, load: Load, tmp_path: Path
) -> None:
    source = tmp_path / "bad.cls"
    source.write_text(INSTALLER.replace("@TAGS@", "<Var>").replace("Site.", "Bad."), encoding="utf-8")
    assert terminal.codes(f'$system.OBJ.Load("{source}","ck-d")') == "5475"
    text = INSTALLER.replace("@TAGS@", "").replace('"Plan"', '"Other"').replace("Site.", "Bad.")
    source.write_text(text, encoding="utf-8")
    assert terminal.codes(f'$system.OBJ.Load("{source}","ck-d")') == "5475"
    terminal.do('set $namespace="USER"')
    load("")
    assert "must be run in the namespace %SYS" in failure(terminal)

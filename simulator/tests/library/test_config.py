# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.*: entries of iris.cpf."""

from __future__ import annotations

from typing import Any

import pytest

from irissim.engine.config import Cpf
from irissim.library.config_mirrors import Mirrors
from irissim.values.errors import OsError


def make_database(terminal: Any, name: str) -> str:
    directory = f"{terminal.instance.mgr}/{name}/"
    terminal.do(
        f'set made=##class(%File).CreateDirectoryChain("{directory}")',
        f'kill p set p("Directory")="{directory}"',
    )
    assert terminal.codes(f'##class(SYS.Database).CreateDatabase("{directory}")') == ""
    assert terminal.codes(f'##class(Config.Databases).Create("{name}",.p)') == ""
    return directory


def test_a_database_entry_lives_in_the_file(terminal: Any) -> None:
    directory = make_database(terminal, "company")
    assert Cpf.load(terminal.instance.cpf_path).get("Databases", "COMPANY") == directory
    assert terminal.value('##class(Config.Databases).Exists("Company",.o,.s)') == 1
    assert terminal.value("o.Directory") == directory
    terminal.do('kill q set sc=##class(Config.Databases).Get("COMPANY",.q)')
    assert terminal.value('q("Directory")_","_q("MountRequired")') == directory + ",0"
    assert terminal.value('##class(Config.Databases).DatabaseByName("COMPANY")') == f"^^{directory}"
    assert terminal.codes('##class(Config.Databases).Create("COMPANY",.p)') == "459"
    assert terminal.codes('##class(Config.Databases).Get("NONE",.p)') == "420"
    assert terminal.codes('##class(Config.Databases).Delete("COMPANY")') == ""
    assert terminal.value('##class(Config.Databases).Exists("COMPANY")') == 0


def test_modify_changes_only_what_is_given(terminal: Any) -> None:
    directory = make_database(terminal, "COMPANY")
    terminal.do('kill m set m("MountRequired")=1 set sc=##class(Config.Databases).Modify("COMPANY",.m)')
    assert terminal.instance.config.get("Databases", "COMPANY") == f"{directory},,1"
    terminal.do('set o=##class(Config.Databases).Open("COMPANY") set o.MountRequired=0 set sc=o.%Save()')
    assert terminal.instance.config.get("Databases", "COMPANY") == directory


@pytest.mark.parametrize("name", ["", "A,B", "A B", "A=B", 'A""B', "A;B", "$A", "Ä", "A" * 31])
def test_bad_database_names_are_refused(terminal: Any, name: str) -> None:
    terminal.do('kill p set p("Directory")="/x/"')
    assert terminal.codes(f'##class(Config.Databases).Create("{name}",.p)') == "407"


def test_a_database_needs_a_directory(terminal: Any) -> None:
    assert terminal.codes('##class(Config.Databases).Create("COMPANY",.none)') == "407"


def test_a_namespace_works_as_soon_as_it_is_created(terminal: Any) -> None:
    make_database(terminal, "COMPANY")
    terminal.do('kill n set n("Globals")="company",n("Routines")="COMPANY"')
    assert terminal.codes('##class(Config.Namespaces).Create("Company",.n)') == ""
    terminal.do('zn "COMPANY" set ^X=1 zn "%SYS"')
    assert terminal.codes('##class(Config.Namespaces).Create("COMPANY",.n)') == "428"
    assert terminal.codes('##class(Config.Databases).Delete("COMPANY")') == "429"
    assert terminal.value('##class(%SYS.Namespace).Exists("company")') == 1
    assert terminal.codes('##class(Config.Namespaces).Delete("COMPANY")') == ""
    with pytest.raises(OsError, match="<NAMESPACE>"):
        terminal.do('zn "COMPANY"')


def test_namespaces_that_cannot_be(terminal: Any) -> None:
    terminal.do('kill n set n("Globals")="NONE",n("Routines")="NONE"')
    assert terminal.codes('##class(Config.Namespaces).Create("X",.n)') == "420"
    assert terminal.codes('##class(Config.Namespaces).Delete("NONE")') == "433"
    assert terminal.codes('##class(Config.Namespaces).Delete("%SYS")') == "434"
    assert terminal.codes('##class(Config.Databases).Delete("IRISSYS")') == "427"


def test_mapped_globals_are_seen_in_the_other_namespace(terminal: Any) -> None:
    make_database(terminal, "COMPANY")
    terminal.do('kill m set m("Database")="COMPANY"')
    assert terminal.codes('##class(Config.MapGlobals).Create("USER","Company*",.m)') == ""
    assert terminal.codes('##class(Config.MapGlobals).Create("USER","Company*",.m)') == "419"
    terminal.do('zn "USER" set ^CompanyD(1)="x" zn "%SYS"')
    assert terminal.value(f'^["^^{terminal.instance.mgr}/COMPANY/"]CompanyD(1)') == "x"
    assert terminal.codes('##class(Config.MapGlobals).Create("USER","A(1)",.m)') == "5001"
    assert terminal.codes('##class(Config.MapGlobals).Create("NONE","A",.m)') == "433"
    terminal.do('set m("Database")="NONE"')
    assert terminal.codes('##class(Config.MapGlobals).Create("USER","A",.m)') == "420"
    assert terminal.codes('##class(Config.MapGlobals).Delete("USER","Company*")') == ""
    assert terminal.codes('##class(Config.MapGlobals).Get("USER","Company*",.m)') == "420"


@pytest.mark.parametrize(
    ("kind", "name", "columns"),
    [
        ("MapGlobals", "Company*", {"Name": "Company*", "Global": "Company*", "Subscript": "", "Collation": 5}),
        ("MapRoutines", "Lib*.MAC", {"Name": "Lib*.MAC", "Routine": "Lib*", "Type": "MAC"}),
        ("MapPackages", "My.Lib", {"Name": "My.Lib", "Package": "My.Lib"}),
    ],
)
def test_mappings_are_listed_by_namespace(terminal: Any, kind: str, name: str, columns: dict[str, Any]) -> None:
    make_database(terminal, "COMPANY")
    terminal.do('kill m set m("Database")="COMPANY"')
    assert terminal.codes(f'##class(Config.{kind}).Create("USER","{name}",.m)') == ""
    for namespace, expected in (("user", 1), ("%SYS", 0)):
        terminal.do(f'set rs=##class(%ResultSet).%New("Config.{kind}:List") do rs.Execute("{namespace}","*")')
        assert terminal.value("rs.Next()") == expected
        if expected:
            found = {column: terminal.value(f'rs.Get("{column}")') for column in (*columns, "Database")}
            assert found == {**columns, "Database": "COMPANY"}
    terminal.do(f'set rs=##class(%ResultSet).%New("Config.{kind}:List")')
    assert terminal.codes('rs.Execute("NONE","*")') == "433"


def test_the_line_of_a_mirror_is_read_and_written_alike() -> None:
    line = "GUID-1,2,1,,9000,0,,,0,arbiter|2188,1,2"
    values = Mirrors.decode(line)
    assert (values["QOSTimeout"], values["ArbiterNode"], values["UseSSL"]) == ("9000", "arbiter|2188", 0)
    assert Mirrors.encode(values) == line


def test_an_unknown_property_is_ignored_and_noted(terminal: Any) -> None:
    terminal.do('kill n set n("Globals")="USER",n("Routines")="USER",n("Routine")="X"')
    assert terminal.codes('##class(Config.Namespaces).Create("TYPO",.n)') == ""
    assert "unknown subscript Routine in a call of Config.Namespaces" in terminal.instance.log.path.read_text("utf-8")


def test_sections_with_one_entry(terminal: Any) -> None:
    terminal.do("kill p set sc=##class(Config.MirrorMember).Get(.p)")
    assert terminal.value('p("JoinMirror")') in (0, "0")
    terminal.do('kill p set p("SystemName")="abc" set sc=##class(Config.MirrorMember).Modify(.p)')
    assert Cpf.load(terminal.instance.cpf_path).get("MirrorMember", "SystemName") == "ABC"
    terminal.do('kill p set p("QOSTimeout")=1,p("FileSizeLimit")=-5')
    assert terminal.codes("##class(Config.Journal).Modify(.p)") == "407"
    terminal.do("set o=##class(Config.Journal).Open() set o.FileSizeLimit=64 set sc=o.%Save()")
    assert terminal.instance.config.get("Journal", "FileSizeLimit") == "64"


def test_another_cpf_file_is_refused(terminal: Any) -> None:
    assert terminal.codes('##class(Config.Databases).Get("USER",.p,"/etc/other.cpf")') == "5001"


def test_queries_list_the_entries(terminal: Any) -> None:
    terminal.do(
        'set rs=##class(%ResultSet).%New("Config.Namespaces:List") do rs.Execute("*") set out=""',
        'while rs.Next() { set out=out_rs.Get("Namespace")_":"_rs.Get("Globals")_"," }',
        'set st=##class(%SQL.Statement).%New() set sc=st.%PrepareClassQuery("Config.Databases","List")',
        'set r=st.%Execute("US*") set names="" while r.%Next() { set names=names_r.%Get("Name")_"," }',
    )
    assert terminal.value("out") == "%SYS:IRISSYS,USER:USER,"
    assert terminal.value("names") == "USER,"


def test_what_is_left_of_the_single_sections(terminal: Any) -> None:
    terminal.do('set p("FreezeOnError")=1')
    assert terminal.codes("##class(Config.Journal).Create(.p)") == "419"
    assert terminal.codes("##class(Config.Startup).Create(.p)") == "419"
    assert terminal.value('##class(Config.Journal).TranslateTime(7200,.f)_"*"_f') == "2*3600"
    assert terminal.value('##class(Config.Journal).TranslateTime(90,.f)_"*"_f') == "90*1"
    assert terminal.value('##class(Config.Journal).TranslateTime(172800,.f)_"*"_f') == "2*86400"
    terminal.do("do ##class(Config.CPF).Write()")


def test_local_and_remote_databases(terminal: Any) -> None:
    terminal.instance.config.set("Databases", "FAR", "/far/,OTHER")
    terminal.do('set sc=##class(Config.Databases).DatabasesByServer("other",.found)')
    assert terminal.value("found") == "FAR"
    terminal.do('set rs=##class(%ResultSet).%New("Config.Databases:List1"),out=""')
    for flags, first in ((2, ["FAR"]), (1, ["USER"]), (0, ["FAR", "USER"])):
        terminal.do(
            f'set out="" do rs.Execute("FAR,USER","",{flags}) while rs.Next() {{ set out=out_rs.Get("Name")_"," }}'
        )
        assert sorted(str(terminal.value("out")).split(",")[:-1]) == first


@pytest.mark.parametrize(("flags", "names"), [(0, "FAR,USER,"), (1, "USER,"), (2, "FAR,")])
def test_databases_are_listed_by_where_they_are(terminal: Any, flags: int, names: str) -> None:
    terminal.do(
        'set far("Directory")="/data/far/",far("Server")="ELSEWHERE",sc=##class(Config.Databases).Create("FAR",.far)',
        f'set rs=##class(%ResultSet).%New("Config.Databases:List") do rs.Execute("FAR,USER",,{flags}) set out=""',
        'while rs.Next() { set out=out_rs.Get("Name")_"," }',
        'set rs=##class(%ResultSet).%New("Config.Databases:LocalDatabaseList") do rs.Execute("FAR,USER") set local=""',
        'while rs.Next() { set local=local_rs.Get("Name")_"," }',
    )
    assert sorted(terminal.value("out").split(",")) == sorted(names.split(","))
    assert terminal.value("local") == "USER,"

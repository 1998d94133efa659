# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security.Users, Roles, Resources and Applications."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

PASSWORD = "wrong horse battery"


def rows(terminal: Any, name: str, column: str, mask: str = "*") -> list[str]:
    terminal.do(
        f'set rs=##class(%ResultSet).%New("{name}"),out="" do rs.Execute("{mask}")',
        f'while rs.Next() {{ set out=out_rs.Get("{column}")_"|" }}',
    )
    return str(terminal.value("out")).split("|")[:-1]


def test_the_life_of_a_user(terminal: Any) -> None:
    terminal.do(f'set p="{PASSWORD}"')
    assert terminal.codes('##class(Security.Users).Create("jane","%Developer,%SQL",p,"Jane Doe","USER")') == ""
    assert terminal.codes('##class(Security.Users).Create("JANE","",p)') == "837"
    terminal.do('set sc=##class(Security.Users).Get("Jane",.q)')
    assert terminal.value('q("Roles")') == "%Developer,%SQL"
    assert (terminal.value('q("FullName")'), terminal.value('q("Enabled")')) == ("Jane Doe", "1")
    assert terminal.value('$data(q("Password"))+$data(q("PasswordHash"))') == 0
    assert terminal.codes('##class(Security.Users).Modify("jane",.q)') == ""
    stored = "".join(path.read_text(encoding="utf-8") for path in Path(terminal.instance.mgr).glob("security-*.json"))
    assert "jane" in stored
    assert PASSWORD not in stored
    terminal.do('kill c set c("Roles")="%All",c("Enabled")=0')
    assert terminal.codes('##class(Security.Users).Modify("jane",.c)') == ""
    terminal.do('kill q set sc=##class(Security.Users).Get("jane",.q)')
    assert (terminal.value('q("SuperUser")'), terminal.value('q("FullName")')) == ("1", "Jane Doe")
    assert rows(terminal, "Security.Users:List", "Enabled", "jane") == ["No"]
    assert terminal.value('##class(Security.Users).Exists("jane",.u,.s)') == 1
    terminal.do('set u.Comment="seen",sc=u.%Save()')
    assert terminal.value('u.Password_"/"_u.Comment') == "/seen"
    assert terminal.codes('##class(Security.Users).Delete("jane")') == ""
    assert terminal.value('##class(Security.Users).Exists("jane",.u,.s)') == 0
    assert terminal.codes("s") == "838"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('Users).Create("x","%None","secret")', "883"),
        ('Users).Create("x","","ab")', "845"),
        ('Users).Create("x","")', "845"),
        ('Users).Create("","","secret")', "842"),
        ('Users).Create("%Manager","","secret")', "942"),
        ('Users).Create("x","","secret","","NOWHERE")', "433"),
        ('Users).Get("nobody",.p)', "838"),
        ('Users).Delete("_SYSTEM")', "841"),
        ('Users).Modify("Admin",.bad)', "407"),
        ('Roles).Create("%Manager")', "884"),
        ('Roles).Create("Admin")', "942"),
        ('Roles).Create("R","","%None:R")', "892"),
        ('Roles).Create("R","","%Development:X")', "897"),
        ('Roles).Create("R","","","%None")', "883"),
        ('Roles).Modify("%All",.p)', "886"),
        ('Roles).Delete("%Operator")', "880"),
        ('Roles).Get("None",.p)', "883"),
        ('Resources).Create("%Development")', "891"),
        ('Resources).Create("a:b")', "896"),
        ('Resources).Create("res","","Z")', "897"),
        ('Resources).Delete("%Admin_Secure")', "890"),
        ('Resources).Get("None",.p)', "892"),
        ('Applications).Create("/csp/user",.p)', "867"),
        ('Applications).Create("csp",.p)', "799"),
        ('Applications).Delete("/csp/sys")', "870"),
        ('Applications).Get("/none",.p)', "869"),
        ('Applications).Create("/x",.nowhere)', "433"),
    ],
)
def test_what_is_refused(shared: Any, call: str, code: str) -> None:
    shared.do('kill p,bad,nowhere set bad("Enabled")="maybe",nowhere("NameSpace")="NOWHERE"')
    assert shared.codes(f"##class(Security.{call}") == code


def test_roles_resources_and_what_refers_to_them(terminal: Any) -> None:
    assert terminal.codes('##class(Security.Resources).Create("%DB_APP","application","R")') == ""
    terminal.do('set sc=##class(Security.Resources).Get("%db_app",.p)')
    assert (terminal.value('p("PublicPermission")'), terminal.value('p("Type")')) == ("1", "2")
    assert rows(terminal, "Security.Roles:ListAll", "Resources", "%DB_APP") == ["%DB_APP:RW"]
    assert terminal.codes('##class(Security.Roles).Create("app","","%DB_APP:WR,%Development:USE","%SQL")') == ""
    assert rows(terminal, "Security.Roles:ListAll", "Resources", "app") == ["%DB_APP:RW,%Development:U"]
    assert terminal.codes('##class(Security.Users).Create("jane","app","secret")') == ""
    terminal.do('set r="%SQL,app"')
    assert terminal.codes('##class(Security.Users).AddRoles("jane",.r)') == ""
    assert rows(terminal, "Security.Users:List", "Roles", "jane") == ["app,%SQL"]
    assert terminal.codes('##class(Security.Resources).Delete("%DB_APP")') == ""
    assert rows(terminal, "Security.Roles:ListAll", "Resources", "app") == ["%Development:U"]
    assert terminal.codes('##class(Security.Roles).Delete("app")') == ""
    assert rows(terminal, "Security.Users:List", "Roles", "jane") == ["%SQL"]


def test_export_and_import(terminal: Any, tmp_path: Path) -> None:
    file = tmp_path / "users.xml"
    terminal.do(
        f'set p="{PASSWORD}",sc=##class(Security.Users).Create("jane","%SQL",p)',
        f'set sc=##class(Security.Users).Export("{file}",.n,"jane,Admin")',
        'set gone=##class(Security.Users).Delete("jane")',
    )
    assert (terminal.value("sc"), terminal.value("n")) == (1, 2)
    assert PASSWORD not in file.read_text(encoding="utf-8")
    assert terminal.codes(f'##class(Security.Users).Import("{file}",.n,1)') == ""
    assert terminal.value('##class(Security.Users).Exists("jane",.u,.s)') == 0
    assert terminal.codes(f'##class(Security.Users).Import("{file}",.n)') == ""
    assert (terminal.value("n"), rows(terminal, "Security.Users:List", "Roles", "jane")) == (2, ["%SQL"])
    assert terminal.codes(f'##class(Security.Roles).Import("{file}",.n)') == "5001"


def test_an_application(terminal: Any) -> None:
    terminal.do('set p("NameSpace")="USER",p("DispatchClass")="My.Rest",p("AutheEnabled")=32')
    assert terminal.codes('##class(Security.Applications).Create("/api/mine",.p)') == ""
    assert rows(terminal, "Security.Applications:List", "DispatchClass", "/api/m*") == ["", "My.Rest", ""]
    terminal.do('kill q set q("Enabled")=0,sc=##class(Security.Applications).Modify("/api/mine",.q)')
    terminal.do('kill q set sc=##class(Security.Applications).Get("/API/mine",.q)')
    assert (terminal.value('q("Enabled")'), terminal.value('q("Timeout")')) == ("0", "900")


def test_predefined_objects(shared: Any) -> None:
    assert {"_SYSTEM", "Admin", "SuperUser", "CSPSystem", "IAM", "UnknownUser"} <= set(
        rows(shared, "Security.Users:List", "Name")
    )
    assert {"%All", "%Developer", "%Manager", "%Operator", "%DB_USER"} <= set(
        rows(shared, "Security.Roles:List", "Name")
    )
    assert {"%DB_IRISSYS", "%Admin_Manage"} <= set(rows(shared, "Security.Resources:List", "Name"))


def test_copies_and_who_uses_what(terminal: Any) -> None:
    terminal.do(f'set p="{PASSWORD}"')
    assert terminal.codes('##class(Security.Resources).Create("Res","")') == ""
    assert terminal.codes('##class(Security.Roles).Create("Inner","","Res:RW")') == ""
    assert terminal.codes('##class(Security.Roles).Create("Outer","first","","Inner")') == ""
    assert terminal.codes('##class(Security.Roles).Copy("Outer","Other","second","")') == ""
    terminal.do(
        'set sc=##class(Security.Roles).Get("Other",.r,.role),sc=##class(Security.Roles).GetProperties(role,.q)'
    )
    assert terminal.value('q("GrantedRoles")_"/"_q("Description")') == "Inner/second"
    assert terminal.codes('##class(Security.Roles).Copy("Outer","Inner","","")') == "884"
    assert terminal.codes('##class(Security.Users).Create("jane","Outer",p)') == ""
    assert terminal.codes('##class(Security.Users).Copy("jane","joan","Joan Doe")') == ""
    accepts = terminal.instance.security.objects.accepts
    assert accepts("joan", PASSWORD)
    assert terminal.codes('##class(Security.Users).Copy("jane","jill","",1,1,"another word")') == ""
    assert (accepts("jill", "another word"), accepts("jill", PASSWORD)) == (True, False)
    assert terminal.codes('##class(Security.Users).Copy("Admin","june")') == "845"
    terminal.do('set sc=##class(Security.Users).GetRoleSet("joan",.set),e="Inner"')
    assert terminal.value("set") == "Outer,Inner"
    assert terminal.codes('##class(Security.Users).AddEscalationRoles("joan",.e)') == ""
    terminal.do('kill q set sc=##class(Security.Users).Get("joan",.q)')
    assert terminal.value('q("EscalationRoles")') == "Inner"
    assert terminal.codes('##class(Security.Users).RemoveEscalationRoles("joan",.e)') == ""
    terminal.do('kill q set sc=##class(Security.Users).Get("joan",.q)')
    assert terminal.value('q("EscalationRoles")') == ""
    terminal.do('set a("NameSpace")="USER",a("Resource")="Res",sc=##class(Security.Applications).Create("/one",.a)')
    assert terminal.codes('##class(Security.Applications).Copy("/one","/two")') == ""
    assert terminal.codes('##class(Security.Applications).Copy("/one","two")') == "799"
    terminal.do('set sc=##class(Security.Resources).InUse("res",.used,.roles,.dbs,.apps,1)')
    assert terminal.value("used_$listtostring(roles)_dbs_$listtostring(apps)") == "1Inner:RW/one,/two"
    terminal.do('set sc=##class(Security.Resources).InUse("%DB_USER",.used,.roles,.dbs,.apps)')
    assert terminal.value("used_$listtostring(roles)_apps") == "1%DB_USER"
    directory = str(terminal.value('$piece(##class(Config.Databases).DatabaseByName("USER"),"^",3)'))
    terminal.do(f'set sc=##class(SYS.Database).MountDatabase("{directory}")')
    terminal.do(f'set d=##class(SYS.Database).%OpenId("{directory}"),d.ResourceName="Res"')
    assert terminal.codes("d.%Save()") == ""
    terminal.do('set sc=##class(Security.Resources).InUse("Res",.used,.roles,.dbs,.apps)')
    assert terminal.value("$listtostring(roles)_$listtostring(dbs)") == "Inner" + directory
    assert terminal.codes('##class(Security.Resources).InUse("None",.used,.roles,.dbs,.apps)') == "892"


def test_services_move_between_instances(terminal: Any) -> None:
    terminal.do(
        'set p("Enabled")=1,p("ClientSystems")="10.0.0.1",sc=##class(Security.Services).Modify("%Service_ECP",.p)'
    )
    assert terminal.codes('##class(Security.Services).Export("s.xml",.n,"%Service_ECP,%Service_Mirror")') == ""
    assert terminal.value("n") == 2
    terminal.do('set p("Enabled")=0,sc=##class(Security.Services).Modify("%Service_ECP",.p)')
    assert terminal.codes('##class(Security.Services).Import("s.xml",.n,1)') == ""
    assert rows(terminal, "Security.Services:Detail", "Enabled", "%Service_ECP") == ["No"]
    assert terminal.codes('##class(Security.Services).Import("s.xml",.n)') == ""
    assert rows(terminal, "Security.Services:Detail", "Enabled", "%Service_ECP") == ["Yes"]
    assert rows(terminal, "Security.Services:Detail", "Allowed Connections", "%Service_ECP") == ["10.0.0.1"]
    assert rows(terminal, "Security.Services:Detail", "Authentication Methods", "%Service_Login") == ["Password"]
    file = terminal.instance.mgr / "s.xml"
    file.write_text(file.read_text(encoding="utf-8").replace("%Service_Mirror", "%Service_None"), encoding="utf-8")
    terminal.do('set sc=##class(Security.Services).Modify("%Service_ECP",.p)')
    assert terminal.codes('##class(Security.Services).Import("s.xml",.n)') == "809"
    assert rows(terminal, "Security.Services:Detail", "Enabled", "%Service_ECP") == ["No"]
    terminal.do('set sc=##class(Security.Services).Exists("%Service_Login",.service,.x)')
    assert terminal.value("service.IsPublic()") == 0
    terminal.do('set u("PublicPermission")="U",sc=##class(Security.Resources).Modify("%Service_Login",.u)')
    assert terminal.value("service.IsPublic()") == 1


def test_what_images_are_prepared_with(terminal: Any) -> None:
    assert terminal.codes('##class(SYS.Container).SetNeverExpires("Admin")') == ""
    assert terminal.codes('##class(SYS.Container).SetNeverExpires("nobody")') == "838"
    terminal.do('set c("ChangePassword")=0,sc=##class(Security.Users).Modify("Admin",.c)')
    terminal.do('set sc=##class(Security.Users).Modify("CSPSystem",.c)')
    assert terminal.codes("##class(SYS.Container).ForcePasswordChange()") == ""
    terminal.do('set sc=##class(Security.Users).Get("Admin",.a),sc=##class(Security.Users).Get("CSPSystem",.b)')
    assert terminal.value('a("ChangePassword")_a("AccountNeverExpires")_b("ChangePassword")') == "110"

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""$SYSTEM.OBJ: loading files, what it says, what it refuses."""

from __future__ import annotations

from pathlib import Path

from tests.library.conftest import Terminal

CLASS = "Class My.App Extends %RegisteredObject\n{\nClassMethod Size() As %Integer\n{\n quit 42\n}\n}\n"


def test_a_class_is_loaded_compiled_and_called(terminal: Terminal, tmp_path: Path) -> None:
    source = tmp_path / "My.App.cls"
    source.write_text(CLASS, encoding="utf-8")
    assert terminal.value(f'$system.OBJ.Load("{source}","ck",.errors,.loaded)') == 1
    assert terminal.value("errors") == 0
    assert terminal.value('$order(loaded(""))') == "My.App.cls"
    assert terminal.value("##class(My.App).Size()") == 42


def test_without_the_flag_it_is_not_compiled(terminal: Terminal, tmp_path: Path) -> None:
    source = tmp_path / "My.App.cls"
    source.write_text(CLASS, encoding="utf-8")
    terminal.do(
        f'do $system.OBJ.Load("{source}")', "set missing=0", "try { do ##class(My.App).Size() } catch { set missing=1 }"
    )
    assert terminal.value("missing") == 1
    assert terminal.codes('$system.OBJ.Compile("My.App","ck")') == ""
    assert terminal.value("##class(My.App).Size()") == 42
    assert terminal.codes('$system.OBJ.Delete("My.App")') == ""
    assert terminal.codes('$system.OBJ.Delete("My.App")') == "5351"


def test_a_relative_name_is_looked_for_in_the_current_directory(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "My.App.cls").write_text(CLASS, encoding="utf-8")
    assert terminal.codes('$system.OBJ.Load("My.App.cls","ck")') == "5012"
    terminal.do(f'do ##class(%SYSTEM.Process).CurrentDirectory("{tmp_path}")')
    assert terminal.value("##class(%SYSTEM.Process).CurrentDirectory()") == f"{tmp_path}/"
    assert terminal.codes('$system.OBJ.Load("My.App.cls","ck")') == ""


def test_a_directory_is_loaded_with_superclasses_first(terminal: Terminal, tmp_path: Path) -> None:
    below = tmp_path / "src" / "My"
    below.mkdir(parents=True)
    (below / "Able.cls").write_text("Class My.Able Extends My.Zero\n{\n}\n", encoding="utf-8")
    (below / "Zero.cls").write_text(
        "Class My.Zero\n{\nClassMethod N()\n{\n quit $$n^MyTool()\n}\n}\n", encoding="utf-8"
    )
    (below / "MyTool.mac").write_text("ROUTINE MyTool\nn() quit 5\n", encoding="utf-8")
    (below / "note.txt").write_text("no source", encoding="utf-8")
    assert terminal.codes(f'$system.OBJ.LoadDir("{tmp_path}/src","ck",.e,0,.l)') == ""
    assert terminal.value("$data(l)") == 0
    assert terminal.codes(f'$system.OBJ.LoadDir("{tmp_path}/src","ck",.e,1,.l)') == ""
    assert terminal.value("##class(My.Able).N()") == 5
    assert terminal.codes('$system.OBJ.DeletePackage("My")') == ""
    assert terminal.codes('$system.OBJ.LoadDir("/none/such","ck")') == "5007"


def test_what_it_cannot_load_is_named(terminal: Terminal, tmp_path: Path) -> None:
    for name, text, code in (
        ("a.xml", "<Export/>", "5001"),
        ("b.txt", "hello", "5840"),
        ("c.cls", "Class C\n{\n ClassMethod\n}\n", "5559"),
        ("d.cls", "Class My.D Extends My.None\n{\n}\n", "5373"),
        ("e.mac", "ROUTINE E\n set = 1\n", "5475"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert terminal.codes(f'$system.OBJ.Load("{tmp_path / name}","ck",.e)') == code, name
        assert terminal.value("e") == 1
    assert "XML exports are not supported" in str(
        terminal.value(f'$system.Status.GetErrorText($system.OBJ.Load("{tmp_path}/a.xml"))')
    )


def test_classes_are_found_through_mappings_of_packages(terminal: Terminal, tmp_path: Path) -> None:
    source = tmp_path / "My.App.cls"
    source.write_text(CLASS, encoding="utf-8")
    terminal.do(f'do $system.OBJ.Load("{source}","ck")', 'set p("Database")="IRISSYS"')
    terminal.do(
        'set found=0,$namespace="USER"', "try { set found=##class(My.App).Size() } catch { }", 'set $namespace="%SYS"'
    )
    assert terminal.value("found") == 0
    assert terminal.codes('##class(Config.MapPackages).Create("USER","My",.p)') == ""
    terminal.do('set $namespace="USER",found=##class(My.App).Size(),$namespace="%SYS"')
    assert terminal.value("found") == 42


def test_a_directory_below_another(terminal: Terminal, tmp_path: Path) -> None:
    call = f'##class(%Library.File).CreateNewDir("{tmp_path}/","below")'
    assert [terminal.value(call), terminal.value(call)] == [1, 0]
    assert (tmp_path / "below").is_dir()

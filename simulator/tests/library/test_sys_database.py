# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Database without a mirror."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from irissim.values.errors import OsError


@pytest.fixture
def directory(terminal: Any) -> str:
    path = Path(terminal.instance.mgr, "data")
    path.mkdir()
    return f"{path}/"


def test_life_of_a_database(terminal: Any, directory: str) -> None:
    assert terminal.codes(f'##class(SYS.Database).CreateDatabase("{directory}",5)') == ""
    terminal.do(f'set db=##class(SYS.Database).%OpenId("{directory}")')
    assert terminal.value("db.Size_db.Mounted_db.ReadOnlyMounted_db.Mirrored_db.GlobalJournalState") == "51003"
    assert terminal.value("db.GetStatus()") == "Mounted/RW"
    assert terminal.value("db.SFN") == terminal.value(f'+$zu(49,"{directory}")')
    assert terminal.codes(f'##class(SYS.Database).DismountDatabase("{directory}")') == ""
    assert terminal.value("db.Mounted_db.GetStatus()") == "0Dismounted"
    assert terminal.value(f'$zu(49,"{directory}")') == -1
    assert terminal.codes(f'##class(SYS.Database).DismountDatabase("{directory}")') == "300"
    assert terminal.codes("db.Mount(1)") == ""
    assert terminal.value("db.ReadOnlyMounted_db.GetStatus()") == "1Mounted/R"
    with pytest.raises(OsError, match="<PROTECT>"):
        terminal.do(f'set ^["^^{directory}"]x=1')
    assert terminal.codes("db.Dismount()") == ""
    assert terminal.codes("db.Delete()") == ""
    assert not Path(directory, "IRIS.DAT").exists()


def test_errors_of_creation(terminal: Any, directory: str) -> None:
    create = '##class(SYS.Database).CreateDatabase("{}")'
    assert terminal.codes(create.format("/no/such/place/")) == "70,73"
    Path(directory, "IRIS.DAT").touch()
    assert terminal.codes(create.format(directory)) == "20"
    assert terminal.codes(f'##class(SYS.Database).CreateDatabase("{directory}",1,8192,1)') == "5001"


def test_creation_as_mirrored_without_a_mirror_leaves_nothing(terminal: Any, directory: str) -> None:
    assert terminal.codes(f'##class(SYS.Database).CreateDatabase("{directory}",1,,,,,"DB","SET")') != ""
    assert not Path(directory, "IRIS.DAT").exists()


def test_an_object_creates_and_changes(terminal: Any, directory: str) -> None:
    terminal.do(
        "set db=##class(SYS.Database).%New()",
        f'set db.Directory="{directory}",db.Size=3,db.ResourceName="%DB_X"',
    )
    assert terminal.codes("db.%Save()") == ""
    terminal.do("set db.MaxSize=50 set sc=db.%Save()")
    label = terminal.instance.databases.label(directory)
    assert (label.size_mb, label.max_mb, label.resource) == (3, 50, "%DB_X")
    with pytest.raises(OsError, match="<CANNOT SET THIS PROPERTY>"):
        terminal.do("set db.Mounted=0")
    with pytest.raises(OsError, match="<PROPERTY DOES NOT EXIST>"):
        terminal.do("set db.Colour=1")


def test_no_database_is_no_object(terminal: Any, directory: str) -> None:
    with pytest.raises(OsError, match="<INVALID OREF>"):
        terminal.value(f'##class(SYS.Database).%OpenId("{directory}").Mounted')


def test_a_mount_whose_file_is_gone_stays_until_a_restart(terminal: Any, directory: str) -> None:
    terminal.do(f'set sc=##class(SYS.Database).CreateDatabase("{directory}")')
    Path(directory, "IRIS.DAT").unlink()
    assert terminal.value(f'##class(SYS.Database).%OpenId("{directory}").Mounted') == 1
    assert terminal.codes(f'##class(SYS.Database).DismountDatabase("{directory}")') == "5002"


def test_system_databases_are_known(terminal: Any) -> None:
    manager = terminal.instance.mgr
    assert terminal.value(f'##class(SYS.Database).IsSystemDB("{manager}/")') == 1
    assert terminal.value(f'##class(SYS.Database).CanDatabaseBeMirrored("{manager}/")') == 0
    assert terminal.value(f'##class(SYS.Database).CanDatabaseBeMirrored("{manager}/user/")') == 1
    assert terminal.codes(f'##class(SYS.Database).DismountDatabase("{manager}/")') == "345"


def test_the_list_of_databases(terminal: Any) -> None:
    terminal.do(
        'set rs=##class(%ResultSet).%New("SYS.Database:List") do rs.Execute("*/user/") set n=0',
        'while rs.Next() { set n=n+1,row=rs.Get("Status")_","_rs.Get("Mirrored")_","_rs.Get("Size") }',
    )
    assert terminal.value("n") == 1
    assert terminal.value('$piece(row,",",2,3)') == "0,1"

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYS.Journal.System, and what operators ask about single databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

CLASS = "##class(%SYS.Journal.System)"


def test_files_are_switched(terminal: Any) -> None:
    before = terminal.value(f"{CLASS}.GetCurrentFileName()")
    count = terminal.value(f"{CLASS}.GetCurrentFileCount()")
    assert terminal.codes(f"{CLASS}.RollToNextFile(1,.file)") == ""
    assert terminal.value("file") == terminal.value(f"{CLASS}.GetCurrentFileName()") != before
    assert terminal.value(f"{CLASS}.GetCurrentFileCount()") == count + 1
    assert terminal.value(f"{CLASS}.Sync()") == terminal.value(f"{CLASS}.GetCurrentFileOffset()") > 0
    assert terminal.value(f"{CLASS}.GetLastFileName()") == terminal.value("file")
    assert terminal.value(f"{CLASS}.GetFreeSpace()") > 0


def test_the_other_directory(terminal: Any, tmp_path: Path) -> None:
    other = f"{tmp_path}/journal2/"
    assert terminal.codes(f"{CLASS}.SwitchDirectory(.file)") == "5001"
    assert terminal.codes(f'{CLASS}.SetAlternateDirectory("{other}",0)') == "73"
    assert terminal.codes(f'{CLASS}.SetAlternateDirectory("{other}",1)') == ""
    assert terminal.value(f"{CLASS}.GetTheOtherDirectory(.directory,.type)") == 2
    assert terminal.value("directory") == other
    terminal.do('set ^["USER"]before=1')
    assert terminal.codes(f"{CLASS}.SwitchDirectory(.file)") == ""
    assert terminal.value("file").startswith(other)
    terminal.do('set ^["USER"]after=1')
    assert terminal.value(f"{CLASS}.GetTheOtherDirectory(.directory,.type)") == 1


def test_the_journal_is_never_in_trouble(terminal: Any) -> None:
    for question in ("IsDisabled", "IsPaused", "IsFrozen", "IsGettingIOError"):
        assert terminal.value(f"{CLASS}.{question}()") == 0
    assert terminal.value(f"{CLASS}.GetJournalFilePrefix()") == ""


@pytest.fixture
def directory(terminal: Any) -> str:
    path = Path(terminal.instance.mgr, "data")
    path.mkdir()
    assert terminal.codes(f'##class(SYS.Database).CreateDatabase("{path}/",10)') == ""
    return f"{path}/"


def test_free_space_and_details(terminal: Any, directory: str) -> None:
    assert terminal.codes(f'##class(SYS.Database).GetFreeSpace("{directory}",.mb,.blocks)') == ""
    assert 9 < terminal.value("mb") <= 10
    assert terminal.value("blocks") > 1000
    assert terminal.codes(f'##class(SYS.Database).GetDatabaseFreeSpace("{directory}none/",.mb)') == "300"
    for name, column, expected in (("FreeSpace", "SizeInt", 10), ("Detail", "BlockSize", 8192)):
        terminal.do(f'set r=##class(%ResultSet).%New("SYS.Database:{name}") do r.Execute("*mgr/data/") set ok=r.Next()')
        assert terminal.value(f'r.Get("{column}")') == expected
        assert terminal.value("r.Next()") == 0


def test_integrity_and_journaling(terminal: Any, directory: str, tmp_path: Path) -> None:
    terminal.do(f'set d=##class(SYS.Database).%OpenId("{directory}")')
    assert terminal.codes("d.CheckIntegrity()") == ""
    log = tmp_path / "integrity.txt"
    assert terminal.codes(f'##class(SYS.Database).SilentIntegrityCheck("{log}",$lb("{directory}"))') == ""
    assert f"Directory: {directory}  No Errors" in log.read_text()
    assert terminal.codes("d.DisableJournaling()") == ""
    assert terminal.instance.databases.label(directory).journaled is False
    assert terminal.codes("d.EnableJournaling(1)") == ""
    assert terminal.instance.databases.label(directory).journaled is True


def test_a_recorded_backup_is_remembered(terminal: Any) -> None:
    info = "##class(Backup.General).GetLastFullBackupInfo()"
    assert terminal.value(f"$listget({info},1)") == 0
    assert terminal.codes('##class(Backup.General).ExternalSetHistory("","nightly")') == ""
    assert terminal.value(f"$listget({info},1)_$listget({info},3)") == "1nightly"
    assert terminal.codes("##class(Backup.General).QuiesceUpdates(10)") == ""
    assert terminal.codes("##class(Backup.General).QuiesceUpdates(10)") == "5001"
    assert terminal.codes("##class(Backup.General).ResumeUpdates()") == ""

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYS.Task."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from irissim.engine.task_schedule import next_run
from irissim.values.errors import OsError

NEW = 't=##class(%SYS.Task).%New(),t.Name="Nightly",t.NameSpace="USER",t.TaskClass="%SYS.Task.PurgeErrorsAndLogs"'


def listed(terminal: Any, column: str, name: str = "Nightly", query: str = "TaskListDetail") -> list[str]:
    terminal.do(
        f'set rs=##class(%ResultSet).%New("%SYS.Task:{query}"),out="" do rs.Execute()',
        f'while rs.Next() {{ if rs.Get("Task Name")="{name}" {{ set out=out_rs.Get("{column}")_"|" }} }}',
    )
    return str(terminal.value("out")).split("|")[:-1]


def made(terminal: Any, *settings: str) -> int:
    terminal.do(f"set {','.join([NEW, *settings])}")
    assert terminal.codes("t.%Save()") == ""
    return int(terminal.value("t.%Id()"))


def test_the_life_of_a_task(terminal: Any) -> None:
    number = made(terminal, 't.Settings=$listbuild("KeepDays",30)', "t.DailyStartTime=3600")
    assert number == 1000
    assert terminal.value("t.RunAsUser") == "tester"
    terminal.do('kill t set t=##class(%SYS.Task).%OpenId(1000,,.sc) set t.Description="at one",t.MirrorStatus=2')
    assert terminal.codes("t.%Save()") == ""
    assert terminal.value("$listget(##class(%SYS.Task).%OpenId(1000).Settings,2)") == 30
    assert listed(terminal, "Description") == ["at one"]
    assert listed(terminal, "MirrorStatus") == ["Any"]
    assert listed(terminal, "Next Scheduled Time") == ["01:00:00"]
    assert "task Nightly is kept but never runs" in terminal.instance.log.path.read_text(encoding="utf-8")
    assert terminal.codes("##class(%SYS.Task).%DeleteId(1000)") == ""
    assert terminal.value("##class(%SYS.Task).%ExistsId(1000)") == 0
    assert terminal.codes("##class(%SYS.Task).%DeleteId(1000)") == "7415"
    assert terminal.codes("t.%Save()") == "5809"
    assert made(terminal) == 1001


def test_suspending_and_resuming(terminal: Any) -> None:
    made(terminal)
    assert terminal.codes("##class(%SYS.Task).Suspend(1000)") == ""
    assert terminal.codes("##class(%SYS.Task).Suspend(1000)") == ""
    assert terminal.value("##class(%SYS.Task).%OpenId(1000).Suspended") == "1"
    assert listed(terminal, "Suspended", query="TaskListFilter") == ["Suspend Leave"]
    assert listed(terminal, "Next Scheduled", query="TaskListFilter") != [""]
    assert terminal.codes("##class(%SYS.Task).Suspend(1000,0)") == ""
    assert terminal.value("##class(%SYS.Task).%OpenId(1000).Suspended") == "2"
    assert terminal.codes("##class(%SYS.Task).Resume(1000)") == ""
    assert terminal.value("##class(%SYS.Task).%OpenId(1000).Suspended") == "0"
    assert terminal.codes("##class(%SYS.Task).Suspend(1000,7)") == "7420"


def test_the_tasks_that_are_there_from_the_start(shared: Any) -> None:
    assert listed(shared, "TaskClass", "Switch Journal") == ["%SYS.Task.SwitchJournal"]
    assert listed(shared, "ID", "Purge Audit Database") == ["7"]
    assert listed(shared, "Next Scheduled", "Purge Audit Database", "TaskListFilter") == ["Runs After #1"]
    assert listed(shared, "Suspended", "Integrity Check") == ["Suspend Reschedule"]
    assert shared.codes("##class(%SYS.Task).%DeleteId(1)") == "7425"
    assert shared.codes("##class(%SYS.Task).%DeleteId(2)") == "5001"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ('t.Name=""', "5659"),
        ('t.Name=$justify("",51)', "7201"),
        ('t.NameSpace="NOWHERE"', "433"),
        ('t.TaskClass=""', "7413"),
        ('t.TaskClass="No.Such"', "7414"),
        ('t.RunAsUser="nobody"', "7406"),
        ('t.RunAsUser="_PUBLIC"', "7402"),
        ("t.TimePeriod=6", "7205"),
        ("t.MirrorStatus=9", "7205"),
        ('t.ExpiresDays="abc"', "7207"),
        ("t.TimePeriodEvery=-1", "7427"),
        ("t.TimePeriod=1", "7426"),
        ("t.TimePeriod=1,t.TimePeriodDay=18", "7410"),
        ("t.TimePeriod=1,t.TimePeriodDay=1,t.TimePeriodEvery=6", "7429"),
        ("t.TimePeriod=2,t.TimePeriodDay=32", "7428"),
        ('t.TimePeriod=3,t.TimePeriodDay="6^1"', "7428"),
        ('t.TimePeriod=4,t.RunAfterGUID="x"', "7431"),
        ("t.DailyFrequency=1", "7430"),
        ("t.DailyFrequency=1,t.DailyFrequencyTime=0", "7404"),
        ("t.DailyFrequency=1,t.DailyFrequencyTime=0,t.DailyIncrement=5", "7408"),
        ("t.StartDate=+$horolog+3,t.EndDate=+$horolog+3", "7409"),
        ("t.StartDate=+$horolog-1", "7432"),
    ],
)
def test_what_no_task_can_be(shared: Any, settings: str, code: str) -> None:
    shared.do(f"set {NEW},{settings}")
    assert shared.codes("t.%Save()") == code
    assert shared.value("t.%Id()") == ""


def test_moving_tasks_to_another_instance(terminal: Any, tmp_path: Any) -> None:
    made(terminal, 't.Settings=$listbuild("KeepDays",30)', 't.Description="<&>"')
    file = tmp_path / "tasks.xml"
    assert terminal.codes(f'##class(%SYS.Task).ExportTasks($listbuild(1,1000),"{file}")') == ""
    assert terminal.codes(f'##class(%SYS.Task).ImportTasks("{file}")') == ""
    assert listed(terminal, "Task Type", "Switch Journal") == ["System", "User"]
    assert terminal.value("##class(%SYS.Task).%OpenId(1002).Description") == "<&>"
    assert terminal.value("$listget(##class(%SYS.Task).%OpenId(1002).Settings,2)") == 30
    guids = "##class(%SYS.Task).%OpenId(1002).JobGUID=##class(%SYS.Task).%OpenId(1000).JobGUID"
    assert terminal.value(guids) == 0
    assert terminal.codes('##class(%SYS.Task).ExportTasks($listbuild(5000),"x.xml")') == "5809"
    assert terminal.codes('##class(%SYS.Task).ImportTasks("missing.xml")') == "5012"
    file.write_text("<Something/>", encoding="utf-8")
    assert terminal.codes(f'##class(%SYS.Task).ImportTasks("{file}")') == "5001"


def test_what_is_left_out_is_refused_by_its_name(shared: Any) -> None:
    with pytest.raises(OsError, match=r"METHOD DOES NOT EXIST.*RunNow"):
        shared.value("##class(%SYS.Task).RunNow(1)")
    with pytest.raises(OsError, match=r"PROPERTY DOES NOT EXIST.*EmailOnError"):
        shared.value("##class(%SYS.Task).%OpenId(1).EmailOnError")


NOW = datetime(2026, 3, 4, 12, 0)  # a Wednesday
TODAY = "67633"


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({}, "2026-03-05 00:00"),
        ({"DailyStartTime": "46800"}, "2026-03-04 13:00"),
        ({"TimePeriodEvery": "3"}, "2026-03-07 00:00"),
        ({"TimePeriod": "1", "TimePeriodDay": "26"}, "2026-03-06 00:00"),
        ({"TimePeriod": "1", "TimePeriodDay": "2", "TimePeriodEvery": "2"}, "2026-03-16 00:00"),
        ({"TimePeriod": "2", "TimePeriodDay": "31"}, "2026-03-31 00:00"),
        ({"TimePeriod": "2", "TimePeriodDay": "1", "TimePeriodEvery": "2"}, "2026-05-01 00:00"),
        ({"TimePeriod": "3", "TimePeriodDay": "2^1"}, "2026-03-08 00:00"),
        ({"TimePeriod": "3", "TimePeriodDay": "5^7"}, "2026-03-28 00:00"),
        (
            {"DailyFrequency": "1", "DailyFrequencyTime": "0", "DailyIncrement": "50", "DailyEndTime": "86399"},
            "2026-03-04 12:30",
        ),
        ({"EndDate": TODAY}, ""),
        ({"TimePeriod": "5"}, ""),
    ],
)
def test_when_a_task_is_due(schedule: dict[str, str], expected: str) -> None:
    record = {
        "TimePeriod": "0", "TimePeriodEvery": "1", "TimePeriodDay": "", "DailyFrequency": "0", "DailyFrequencyTime": "",
        "DailyIncrement": "", "DailyStartTime": "0", "DailyEndTime": "0", "StartDate": TODAY, "EndDate": "",
    }  # fmt: skip
    due = next_run(record | schedule, NOW)
    assert (due.strftime("%Y-%m-%d %H:%M") if due else "") == expected

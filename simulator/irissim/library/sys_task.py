# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYS.Task, usable in every namespace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from irissim.engine.security_objects import Record
from irissim.engine.task_schedule import DAY_ZERO, next_run
from irissim.engine.tasks import ON_DEMAND, RUN_AFTER, SYSTEM
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.library.task_checks import check
from irissim.library.task_file import read_tasks, write_tasks
from irissim.objectscript.classes import (
    Context,
    LocalArray,
    Status,
    SystemClass,
    class_method,
    field,
    method,
    property_,
    query,
)
from irissim.values.errors import StatusError
from irissim.values.oslist import list_items
from irissim.values.status import OK, status_of
from irissim.values.value import Value, to_bool, to_string

# FIDELITY(documented; TASK): the properties of a task
# FIDELITY(observed; R-TASK): a task with a name, a namespace and a class can be saved, the rest has defaults; Suspended
#   is 0, 1 (leave in queue) or 2 (reschedule); MirrorStatus is Primary, Non-Primary or Any
# FIDELITY(assumed): these defaults; MirrorStatus is 0, 1 and 2 in that order
_FIELDS: Mapping[str, Value] = {
    "Name": "", "Description": "", "NameSpace": "", "TaskClass": "", "Settings": "", "RunAsUser": "", "Priority": 0,
    "IsBatch": 0, "TimePeriod": 0, "TimePeriodEvery": 1, "TimePeriodDay": "", "DailyFrequency": 0,
    "DailyFrequencyTime": "", "DailyIncrement": "", "DailyStartTime": 0, "DailyEndTime": 0, "StartDate": "",
    "EndDate": "", "RunAfterGUID": "", "Suspended": 0, "SuspendOnError": 0, "SuspendTerminated": 0,
    "RescheduleOnStart": 0, "MirrorStatus": 0, "Expires": 0, "ExpiresDays": "", "ExpiresHours": "",
    "ExpiresMinutes": "", "EmailOutput": 0, "OpenOutputFile": 0, "OutputDirectory": "", "OutputFilename": "",
    "OutputFileIsBinary": 0,
}  # fmt: skip
_LEAVE, _RESCHEDULE = "1", "2"
_SUSPENDED = {"0": "", _LEAVE: "Suspend Leave", _RESCHEDULE: "Suspend Reschedule"}
_PERIODS = ("Daily", "Weekly", "Monthly", "Monthly Special", "Run After", "On Demand")


class Task(SystemClass):
    """Tasks can be made, listed, changed, suspended, moved between instances and deleted. None ever runs."""

    NAME = "%SYS.Task"
    _number = 0

    JobGUID = property_(name="JobGUID")(lambda task: task.kept().get("JobGUID", ""))
    Type = property_(name="Type")(lambda task: task.kept().get("Type", ""))
    DisplayNextScheduled = property_(name="DisplayNextScheduled")(lambda task: _moment(task.due(), "%H:%M:%S"))
    DayNextScheduled = property_(name="DayNextScheduled")(
        lambda task: "" if task.due() is None else (task.due().date() - DAY_ZERO).days
    )

    def kept(self) -> Record:
        """The task as it is kept; {} for a new one."""
        return engine(self).tasks.get(self._number) or {}

    def due(self) -> datetime | None:
        """When it is due next."""
        return next_run(_whole(self.kept()), datetime.now()) if self.kept() else None

    # Objects --------------------------------------------------------------------------------------------------------

    @class_method(name="%New")
    def new(ctx: Context) -> Value:
        return Task(ctx)

    @class_method(name="%OpenId", byref=("sc",))
    def open_id(ctx: Context, id: Value = "", concurrency: Value = -1, sc: LocalArray = OMITTED) -> Value:
        # FIDELITY(observed; R-TASK): 5809 for an ID that no task has
        try:
            number = _number(ctx, id)
        except StatusError as error:
            sc.value = status_of(error)
            return ""
        opened = Task(ctx)
        opened._number, sc.value = number, OK
        record = _whole(opened.kept())
        opened.__dict__.update({name: record[name] for name in _FIELDS})
        return opened

    @class_method(name="%ExistsId")
    def exists_id(ctx: Context, id: Value = "") -> Value:
        return int(_known(ctx, id) is not None)

    @method(name="%Id")
    def own_id(self) -> Value:
        return self._number or ""

    @method(name="%Save")
    def save(self) -> Status:
        """Make the task, or change it."""
        record = {name: to_string(self.get_property(name)) for name in _FIELDS}
        before = self.kept()
        if self._number and not before:
            raise StatusError(5809, Task.NAME, str(self._number))
        kept = _checked(self, record, before)
        if self._number:
            engine(self).tasks.change(self._number, kept)
        else:
            self._number = engine(self).tasks.add(kept)
        self.__dict__.update(kept)
        return OK

    @class_method(name="%DeleteId")
    def delete_id(ctx: Context, id: Value = "", concurrency: Value = -1) -> Status:
        # FIDELITY(documented; ERR 7415, 7425): a task after which another one runs stays
        # FIDELITY(assumed): so do the predefined tasks
        number = _known(ctx, id)
        if number is None:
            raise StatusError(7415)
        tasks = engine(ctx).tasks.all()
        guid = tasks[number]["JobGUID"]
        if any(task.get("RunAfterGUID") == guid for task in tasks.values()):
            raise StatusError(7425)
        if tasks[number]["Type"] == SYSTEM:
            raise StatusError(5001, f"Task {number} is a system task")
        engine(ctx).tasks.remove(number)
        return OK

    # What can be done to tasks --------------------------------------------------------------------------------------

    @class_method()
    def Suspend(ctx: Context, TaskID: Value, LeaveInQueue: Value = 1) -> Status:
        # FIDELITY(observed; R-TASK): without more a suspended task stays in the queue (1), with 0 it is rescheduled
        #   (2); suspending twice is no error
        number = _number(ctx, TaskID)
        if to_string(LeaveInQueue) not in ("0", "1"):
            raise StatusError(7420, to_string(LeaveInQueue))
        engine(ctx).tasks.change(number, {"Suspended": _LEAVE if to_bool(LeaveInQueue) else _RESCHEDULE})
        return OK

    @class_method()
    def Resume(ctx: Context, TaskID: Value) -> Status:
        number = _number(ctx, TaskID)
        engine(ctx).tasks.change(number, {"Suspended": "0"})
        _never_runs(ctx, _whole(engine(ctx).tasks.all()[number]))
        return OK

    @class_method()
    def ExportTasks(ctx: Context, Tasks: Value, Filename: Value) -> Status:
        # FIDELITY(documented; MIG): a $LIST of IDs; the file is in the directory of the namespace's database
        numbers = [_number(ctx, item or "") for item in list_items(to_string(Tasks))]
        tasks = engine(ctx).tasks.all()
        write_tasks(
            _path(ctx, Filename), [{name: _whole(tasks[number])[name] for name in _FIELDS} for number in numbers]
        )
        return OK

    @class_method()
    def ImportTasks(ctx: Context, Filename: Value) -> Status:
        # FIDELITY(documented; MIG): every imported task is a new one, those of IRIS too
        # FIDELITY(assumed): all tasks of a file or none; a first run that is over by now is no error
        records = [_whole(record) for record in read_tasks(_path(ctx, Filename), _FIELDS)]
        kept = [
            _checked(ctx, record, {name: record[name] for name in ("StartDate", "DailyStartTime")})
            for record in records
        ]
        for record in kept:
            engine(ctx).tasks.add(record)
        return OK

    # Queries --------------------------------------------------------------------------------------------------------

    @query(
        columns=(
            "Task Name", "Task Type", "Namespace", "Description", "ID", "Suspended", "Last Finished", "Next Scheduled",
        )
    )  # fmt: skip
    def TaskListFilter(ctx: Context, Filter: Value = "") -> Iterable[Sequence[Value]]:
        # FIDELITY(observed; R-TASK): Suspended is a word here, times end with minutes
        # FIDELITY(assumed): Filter is a part of the name
        for number, task in _records(ctx):
            if to_string(Filter).casefold() in task["Name"].casefold():
                yield (
                    task["Name"], _type(task), task["NameSpace"], task["Description"], number,
                    _SUSPENDED[task["Suspended"]], "", _next(ctx, task),
                )  # fmt: skip

    @query(
        columns=(
            "Task Name", "Description", "Task Type", "Namespace", "TaskClass", "Batch Mode", "Priority", "Suspended",
            "Reschedule on Start", "Suspend on Error", "Run Task", "Run Interval", "MirrorStatus",
            "Next Scheduled Date", "Next Scheduled Time", "Start Date", "End Date", "Last Started", "Last Finished",
            "Last Status", "Last Result", "%ER Date", "%ER Error #", "ID",
        )
    )  # fmt: skip
    def TaskListDetail(ctx: Context) -> Iterable[Sequence[Value]]:
        for number, task in _records(ctx):
            due = next_run(task, datetime.now())
            yield (
                task["Name"], task["Description"], _type(task), task["NameSpace"], task["TaskClass"], task["IsBatch"],
                ("Normal", "Low", "High")[int(task["Priority"])], _SUSPENDED[task["Suspended"]],
                task["RescheduleOnStart"], task["SuspendOnError"], _PERIODS[int(task["TimePeriod"])],
                task["TimePeriodEvery"], ("Primary", "Non-Primary", "Any")[int(task["MirrorStatus"])],
                due.date().isoformat() if due else "", due.time().isoformat() if due else "",
                _day(task["StartDate"]), _day(task["EndDate"]), "", "", "", "", "", "", number,
            )  # fmt: skip


for _name, _default in _FIELDS.items():
    Task.properties[_name] = field(_default, name=_name)


def _whole(record: Mapping[str, str]) -> Record:
    return {**{name: to_string(default) for name, default in _FIELDS.items()}, **record}


def _records(context: Context) -> Iterator[tuple[int, Record]]:
    for number, record in engine(context).tasks.all().items():
        yield number, _whole(record)


def _known(context: Context, number: Value) -> int | None:
    text = to_string(number)
    return int(text) if text.isdecimal() and engine(context).tasks.get(int(text)) is not None else None


def _number(context: Context, number: Value) -> int:
    found = _known(context, number)
    if found is None:
        raise StatusError(5809, Task.NAME, to_string(number))
    return found


def _checked(context: Context, record: Record, before: Record) -> Record:
    """The task as it is to be kept; raises for what cannot be."""
    # FIDELITY(observed; R-TASK): without RunAsUser a task runs as who saves it; a task on demand never expires
    record["NameSpace"] = record["NameSpace"].upper()
    record["RunAsUser"] = record["RunAsUser"] or context.session.username
    if record["TimePeriod"] == ON_DEMAND:
        record["Expires"] = "0"
    elif not record["StartDate"] and record["TimePeriod"] != RUN_AFTER:
        # FIDELITY(assumed): without StartDate a task starts tomorrow
        record["StartDate"] = str((datetime.now().date() - DAY_ZERO).days + 1)
    check(context, record, before)
    _never_runs(context, record)
    return record


def _never_runs(context: Context, record: Record) -> None:
    if record["Suspended"] == "0":
        engine(context).log.write(f"task {record['Name']} is kept but never runs", 1, "Simulator.Strict")


def _path(context: Context, filename: Value) -> Path:
    config = engine(context).config
    database = config.fields("Namespaces", context.session.namespace)[0]
    return Path(config.fields("Databases", database)[0] or engine(context).mgr) / to_string(filename)


def _type(task: Record) -> str:
    return "System" if task.get("Type") == SYSTEM else "User"


def _day(day: str) -> str:
    return (DAY_ZERO + timedelta(days=int(day))).isoformat() if day else ""


def _moment(moment: datetime | None, times: str) -> str:
    return moment.strftime(f"%Y-%m-%d {times}") if moment else ""


def _next(context: Context, task: Record) -> str:
    # FIDELITY(observed; R-TASK): a suspended task keeps its next run; one that runs after another names it
    if task["TimePeriod"] == RUN_AFTER:
        after = (
            number for number, other in engine(context).tasks.all().items() if other["JobGUID"] == task["RunAfterGUID"]
        )
        return f"Runs After #{next(after, '')}"
    return _moment(next_run(task, datetime.now()), "%H:%M")

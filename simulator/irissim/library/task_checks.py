# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task must be before %SYS.Task keeps it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from irissim.engine.security_objects import Record
from irissim.engine.task_schedule import DAY_ZERO
from irissim.engine.tasks import MONTHLY, MONTHLY_SPECIAL, ON_DEMAND, RUN_AFTER, WEEKLY
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context
from irissim.values.errors import StatusError

_LONGEST = {"Name": 50, "Description": 100}
_VALUES = {
    "TimePeriod": "012345",
    "DailyFrequency": "01",
    "Suspended": "012",
    "MirrorStatus": "012",
    "Priority": "012",
    **dict.fromkeys(
        (
            "EmailOutput", "Expires", "IsBatch", "OpenOutputFile", "OutputFileIsBinary", "RescheduleOnStart",
            "SuspendOnError", "SuspendTerminated",
        ),
        "01",
    ),
}  # fmt: skip
_NUMBERS = (
    "DailyStartTime", "DailyEndTime", "DailyIncrement", "DailyFrequencyTime", "StartDate", "EndDate",
    "TimePeriodEvery", "ExpiresDays", "ExpiresHours", "ExpiresMinutes",
)  # fmt: skip
_SYSTEM_CLASSES = "%SYS.Task."


def check(context: Context, record: Record, before: Record) -> None:
    """Raise for the first property that cannot be; `before` is the task as it is kept, {} for a new one."""
    _check_values(record)
    _check_class(context, record)
    if record["RunAsUser"] not in (before.get("RunAsUser"), context.session.username):
        _check_user(context, record)
    _check_period(context, record)
    if record["TimePeriod"] not in (RUN_AFTER, ON_DEMAND):
        _check_times(record, before)


def _check_values(record: Record) -> None:
    # FIDELITY(observed; R-TASK, ERR 7201, 7205, 7207): a text that is too long, a value that is not of the list, and
    #   what is no number are refused by the data type of the property
    for name in ("Name", "NameSpace"):
        if not record[name]:
            raise StatusError(5659, f"%SYS.Task::{name}")
    for name, longest in _LONGEST.items():
        if len(record[name]) > longest:
            raise StatusError(7201, record[name], str(longest))
    for name, values in _VALUES.items():
        if len(record[name]) != 1 or record[name] not in values:
            raise StatusError(7205, record[name], "," + ",".join(values))
    for name in _NUMBERS:
        if not re.fullmatch(r"(-?\d+)?", record[name]):
            raise StatusError(7207, record[name])


def _check_class(context: Context, record: Record) -> None:
    # FIDELITY(documented; ERR 7413, 7414): the class of a task must exist in its namespace
    # FIDELITY(assumed): the namespace must exist; every class below %SYS.Task is taken as one of IRIS
    if not engine(context).config.has("Namespaces", record["NameSpace"]):
        raise StatusError(433, record["NameSpace"])
    if not record["TaskClass"]:
        raise StatusError(7413)
    known = record["TaskClass"].startswith(_SYSTEM_CLASSES) or context.classes.exists(
        context.session, record["TaskClass"]
    )
    if not known:
        raise StatusError(7414, record["TaskClass"], record["NameSpace"])


def _check_user(context: Context, record: Record) -> None:
    # FIDELITY(documented; ERR 7402, 7406): a user other than the caller must exist and be enabled
    users = engine(context).security.objects.users
    if not users.stored_name(record["RunAsUser"]):
        raise StatusError(7406, record["RunAsUser"])
    if users.get(record["RunAsUser"]).get("Enabled", "1") != "1":
        raise StatusError(7402, record["RunAsUser"])


def _check_period(context: Context, record: Record) -> None:
    # FIDELITY(documented; TASK, ERR 7410, 7426, 7427, 7428, 7429, 7431): TimePeriodEvery and TimePeriodDay
    #   are what suits the period
    period, days, every = record["TimePeriod"], record["TimePeriodDay"], record["TimePeriodEvery"]
    if period == RUN_AFTER:
        guids = {task["JobGUID"] for task in engine(context).tasks.all().values()}
        if record["RunAfterGUID"] not in guids:
            raise StatusError(7431)
        return
    if period == ON_DEMAND:
        return
    if int(every or 1) < 1:
        raise StatusError(7427)
    if period == WEEKLY:
        if not days:
            raise StatusError(7426)
        if set(days) - set("1234567"):
            raise StatusError(7410, days)
        if int(every or 1) > 5:
            raise StatusError(7429)
    elif (period == MONTHLY and not re.fullmatch(r"[1-9]|[12]\d|3[01]", days)) or (
        period == MONTHLY_SPECIAL and not re.fullmatch(r"[1-5]\^[1-7]", days)
    ):
        raise StatusError(7428, days)


def _check_times(record: Record, before: Record) -> None:
    # FIDELITY(documented; ERR 7404, 7408, 7409, 7430, 7432): several runs a day need an increment and an end after the
    #   start; the first run is in the future
    # FIDELITY(assumed): a task that is changed without changing its start may have a start in the past
    if record["DailyFrequency"] == "1":
        if record["DailyFrequencyTime"] not in ("0", "1"):
            raise StatusError(7430)
        if int(record["DailyIncrement"] or 0) < 1:
            raise StatusError(7404)
        if int(record["DailyEndTime"] or 0) <= int(record["DailyStartTime"] or 0):
            raise StatusError(7408)
    start = (record["StartDate"], record["DailyStartTime"])
    if record["EndDate"] and int(record["EndDate"]) <= int(record["StartDate"] or 0):
        raise StatusError(7409)
    if start != (before.get("StartDate"), before.get("DailyStartTime")):
        day = datetime.combine(DAY_ZERO, datetime.min.time()) + timedelta(days=int(record["StartDate"] or 0))
        if day + timedelta(seconds=int(record["DailyStartTime"] or 0)) <= datetime.now():
            raise StatusError(7432)

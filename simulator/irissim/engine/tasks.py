# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks that an instance has scheduled."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING

from irissim.engine.jsonstore import JsonStore
from irissim.engine.security_objects import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SYSTEM, USER = "0", "2"
DAILY, WEEKLY, MONTHLY, MONTHLY_SPECIAL, RUN_AFTER, ON_DEMAND = "012345"
# FIDELITY(documented; MIG): a task that is made or imported gets the next free ID from 1000 on
_FIRST_USER_ID = 1000

# FIDELITY(observed; R-TASK): 1 Switch Journal, 3 Purge Tasks, 4 Integrity Check (every Monday at two, suspended),
#   6 Diagnostic Report and 7 Purge Audit Database (runs after task 1)
# FIDELITY(documented; GSA): the other names and when they run
# FIDELITY(assumed): the other IDs; predefined tasks run as _SYSTEM in %SYS and on any member of a mirror
_SYSTEM_TASKS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("Switch Journal", "SwitchJournal", {}),
    ("Purge Journal", "PurgeJournal", {"DailyStartTime": "1800"}),
    ("Purge Tasks", "PurgeTaskHistory", {"DailyStartTime": "3600"}),
    (
        "Integrity Check",
        "IntegrityCheck",
        {"TimePeriod": WEEKLY, "TimePeriodDay": "2", "DailyStartTime": "7200", "Suspended": "2"},
    ),
    ("Security Scan", "SecurityScan", {}),
    ("Diagnostic Report", "DiagnosticReport", {"TimePeriod": ON_DEMAND}),
    ("Purge Audit Database", "PurgeAudit", {"TimePeriod": RUN_AFTER, "RunAfter": "1"}),
    ("Purge errors and log files", "PurgeErrorsAndLogs", {"DailyStartTime": "3600"}),
    ("Purge Backup Log", "PurgeBackupLog", {}),
    ("Inventory Scan", "InventoryScan", {"TimePeriod": ON_DEMAND}),
    ("Check Logging Activity", "CheckLogging", {}),
)
_ANY_MEMBER = "2"


# FIDELITY(documented; HA 4.2): a mirror does not replicate tasks; they are a member's own
class Tasks:
    """`instance.tasks`: the tasks by ID. Thread-safe."""

    def __init__(self, file: Path, guid: str) -> None:
        """`guid`: of the instance; predefined tasks have GUIDs that differ between instances, too."""
        self._store = JsonStore(file)
        self._lock = threading.Lock()
        self._instance = uuid.uuid5(uuid.NAMESPACE_OID, guid)

    def all(self) -> dict[int, Record]:
        """By ID, in their order."""
        stored = self._store.get("tasks")
        if stored is None:
            return self._predefined()
        return {int(number): dict(record) for number, record in sorted(stored.items(), key=lambda item: int(item[0]))}

    def get(self, number: int) -> Record | None:
        """One task."""
        return self.all().get(number)

    def add(self, record: Mapping[str, str]) -> int:
        """Keep a new task; its ID."""
        with self._lock:
            tasks = self.all()
            number = max([_FIRST_USER_ID - 1, *tasks, self._store.get("last") or 0]) + 1
            self._store.set("last", number)
            self._keep({**tasks, number: {**record, "Type": USER, "JobGUID": str(uuid.uuid4()).upper()}})
            return number

    def change(self, number: int, changes: Mapping[str, str]) -> None:
        """Change some properties of a task that is there."""
        with self._lock:
            tasks = self.all()
            tasks[number].update(changes)
            self._keep(tasks)

    def remove(self, number: int) -> None:
        """Remove one that is there."""
        with self._lock:
            tasks = self.all()
            del tasks[number]
            self._keep(tasks)

    def _keep(self, tasks: Mapping[int, Record]) -> None:
        self._store.set("tasks", {str(number): dict(record) for number, record in tasks.items()})

    def _predefined(self) -> dict[int, Record]:
        found = {}
        for number, (name, kind, given) in enumerate(_SYSTEM_TASKS, 1):
            record = {"Name": name, "TaskClass": f"%SYS.Task.{kind}", "NameSpace": "%SYS", "RunAsUser": "_SYSTEM"}
            record |= {"Type": SYSTEM, "MirrorStatus": _ANY_MEMBER, "JobGUID": self._guid(number), **given}
            if after := record.pop("RunAfter", ""):
                record["RunAfterGUID"] = self._guid(int(after))
            found[number] = record
        return found

    def _guid(self, number: int) -> str:
        return str(uuid.uuid5(self._instance, str(number))).upper()

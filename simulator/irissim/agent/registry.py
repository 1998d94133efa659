# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances of a host, as their agent sees them: one locked record file each.

An instance keeps an exclusive lock on its record while it lives. The operating system drops the lock however the
process ends, so the agent never mistakes a dead instance for a live one.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

SUFFIX = ".instance"
_LOCK_SECONDS = 1.0
_KILL_SECONDS = 5.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class InstanceRecord:
    """What an instance tells the agent of its host."""

    name: str
    guid: str
    version: str
    directory: str
    mgr: str
    cpf: str
    journal_directory: str
    address: str
    superserver_port: int
    pid: int


class Registration:
    """Held by the instance process from start to end."""

    def __init__(self, registry: Path, record: InstanceRecord) -> None:
        registry.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = open(registry / (record.name + SUFFIX), "a+", encoding="utf-8")  # noqa: SIM115
        limit = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                # An agent that looks holds a shared lock for a moment.
                if time.monotonic() > limit:
                    self._file.close()
                    raise
                time.sleep(_POLL_SECONDS)
        self._file.truncate(0)
        json.dump(asdict(record), self._file)
        self._file.flush()

    def release(self) -> None:
        self._file.close()


class Registry:
    """Read by the agent."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, name: str = "", guid: str = "") -> InstanceRecord | None:
        """The record of an instance, running or not, by its name (in any case) or its GUID."""
        for file in sorted(self._path.glob("*" + SUFFIX)):
            record = _load(file)
            if record is not None and (record.guid == guid if guid else record.name.upper() == name.upper()):
                return record
        return None

    def alive(self, name: str) -> bool:
        """Does the process of that instance exist?"""
        try:
            with open(self._path / (name + SUFFIX), encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def force_down(self, record: InstanceRecord) -> bool:
        """Kill the process of an instance; True when it is certainly gone."""
        limit = time.monotonic() + _KILL_SECONDS
        while self.alive(record.name):
            try:
                os.kill(record.pid, signal.SIGKILL)
            except OSError:
                pass
            if time.monotonic() > limit:
                return False
            time.sleep(_POLL_SECONDS)
        return True


def _load(path: Path) -> InstanceRecord | None:
    try:
        return InstanceRecord(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None

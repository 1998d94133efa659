# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is alive: a lock that the kernel frees however a process ends, in a file that names the process."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

INSTANCE_LOCK = "iris.lock"
AGENT_LOCK = "agent.lock"
PATIENCE_SECONDS = 0.5
POLL_SECONDS = 0.01


def acquire(file: Path) -> int | None:
    """Take a lock; None while somebody else has it. Processes that inherit the descriptor hold it as well."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    # Somebody who only looks holds a shared lock for a moment, so one refusal proves nothing.
    limit = time.monotonic() + PATIENCE_SECONDS
    while not _try(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > limit:
            os.close(descriptor)
            return None
        time.sleep(POLL_SECONDS)
    os.ftruncate(descriptor, 0)
    return descriptor


def name_holder(descriptor: int, process: int) -> None:
    """Write down who has the lock."""
    os.pwrite(descriptor, str(process).encode("ascii"), 0)


def holder(file: Path) -> int:
    """Process id of the one that has the lock, 0 if nobody has."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return 0
        try:
            free = _try(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)
        if free:
            return 0
        process = _named(file)
        if process:
            return process
        if time.monotonic() > limit:
            raise RuntimeError(f"{file} is locked by an unknown process")
        time.sleep(POLL_SECONDS)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _named(file: Path) -> int:
    return int(file.read_text(encoding="ascii") or 0)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes numbered records on whoever takes them until it is asked to stop, then tells what was acknowledged.

    writer.py DIRECTORY CONTAINER CONTAINER   stops when there is DIRECTORY/stop, and writes DIRECTORY/writes.json
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import docker
from docker.errors import DockerException

#: A pause between two acknowledged records that a client would call an interruption, in seconds.
INTERRUPTION = 5.0
LIMIT = 280.0


def write(client: docker.DockerClient, container: str, number: int) -> bool:
    """Whether a session in this container says that the record is written."""
    line = f'set ^Kept({number})=$horolog write "<set:{number}>",!'
    session = "printf '%s\\n' \"$0\" halt | timeout 10 iris session IRIS -U KEPT"
    try:
        done = client.containers.get(container).exec_run(["sh", "-c", session, line])
    except (DockerException, OSError):
        return False
    return f"<set:{number}>".encode() in done.output


def main(directory: Path, containers: list[str]) -> None:
    client = docker.from_env(timeout=20)
    started = last = time.monotonic()
    number, newest, acknowledged = 1, 0, 0
    gaps: list[float] = []
    members: list[str] = []
    while not (directory / "stop").exists() and time.monotonic() - started < LIMIT:
        if write(client, containers[0], number):
            now = time.monotonic()
            if now - last > INTERRUPTION:
                gaps.append(round(now - last, 1))
            if containers[0] not in members:
                members.append(containers[0])
            acknowledged, newest, last = acknowledged + 1, number, now
        else:
            containers.append(containers.pop(0))
            time.sleep(0.2)
        # A number is used once, also where nobody knows what became of it.
        number += 1
    result = {"acknowledged": acknowledged, "last": newest, "gaps": gaps, "members": members}
    partial = directory / "writes.partial"
    partial.write_text(json.dumps(result), encoding="utf-8")
    partial.rename(directory / "writes.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

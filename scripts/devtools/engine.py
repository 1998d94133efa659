# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which engine carries the nodes of the demonstration: Docker, or processes of this machine ("embedded")."""

from __future__ import annotations

import argparse
import os
import stat
from pathlib import Path

import docker
from docker.errors import DockerException

from devtools.console import Failure, say
from devtools.paths import WORK

CHOICES = ("auto", "docker", "embedded")
OLDEST = (20, 10)
# Read by inventories/demo, so that a playbook started by hand finds the nodes of the last demonstration.
REMEMBERED = WORK / "engine"
VARIABLE = "IRISOPS_DEMO_ENGINE"


def add_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", choices=CHOICES, default="auto", help="default: docker where reachable")


def connect() -> docker.DockerClient:
    """A client of the Docker engine that the modules will use as well."""
    try:
        client = docker.from_env(timeout=60)
        version = str(client.version()["Version"])
    except (DockerException, OSError) as error:
        raise Failure(_unreachable(error)) from error
    if release(version) < OLDEST:
        raise Failure(f"the Docker engine is version {version}, but {OLDEST[0]}.{OLDEST[1]} or newer is needed")
    return client


def release(version: str) -> tuple[int, ...]:
    """The leading two numbers of a version. Other engines with Docker's API (Podman) count from 3 to 5."""
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return numbers if numbers[:1] > (5,) else (*OLDEST,)


def _unreachable(error: Exception) -> str:
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    path = Path(address.removeprefix("unix://"))
    if address.startswith("unix://") and not path.exists():
        reason = "it does not exist"
    elif (
        address.startswith("unix://") and stat.S_ISSOCK(path.stat().st_mode) and not os.access(path, os.R_OK | os.W_OK)
    ):
        reason = "this user may not use it (is the user in the group docker?)"
    else:
        reason = str(error).strip().splitlines()[-1][:200]
    return f"no Docker engine answers at {address}: {reason}"


def resolve(choice: str) -> str:
    """Turns auto into an engine, and says so where it is not Docker."""
    if choice == "embedded":
        return choice
    try:
        connect().close()
    except Failure as failure:
        if choice == "docker":
            raise Failure(f"{failure}. ENGINE=embedded runs the nodes as processes instead") from failure
        say(f"{failure}.\nThe nodes run as processes of this machine (ENGINE=embedded): IRIS hosts that exist already.")
        return "embedded"
    return "docker"


def remember(name: str) -> None:
    REMEMBERED.write_text(f"{name}\n", encoding="utf-8")


def remembered() -> str | None:
    return REMEMBERED.read_text(encoding="utf-8").strip() if REMEMBERED.is_file() else None

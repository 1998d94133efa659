# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Docker engine, and sessions in its containers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import docker
import pytest
from docker.errors import DockerException, ImageNotFound

REPOSITORY = "irisops/iris-simulator"
LIMIT = 60.0


@contextmanager
def connected(image: str) -> Iterator[docker.DockerClient]:
    """A client of the engine; the test is skipped without an engine and fails without the image."""
    try:
        client = docker.from_env(timeout=60)
        client.ping()
    except (DockerException, OSError) as error:
        pytest.skip(f"no Docker engine: {error}")
    try:
        client.images.get(image)
    except ImageNotFound:
        profile = image.rpartition(":")[2]
        pytest.fail(f"there is no image {image}; scripts/build_image --profile {profile} builds it")
    try:
        yield client
    finally:
        client.close()


def eventually(condition: Callable[[], Any], what: Callable[[], str], limit: float = LIMIT) -> None:
    end = time.monotonic() + limit
    waiter = threading.Event()
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {limit} s: {what()}")
        waiter.wait(0.2)


def answer(container: Any, *lines: str, namespace: str = "%SYS") -> str:
    """What the lines write between << and >> in a session, "" when the node does not answer."""
    script = "\n".join([*lines, "halt", ""])
    command = ["sh", "-c", 'printf "%s" "$SCRIPT" | iris session IRIS -U "$NAMESPACE"']
    try:
        done = container.exec_run(command, environment={"SCRIPT": script, "NAMESPACE": namespace})
    except DockerException:
        return ""
    return str(done.output.decode(errors="replace")).partition("<<")[2].partition(">>")[0]

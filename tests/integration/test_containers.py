# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Containers that are not there, not running or not ours: said clearly, and left alone."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException, ImageNotFound

from ansible_collections.irisops.mirror.tests.integration.lab import LIMIT, PLAYBOOK, ROOT, environment, run_module

IMAGE = "irisops/iris-simulator:2022.1"

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    try:
        client = docker.from_env(timeout=60)
        client.ping()
    except (DockerException, OSError) as error:
        pytest.skip(f"no Docker engine: {error}")
    try:
        client.images.get(IMAGE)
    except ImageNotFound:
        pytest.skip(f"there is no image {IMAGE}; scripts/build_image builds it")
    yield client
    client.close()


@pytest.fixture
def foreign(engine: docker.DockerClient) -> Iterator[Any]:
    """A container that somebody else made, and that does not run."""
    container = engine.containers.create(IMAGE, name=f"irisops-test-{uuid.uuid4().hex[:8]}")
    yield container
    container.remove(force=True, v=True)


def site(tmp_path: Path, host: str, group: str) -> subprocess.CompletedProcess[str]:
    """site.yml for one host whose container has the host's name."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "iris_network": host,
        "iris_image": IMAGE,
        "iris_arbiter_image": IMAGE,
        "iris_image_pull": "never",
        "iris_mirror_name": "TEST",
    }
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps({group: {"hosts": {host: None}, "vars": variables}}), encoding="utf-8")
    command = [str(PLAYBOOK), "-i", str(inventory), str(ROOT / "playbooks" / "site.yml")]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_an_unknown_container_is_named(engine: docker.DockerClient) -> None:
    result = run_module("iris_mirror_info", {"container": "irisops-no-such-container"})
    assert result["error"]["code"] == "container_not_found"
    assert "irisops-no-such-container" in result["msg"]


def test_a_stopped_container_is_named(foreign: Any) -> None:
    result = run_module("iris_mirror_service", {"container": foreign.name})
    assert result["error"]["code"] == "container_not_running"
    assert foreign.name in result["msg"]


@pytest.mark.parametrize("group", ["iris_arbiters", "iris_nodes"])
def test_a_container_of_somebody_else_is_left_alone(
    engine: docker.DockerClient, foreign: Any, tmp_path: Path, group: str
) -> None:
    run = site(tmp_path, foreign.name, group)
    assert run.returncode != 0
    assert f"There is a container {foreign.name} that this role did not make" in " ".join(run.stdout.split())
    foreign.reload()
    assert foreign.status == "created"
    assert not engine.networks.list(names=[foreign.name])
    assert not engine.volumes.list(filters={"name": foreign.name})

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Containers that are not there, not running or not ours: said clearly, and left alone."""

from __future__ import annotations

import json
import os
import random
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException, ImageNotFound

from ansible_collections.irisops.mirror.tests.integration.lab import PLAYBOOK, ROOT, Play, kill_in, playbook, run_module

IMAGE = "irisops/iris-simulator:2022.1"

#: Where a run is killed: in or shortly after one of these tasks, the first of which make a container.
TASKS = (
    "Create the network",
    "Create the data volume",
    "Give the data volume the owner that IRIS needs",
    "Create the container",
    "Hand out the licence key",
    "Start the container",
    "Wait until the instance is ready",
    "Join the mirror",
    "Copy the databases from the primary",
)
SEED = int(os.environ.get("IRISOPS_TEST_SEED") or random.SystemRandom().randrange(10**6))

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


def site(tmp_path: Path, host: str, group: str) -> Play:
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
    return Play.finish(playbook([str(PLAYBOOK), "-i", str(inventory), str(ROOT / "playbooks" / "site.yml")]))


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
    assert run.code != 0
    assert f"There is a container {foreign.name} that this role did not make" in " ".join(run.output.split())
    foreign.reload()
    assert foreign.status == "created"
    assert not engine.networks.list(names=[foreign.name])
    assert not engine.volumes.list(filters={"name": foreign.name})


def scenario(playbook_file: str, name: str) -> Any:
    """A playbook for the nodes of the Molecule scenario, under another name."""
    scenario_directory = ROOT / "molecule" / "default"
    options = ["-i", str(scenario_directory / "inventory"), "-e", f"scenario_name={name}"]
    return playbook([str(PLAYBOOK), *options, str(ROOT / playbook_file)], MOLECULE_PROJECT_DIRECTORY=str(ROOT))


@pytest.mark.slow
def test_a_killed_run_is_finished_by_the_next(engine: docker.DockerClient) -> None:
    name = f"irisops-test-{uuid.uuid4().hex[:8]}"
    chance = random.Random(SEED)
    try:
        for task in sorted(chance.sample(TASKS, 4), key=TASKS.index):
            delay = chance.uniform(0, 1)
            print(f"seed {SEED}: kill {delay:.2f} s after the start of: {task}")
            kill_in(scenario("playbooks/site.yml", name), task, delay)
        finished = Play.finish(scenario("playbooks/site.yml", name))
        assert finished.code == 0, finished.output
        again = Play.finish(scenario("playbooks/site.yml", name))
        assert again.code == 0 and again.changed == 0, again.output
        verified = Play.finish(scenario("molecule/default/verify.yml", name))
        assert verified.code == 0, verified.output
    finally:
        Play.finish(scenario("molecule/default/destroy.yml", name))

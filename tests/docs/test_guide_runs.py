# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to the first mirror, run task by task on containers of the simulator, and then once more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml
from blocks import ROOT, blocks

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_first_mirror.rst"
IMAGE = "irisops/iris-simulator:2022.1"
LICENCE = ROOT / "simulator" / "licence"
PREFIX = "irisops-guide-"
NODES = ("mirrorA", "mirrorB")
IRIS_OWNER = 51773
LIMIT = 300  # seconds for a run of the guide

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def play_of_the_guide() -> str:
    """Its tasks in one play, for containers with names of their own."""
    play: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    for block in blocks(GUIDE, "yaml"):
        content = yaml.safe_load(block.text)
        if isinstance(content, dict):
            variables.update({name: value for name, value in content.items() if name.startswith("application_")})
        elif "hosts" in content[0]:
            (play,) = content
        else:
            play["tasks"] += content
    text: str = yaml.safe_dump([{**play, "vars": variables}], sort_keys=False)
    for node in NODES:
        text = text.replace(node, PREFIX + node)
    return text


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env(timeout=60)
    yield client
    client.close()


@pytest.fixture(scope="module")
def containers(engine: docker.DockerClient) -> Iterator[dict[str, Any]]:
    """An arbiter and two fresh nodes, as somebody else would start them."""
    _remove(engine)
    network = engine.networks.create(PREFIX + "net")
    try:
        arbiter = engine.containers.create(
            IMAGE, ["/usr/local/etc/irissys/startISCAgent.sh", "2188"], name=PREFIX + "arbiter", init=True
        )
        network.connect(arbiter, aliases=["arbiter"])
        arbiter.start()
        yield {node: _node(engine, node) for node in NODES}
    finally:
        _remove(engine)


def _node(engine: docker.DockerClient, node: str) -> Any:
    name = PREFIX + node
    volume = {name: {"bind": "/shared", "mode": "rw"}}
    engine.containers.run(
        IMAGE, [f"{IRIS_OWNER}:{IRIS_OWNER}", "/shared"], entrypoint=["chown"], user="root", volumes=volume, remove=True
    )
    return engine.containers.run(
        IMAGE,
        ["--check-caps", "false", "--key", "/install/iris-simulator-licence.txt"],
        name=name,
        hostname=name,
        network=PREFIX + "net",
        environment={"ISC_DATA_DIRECTORY": "/shared/durable"},
        volumes={**volume, str(LICENCE): {"bind": "/install", "mode": "ro"}},
        detach=True,
    )


def _remove(engine: docker.DockerClient) -> None:
    """What this test or an interrupted run of it has left."""
    for container in engine.containers.list(all=True, filters={"name": PREFIX}):
        container.remove(force=True, v=True)
    for network in engine.networks.list(filters={"name": PREFIX}):
        network.remove()
    for volume in engine.volumes.list(filters={"name": PREFIX}):
        volume.remove()


def _run(play: Path) -> str:
    program = Path(sys.executable).with_name("ansible-playbook")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".work" / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    options = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"]
    done = subprocess.run([program, *options, play], capture_output=True, text=True, env=environment, timeout=LIMIT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _ask(container: Any, expression: str) -> str:
    code = f'iris session IRIS -U %SYS <<"END"\nwrite "<<"_{expression}_">>"\nhalt\nEND'
    output: bytes = container.exec_run(["sh", "-c", code]).output
    return output.decode().rpartition("<<")[2].partition(">>")[0]


def test_the_guide_builds_the_mirror_and_a_second_run_changes_nothing(
    containers: dict[str, Any], tmp_path: Path
) -> None:
    play = tmp_path / "guide.yml"
    play.write_text(play_of_the_guide(), encoding="utf-8")
    assert "changed=0 " not in _run(play)
    assert "changed=0 " in _run(play)
    status = [_ask(containers[node], "$system.Mirror.GetStatus()") for node in NODES]
    assert status == ["PRIMARY", "BACKUP"]
    # The copying of databases suspends writing, and must not leave it so
    suspended = [_ask(containers[node], "##class(Backup.General).IsWDSuspended()") for node in NODES]
    assert suspended == ["0", "0"]

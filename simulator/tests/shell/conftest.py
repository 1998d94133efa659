# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Embedded nodes for the tests of the shell."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.patience import PATIENCE
from tests.ports import free_port

SIMULATOR = Path(__file__).resolve().parents[2]
KEY = SIMULATOR / "licence" / "iris-simulator-licence.txt"
POLL_SECONDS = 0.05


def wait_for(condition: Callable[[], bool]) -> None:
    """Poll until a condition holds."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(POLL_SECONDS)


class Node:
    """One embedded node on free ports of the loopback interface."""

    def __init__(self, home: Path, name: str, *extra: str) -> None:
        self.home = home
        self.name = name
        self.superserver_port, self.web_port, self.agent_port = free_port(), free_port(), free_port()
        ports = (
            f"--superserver-port={self.superserver_port}",
            f"--web-port={self.web_port}",
            f"--agent-port={self.agent_port}",
        )
        self.tool("create", "--name", name, "--bind", "127.0.0.1", *ports, *extra)

    def tool(self, verb: str, *arguments: str) -> str:
        """`python -m irissim.shell.node VERB HOME ...`."""
        environment = {**os.environ, "PYTHONPATH": str(SIMULATOR)}
        command = [sys.executable, "-m", "irissim.shell.node", verb, str(self.home), *arguments]
        result = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE)
        return result.stdout

    def iris(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """The node's `iris`, with nothing but PATH in the environment."""
        return subprocess.run(
            [str(self.home / "bin" / "iris"), *arguments],
            env={"PATH": os.environ["PATH"]},
            cwd="/",
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def session(self, *lines: str, namespace: str = "%SYS") -> str:
        """Output of a session that runs these lines."""
        result = self.iris("session", "IRIS", "-U", namespace, given="\n".join((*lines, "halt", "")))
        assert result.returncode == 0, result
        return result.stdout

    def value(self, expression: str, namespace: str = "%SYS") -> str:
        """What an expression is worth."""
        return self.session(f'write "<<",{expression},">>"', namespace=namespace).partition("<<")[2].partition(">>")[0]

    @property
    def messages(self) -> str:
        """messages.log."""
        return (self.home / "mgr" / "messages.log").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def node_class() -> type[Node]:
    """For nodes that live longer than a test."""
    return Node


@pytest.fixture(name="wait_for")
def wait_for_fixture() -> Callable[..., None]:
    """`wait_for(condition)`."""
    return wait_for


@pytest.fixture
def licence() -> str:
    """The key file of the simulator."""
    return str(KEY)


@pytest.fixture
def make_node(tmp_path: Path) -> Iterator[Callable[..., Node]]:
    """Makes nodes that are gone after the test."""
    nodes = []

    def make(name: str, *extra: str, home: Path | None = None) -> Node:
        node = Node(home or tmp_path / name, name, *extra)
        nodes.append(node)
        return node

    yield make
    for node in nodes:
        node.tool("destroy")


@pytest.fixture(scope="module")
def shared_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A running node for all tests of a module that leave it as it was."""
    made = Node(tmp_path_factory.mktemp("shared") / "mirrorA", "mirrorA", "--key", str(KEY))
    made.tool("start")
    yield made
    made.tool("destroy")


@pytest.fixture
def node(make_node: Callable[..., Node]) -> Node:
    """A running node with a licence."""
    made = make_node("mirrorA", "--key", str(KEY))
    made.tool("start")
    return made

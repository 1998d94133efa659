# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes on loopback addresses, each an instance process and an agent process of its own."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.mirror.switchboard import AGENT, SUPERSERVER, Switchboard
from tests.patience import PATIENCE
from tests.ports import free_port

from irissim.engine.install import fresh_install
from irissim.engine.mirror.settings import TROUBLE_MINIMUM

MIRROR = "DEMO"
SIMULATOR = Path(__file__).resolve().parents[2]
LICENCE = SIMULATOR / "licence" / "iris-simulator-licence.txt"
# The trouble timeout of five seconds is nothing that every test should wait for.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SIMULATOR), TROUBLE_MINIMUM: "0"}


class Refused(Exception):
    """A call that answered with a %Status."""

    def __init__(self, code: int, arguments: list[str]) -> None:
        super().__init__(code, arguments)
        self.code = code
        self.arguments = arguments


class RunTimeError(Exception):
    """A call that ended in an ObjectScript error."""


class NodeGone(Exception):
    """The instance process ended before it answered."""


def eventually(condition: Callable[[], Any], what: str | Callable[[], str]) -> Any:
    """Poll until the condition holds; its value."""
    end = time.monotonic() + PATIENCE
    waiter = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            pytest.fail(f"not within {PATIENCE} s: {what if isinstance(what, str) else what()}")
        waiter.wait(0.03)


class Agent:
    """An ISCAgent process."""

    def __init__(self, bind: str, registry: Path) -> None:
        self.bind = bind
        self.address = bind
        """Where others reach it; the switchboard changes it."""
        self.port = free_port(bind)
        self._registry = registry
        self.version = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "irissim.agent", "--port", str(self.port), "--bind", self.bind]
        if self.version:
            command += ["--version", self.version]
        self.process = subprocess.Popen(
            [*command, "--registry", str(self._registry)], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Starting ApplicationServer" in line:
                return
        pytest.fail("the agent did not start")

    def pause(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


Replies = dict[int, "queue.Queue[dict[str, Any] | None]"]


def _read(process: subprocess.Popen[str], waiting: Replies) -> None:
    """Distribute the answers of one instance process; None to all when it has ended."""
    assert process.stdout is not None
    for line in process.stdout:
        reply = json.loads(line)
        if reply["id"] in waiting:
            waiting[reply["id"]].put(reply)
    for replies in list(waiting.values()):
        replies.put(None)


class Node:
    """A host with an agent and an instance."""

    def __init__(self, name: str, bind: str, root: Path, profile: str, options: tuple[str, ...] = ()) -> None:
        self.name = name
        self.profile = profile
        self.bind = bind
        self._options = options
        self.address = bind
        """Where others reach this host; the switchboard changes it."""
        self.home = root / name
        self.registry = self.home / "registry"
        self.port = free_port(bind)
        self.agent = Agent(bind, self.registry)
        self.process: subprocess.Popen[str] | None = None
        self._replies: Replies = {}
        self._writing = threading.Lock()
        self._count = 0
        self.registry.mkdir(parents=True)
        fresh_install(self.home)
        shutil.copy(LICENCE, self.home / "mgr" / "iris.key")

    # Processes -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        with (self.home / "errors").open("a", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                [
                    sys.executable, str(Path(__file__).with_name("nodeprocess.py")), str(self.home), self.bind,
                    str(self.port), str(self.agent.port), str(self.registry), *self._options,
                ],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                env={**ENVIRONMENT, "IRISSIM_PROFILE": self.profile},
            )  # fmt: skip
        self._replies = {0: queue.Queue()}
        threading.Thread(target=_read, args=(self.process, self._replies), daemon=True).start()
        if self._replies[0].get(timeout=PATIENCE) is None:
            pytest.fail(f"{self.name} did not start:\n{self.log()}\n{self.errors()}")

    def stop(self, nofailover: bool = False) -> None:
        assert self.process is not None
        self.call("stop", nofailover)
        self.process.wait(PATIENCE)

    def kill(self) -> None:
        """As `kill -9` does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def pause(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def lose_host(self) -> None:
        self.kill()
        self.agent.kill()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    # Calls -----------------------------------------------------------------------------------------------------------

    def call(self, path: str, *arguments: Any) -> Any:
        return self.begin(path, *arguments)()

    def begin(self, path: str, *arguments: Any) -> Callable[..., Any]:
        """Start a call; the answer waits for its result."""
        assert self.process is not None
        assert self.process.stdin is not None
        with self._writing:
            self._count += 1
            number = self._count
        replies = self._replies[number] = queue.Queue()
        try:
            with self._writing:
                print(json.dumps({"id": number, "call": path, "args": arguments}), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise NodeGone(self.name) from None

        def finish(limit: float = PATIENCE) -> Any:
            reply = replies.get(timeout=limit)
            if reply is None:
                raise NodeGone(self.name)
            if "status" in reply:
                raise Refused(reply["status"], reply["arguments"])
            if "error" in reply:
                raise RunTimeError(reply["error"])
            assert "crash" not in reply, reply["crash"]
            return reply["result"]

        return finish

    # What tests say often ------------------------------------------------------------------------------------------

    def refusal(self, path: str, *arguments: Any) -> int:
        with pytest.raises(Refused) as caught:
            self.call(path, *arguments)
        return caught.value.code

    def addresses(self) -> dict[str, Any]:
        return {"ecp_address": self.address, "agent_port": self.agent.port}

    def create_mirror(self, name: str = MIRROR, **info: Any) -> None:
        self.call("enable_service", True)
        self.call("create", name, self.name, {**self.addresses(), "qos_timeout": 2000, **info})
        self.wait_status("PRIMARY")

    def join_mirror(self, target: Node) -> None:
        self.call("enable_service", True)
        self.call("join", MIRROR, self.name, "IRIS", target.address, target.agent.port, self.addresses())

    def join_as_async(self, target: Node, kind: int | None = 0, mirror: str = MIRROR) -> None:
        self.call("enable_service", True)
        local = {"ecp_address": self.bind}
        self.call("join_async", mirror, self.name, ["IRIS", target.bind, target.agent.port], kind, local)

    def wait_status(self, status: str) -> None:
        eventually(lambda: self.call("mirror.status") == status, lambda: f"{self.name} is {status}\n{self.log()}")

    def wait_mode(self, mode: str) -> None:
        eventually(
            lambda: self.call("mirror.arbiter_status")["mode"] == mode,
            lambda: f"{self.name} is {mode} controlled\n{self.log()}",
        )

    def member_states(self) -> dict[str, tuple[str, str]]:
        """Role and status of both failover members as this one shows them."""
        return {
            member["name"]: (member["role"], member["status"])
            for member in self.call("mirror.failover_status")
            if member is not None
        }

    def database_state(self, name: str) -> str:
        for row in self.call("mirror.database_rows"):
            if row["name"] == name:
                return str(row["state"])
        return ""

    def log(self) -> str:
        return (self.home / "mgr" / "messages.log").read_text(encoding="utf-8")

    def errors(self) -> str:
        """What the instance process complained of besides."""
        return (self.home / "errors").read_text(encoding="utf-8")

    def directory(self, name: str) -> str:
        return f"{self.home}/{name.lower()}/"


def wait_active(primary: Node, backup: Node) -> None:
    """Until the backup takes part in every answer."""
    expected = ("Backup", "Active")
    eventually(
        lambda: primary.member_states().get(backup.name) == expected
        and backup.member_states()[backup.name] == expected,
        lambda: f"{backup.name} is active\n{primary.log()}\n{backup.log()}",
    )


def add_database(node: Node, name: str) -> str:
    directory = node.directory(name)
    node.call("new_database", name, directory)
    node.call("mirror.add_database", directory, name)
    return directory


def copy_database(primary: Node, backup: Node, name: str) -> None:
    """The file, as an operator copies it: dismounted on both sides."""
    source, target = primary.directory(name), backup.directory(name)
    primary.call("databases.dismount", source)
    backup.call("new_database", name, target)
    backup.call("databases.dismount", target)
    shutil.copy(source + "IRIS.DAT", target + "IRIS.DAT")
    primary.call("mount", source)
    backup.call("mount", target)


def seed_database(primary: Node, backup: Node, name: str) -> None:
    """Copy, activate, catch up."""
    copy_database(primary, backup, name)
    target = backup.directory(name)
    backup.call("mirror.activate", target)
    done, failed = backup.call("mirror.catchup", [backup.call("databases.sfn", target)])
    assert (len(done), failed) == (1, []), backup.log()


def mirrored_database(primary: Node, backup: Node, name: str) -> str:
    """A database that both have; its directory on the primary."""
    source = add_database(primary, name)
    seed_database(primary, backup, name)
    return source


class Lab:
    """All processes of one test."""

    def __init__(self, root: Path, net: str = "127.0.0", options: tuple[str, ...] = ()) -> None:
        """`options` are those of nodeprocess.py."""
        self._root = root
        self._net = net
        self._options = options
        self._nodes: list[Node] = []
        self._arbiters: list[Agent] = []
        self.profile = "2026.1"
        self._switchboard: Switchboard | None = None

    def switchboard(self) -> Switchboard:
        """From now on all hosts are connected through it, named as the nodes are, and `arbiter`."""
        self._switchboard = Switchboard()
        return self._switchboard

    def node(self, name: str) -> Node:
        node = Node(name, f"{self._net}.{11 + len(self._nodes)}", self._root, self.profile, self._options)
        self._nodes.append(node)
        if self._switchboard is not None:
            node.address = node.agent.address = f"{self._net}.{50 + len(self._nodes)}"
            self._switchboard.host(name, node.bind)
            self._switchboard.serve(name, SUPERSERVER, node.address, node.bind, node.port)
            self._switchboard.serve(name, AGENT, node.address, node.bind, node.agent.port)
        node.agent.start()
        node.start()
        return node

    def arbiter(self) -> Agent:
        agent = Agent(f"{self._net}.10", self._root / "arbiter")
        self._arbiters.append(agent)
        if self._switchboard is not None:
            agent.address = f"{self._net}.50"
            self._switchboard.host("arbiter", agent.bind)
            self._switchboard.serve("arbiter", AGENT, agent.address, agent.bind, agent.port)
        agent.start()
        return agent

    def pair(self, **info: Any) -> tuple[Node, Node]:
        """A mirror with an active backup and the database DATA on both members."""
        first, second = self.node("A"), self.node("B")
        first.create_mirror(**info)
        second.join_mirror(first)
        wait_active(first, second)
        mirrored_database(first, second, "DATA")
        return first, second

    def pair_with_arbiter(self, **info: Any) -> tuple[Node, Node, Agent]:
        agent = self.arbiter()
        first, second = self.pair(arbiter_node=f"{agent.address}|{agent.port}", **info)
        for node in (first, second):
            node.wait_mode("ARBITER")
        return first, second, agent

    def close(self) -> None:
        for node in self._nodes:
            node.lose_host()
        for agent in self._arbiters:
            agent.kill()
        if self._switchboard is not None:
            self._switchboard.close()

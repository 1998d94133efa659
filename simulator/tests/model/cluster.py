# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mirror of real processes that can be broken and repaired while users write to it."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.mirror.lab import Agent, Lab, Node, NodeGone, Refused, RunTimeError
from tests.model.history import History
from tests.model.workload import deadline, wait

ARBITER = "arbiter"
DATABASE = "DATA"
QOS_MS = 1000
SETTLE_SECONDS = 60.0
_STOP_SECONDS = 40.0
_ANSWER_SECONDS = 2.0
_LOOK = 0.05

INCONSISTENT = "inconsistent with the mirror"
_NO_ANSWER = (queue.Empty, NodeGone, Refused, RunTimeError, AssertionError, ValueError, OSError)


class Violation(Exception):
    """The mirror did what it must never do, or not what it must."""


class Cluster:
    """Failover members A and B, maybe an arbiter, linked through a switchboard. Made once; restored for every run."""

    def __init__(self, root: Path, number: int, with_arbiter: bool, options: tuple[str, ...] = ()) -> None:
        self.history = History()
        self.paused: set[str] = set()
        self._root = root
        self._template = root.with_name(root.name + "-template")
        self._busy: dict[str, threading.Thread] = {}
        self.lab = Lab(root, f"127.{20 + os.getpid() % 200}.{number}", options)
        self.board = self.lab.switchboard()
        self.arbiter: Agent | None = None
        if with_arbiter:
            first, second, self.arbiter = self.lab.pair_with_arbiter(qos_timeout=QOS_MS)
        else:
            first, second = self.lab.pair(qos_timeout=QOS_MS)
        self.nodes = [first, second]
        second.stop()
        first.stop()
        for agent in self._agents().values():
            agent.kill()
        shutil.copytree(root, self._template)

    # Life ------------------------------------------------------------------------------------------------------------

    def restore(self) -> None:
        """A new run: everything as it was made."""
        self.kill_all()
        self.history = History()
        shutil.rmtree(self._root)
        shutil.copytree(self._template, self._root)

    def kill_all(self) -> None:
        for name in list(self.paused):
            self.resume(name)
        self.board.heal()
        for node in self.nodes:
            node.lose_host()
        for agent in self._agents().values():
            agent.kill()
        for thread in self._busy.values():
            thread.join(_STOP_SECONDS)
        self._busy.clear()

    def close(self) -> None:
        self.kill_all()
        self.lab.close()

    def node(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    def other(self, node: Node) -> Node:
        return next(other for other in self.nodes if other is not node)

    def _agents(self) -> dict[str, Agent]:
        agents = {f"agent {node.name}": node.agent for node in self.nodes}
        if self.arbiter is not None:
            agents[ARBITER] = self.arbiter
        return agents

    def processes(self) -> list[str]:
        return [*(node.name for node in self.nodes), *self._agents()]

    def lives(self, name: str) -> bool:
        agent = self._agents().get(name)
        if agent is not None:
            return agent.process is not None and agent.process.poll() is None
        return self.node(name).alive

    # Faults ----------------------------------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        self.paused.discard(name)
        agent = self._agents().get(name)
        if agent is not None:
            agent.kill()
        else:
            self.node(name).kill()

    def pause(self, name: str) -> None:
        if self.lives(name):
            self.paused.add(name)
            self._pausable(name).pause()

    def resume(self, name: str) -> None:
        self.paused.discard(name)
        if self.lives(name):
            self._pausable(name).resume()

    def _pausable(self, name: str) -> Agent | Node:
        return self._agents().get(name) or self.node(name)

    def start(self, name: str) -> None:
        """Does not wait for an instance, so that faults may hit it while it starts."""
        if self.lives(name):
            return
        agent = self._agents().get(name)
        if agent is not None:
            agent.start()
        elif not self.busy(name):
            self._in_background(name, self.node(name).start)

    def stop(self, name: str, nofailover: bool) -> None:
        node = self.node(name)
        if node.alive and not self.busy(name):
            process = node.process

            def work() -> None:
                with contextlib.suppress(queue.Empty):
                    node.begin("stop", nofailover)(_STOP_SECONDS)
                if process is not None:
                    process.wait(_STOP_SECONDS)

            self._in_background(name, work)

    def busy(self, name: str) -> bool:
        """It is being started or stopped."""
        thread = self._busy.get(name)
        return thread is not None and thread.is_alive()

    def _in_background(self, name: str, work: Callable[[], Any]) -> None:
        def run() -> None:
            # A start or stop that a fault interrupts is no failure; one that hangs is seen when the run settles.
            with contextlib.suppress(*_NO_ANSWER, pytest.fail.Exception, Exception):
                work()

        self._busy[name] = threading.Thread(target=run, daemon=True)
        self._busy[name].start()

    def order(self, name: str, call: str, *arguments: Any) -> None:
        """An operator does something on a member; it may be refused, and nobody waits for the answer."""
        with contextlib.suppress(*_NO_ANSWER):
            self.node(name).begin(call, *arguments)

    # Looking ---------------------------------------------------------------------------------------------------------

    def roles(self, node: Node, limit: float = _ANSWER_SECONDS) -> dict[str, Any] | None:
        """What the member says of itself, None if it says nothing."""
        if not node.alive or node.name in self.paused:
            return None
        with contextlib.suppress(*_NO_ANSWER):
            found: dict[str, Any] = node.begin("roles")(limit)
            return found
        return None

    def leader(self) -> Node | None:
        for node in self.nodes:
            roles = self.roles(node, 0.5)
            if roles is not None and roles["is_primary"] and not roles["trouble"]:
                return node
        return None

    # Settling --------------------------------------------------------------------------------------------------------

    def repair(self) -> None:
        """Everything that people do after an outage: nothing is paused, cut or down any more."""
        for name in list(self.paused):
            self.resume(name)
        self.board.heal()
        for name in self._agents():
            self.start(name)

    def settle(self) -> None:
        """Repair everything; then the mirror must be whole again by itself."""
        # A member that was forced down stays down until a person restarts it (HA 3.3), so members are restarted.
        self.repair()
        late = deadline(SETTLE_SECONDS)
        began = self.history.now()
        found = ""
        while not late():
            for node in self.nodes:
                if not node.alive:
                    self.start(node.name)
            found = self._unsettled()
            if not found:
                self.history.note(f"settled after {self.history.now() - began:.1f} s, {self._primary_name()} leads")
                return
            hopeless = [node.name for node in self.nodes if INCONSISTENT in node.log()]
            if hopeless:
                raise Violation(f"the data of {hopeless} is inconsistent with the mirror")
            wait(_LOOK)
        raise Violation(f"not whole again after {SETTLE_SECONDS:.0f} s without any fault: {found}")

    def _primary_name(self) -> str:
        leader = self.leader()
        return leader.name if leader is not None else "nobody"

    def _unsettled(self) -> str:
        """What is missing to a mirror that works as documented; "" when nothing is."""
        everybody = [self.roles(node) for node in self.nodes]
        seen = [roles for roles in everybody if roles is not None]
        if len(seen) < len(self.nodes):
            return f"answers: {everybody}"
        states = sorted(roles["status"] for roles in seen)
        if states != ["BACKUP", "PRIMARY"] or any(roles["trouble"] for roles in seen):
            return f"states: {everybody}"
        if any(["Backup", "Active"] not in roles["shown"].values() for roles in seen):
            return f"the backup is not active: {everybody}"
        mode = "AGENT" if self.arbiter is None else "ARBITER"
        if any(roles["mode"] != mode for roles in seen):
            return f"not {mode} controlled: {everybody}"
        return self._bring_databases_back(seen)

    def _bring_databases_back(self, everybody: Iterable[dict[str, Any]]) -> str:
        """Dismounted ones are mounted again, as people do."""
        for node, roles in zip(self.nodes, everybody, strict=True):
            state = roles["databases"].get(DATABASE)
            wanted = "NORMAL" if roles["is_primary"] else "DEJOURNALING"
            if state != wanted:
                with contextlib.suppress(*_NO_ANSWER):
                    node.begin("mount", node.directory(DATABASE))(_ANSWER_SECONDS)
                return f"{DATABASE} on {node.name} is {state}"
        return ""

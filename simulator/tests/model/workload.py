# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users who write all the time, to whoever lets them."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.mirror.lab import Node, NodeGone, RunTimeError
from tests.model.history import History, Outcome, Write

GLOBAL = "w"
_PATIENCE = 3.0
_PAUSE = 0.01
_SHORTLY = 0.002
# Errors that come before anything is journaled.
_NOTHING_DONE = ("<PROTECT>", "<DIRECTORY>", "<FILEFULL>")

Finish = Callable[..., Any]


class Writers:
    """Threads that try the node that answered last, and now and then the other one: it must refuse."""

    def __init__(self, nodes: list[Node], history: History, directory: Callable[[Node], str], count: int = 3) -> None:
        self._nodes = nodes
        self._history = history
        self._directory = directory
        self._favourite = nodes[0]
        self._stopping = threading.Event()
        self._open: list[tuple[Write, Finish]] = []
        self.problems: list[str] = []
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No more writes; late answers count."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        for write, finish in self._open:
            self._settle(write, finish, 0.01)

    def _work(self, number: int) -> None:
        chance = random.Random(number)
        while not self._stopping.is_set():
            node = self._favourite if chance.random() < 0.85 else chance.choice(self._nodes)
            self._stopping.wait(_SHORTLY if self._write(number, node) else _PAUSE)

    def _write(self, number: int, node: Node) -> bool:
        if not node.alive:
            self._favourite = random.choice(self._nodes)
            return False
        write = self._history.begin(number, node.name)
        try:
            finish = node.begin("set", self._directory(node), GLOBAL, write.value, write.value)
        except (NodeGone, ValueError, AssertionError) as error:
            write.answer = repr(error)
            return False
        if not self._settle(write, finish, _PATIENCE):
            self._open.append((write, finish))
        if write.outcome is Outcome.ACKNOWLEDGED:
            self._favourite = node
            return True
        self._favourite = random.choice(self._nodes)
        return False

    def _settle(self, write: Write, finish: Finish, limit: float) -> bool:
        """False: no answer yet."""
        try:
            finish(limit)
        except queue.Empty:
            return False
        except NodeGone as error:
            write.answer = repr(error)
        except RunTimeError as error:
            write.answer = str(error)
            if any(word in write.answer for word in _NOTHING_DONE):
                write.outcome = Outcome.REFUSED
        except AssertionError as error:
            write.answer = str(error)
            if "NoLongerPrimary" not in write.answer:
                self.problems.append(f"write {write.value} on {write.node} crashed: {write.answer}")
        else:
            write.outcome = Outcome.ACKNOWLEDGED
        write.ended = self._history.now()
        return True


def wait(seconds: float) -> None:
    """A pause between two faults."""
    threading.Event().wait(seconds)


def deadline(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end

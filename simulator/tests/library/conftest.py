# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance in this process, and the interpreter of a background process in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from irissim.engine.instance import Instance
from irissim.objectscript.interpreter import Interpreter
from irissim.shell.instances import build_classes, build_instance
from irissim.shell.session import Jobs, ProcessSession
from irissim.shell.settings import NodeSettings
from irissim.values.value import Value, to_string


class Terminal:
    """Runs lines in %SYS."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._jobs = Jobs()
        self._session = ProcessSession(
            instance, build_classes(instance.profile), self._jobs, namespace="%SYS", username="tester"
        )
        self._interpreter = Interpreter(self._session)

    def do(self, *lines: str) -> None:
        """Run lines; an error is raised."""
        for line in lines:
            self._interpreter.execute(line)

    def value(self, expression: str) -> Value:
        """The value of an expression."""
        return self._interpreter.evaluate(expression)

    def codes(self, call: str) -> str:
        """The error numbers of the status that a call returns, "" for success."""
        return to_string(self.value(f"$system.Status.GetErrorCodes({call})"))


def _terminal(home: Path) -> Iterator[Terminal]:
    node = NodeSettings(
        home=home,
        registry=home / "irissys",
        node_name="mirrorA",
        bind="127.0.0.1",
        superserver_port=0,
        web_port=0,
        agent_port=1,
    )
    instance = build_instance(node)
    instance.start()
    yield Terminal(instance)
    instance.stop()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal in a new instance on ports that the system chooses."""
    yield from _terminal(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A terminal for the tests of a module that leave its instance as it is."""
    yield from _terminal(tmp_path_factory.mktemp("shared"))

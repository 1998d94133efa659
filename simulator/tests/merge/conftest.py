# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance in this process, and merges of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from tests.mirror.lab import LICENCE, Agent, free_port

from irissim.engine.instance import Instance
from irissim.merge.patience import Patience
from irissim.merge.runner import Merge
from irissim.merge.settings import apply_settings
from irissim.merge.source import MergeError, parse
from irissim.shell.instances import build_classes, build_instance, install
from irissim.shell.session import Jobs, ProcessSession
from irissim.shell.settings import NodeSettings


class Merger:
    """Merges texts into an instance and keeps what was done."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.done: list[str] = []
        self._classes = build_classes(instance.profile)

    def __call__(self, *lines: str) -> list[str]:
        """The actions that did something."""
        merge = Merge(parse("\n".join(lines)))
        apply_settings(self.instance.config, merge.settings)
        session = ProcessSession(self.instance, self._classes, Jobs(), namespace="%SYS", username="tester")
        done: list[str] = []
        with session:
            merge.run(self.instance, session, Patience(0.5), done.append)
        return [line.removeprefix("Merge: ") for line in done]

    def actions(self, *lines: str) -> list[str]:
        """The same for lines of [Actions]."""
        return self("[Actions]", *lines)

    def refuses(self, *lines: str) -> str:
        """Why these actions fail."""
        with pytest.raises(MergeError) as caught:
            self.actions(*lines)
        return str(caught.value)


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Merger]]:
    """Makes running instances."""
    instances: list[Instance] = []
    agents: list[Agent] = []
    root = tmp_path_factory.mktemp("merge")

    def start(host: str = "mirrorA", profile: str = "2022.1", mirroring: bool = False) -> Merger:
        """With `mirroring` it has the licence and the ISCAgent that a member needs."""
        home = root / str(len(instances))
        if mirroring:
            agents.append(Agent("127.0.0.1", home / "irissys"))
            agents[-1].start()
        node = NodeSettings(
            home=home,
            registry=home / "irissys",
            node_name=host,
            bind="127.0.0.1",
            superserver_port=free_port("127.0.0.1") if mirroring else 0,
            web_port=0,
            agent_port=agents[-1].port if mirroring else 1,
            profile=profile,
        )
        if mirroring:
            install(node)
            shutil.copyfile(LICENCE, node.key_path)
        instance = build_instance(node)
        instance.start()
        instances.append(instance)
        return Merger(instance)

    yield start
    for instance in instances:
        instance.stop()
    for agent in agents:
        agent.kill()


@pytest.fixture(scope="session")
def shared(make: Callable[..., Merger]) -> Merger:
    """A merger of an instance that stays as it is, as nothing succeeds on it."""
    return make()


@pytest.fixture
def merge(make: Callable[..., Merger]) -> Merger:
    """A merger of one instance."""
    return make()

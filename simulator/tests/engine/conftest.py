# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances for the tests of the storage engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from irissim.engine.install import fresh_install
from irissim.engine.instance import Instance
from irissim.engine.mirror_hooks import NoMirror

# Long enough that a test sees only the commits it asks for.
NEVER = 3600.0

Starter = Callable[[], Instance]


class CrashableInstances:
    """Starts instances on one home; `crash` leaves everything as a killed process would."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._running: list[Instance] = []
        fresh_install(home)

    def start(self, hooks: NoMirror | None = None) -> Instance:
        """A running instance without write daemon rounds."""
        instance = Instance(self._home, write_interval=NEVER)
        if hooks is not None:
            instance.mirror = hooks
        instance.start()
        self._running.append(instance)
        return instance

    def crash(self, instance: Instance) -> None:
        """Lose everything that only the process knew."""
        self._running.remove(instance)
        for database in instance.databases:
            database.close()
        instance.journal.close()

    def stop_all(self) -> None:
        """End of the test."""
        for instance in self._running:
            instance.stop()


@pytest.fixture
def instances(tmp_path: Path) -> Iterator[CrashableInstances]:
    """One home, any number of runs."""
    home = tmp_path / "node"
    home.mkdir()
    factory = CrashableInstances(home)
    yield factory
    factory.stop_all()


@pytest.fixture
def instance(instances: CrashableInstances) -> Instance:
    """A fresh running instance."""
    return instances.start()


@pytest.fixture
def data(instance: Instance, tmp_path: Path) -> str:
    """Directory of a new database, known as DATA, with namespace DATA."""
    directory = tmp_path / "data"
    directory.mkdir()
    database = instance.databases.create(str(directory))
    instance.config.set("Databases", "DATA", database.directory)
    instance.config.set("Namespaces", "DATA", "DATA,DATA")
    instance.config.save()
    return database.directory

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process with one instance, driven by JSON lines: the tests kill, stop and restart it as they like.

Run as `python nodeprocess.py HOME BIND SUPERSERVER AGENT REGISTRY [WRITE_INTERVAL]`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import sys
import threading
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from irissim.engine.instance import AddressBook, Instance
from irissim.engine.mirror.manager import MirrorManager
from irissim.engine.mirror.types import LocalInfo, MirrorInfo
from irissim.values.errors import OsError, StatusError


class Ref(NamedTuple):
    """A global reference as the interpreter makes it."""

    environment: str
    name: str
    subscripts: tuple[Any, ...]


def plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(item) for name, item in asdict(value).items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


class Driver:
    """The calls that a test may make besides those of the instance itself."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def create(self, name: str, member: str, info: dict[str, Any]) -> None:
        self.instance.mirror.create(name, member, MirrorInfo(**info))

    def join(self, name: str, member: str, target: str, address: str, port: int, local: dict[str, Any]) -> None:
        self.instance.mirror.join_failover(name, member, target, address, port, LocalInfo(**local))

    def enable_service(self, enabled: bool) -> None:
        self.instance.security.modify_service("%Service_Mirror", enabled=enabled)

    def set(self, directory: str, name: str, subscript: str, value: str) -> None:
        self.instance.globals.set(Ref(f"^^{directory}", name, (subscript,)), value)
        self.instance.globals.wait_durable()

    def set_many(self, directory: str, name: str, count: int) -> None:
        for number in range(count):
            self.instance.globals.set(Ref(f"^^{directory}", name, (number,)), "x" * 50)
        self.instance.globals.wait_durable()

    def kill(self, directory: str, name: str) -> None:
        self.instance.globals.kill(Ref(f"^^{directory}", name, ()))
        self.instance.globals.wait_durable()

    def get(self, directory: str, name: str, subscript: str) -> Any:
        return self.instance.globals.get(Ref(f"^^{directory}", name, (subscript,)))

    def new_database(self, name: str, directory: str) -> None:
        Path(directory).mkdir(parents=True, exist_ok=True)
        self.instance.databases.create(directory)
        self.instance.config.set("Databases", name, directory)
        self.instance.config.save()

    def mount(self, directory: str) -> None:
        self.instance.databases.mount(directory)

    def label(self, directory: str) -> Any:
        return self.instance.databases.label(directory)

    def journaling(self, directory: str, enabled: bool) -> None:
        self.instance.databases.modify(directory, journaled=enabled)

    def require_mount(self, name: str) -> None:
        directory = self.instance.config.fields("Databases", name, 3)[0]
        self.instance.config.set("Databases", name, f"{directory},,1")

    def journal_files(self, mirror: str) -> list[str]:
        return [str(file.path) for file in self.instance.journal.series(mirror).files()]

    def switch_journal(self) -> None:
        self.instance.journal.switch()


def find(instance: Instance, driver: Driver, path: str) -> Any:
    target: Any = driver
    if not hasattr(driver, path.split(".", maxsplit=1)[0]):
        target = instance
    for name in path.split("."):
        target = getattr(target, name)
    return target


def answer(instance: Instance, driver: Driver, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": plain(find(instance, driver, request["call"])(*request["args"]))}
    except StatusError as error:
        return {"status": error.code, "arguments": [str(item) for item in error.arguments]}
    except OsError as error:
        return {"error": str(error)}
    except Exception as error:  # the test shows it
        return {"crash": repr(error)}


def main() -> None:
    faulthandler.register(signal.SIGUSR1)
    home, bind, superserver, agent, registry = sys.argv[1:6]
    instance = Instance(
        Path(home),
        addresses=AddressBook(bind=bind, superserver_port=int(superserver), agent_port=int(agent), host_name=bind),
        profile="2026.1",
    )
    instance.mirror = MirrorManager(instance, Path(registry))
    instance.start()
    driver = Driver(instance)
    writing = threading.Lock()

    def work(line: str) -> None:
        request = json.loads(line)
        reply = answer(instance, driver, request)
        with writing, contextlib.suppress(BrokenPipeError):
            print(json.dumps({"id": request["id"], **reply}), flush=True)

    print(json.dumps({"id": 0, "ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["call"] == "stop":
            instance.stop(*request["args"])
            print(json.dumps({"id": request["id"], "result": None}), flush=True)
            os._exit(0)
        threading.Thread(target=work, args=(line,), daemon=True).start()
    # The test is gone.
    os._exit(1)


if __name__ == "__main__":
    main()

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process with one instance, driven by JSON lines: the tests kill, stop and restart it as they like.

Run as `python nodeprocess.py HOME BIND SUPERSERVER AGENT REGISTRY`; options that change the rules are in `main`.
"""

from __future__ import annotations

import argparse
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
from irissim.engine.mirror.promotion import Form
from irissim.engine.mirror.registration import Target
from irissim.engine.mirror.types import LocalInfo, MirrorInfo
from irissim.engine.positions import Position
from irissim.library.catalogue import CLASSES
from irissim.objectscript.classes import SessionContext
from irissim.objectscript.interpreter import Interpreter
from irissim.shell.instances import build_classes
from irissim.shell.session import Jobs, ProcessSession
from irissim.values.errors import OsError, StatusError


class Ref(NamedTuple):
    """A global reference as the interpreter makes it."""

    environment: str
    name: str
    subscripts: tuple[Any, ...]


def plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
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

    def join_async(self, name: str, member: str, target: list[Any], kind: int | None, local: dict[str, Any]) -> None:
        self.instance.mirror.join_async(name, member, Target(*target), kind, LocalInfo(**local))

    def promote(self, form: str, partner: str = "") -> list[Any]:
        """Error number (0: none), arguments, unavailable members."""
        unavailable: list[str] = []
        try:
            if form in ("NONE", "HOLD"):
                self.instance.mirror.promote_alone(unavailable, form == "HOLD")
            else:
                self.instance.mirror.promote(Form[form], unavailable, partner)
        except StatusError as error:
            return [error.code, [str(item) for item in error.arguments], unavailable]
        return [0, [], unavailable]

    def promote_check(self) -> list[Any]:
        unavailable: list[str] = []
        return [self.instance.mirror.promote_check(unavailable), unavailable]

    def enable_service(self, enabled: bool) -> None:
        self.instance.security.modify_service("%Service_Mirror", enabled=enabled)

    def set(self, directory: str, name: str, subscript: str, value: str) -> None:
        self.instance.globals.set(Ref(f"^^{directory}", name, (subscript,)), value)
        self.instance.globals.wait_durable()

    def set_many(self, directory: str, name: str, count: int) -> None:
        for number in range(count):
            self.instance.globals.set(Ref(f"^^{directory}", name, (number,)), "x" * 50)
        self.instance.globals.wait_durable()

    def set_large(self, directory: str, name: str, count: int, size: int) -> None:
        for number in range(count):
            self.instance.globals.set(Ref(f"^^{directory}", name, (number,)), "x" * size)
        self.instance.globals.wait_durable()

    def _session(self) -> ProcessSession:
        return ProcessSession(
            self.instance, build_classes(self.instance.profile), Jobs(), namespace="%SYS", username="tester"
        )

    def rows(self, name: str, *arguments: str) -> list[dict[str, str]]:
        """The rows of a class query, by column."""
        kind, _, query = name.partition(":")
        spec = next(item for item in CLASSES if kind == item.NAME).queries[query]
        rows = spec.function(SessionContext(self._session()), *arguments)
        return [{key: str(value) for key, value in zip(spec.columns, row, strict=True)} for row in rows]

    def objectscript(self, *lines: str) -> Any:
        """Run lines in %SYS; the last one is an expression."""
        interpreter = Interpreter(self._session())
        for line in lines[:-1]:
            interpreter.execute(line)
        return interpreter.evaluate(lines[-1])

    def kill(self, directory: str, name: str) -> None:
        self.instance.globals.kill(Ref(f"^^{directory}", name, ()))
        self.instance.globals.wait_durable()

    def get(self, directory: str, name: str, subscript: str) -> Any:
        return self.instance.globals.get(Ref(f"^^{directory}", name, (subscript,)))

    def adopt(self, directory: str, name: str, mirror: str) -> None:
        """SYS.Database.CreateDatabase with mirror arguments."""
        Path(directory).mkdir(parents=True, exist_ok=True)
        self.instance.databases.create(directory)
        self.instance.mirror.adopt_new_database(directory, name, mirror)
        self.instance.config.set("Databases", name, directory)
        self.instance.config.save()

    def new_database(self, name: str, directory: str) -> None:
        Path(directory).mkdir(parents=True, exist_ok=True)
        self.instance.databases.create(directory)
        self.instance.config.set("Databases", name, directory)
        self.instance.config.save()

    def mount(self, directory: str, catchup: bool = True) -> None:
        self.instance.databases.mount(directory, catchup=catchup)

    def label(self, directory: str) -> Any:
        return self.instance.databases.label(directory)

    def journaling(self, directory: str, enabled: bool) -> None:
        self.instance.databases.modify(directory, journaled=enabled)

    def change_mirror_label(self, directory: str, fields: dict[str, Any]) -> None:
        database = self.instance.databases.find(directory)
        assert database is not None
        database.change_mirror_label(**fields)

    def require_mount(self, name: str) -> None:
        directory = self.instance.config.fields("Databases", name, 3)[0]
        self.instance.config.set("Databases", name, f"{directory},,1")

    def journal_files(self, mirror: str) -> list[str]:
        return [str(file.path) for file in self.instance.journal.series(mirror).files()]

    def begin_transaction(self) -> None:
        self.instance.globals.transaction_began(self)

    def end_transaction(self) -> None:
        self.instance.globals.transaction_ended(self)

    def switch_journal(self) -> None:
        self.instance.journal.switch()

    def roles(self) -> dict[str, Any]:
        """All that this member says about who leads."""
        mirror = self.instance.mirror
        members = [member for member in mirror.failover_status() if member is not None]
        return {
            "status": mirror.status(),
            "trouble": mirror.member_status()[1] == "Trouble",
            "is_primary": mirror.is_primary(),
            "is_backup": mirror.is_backup(),
            "shown": {member.name: (member.role, member.status) for member in members},
            "mode": mirror.arbiter_status().mode,
            "databases": {row.name: row.state for row in mirror.database_rows()},
        }

    def content(self, directory: str, name: str) -> list[tuple[str, Any]]:
        """All nodes of a global: subscripts joined by commas, and value."""
        store = self.instance.globals
        found = []
        ref: Ref | None = Ref(f"^^{directory}", name, ())
        while (ref := store.query(ref)) is not None:
            found.append((",".join(map(str, ref.subscripts)), store.get(ref)))
        return found


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


class Reckless(MirrorManager):
    """Does not wait for the backup: the model must notice."""

    def wait_ack(self, position: Position) -> None:
        """Whatever the backup has."""


def main() -> None:
    faulthandler.register(signal.SIGUSR1)
    parser = argparse.ArgumentParser()
    for name in ("home", "bind", "superserver", "agent", "registry"):
        parser.add_argument(name)
    parser.add_argument("--without-acknowledgement", action="store_true", help="answer before the backup has the data")
    options = parser.parse_args()
    instance = Instance(
        Path(options.home),
        addresses=AddressBook(
            bind=options.bind, superserver_port=int(options.superserver), agent_port=int(options.agent),
            host_name=options.bind,
        ),
        profile=os.environ["IRISSIM_PROFILE"],
    )
    instance.mirror = (Reckless if options.without_acknowledgement else MirrorManager)(instance, Path(options.registry))
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

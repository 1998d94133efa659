# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One instance: everything below a node's directory."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from irissim.engine import profiles
from irissim.engine.config import Cpf
from irissim.engine.databases import DatabaseManager, normalise
from irissim.engine.datfile import FILE_NAME, DatFile
from irissim.engine.freeze import Freeze
from irissim.engine.gate import UpdateGate
from irissim.engine.globals import Globals
from irissim.engine.install import CPF_NAME, IDENTITY_FILE, system_databases
from irissim.engine.journal import Journal
from irissim.engine.jsonstore import JsonStore
from irissim.engine.license import License
from irissim.engine.mapping import GlobalMap
from irissim.engine.messages import Messages
from irissim.engine.mirror.pending import Pending
from irissim.engine.mirror_hooks import MirrorHooks, NoMirror
from irissim.engine.mounting import Mounter
from irissim.engine.purging import Purger
from irissim.engine.security import Security
from irissim.engine.services import Services
from irissim.engine.ssl_configs import SslConfigs
from irissim.engine.system_monitor import SystemMonitor
from irissim.engine.tasks import Tasks
from irissim.engine.traps import Traps
from irissim.engine.write_daemon import INTERVAL, Periodic
from irissim.values.errors import OsError, StatusError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from irissim.engine.mirror.manager import MirrorManager
    from irissim.engine.positions import Position

State = Literal["down", "starting", "running", "stopping"]

_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class AddressBook:
    """Where the services of a node listen."""

    bind: str = "0.0.0.0"
    superserver_port: int = 1972
    web_port: int = 52773
    agent_port: int = 2188
    host_name: str = ""
    """"": that of the machine."""


class Instance:
    """`Instance(home)` reads what `fresh_install` (engine/install.py) left; `start()` brings it up. One run each."""

    def __init__(
        self,
        home: Path,
        data_dir: Path | None = None,
        *,
        name: str = "IRIS",
        addresses: AddressBook | None = None,
        profile: str = profiles.DEFAULT_PROFILE,
        write_interval: float = INTERVAL,
        traps: Iterable[str] = (),
    ) -> None:
        self.name = name
        self.profile = profile
        self.zversion = profiles.zversion(profile)
        self.version = profiles.build(profile)
        self.addresses = addresses or AddressBook()
        self.install_dir = home
        self.data_dir = data_dir or home
        self.mgr = self.data_dir / "mgr"
        self.cpf_path = self.data_dir / CPF_NAME
        self.state: State = "down"
        self.traps = Traps(traps)
        self.config = Cpf.load(self.cpf_path)
        self.log = Messages(self.mgr / "messages.log")
        self.monitor = SystemMonitor(self.log.path, profile)
        self.guid: str = JsonStore(self.mgr / IDENTITY_FILE).get("guid")
        self.license = License(self.mgr)
        self.security = Security(JsonStore(self.mgr / "security.json"), self.mgr)
        self.ssl_configs = SslConfigs(self.mgr)
        self.tasks = Tasks(self.mgr / "tasks.json", self.guid)
        self.pending = Pending(JsonStore(self.mgr / "mirrorpending.json"))
        self._hooks: MirrorHooks = NoMirror()
        self._stopping = threading.Lock()
        self.journal = Journal(
            Path(self.config.get("Journal", "CurrentDirectory", str(self.mgr / "journal"))),
            self.mgr,
            self.guid,
            int(self.config.get("Journal", "FileSizeLimit") or 1024) * _MEGABYTE,
            self.config.get("Journal", "JournalFilePrefix"),
        )
        self._system_databases = system_databases(profile)
        gate = UpdateGate()
        self._write_daemon = Periodic(self._write_round, write_interval, "WRTDMN")
        self._mounter = Mounter(self.guid, JsonStore(self.mgr / "mounted.json"), self.journal, self.log)
        self.databases = DatabaseManager(
            Services(self.journal, gate, self._wait_ack, self._write_daemon.press, self._degraded),
            self._mounter,
            self.guid,
            {normalise(str(self.mgr / folder)): name for name, folder in self._system_databases.items()},
            self._mounted,
            self._modified,
        )
        self.globals = Globals(self.databases, GlobalMap(self.config), self._wait_ack)
        self.purger = Purger(
            self.config, self.journal, self.databases, self.globals, JsonStore(self.mgr / "backups.json"), self.log,
            self._purge_mirrors,
        )  # fmt: skip
        self.freeze = Freeze(self.databases, self.journal, gate, self.log, self._blocked)

    @property
    def mirror(self) -> MirrorManager:
        """The manager that was assigned between construction and start()."""
        return cast("MirrorManager", self._hooks)

    @mirror.setter
    def mirror(self, hooks: MirrorHooks) -> None:
        self._hooks = hooks

    def start(self) -> None:
        """Recover, mount, open the journal, start the write daemon, then mirroring. Raises StatusError."""
        self.state = "starting"
        self.log.write(f"*** Starting {self.name}: {self.zversion} ***", event="Generic.Event")
        for text in self.license.startup_messages():
            self.log.write(text, 1 if not self.license.valid else 0, "LMFMON.Event")
        torn = self.journal.open(crashed=bool(self._mounter.left_open()))
        if torn:
            self.log.write(f"{torn} bytes of an unfinished record dropped from the journal", 1, "Journal.Recovery")
        self._mount_at_start()
        self._write_daemon.start()
        self._hooks.start_from_config()
        self.purger.start()
        self.state = "running"
        self.traps.sign_on.started()
        self.log.write(f"{self.name} is up", event="Generic.Event")
        self.monitor.started()

    def stop(self, nofailover: bool = False) -> None:
        """Mirroring first (hands over), then everything is closed cleanly."""
        with self._stopping:
            if self.state in ("down", "stopping"):
                return
            self.state = "stopping"
        self.log.write(f"Shutdown of {self.name} started", event="Generic.Event")
        self.freeze.thaw()
        self.freeze.resume_updates()
        self._hooks.shutdown(nofailover)
        self.purger.stop()
        self._write_daemon.stop()
        self.databases.close_all()
        self.journal.close()
        self.state = "down"
        self.log.write(f"{self.name} is down", event="Generic.Event")

    def _mount_at_start(self) -> None:
        """System databases, those that must be, mirrored ones and those that a crash left open; others on demand."""
        # FIDELITY(documented; GSA, CPF [Databases]): a database that must be mounted at startup and cannot be stops the
        #   startup; other databases are mounted when they are used
        # FIDELITY(assumed): mirrored databases are mounted at startup
        crashed = set(self._mounter.left_open())
        if crashed:
            self.log.write("The previous run ended without a shutdown, recovery starts", 1, "Journal.Recovery")
        for name in self.config.section("Databases"):
            directory, server, required = self.config.fields("Databases", name, 3)[:3]
            if server or not directory:
                continue
            directory = self.databases.register(directory).directory
            if name in self._system_databases or required == "1":
                self.databases.mount(directory)
                if name == "IRISTEMP" and (temporary := self.databases.find(directory)) is not None:
                    # FIDELITY(documented; GGBL): temporary globals are deleted whenever the instance starts
                    temporary.empty()
            elif directory in crashed or self._is_mirrored(directory):
                self._try_mount(directory)
            crashed.discard(directory)
        for directory in sorted(crashed):
            self._try_mount(directory)

    def _try_mount(self, directory: str) -> None:
        try:
            self.databases.mount(directory)
        except StatusError as error:
            self.log.write(f"{directory} is not mounted: {error}", 2, "Database.MountFailed")

    @staticmethod
    def _is_mirrored(directory: str) -> bool:
        label = DatFile.peek(Path(directory, FILE_NAME))
        return label is not None and label.mirror is not None

    def _mounted(self, directory: str, catchup: bool) -> None:
        if self.state == "running":
            self._hooks.database_mounted(directory, catchup)

    def _modified(self, directory: str) -> None:
        if self.state == "running":
            self._hooks.database_modified(directory)

    def _blocked(self) -> None:
        self._hooks.updates_blocked()

    def _purge_mirrors(self) -> None:
        self._hooks.purge_journals()

    def _degraded(self, directory: str, reason: str) -> None:
        self.log.write(f"Database {directory} is degraded and dismounted: {reason}", 2, "Database.Degraded")

    def _wait_ack(self, position: Position) -> None:
        self._hooks.wait_ack(position)

    def _write_round(self) -> None:
        self.freeze.check_limit()
        self.monitor.scan()
        try:
            self.databases.flush()
        except OsError as error:
            self.log.write(f"Write daemon: {error}", 2, "WriteDaemon.Error")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One instance: everything below a node's directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from irissim.engine.config import Cpf
from irissim.engine.databases import DatabaseManager
from irissim.engine.freeze import Freeze
from irissim.engine.globals import Globals
from irissim.engine.journal import Journal
from irissim.engine.license import License
from irissim.engine.messages import Messages
from irissim.engine.mirror_hooks import MirrorHooks
from irissim.engine.security import Security

State = Literal["down", "starting", "running", "stopping"]


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
    """`Instance(home)` reads what `fresh_install` (engine/install.py) left; `start()` brings it up."""

    name: str
    guid: str
    """Of the instance, upper case, for ever."""
    install_dir: Path
    data_dir: Path
    mgr: Path
    cpf_path: Path
    profile: str
    """"2022.1", "2024.1" or "2026.1"."""
    zversion: str
    addresses: AddressBook
    config: Cpf
    log: Messages
    databases: DatabaseManager
    journal: Journal
    globals: Globals
    security: Security
    license: License
    freeze: Freeze
    mirror: MirrorHooks
    """Assign the manager between construction and start()."""
    state: State

    def __init__(
        self, home: Path, data_dir: Path | None = None, *, name: str = "IRIS", addresses: AddressBook | None = None,
        profile: str = "2026.1",
    ) -> None: ...

    def start(self) -> None:
        """Recover, mount, open the journal, start the write daemon, then mirroring. Raises StatusError."""

    def stop(self, nofailover: bool = False) -> None:
        """Mirroring first (hands over), then everything is closed cleanly."""

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a node lives and which addresses it uses: from `node.json` of an embedded node, else from the environment."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from irissim.engine import traps

NODE_FILE = "node.json"
DEFAULT_PROFILE = "2022.1"
AGENT_PORT = 2188


@dataclass(frozen=True)
class NodeSettings:
    """Everything about a node that the instance itself does not decide."""

    home: Path
    registry: Path
    node_name: str
    kind: str = "iris"
    instance: str = "IRIS"
    bind: str = "0.0.0.0"
    superserver_port: int = 1972
    web_port: int = 52773
    agent_port: int = AGENT_PORT
    data_dir: Path | None = None
    profile: str = DEFAULT_PROFILE
    traps: str = ""
    merge_file: Path | None = None

    @property
    def address(self) -> str:
        """The address by which the node itself reaches its ports."""
        return "127.0.0.1" if self.bind == "0.0.0.0" else self.bind

    @property
    def instance_dir(self) -> Path:
        """Directory of iris.cpf and mgr: the durable one if there is one."""
        return self.data_dir or self.home

    @property
    def manager_dir(self) -> Path:
        """The mgr directory."""
        return self.instance_dir / "mgr"

    @property
    def key_path(self) -> Path:
        """Where the instance reads its licence key."""
        # FIDELITY(documented; ADOCK 5.3): the key file is copied into the mgr directory
        return self.manager_dir / "iris.key"

    def save(self) -> None:
        """Make this a node that needs no environment."""
        values = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()}
        (self.home / NODE_FILE).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def load(home: Path) -> NodeSettings:
    """Settings of the node that `home` holds."""
    try:
        values = json.loads((home / NODE_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _from_environment(home)
    for name in ("home", "registry", "data_dir", "merge_file"):
        if values.get(name) is not None:
            values[name] = Path(values[name])
    stored = NodeSettings(**values)
    return replace(stored, home=home, merge_file=_merge_file() or stored.merge_file)


def current() -> NodeSettings:
    """Settings of the node this process belongs to (`IRISSIM_HOME` is set by every command of a node)."""
    return load(Path(os.environ["IRISSIM_HOME"]))


def _from_environment(home: Path) -> NodeSettings:
    environment = os.environ
    # FIDELITY(documented; ADOCK): the durable %SYS directory is named by ISC_DATA_DIRECTORY
    data_dir = environment.get("ISC_DATA_DIRECTORY")
    return NodeSettings(
        home=home,
        registry=Path(environment.get("IRISSYS") or home / "irissys"),
        node_name=environment.get("IRISSIM_NODE") or socket.gethostname(),
        bind=environment.get("IRISSIM_BIND") or "0.0.0.0",
        superserver_port=int(environment.get("IRISSIM_SUPERSERVER_PORT") or 1972),
        web_port=int(environment.get("IRISSIM_WEB_PORT") or 52773),
        agent_port=int(environment.get("IRISSIM_AGENT_PORT") or AGENT_PORT),
        data_dir=Path(data_dir) if data_dir else None,
        profile=environment.get("IRISSIM_PROFILE") or DEFAULT_PROFILE,
        traps=environment.get(traps.VARIABLE, ""),
        merge_file=_merge_file(),
    )


def _merge_file() -> Path | None:
    # FIDELITY(documented; ACMF): ISC_CPF_MERGE_FILE names the merge file of an instance, in containers and for `iris
    #   start` of an instance elsewhere
    path = os.environ.get("ISC_CPF_MERGE_FILE")
    return Path(path) if path else None

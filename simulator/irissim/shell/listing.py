# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `iris list` and `iris qlist` print, from what the instance says about itself or was last known to be."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

RECORD_FILE = "instance.json"
PRODUCT = "InterSystems IRIS"
CPF_NAME = "iris.cpf"


@dataclass
class InstanceRecord:
    """The registry entry of an instance."""

    name: str
    install_dir: str
    version: str
    data_dir: str
    superserver_port: int
    web_port: int
    status: str = "down"
    since: float = 0.0
    state: str = ""
    member_type: str = ""
    mirror_status: str = ""

    def encode(self) -> str:
        """As a text that decode understands."""
        return json.dumps(asdict(self))

    def save(self, registry: Path) -> None:
        """Keep what is known for the time when the instance is down."""
        (registry / RECORD_FILE).write_text(self.encode() + "\n", encoding="utf-8")


def decode(text: str) -> InstanceRecord:
    """The inverse of InstanceRecord.encode."""
    values = json.loads(text)
    return InstanceRecord(**{field.name: values[field.name] for field in fields(InstanceRecord)})


def last_known(registry: Path) -> InstanceRecord | None:
    """The record of an instance that is down; None if it never ran."""
    try:
        record = decode((registry / RECORD_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    record.status, record.state, record.member_type, record.mirror_status = "down", "", "", ""
    return record


def _status_words(record: InstanceRecord) -> str:
    # FIDELITY(observed; ISCLIB, GSA): "running, since <date>", "down, last used <date>", "sign-on inhibited"
    moment = time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(record.since))
    if record.status == "running":
        return f"running, since {moment}"
    if record.status == "down":
        return f"down, last used {moment}"
    return "sign-on inhibited"


def quick_line(record: InstanceRecord) -> str:
    """One line of `iris qlist`."""
    # FIDELITY(documented; GSA, ISCLIB, MURR): 14 pieces between "^": name, directory, version, status, cpf file,
    #   superserver, web and JDBC port, state, product, mirror member type, mirror status, data directory, ports
    return "^".join(
        (
            record.name,
            record.install_dir,
            record.version,
            _status_words(record),
            CPF_NAME,
            str(record.superserver_port),
            str(record.web_port),
            "0",
            record.state,
            PRODUCT,
            record.member_type,
            record.mirror_status,
            record.data_dir,
            str(record.superserver_port),
        )
    )


def long_lines(record: InstanceRecord) -> str:
    """The paragraph of `iris list`."""
    # FIDELITY(observed; AZ, LIVE): shape of the paragraph; the mirroring line is there for members only
    pairs = [
        ("directory", record.install_dir),
        ("versionid", record.version),
        ("datadir", record.data_dir),
        ("conf file", f"{CPF_NAME}  (SuperServer port = {record.superserver_port}, WebServer = {record.web_port})"),
        ("status", _status_words(record)),
    ]
    if record.member_type:
        pairs.append(("mirroring", f"Member Type = {record.member_type}; Status = {record.mirror_status}"))
    if record.state:
        pairs.append(("state", record.state))
    pairs.append(("product", PRODUCT))
    head = f"Configuration '{record.name}'   (default)"
    return "\n".join([head, *(f"    {name + ':':<14}{value}" for name, value in pairs)])

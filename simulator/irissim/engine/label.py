# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The label of a database: what IRIS.DAT says about itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from irissim.engine.positions import LOCAL_START, START, JournalMark, Position

FORMAT_VERSION = 1
DEFAULT_RESOURCE = "%DB_%DEFAULT"
STANDARD_COLLATION = 5


@dataclass(frozen=True)
class MirrorLabel:
    """The mirror attribute of a database. It travels with copies of the file."""

    mirror_name: str
    database_name: str
    guid: str
    """Of the mirrored database, the same on all members; another one makes a copy obsolete."""
    position: Position
    """The content equals the mirror journal up to here (on the primary: as of the last commit)."""
    failover: bool = True
    activated: bool = False
    needs_catchup: bool = True
    created_new: bool = False
    began: Position = START
    """Where the journals of the mirror began to hold its data."""
    download: bool = False
    """Empty or incomplete: its content is still to come from another member."""

    @property
    def full_name(self) -> str:
        """The reference `:mirror:SET:DB`."""
        return f":mirror:{self.mirror_name}:{self.database_name}"


@dataclass(frozen=True)
class Label:
    """Everything but the globals."""

    guid: str
    size_mb: int
    block_size: int = 8192
    resource: str = DEFAULT_RESOURCE
    max_mb: int = 0
    expansion_mb: int = 0
    journaled: bool = True
    collation: int = STANDARD_COLLATION
    """Of new globals."""
    version: int = FORMAT_VERSION
    clean: bool = True
    """False on disk while an instance may write to the file."""
    owner_guid: str = ""
    """The instance that mounted the file read-write last."""
    mount_id: str = ""
    """Made new at each read-write mount; tells a live copy from the file an instance itself left behind."""
    recovery: JournalMark = LOCAL_START
    """The content equals the owner's journals up to here (databases outside a mirror)."""
    mirror: MirrorLabel | None = None

    def to_json(self) -> str:
        """As stored in IRIS.DAT."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Label:
        """The reverse of `to_json`."""
        data = json.loads(text)
        series, position = data["recovery"]
        data["recovery"] = JournalMark(series, Position(*position))
        if data["mirror"] is not None:
            mirror = data["mirror"]
            mirror["position"] = Position(*mirror["position"])
            mirror["began"] = Position(*mirror["began"])
            data["mirror"] = MirrorLabel(**mirror)
        return cls(**data)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merge files of mirror members on loopback addresses."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

SUCCESS = "IRIS Merge completed successfully"
FAILURE = "IRIS Merge failed"


def network() -> str:
    """The beginning of addresses that hardly anybody uses."""
    return f"127.{random.randint(27, 250)}.{random.randint(1, 250)}."


def config_mirror(node: Any, address: str, member: str, primary: str, extra: str = "") -> str:
    """The action that makes a node that member."""
    own = ",".join(f"{name}={address}" for name in ("ECPAddress", "MirrorAddress", "AgentAddress"))
    return (
        f"ConfigMirror:Name=DEMO,Member={member},Primary={primary},SystemName={node.name},{own},"
        f"AgentPort={node.agent_port}{extra}\n"
    )


def member_file(path: Path, node: Any, address: str, member: str, primary: str, extra: str = "") -> None:
    """One member's merge file, with a mirrored database."""
    path.write_text(
        "[Actions]\nCreateNamespace:Name=APP,Globals=APP\n"
        f"CreateDatabase:Name=APP,Directory={node.home}/mgr/app,MirrorSetName=DEMO,MirrorDBName=APP\n"
        + config_mirror(node, address, member, primary, extra),
        encoding="utf-8",
    )

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tree of collections under .work: our own as links into the clone, the ones we depend on from PyPI."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from devtools import wheels
from devtools.console import step
from devtools.paths import COLLECTIONS, NAME, NAMESPACE, ROOT, WORK

# Galaxy is not needed: the PyPI package "ansible" carries the collections. It is large, so only these are unpacked.
CARRIER = "ansible==12.3.0"
DEPENDENCIES = ("community/crypto", "community/docker", "community/library_inventory_filtering_v1")

# Linked one by one: a link to the clone itself would lead every program that walks the clone round in circles.
LINKED = (
    "CHANGELOG.md",
    "README.md",
    "changelogs",
    "docs",
    "galaxy.yml",
    "meta",
    "playbooks",
    "plugins",
    "roles",
    "tests",
)


def ensure_tree() -> None:
    link_own()
    _unpack_dependencies()


def link_own() -> None:
    target = COLLECTIONS / "ansible_collections" / NAMESPACE / NAME
    target.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        link, source = target / name, ROOT / name
        if link.is_symlink() and link.readlink() != source:
            link.unlink()
        if not link.is_symlink() and source.exists():
            link.symlink_to(source)


def _unpack_dependencies() -> None:
    tree = COLLECTIONS / "ansible_collections"
    stamp = tree / "carrier.json"
    wanted = json.dumps([CARRIER, *DEPENDENCIES])
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    prefixes = tuple(f"ansible_collections/{name}/" for name in DEPENDENCIES)
    with step(f"taking two collections from {CARRIER}"), tempfile.TemporaryDirectory(dir=WORK) as scratch:
        wheels.unpack([CARRIER], Path(scratch) / "carrier", wanted=lambda name: name.startswith(prefixes))
        for name in DEPENDENCIES:
            shutil.rmtree(tree / name, ignore_errors=True)
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(scratch) / "carrier" / "ansible_collections" / name).rename(tree / name)
    stamp.write_text(wanted, encoding="utf-8")

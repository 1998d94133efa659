# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things are. Everything that the tools make lies under .venv and .work in the clone."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
WORK = ROOT / ".work"
CACHE = WORK / "cache"
COLLECTIONS = WORK / "collections"
LOGS = WORK / "logs"
NODES = WORK / "nodes"
REQUIREMENTS = ROOT / "requirements"
SIMULATOR = ROOT / "simulator"

NAMESPACE, NAME = "irisops", "mirror"


def venv_bin(venv: Path, program: str) -> Path:
    return venv / "bin" / program


def tool_environment(**extra: str) -> dict[str, str]:
    """The environment of every program started here: the clone's own programs, collections and Ansible home."""
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(VENV / "bin"), environment.get("PATH", os.defpath)])
    environment["VIRTUAL_ENV"] = str(VENV)
    environment["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")
    environment["ANSIBLE_COLLECTIONS_PATH"] = str(COLLECTIONS)
    environment["ANSIBLE_HOME"] = str(WORK / "ansible")
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment.pop("PYTHONPATH", None)
    environment.pop("PYTHONHOME", None)
    environment.update(extra)
    return environment

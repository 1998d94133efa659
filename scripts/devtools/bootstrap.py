# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepares .venv and .work/collections from nothing but Python and a package index. Standard library only."""

from __future__ import annotations

import enum
import fcntl
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from devtools import collections_tree
from devtools.paths import REQUIREMENTS, SIMULATOR, VENV, WORK
from devtools.venvs import ensure_venv


class Level(enum.Enum):
    RUN = "what the demonstration needs"
    DEV = "what the tests need as well"


def ensure(level: Level) -> None:
    WORK.mkdir(exist_ok=True)
    with _alone():
        python = Path(sys.executable)
        complete = (VENV / "irisops-level").is_file() and (VENV / "irisops-level").read_text() == Level.DEV.name
        if level is Level.DEV or complete:
            ensure_venv(VENV, python, [REQUIREMENTS / "dev.txt"])
            (VENV / "irisops-level").write_text(Level.DEV.name)
        else:
            ensure_venv(VENV, python, [REQUIREMENTS / "run.txt"])
        _make_simulator_importable()
        collections_tree.ensure_tree()


def _make_simulator_importable() -> None:
    """The simulated nodes outside Docker run from the clone; a path file costs nothing at their start."""
    site = sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)})
    path_file = Path(site) / "irissim.pth"
    if not path_file.is_file() or path_file.read_text(encoding="utf-8").strip() != str(SIMULATOR):
        path_file.write_text(f"{SIMULATOR}\n", encoding="utf-8")


@contextmanager
def _alone() -> Iterator[None]:
    """Two commands at once (two terminals, or make -j) must not install into the same place."""
    with (WORK / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: Sequence[str]) -> int:
    ensure(Level.DEV if "--dev" in arguments else Level.RUN)
    return 0

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wheels fetched for their contents, not to be installed here."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from devtools.console import capture
from devtools.paths import CACHE, VENV, venv_bin


def unpack(requirements: Sequence[str], target: Path, *options: str, wanted: Callable[[str], bool] = bool) -> None:
    """Unpacks those files of the wheels that `wanted` names. `target` appears complete or not at all."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        settings = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--dest", scratch]
        capture([venv_bin(VENV, "python"), "-m", "pip", "download", *settings, *options, *requirements])
        unpacked = Path(scratch) / "unpacked"
        for wheel in sorted(Path(scratch).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unpacked, [name for name in archive.namelist() if wanted(name)])
        unpacked.rename(target)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments that are complete or made again: a stamp, written last, says what is in them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from devtools import pip_wheel
from devtools.console import capture, step
from devtools.paths import venv_bin

STAMP = "irisops-stamp"


def fingerprint(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def ensure_venv(venv: Path, python: Path, requirements: Sequence[Path], constraint: Path | None = None) -> bool:
    """Makes `venv` hold exactly the pinned packages. Returns whether anything had to be done."""
    files = [*requirements, *([constraint] if constraint else [])]
    wanted = fingerprint([str(venv), str(python.resolve()), *(file.read_text(encoding="utf-8") for file in files)])
    stamp = venv / STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return False
    with step(f"installing {', '.join(file.name for file in requirements)} into {venv.name}"):
        stamp.unlink(missing_ok=True)
        if not _usable(venv, python):
            shutil.rmtree(venv, ignore_errors=True)
            _create(venv, python)
        options = [option for file in requirements for option in ("--requirement", str(file))]
        if constraint:
            options += ["--constraint", str(constraint)]
        capture([venv_bin(venv, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options])
    stamp.write_text(wanted, encoding="utf-8")
    return True


def _create(venv: Path, python: Path) -> None:
    has_pip = subprocess.run([python, "-c", "import ensurepip"], check=False, capture_output=True).returncode == 0
    if has_pip:
        capture([python, "-m", "venv", venv])
        return
    capture([python, "-m", "venv", "--without-pip", venv])
    wheel = pip_wheel.wheel(pip_wheel.NEWEST)
    capture([venv_bin(venv, "python"), wheel / "pip", "install", "--quiet", "--no-deps", wheel])


def _usable(venv: Path, python: Path) -> bool:
    """Whether the environment can be completed: it must run, with this Python, and at the place where it was made."""
    probe = "import pip, sys; print(sys.version_info[:2], sys.prefix)"
    wanted = f"{_version(python)} {venv}"
    try:
        found = subprocess.run(
            [venv_bin(venv, "python"), "-c", probe], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    pip = venv_bin(venv, "pip")
    return found.strip() == wanted and pip.is_file() and str(venv) in pip.read_text(encoding="utf-8", errors="replace")


def _version(python: Path) -> str:
    if python.samefile(sys.executable):
        return str(tuple(sys.version_info[:2]))
    return capture([python, "-c", "import sys; print(sys.version_info[:2])"]).strip()

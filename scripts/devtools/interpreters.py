# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real Python interpreters of this machine. A name on PATH may be a shim that only prints an error."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from devtools.paths import WORK

KNOWN = tuple(f"3.{minor}" for minor in range(8, 15))


@cache
def find_all() -> dict[str, Path]:
    """Version ("3.12") to executable, for all versions that Ansible still knows and that really run."""
    return {version: path for version in KNOWN if (path := locate(version)) is not None}


def locate(version: str) -> Path | None:
    name = f"python{version}"
    places = [Path(place) / name for place in os.environ.get("PATH", os.defpath).split(os.pathsep) if place]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places += [path / "bin" / name for path in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    places += [Path(place) / name for place in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")]
    return next((real for place in places if (real := _real(place, version)) is not None), None)


def _real(candidate: Path, version: str) -> Path | None:
    probe = (
        "import ssl, sys, venv; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', sys.executable))"
    )
    try:
        done = subprocess.run([candidate, "-c", probe], check=True, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    found, _, executable = done.stdout.strip().partition(" ")
    return Path(executable) if found == version else None


def directory() -> Path:
    """A directory for the front of PATH with a link to every interpreter, which hides the shims."""
    target = WORK / "pythons"
    target.mkdir(parents=True, exist_ok=True)
    for version, path in find_all().items():
        link = target / f"python{version}"
        if link.is_symlink() and link.readlink() == path:
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(path)
    return target

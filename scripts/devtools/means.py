# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What some Molecule scenarios need beside a Docker engine. Where it is missing, they are skipped with the reason."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from devtools import debian
from devtools.console import Failure
from devtools.paths import CACHE
from devtools.stages import Skipped

#: Podman with what it starts; libraries that a machine with Docker has anyway are not among them.
PODMAN = ("podman", "conmon", "catatonit", "netavark", "aardvark-dns", "libgpgme11", "libsubid4", "libassuan0")


def environment(scenario: str) -> dict[str, str]:
    """What the scenario wants to find in its environment; raises Skipped where this machine cannot run it."""
    return NEEDS[scenario]() if scenario in NEEDS else {}


def _multi_host() -> dict[str, str]:
    _demand("a second Docker engine", "dockerd", "nsenter", "ip", "openssl", "setsid")
    return {}


def _podman() -> dict[str, str]:
    _demand("Podman's service", "nsenter", "ip", "setsid", "iptables")
    if not (shutil.which("crun") or shutil.which("runc")):
        raise Skipped("Podman's service needs crun or runc")
    if shutil.which("podman"):
        return {}
    root = CACHE / f"podman-{debian.SUITE}"
    try:
        if not root.is_dir():
            _take_podman(root)
        libraries = os.pathsep.join(str(path) for path in (root / "usr/lib").glob("*-linux-gnu"))
        done = subprocess.run(
            [root / "usr/bin/podman", "--version"],
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (Failure, OSError) as error:
        raise Skipped(f"podman is not installed, and Debian's package cannot be had: {error}") from error
    if done.returncode:
        raise Skipped(f"podman is not installed, and Debian's does not run here: {done.stderr.strip()[-200:]}")
    return {"PODMAN_ROOT": str(root)}


def _take_podman(root: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        for name in ("packages", "root"):
            (Path(scratch) / name).mkdir()
        debian.unpack(PODMAN, Path(scratch) / "packages", Path(scratch) / "root")
        (Path(scratch) / "root").rename(root)


def _demand(what: str, *programs: str) -> None:
    if os.geteuid() != 0:
        raise Skipped(f"{what} needs root")
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise Skipped(f"{what} needs {', '.join(missing)}")


NEEDS: Mapping[str, Callable[[], dict[str, str]]] = {"multi_host": _multi_host, "podman": _podman}

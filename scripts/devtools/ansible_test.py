# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-test with several releases of ansible-core, on a machine that reaches nothing but a package index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from devtools import interpreters, pip_wheel, workspace
from devtools.paths import CACHE, REQUIREMENTS, VENV, WORK, tool_environment, venv_bin
from devtools.stages import Shell, Skipped
from devtools.venvs import ensure_venv

# ansible-test downloads a script of this name to install pip into its own environments; a file of that name in its
# cache is used instead. Ours runs the wheel of the same version.
BOOTSTRAP = """\
import glob, os, runpy, sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, glob.glob(os.path.join(here, "pip-{version}-*.whl"))[0])
sys.argv = ["pip", "install"] + [option for option in sys.argv[1:] if option not in ("--no-setuptools", "--no-wheel")]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""
UNITS = ("pytest", "pytest-mock", "pytest-xdist", "pytest-timeout", "hypothesis", "docker", "PyYAML")


class Core(NamedTuple):
    series: str
    pin: str
    pythons: tuple[str, ...]  # that may run it, the preferred one first
    pip: str  # the version that its ansible-test installs


CORES = (
    Core("2.19", "ansible-core==2.19.14", ("3.11", "3.12", "3.13"), "24.2"),
    Core("2.20", "ansible-core==2.20.10", ("3.12", "3.13", "3.14"), "25.2"),
    Core("2.21", "ansible-core==2.21.5", ("3.13", "3.12", "3.14"), "25.2"),
)


def sanity(shell: Shell, core: Core) -> None:
    python, environment = _prepare(core)
    target = workspace.make(shell.name)
    shell.run(
        _program(python, core),
        "sanity",
        "--local",
        "--color",
        "no",
        cwd=target,
        env=environment,
        refuse="All targets skipped",
    )


def units(shell: Shell, core: Core) -> None:
    python, environment = _prepare(core)
    _units(shell, core, python, environment, ["--local", "--python", python])


def units_on_oldest_target(shell: Shell, core: Core) -> None:
    """Modules run on managed hosts with older Pythons than ansible-core itself."""
    oldest = min(interpreters.find_all(), key=_order)
    if oldest in core.pythons:
        raise Skipped(f"no Python older than {oldest} here")
    python, environment = _prepare(core)
    _units(shell, core, python, environment, ["--venv", "--python", oldest])


def _units(shell: Shell, core: Core, python: str, environment: dict[str, str], options: Sequence[str]) -> None:
    target = workspace.make(shell.name)
    try:
        shell.run(
            _program(python, core),
            "units",
            "--color",
            "no",
            *options,
            cwd=target,
            env=environment,
            refuse="All targets skipped",
        )
    finally:
        shell.count((target / "tests/output/junit").glob("*.xml"))


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _program(python: str, core: Core) -> Path:
    return venv_bin(_venv(python, core), "ansible-test")


def _venv(python: str, core: Core) -> Path:
    return WORK / "venvs" / f"core-{core.series}-py{python}"


def _prepare(core: Core) -> tuple[str, dict[str, str]]:
    found = interpreters.find_all()
    python = next((version for version in core.pythons if version in found), None)
    if python is None:
        raise Skipped(f"ansible-core {core.series} needs Python {' or '.join(core.pythons)}")
    requirements, constraint = _requirements(core)
    ensure_venv(_venv(python, core), found[python], [requirements], constraint)
    home = _home(core)
    environment = tool_environment(HOME=str(home))
    places = [str(_venv(python, core) / "bin"), str(interpreters.directory())]
    own = str(VENV / "bin")
    places += [place for place in environment["PATH"].split(os.pathsep) if place != own]
    environment["PATH"] = os.pathsep.join(places)
    # ansible-test finds the collections by its working directory and refuses a second opinion.
    for name in ("ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_CONFIG", "ANSIBLE_HOME", "VIRTUAL_ENV"):
        del environment[name]
    return python, environment


def _requirements(core: Core) -> tuple[Path, Path]:
    """Pins this release of ansible-core, and everything else as in dev.txt."""
    CACHE.mkdir(parents=True, exist_ok=True)
    requirements = CACHE / f"core-{core.series}.txt"
    requirements.write_text("\n".join([core.pin, *UNITS]) + "\n", encoding="utf-8")
    constraint = CACHE / "core-constraints.txt"
    pins = (REQUIREMENTS / "dev.txt").read_text(encoding="utf-8")
    # Stages of the same release run at the same time, each in its thread.
    partial = CACHE / f"core-constraints-{core.series}-{threading.get_ident()}.partial"
    partial.write_text(re.sub(r"(?m)^ansible-core==.*\n", "", pins), encoding="utf-8")
    partial.replace(constraint)
    return requirements, constraint


def _home(core: Core) -> Path:
    """A home directory in the clone: ansible-test keeps its environments there, and looks there for pip."""
    home = WORK / "home" / f"core-{core.series}"
    kept = home / ".ansible" / "test" / "cache"
    kept.mkdir(parents=True, exist_ok=True)
    wheel = pip_wheel.wheel(core.pip)
    if not (kept / wheel.name).is_file():
        shutil.copy(wheel, kept)
    script = kept / f"get_pip_{core.pip.replace('.', '_')}.py"
    script.write_text(BOOTSTRAP.format(version=core.pip), encoding="utf-8")
    _share_pip_settings(home)
    return home


def _share_pip_settings(home: Path) -> None:
    """pip under the other home keeps the cache and the settings of the user (an index, a certificate)."""
    cache = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], check=False, capture_output=True, text=True)
    links = {".cache/pip": Path(cache.stdout.strip() or Path.home() / ".cache/pip")}
    links |= {place: Path.home() / place for place in (".config/pip", ".pip")}
    for place, original in links.items():
        link = home / place
        if original.is_dir() and not link.is_symlink():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(original)

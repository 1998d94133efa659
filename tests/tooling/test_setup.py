# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The set-up resumes where it was interrupted, and does nothing when nothing changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import collections_tree, engine, interpreters, venvs
from devtools.paths import ROOT


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """Requirements that need no package index."""
    file = tmp_path / "requirements.txt"
    file.write_text("# nothing\n", encoding="utf-8")
    return file


def test_an_environment_is_made_once(tmp_path: Path, nothing: Path) -> None:
    python = Path(sys.executable).resolve()
    assert venvs.ensure_venv(tmp_path / "a venv", python, [nothing])
    assert not venvs.ensure_venv(tmp_path / "a venv", python, [nothing])
    nothing.write_text("# something else\n", encoding="utf-8")
    assert venvs.ensure_venv(tmp_path / "a venv", python, [nothing])


def test_a_half_made_or_moved_environment_is_made_again(tmp_path: Path, nothing: Path) -> None:
    python = Path(sys.executable).resolve()
    half = tmp_path / "venv"
    (half / "bin").mkdir(parents=True)
    (half / "bin/python").write_text("", encoding="utf-8")
    assert venvs.ensure_venv(half, python, [nothing])
    moved = half.rename(tmp_path / "moved")
    assert venvs.ensure_venv(moved, python, [nothing])
    assert str(moved) in (moved / "bin/pip").read_text(encoding="utf-8")


def test_links_to_the_clone_are_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = tmp_path / "clone"
    (clone / "plugins").mkdir(parents=True)
    monkeypatch.setattr(collections_tree, "ROOT", clone)
    monkeypatch.setattr(collections_tree, "COLLECTIONS", tmp_path / "collections")
    link = tmp_path / "collections/ansible_collections/irisops/mirror/plugins"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "where the clone was")
    collections_tree.link_own()
    assert link.readlink() == clone / "plugins"


def shim(directory: Path, name: str, script: str) -> None:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (directory / name).chmod(0o755)


def find_python(path: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(path), **extra}
    command = ["sh", str(ROOT / "scripts/find_python")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_find_python_passes_over_names_that_do_not_run(tmp_path: Path) -> None:
    shim(tmp_path / "bin", "python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    shim(tmp_path / "bin", "python3.11", f'exec "{sys.executable}" "$@"')
    found = find_python(tmp_path / "bin")
    assert found.returncode == 0
    assert "3.1" in subprocess.run([found.stdout.strip(), "-V"], capture_output=True, text=True, check=True).stdout


def test_find_python_says_what_is_wrong_with_the_given_one(tmp_path: Path) -> None:
    found = find_python(tmp_path, PYTHON="/bin/cat")
    assert found.returncode == 1
    assert "PYTHON=/bin/cat is not a Python 3.11" in found.stderr


def test_interpreters_are_tried_before_they_are_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    shim(tmp_path / "bin", f"python{version}", "exit 127")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{Path(sys.executable).resolve().parent}")
    found = interpreters.locate(version)
    assert found is not None
    assert tmp_path not in found.parents


@pytest.mark.parametrize(
    ("version", "new_enough"),
    [("20.10.24+dfsg1", True), ("28.2.2", True), ("19.03.15", False), ("20.9.0", False), ("4.3.1", True)],
)
def test_versions_of_engines(version: str, new_enough: bool) -> None:
    assert (engine.release(version) >= engine.OLDEST) is new_enough


def test_an_engine_that_is_demanded_and_missing_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    with pytest.raises(engine.Failure, match="it does not exist"):
        engine.resolve("docker")


def test_without_an_engine_the_nodes_are_processes_and_the_user_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    assert engine.resolve("auto") == "embedded"
    assert "ENGINE=embedded" in capsys.readouterr().out

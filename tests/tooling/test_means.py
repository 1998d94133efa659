# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios that this machine cannot run are skipped, and the reason is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import means
from devtools.console import Failure
from devtools.stages import Skipped


def machine(monkeypatch: pytest.MonkeyPatch, *programs: str, user: int = 0) -> None:
    monkeypatch.setattr(means.os, "geteuid", lambda: user)
    monkeypatch.setattr(means.shutil, "which", lambda name: f"/usr/bin/{name}" if name in programs else None)


def test_most_scenarios_need_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, user=1000)
    assert means.environment("default") == {}


def test_a_second_engine_needs_programs_and_root(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "dockerd", "nsenter", "ip", "openssl", "setsid")
    assert means.environment("multi_host") == {}
    machine(monkeypatch, "nsenter", "ip", "openssl", "setsid")
    with pytest.raises(Skipped, match="dockerd"):
        means.environment("multi_host")
    machine(monkeypatch, "dockerd", user=1000)
    with pytest.raises(Skipped, match="root"):
        means.environment("multi_host")


def test_podman_is_taken_from_packages_where_it_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tools = ("nsenter", "ip", "setsid", "iptables", "runc")
    monkeypatch.setattr(means, "CACHE", tmp_path / "cache")
    machine(monkeypatch, *tools, "podman")
    assert means.environment("podman") == {}
    machine(monkeypatch, *tools)

    def unpack(packages: object, scratch: Path, target: Path) -> None:
        program = target / "usr/bin/podman"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)

    monkeypatch.setattr(means.debian, "unpack", unpack)
    (found,) = means.environment("podman").values()
    assert (Path(found) / "usr/bin/podman").is_file()

    def fail(*_arguments: object) -> None:
        raise Failure("no network")

    monkeypatch.setattr(means.debian, "unpack", fail)
    monkeypatch.setattr(means, "CACHE", tmp_path / "other")
    with pytest.raises(Skipped, match="no network"):
        means.environment("podman")

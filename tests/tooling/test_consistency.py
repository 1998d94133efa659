# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts that are written down in two places, because two tools need them, must agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from devtools import ansible_test, collections_tree, lock
from devtools.paths import ROOT

RUN = (ROOT / "requirements/run.txt").read_text(encoding="utf-8").splitlines()
DEV = (ROOT / "requirements/dev.txt").read_text(encoding="utf-8").splitlines()


def pins(lines: list[str]) -> list[str]:
    return [line for line in lines if line and not line.startswith("#")]


def test_every_package_is_pinned_exactly() -> None:
    loose = [line for line in pins(RUN) + pins(DEV) if not re.fullmatch(r"[\w.-]+==[\w.]+(; python_version .*)?", line)]
    assert loose == []


def test_the_demonstration_and_the_tests_use_the_same_versions() -> None:
    assert set(pins(RUN)) <= set(pins(DEV))


def test_the_simulator_asks_for_the_versions_of_the_environment() -> None:
    project = tomllib.loads((ROOT / "simulator/pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["dependencies"]) <= set(RUN)


def test_the_tested_cores_include_the_one_that_is_installed() -> None:
    installed = {line.partition(";")[0] for line in RUN if line.startswith("ansible-core")}
    assert installed <= {core.pin for core in ansible_test.CORES}


def test_the_oldest_tested_core_is_the_oldest_supported() -> None:
    required = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    assert required == f">={ansible_test.CORES[0].series}.0"


def test_the_action_group_has_every_module() -> None:
    group = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))["action_groups"]["iris"]
    assert group == sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))


def test_users_and_developers_get_the_same_dependencies() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]
    listed = yaml.safe_load((ROOT / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    assert galaxy == {entry["name"]: entry["version"] for entry in listed}
    assert {name.replace(".", "/") for name in galaxy} <= set(collections_tree.DEPENDENCIES)


@pytest.mark.parametrize(
    ("frozen", "wanted", "expected"),
    [
        (["docker==7.2.0"], ["docker>=7"], ["docker==7.2.0"]),
        (
            ["ansible-core==2.19.14"],
            ['ansible-core==2.19.*; python_version < "3.14"', 'ansible-core==2.21.5; python_version >= "3.14"'],
            ['ansible-core==2.19.14; python_version < "3.14"', 'ansible-core==2.21.5; python_version >= "3.14"'],
        ),
    ],
)
def test_lock_keeps_markers(frozen: list[str], wanted: list[str], expected: list[str]) -> None:
    assert lock.merge(frozen, wanted) == expected


def test_sources_state_their_licence() -> None:
    places = ["plugins", "roles", "playbooks", "inventories", "molecule", "simulator", "scripts", "tests", "meta"]
    suffixes = {".py", ".yml", ".toml", ".j2", ".sh"}
    files = [path for place in places for path in (ROOT / place).rglob("*") if path.suffix in suffixes]
    missing = [
        str(path.relative_to(ROOT))
        for path in files
        if "output" not in path.parts and "SPDX-License-Identifier: GPL-3.0-or-later" not in _head(path)
    ]
    assert missing == []


def _head(path: Path) -> str:
    return path.read_text(encoding="utf-8")[:600]

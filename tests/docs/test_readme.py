# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the README and the guides list must be complete, and be what the code says."""

from __future__ import annotations

import re

import pytest
import specs
import yaml
from blocks import GUIDES, ROOT

from devtools import ansible_test

README = (ROOT / "README.md").read_text(encoding="utf-8")
FORMS = README.partition("## From the forms")[2].partition("\n## ")[0]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_first_mirror.rst").read_text(encoding="utf-8")

#: In the tables of the forms a cell names a module and an option: `iris_mirror_create` `arbiter.address`.
OPTION = re.compile(r"``?(iris_\w+)``?,? ``?([a-z_]+(?:\.[a-z_]+)*)``?")


@pytest.mark.parametrize("module", sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")))
def test_the_readme_lists_every_module(module: str) -> None:
    assert f"| `{module}` |" in README


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir()))
def test_the_readme_lists_every_role(role: str) -> None:
    assert re.search(rf"^\| \[?`{role}`", README, re.M)


@pytest.mark.parametrize("plugin", sorted(path.stem for path in (ROOT / "plugins" / "inventory").glob("*.py")))
def test_the_readme_lists_every_inventory_plugin(plugin: str) -> None:
    assert f"| `irisops.mirror.{plugin}` |" in README


@pytest.mark.parametrize("playbook", sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml")))
def test_the_readme_lists_every_playbook(playbook: str) -> None:
    assert f"| `irisops.mirror.{playbook}` |" in README


def test_the_readme_lists_nothing_else() -> None:
    content = README.partition("## Included content")[2].partition("\n## ")[0]
    modules = set(re.findall(r"^\| `(iris_\w+)`", content, re.M))
    assert modules == {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}


def test_the_readme_names_the_tested_releases() -> None:
    for core in ansible_test.CORES:
        assert core.series in README
    required = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    assert required.removeprefix(">=").removesuffix(".0") in README


def test_the_readme_names_the_dependency_as_galaxy_does() -> None:
    dependencies = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]
    for name, version in dependencies.items():
        assert f"`{name}` {version}" in README


@pytest.mark.parametrize("text", [FORMS, GUIDE], ids=["README", "guide_first_mirror"])
def test_the_options_of_the_forms_exist(text: str) -> None:
    found = OPTION.findall(text)
    assert len(found) >= 10
    for module, path in found:
        options = specs.module_arguments(module)["argument_spec"]
        for name in path.split("."):
            assert name in options, f"{module} has no option {path}"
            options = options[name].get("options") or {}


def test_every_guide_is_in_the_table_of_contents() -> None:
    extra = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))
    listed = [name for section in extra["sections"] for name in section["toctree"]]
    assert sorted(listed) == [page.stem for page in GUIDES]

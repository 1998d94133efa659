# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is documented is what there is: options, examples, the group of the modules."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.irisops.mirror.tests.unit.support import modules

ROOT = Path(__file__).resolve().parents[4]
NAMES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("iris_*.py"))
EACH_MODULE = pytest.mark.parametrize("name", NAMES)


def described(options: t.Mapping[str, t.Any], nested: str) -> dict[str, t.Any]:
    """Options in one form, from a spec (nested: options) or from documentation (nested: suboptions)."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "required": bool(option.get("required")),
            "default": option.get("default"),
            "choices": option.get("choices"),
            "aliases": sorted(option.get("aliases") or []),
            "options": described(option.get(nested) or {}, nested),
        }
        for name, option in options.items()
    }


@EACH_MODULE
def test_every_option_is_documented_as_it_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = described(modules.argument_spec(name, monkeypatch), "options")
    documented = described(modules.documentation(name)["options"], "suboptions")
    assert documented == spec


@EACH_MODULE
def test_secrets_are_declared(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(options: t.Mapping[str, t.Any]) -> None:
        for option, spec in options.items():
            assert ("password" not in option and "secret" not in option) or spec.get("no_log") is True, option
            check(spec.get("options") or {})

    check(modules.argument_spec(name, monkeypatch))


@EACH_MODULE
def test_options_do_not_take_the_names_of_the_engine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group's defaults reach every module, so every module has the options for the connection."""
    spec = modules.argument_spec(name, monkeypatch)
    assert {"container", "instance", "docker_host", "session_timeout"} <= set(spec)


@EACH_MODULE
def test_the_description_is_complete(name: str) -> None:
    document = modules.documentation(name)
    assert document["module"] == name
    assert document["version_added"]
    assert "irisops.mirror.attributes.actiongroup_iris" in document["extends_documentation_fragment"]
    is_info = "irisops.mirror.attributes.info_module" in document["extends_documentation_fragment"]
    assert is_info is name.endswith("_info")


@EACH_MODULE
def test_examples_use_options_that_exist(name: str) -> None:
    found = modules.examples(name)
    assert any(f"irisops.mirror.{name}" in task for task in found)
    for task in found:
        assert task["name"][0].isupper()
        for key, options in task.items():
            if key.startswith("irisops.mirror."):
                assert_known(options, modules.documentation(key.rsplit(".", 1)[1])["options"])


def assert_known(given: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> None:
    by_name = {alias: option for name, option in options.items() for alias in [name, *(option.get("aliases") or [])]}
    assert set(given) <= set(by_name)
    missing = [name for name, option in options.items() if option.get("required")]
    assert all(set(given) & {name, *(options[name].get("aliases") or [])} for name in missing)
    for name, value in given.items():
        option = by_name[name]
        if option.get("choices") and not isinstance(value, (dict, list)):
            assert value in option["choices"]
        for inner in value if isinstance(value, list) else [value]:
            # A dictionary without suboptions has keys of its own
            if isinstance(inner, dict) and "suboptions" in option:
                assert_known(inner, option["suboptions"])


def test_the_action_group_holds_every_module() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert sorted(runtime["action_groups"]["iris"]) == NAMES

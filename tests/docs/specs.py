# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules and roles take, asked of the modules and roles themselves."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from blocks import ROOT

COLLECTION = "irisops.mirror"
FRAME = "ansible_collections.irisops.mirror.plugins.module_utils._module"
Spec = Mapping[str, Any]

#: A value for an option that is filled in by a template when the example runs.
PLACEHOLDERS: Mapping[str, Any] = {"int": 1, "float": 1.0, "bool": True, "list": []}


class _Captured(Exception):
    pass


@cache
def module_arguments(name: str) -> dict[str, Any]:
    """The arguments with which a module of the collection makes its AnsibleModule."""
    module = importlib.import_module(f"ansible_collections.irisops.mirror.plugins.modules.{name}")
    frame = importlib.import_module(FRAME)
    with mock.patch.object(frame, "AnsibleModule", side_effect=_Captured) as made:
        try:
            module.main()
        except _Captured:
            pass
    arguments = dict(made.call_args.kwargs)
    arguments.pop("supports_check_mode", None)
    return arguments


def complaints_of_source(source: Mapping[str, Any]) -> list[str]:
    """Options of an inventory source that its plugin does not document."""
    name = str(source["plugin"]).removeprefix(f"{COLLECTION}.")
    plugin = importlib.import_module(f"ansible_collections.irisops.mirror.plugins.inventory.{name}")
    known = yaml.safe_load(plugin.DOCUMENTATION)["options"]
    general = {"compose", "groups", "keyed_groups", "strict"}
    general |= {"cache", "cache_plugin", "cache_connection", "cache_timeout"}
    unknown = [f"unknown option {option}" for option in source if option not in {*known, *general}]
    for option in ("members", "engines"):
        given = {key for one in source.get(option) or [] for key in one}
        unknown += [f"{option}: unknown {key}" for key in sorted(given - set(known[option]["suboptions"]))]
    return unknown


def is_module(name: str) -> bool:
    return (ROOT / "plugins" / "modules" / f"{name}.py").is_file()


def complaints_of_module(name: str, options: Mapping[str, Any]) -> list[str]:
    arguments = dict(module_arguments(name))
    return validate(arguments.pop("argument_spec"), options, **arguments)


def validate(spec: Spec, options: Mapping[str, Any], **rules: Any) -> list[str]:
    result = ArgumentSpecValidator(dict(spec), **rules).validate(filled(spec, options))
    return list(result.error_messages)


def filled(spec: Spec, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with templates replaced by values of the right type."""
    by_alias = {alias: one for one in spec.values() for alias in one.get("aliases", [])}
    return {name: _value(spec.get(name) or by_alias.get(name) or {}, value) for name, value in options.items()}


def _value(spec: Spec, value: Any) -> Any:
    if isinstance(value, str) and "{{" in value:
        return _placeholder(spec)
    suboptions = spec.get("options")
    if suboptions and isinstance(value, dict):
        return filled(suboptions, value)
    if suboptions and isinstance(value, list):
        return [filled(suboptions, one) if isinstance(one, dict) else one for one in value]
    return value


def _placeholder(spec: Spec) -> Any:
    if spec.get("choices"):
        return spec["choices"][0]
    if spec.get("type") == "dict":
        required = {name: one for name, one in (spec.get("options") or {}).items() if one.get("required")}
        return {name: _placeholder(one) for name, one in required.items()}
    return PLACEHOLDERS.get(spec.get("type", "str"), "text")


@cache
def role_variables() -> dict[str, Any]:
    """Every variable of every role, by name, with its specification where there is one."""
    variables: dict[str, Any] = {}
    for path in sorted((ROOT / "roles").glob("*/defaults/main/*.yml")):
        defaults = yaml.safe_load(path.read_text(encoding="utf-8"))
        variables.update({name: {"type": "raw"} for name in defaults})
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values():
            for name, option in (entry.get("options") or {}).items():
                # Defaults can be templates, which are no values of the right type before they are filled in
                variables[name] = {**option, "required": False, "default": None}
    return variables


def complaints_of_variables(variables: Mapping[str, Any]) -> list[str]:
    """Unknown variables of ours, and known ones with a wrong value."""
    ours = {name: value for name, value in variables.items() if name.startswith("iris_")}
    return validate(role_variables(), ours)


@cache
def foreign_documentation(names: tuple[str, ...]) -> dict[str, Any]:
    """What ansible-doc says about modules of others."""
    program = Path(sys.executable).with_name("ansible-doc")
    environment = {"PATH": str(program.parent), "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".work" / "collections")}
    answer = subprocess.run(
        [program, "--json", "--type", "module", *names],
        check=True,
        capture_output=True,
        text=True,
        env={**environment, "HOME": str(ROOT / ".work")},
        timeout=120,
    )
    documentation: dict[str, Any] = json.loads(answer.stdout)
    return documentation


def complaints_of_foreign_module(documentation: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    known = documentation["doc"]["options"]
    names = set(known) | {alias for one in known.values() for alias in one.get("aliases", [])}
    unknown = [f"unknown option {name}" for name in options if name not in names]
    missing = [
        f"missing option {name}"
        for name, one in known.items()
        if one.get("required") and not {name, *one.get("aliases", [])} & set(options)
    ]
    return unknown + missing

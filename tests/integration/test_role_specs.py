# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument specs of the roles are what users read; the defaults must be what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[2] / "roles"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def defaults() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for path in sorted((ROLES / "iris" / "defaults" / "main").glob("*.yml")):
        values.update(load(path))
    return values


def options() -> list[tuple[str, str, dict[str, Any]]]:
    found: list[tuple[str, str, dict[str, Any]]] = []
    for path in sorted(ROLES.glob("*/meta/argument_specs.yml")):
        for entry in load(path)["argument_specs"].values():
            found.extend((path.parent.parent.name, name, option) for name, option in entry.get("options", {}).items())
    return found


def documented_default(value: Any) -> Any:
    """What another host answered is no default that could be checked beforehand; the description says it instead."""
    return None if isinstance(value, str) and "hostvars" in value else value


@pytest.mark.parametrize(
    ("role", "name", "option"), options(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_documented_defaults_are_the_defaults(role: str, name: str, option: dict[str, Any]) -> None:
    values = defaults()
    if option.get("required"):
        assert name not in values
    else:
        # What a user gives to a playbook for one run has no default anywhere.
        assert option.get("default") == documented_default(values.get(name))


def test_every_default_is_documented() -> None:
    assert set(defaults()) <= {name for _role, name, _option in options()}


def test_a_variable_has_one_meaning() -> None:
    seen: dict[str, dict[str, Any]] = {}
    for role, name, option in options():
        assert seen.setdefault(name, option) == option, f"{role}: {name}"


@pytest.mark.parametrize("role", sorted(path.name for path in ROLES.iterdir() if path.is_dir()))
def test_a_role_is_complete(role: str) -> None:
    for part in ("README.md", "meta/main.yml", "meta/argument_specs.yml", "tasks"):
        assert (ROLES / role / part).exists(), part
    dependencies = [entry["role"] for entry in load(ROLES / role / "meta" / "main.yml")["dependencies"]]
    assert dependencies == ([] if role == "iris" else ["irisops.mirror.iris"])

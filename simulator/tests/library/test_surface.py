# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes against the API reference, both ways: names, arguments, their order, by-reference marks, columns."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from irissim.library.catalogue import CLASSES
from irissim.objectscript.classes import MethodSpec, SystemClass

ROOT = Path(__file__).resolve().parents[3]
REFERENCE: dict[str, Any] = json.loads((ROOT / "tests/contract/iris-api.json").read_text(encoding="utf-8"))["classes"]
# Every persistent class of IRIS has these; the reference does not repeat them.
INHERITED = {"%New", "%OpenId", "%ExistsId", "%Save", "%DeleteId", "%Id"}
KNOWN = [kind for kind in CLASSES if kind.NAME in REFERENCE]
README = ROOT / "simulator" / "README.md"


def arguments(spec: MethodSpec) -> list[tuple[str, bool]]:
    # A name that Python keeps for itself has an underscore behind it.
    return [(parameter.name.rstrip("_"), parameter.byref) for parameter in spec.signature.parameters]


def documented(entry: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(argument["name"], argument["byref"]) for argument in entry["args"]]


def methods(kind: type[SystemClass]) -> list[str]:
    return sorted(set(kind.methods) - INHERITED)


CASES = [(kind, name) for kind in KNOWN for name in methods(kind)]
QUERIES = [(kind, name) for kind in KNOWN for name in sorted(kind.queries)]


def test_the_reference_covers_the_mirror_classes() -> None:
    assert {"SYS.Mirror", "%SYSTEM.Mirror", "SYS.Database", "Security.Services"} <= {kind.NAME for kind in KNOWN}


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{kind.NAME}.{name}" for kind, name in CASES])
def test_a_method_has_the_documented_arguments(kind: type[SystemClass], name: str) -> None:
    entry = REFERENCE[kind.NAME]["methods"].get(name)
    assert entry is not None, f"{kind.NAME} has no documented method {name}"
    assert arguments(kind.methods[name]) == documented(entry)
    assert kind.methods[name].static == (entry["kind"] == "ClassMethod")


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{kind.NAME}.{name}" for kind, name in CASES])
def test_a_method_that_returns_a_status_says_so(kind: type[SystemClass], name: str) -> None:
    returns = REFERENCE[kind.NAME]["methods"][name]["returns"]
    if returns == "%Status":
        assert kind.methods[name].returns_status
    elif returns != "none":
        assert not kind.methods[name].returns_status


@pytest.mark.parametrize(("kind", "name"), QUERIES, ids=[f"{kind.NAME}:{name}" for kind, name in QUERIES])
def test_a_query_has_the_documented_arguments_and_columns(kind: type[SystemClass], name: str) -> None:
    entry = REFERENCE[kind.NAME]["queries"][name]
    spec = kind.queries[name]
    assert [parameter.name for parameter in spec.signature.parameters] == [item["name"] for item in entry["args"]]
    assert list(spec.columns) == [column["name"] for column in entry["columns"]]


@pytest.mark.parametrize("kind", KNOWN, ids=[kind.NAME for kind in KNOWN])
def test_properties_and_namespace_are_documented(kind: type[SystemClass]) -> None:
    assert set(kind.properties) <= set(REFERENCE[kind.NAME].get("properties") or {})
    assert (kind.NAMESPACE or "any") == REFERENCE[kind.NAME]["namespace"]


@pytest.mark.parametrize("kind", KNOWN, ids=[kind.NAME for kind in KNOWN])
def test_what_came_later_is_missing_before(kind: type[SystemClass]) -> None:
    entry = REFERENCE[kind.NAME]
    for group, specs in (("methods", kind.methods), ("queries", kind.queries), ("properties", kind.properties)):
        documented = {name: item.get("first_profile", "") for name, item in (entry.get(group) or {}).items()}
        simulated = {name: getattr(spec, "since", "") for name, spec in specs.items()}
        assert simulated == {name: documented.get(name, "") for name in simulated}, group


def test_names_known_not_to_exist_are_not_there() -> None:
    mirror = next(kind for kind in KNOWN if kind.NAME == "SYS.Mirror")
    assert not {str(name).split("(")[0] for name in REFERENCE["SYS.Mirror"]["not_existing"]} & set(mirror.methods)


@pytest.mark.parametrize("kind", KNOWN, ids=[kind.NAME for kind in KNOWN])
def test_the_readme_lists_what_is_left_out(kind: type[SystemClass]) -> None:
    entry = REFERENCE[kind.NAME]
    missing = [name for name in entry["methods"] if name not in kind.methods]
    missing += [f"{name} (query)" for name in entry.get("queries") or {} if name not in kind.queries]
    found = re.search(rf"^\| `{re.escape(kind.NAME)}` \| (.*) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    assert found[1] == (", ".join(missing) or "nothing")

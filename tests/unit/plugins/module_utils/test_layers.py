# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers: who may know whom, and where ObjectScript, the SDK and AnsibleModule may stand."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
PREFIX = "ansible_collections.irisops.mirror.plugins."
SOURCES = [
    *sorted((PLUGINS / "module_utils").rglob("*.py")),
    *(path for kind in ("modules", "inventory") for path in sorted((PLUGINS / kind).glob("*.py"))),
]
EACH_SOURCE = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(PLUGINS).as_posix())

#: A layer may import itself and what stands before it.
ORDER = ("_errors", "_transport", "_iris", "_mirror", "_engine", "_argspec", "_module", "modules", "inventory")
OBJECTSCRIPT = (
    "_iris/expression.py",
    "_iris/finding.py",
    "_iris/objects.py",
    "_iris/program.py",
    "_iris/records.py",
    "_iris/steps.py",
)
#: What only ObjectScript looks like, in the strings of a source.
TRACES = re.compile(
    r"##class\(|\$(?:system|select|get|list\w*|zhorolog|zversion|io|char|data|isobject|zutil)\b|\bset m[A-Z]", re.I
)


def layer(name: str) -> str:
    """The layer of a file or module below plugins/."""
    parts = name.replace("/", ".").split(".")
    return parts[0] if parts[0] in ("modules", "inventory") else parts[1]


def imports(source: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def strings(source: Path) -> list[str]:
    """String constants without docstrings and without the documentation of a module."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in (
            "DOCUMENTATION",
            "EXAMPLES",
            "RETURN",
        ):
            texts.add(id(node.value))
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in texts)
    return [node.value for node in constants if isinstance(node.value, str)]


def test_everything_is_looked_at() -> None:
    assert len(SOURCES) > 30
    assert {layer(source.relative_to(PLUGINS).as_posix()[:-3]) for source in SOURCES} == set(ORDER)


@EACH_SOURCE
def test_imports_go_one_way(source: Path) -> None:
    own = layer(source.relative_to(PLUGINS).as_posix()[:-3])
    for name in imports(source):
        if name.startswith(PREFIX):
            other = layer(name[len(PREFIX) :])
            if other == "module_utils":
                continue
            assert ORDER.index(other) <= ORDER.index(own), f"{own} imports {other}"
            if own in ("_errors", "_argspec"):
                assert other == own, "leaves know nobody"


@EACH_SOURCE
def test_ansible_and_the_sdk_stay_at_their_place(source: Path) -> None:
    path = source.relative_to(PLUGINS / "module_utils").as_posix() if "module_utils" in source.parts else source.name
    names = imports(source)
    ansible = {name for name in names if name.split(".")[0] == "ansible"}
    # A plugin that runs on the controller is one of Ansible's classes
    if source.parent.name != "inventory":
        assert all(name.startswith("ansible.module_utils") for name in ansible)
        assert not ansible or path in ("_module.py", "_argspec.py")
    sdk = {name for name in names if name.split(".")[0] in ("docker", "requests")}
    assert not sdk or path == "_transport/docker.py"
    if layer(source.relative_to(PLUGINS).as_posix()[:-3]) == "_mirror":
        assert not names & {"os", "io", "socket", "subprocess", "time", "random"}, "what decides does no I/O"


@EACH_SOURCE
def test_objectscript_has_its_places(source: Path) -> None:
    traces = [text for text in strings(source) if TRACES.search(text)]
    if source.relative_to(PLUGINS).as_posix().replace("module_utils/", "") in OBJECTSCRIPT:
        assert traces, "the test knows ObjectScript when it sees it"
    else:
        assert traces == []


@EACH_SOURCE
def test_files_stay_small_and_say_that_they_are_private(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    if source.parent.name == "inventory":
        assert len(text.splitlines()) <= 350
    elif "module_utils" in source.parts:
        assert len(text.splitlines()) <= 350
        assert "This module util is **PRIVATE**".lower() in text.lower() or "this module util is **PRIVATE**" in text
    else:
        tree = ast.parse(text)
        first = next(
            node.lineno for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno > 10
        )
        assert len(text.splitlines()) - first <= 120

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of the simulator: who may know whom, and how large a file may grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SIMULATOR = Path(__file__).resolve().parents[1]
MODULES = {
    ".".join(path.relative_to(SIMULATOR).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((SIMULATOR / "irissim").rglob("*.py"))
}

#: A part may import what stands beside its name, and itself.
MAY_KNOW = {
    "values": set(),
    "engine": {"values", "agent"},
    "agent": {"values", "engine"},
    "objectscript": {"values", "engine"},
    "library": {"values", "engine", "objectscript"},
    "merge": {"values", "engine", "objectscript", "library"},
    "shell": {"values", "engine", "agent", "objectscript", "library", "merge"},
}
MOST_LINES = 350


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """What runs when the module is imported: neither functions nor what is there for type checkers only."""
    for statement in body:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            yield from _statements(statement.orelse)
        elif isinstance(statement, (ast.If, ast.Try)):
            yield from _statements(statement.body)
        else:
            yield statement


def _imports(name: str) -> set[str]:
    found = set()
    for statement in _statements(ast.parse(MODULES[name].read_text(encoding="utf-8")).body):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            for alias in statement.names:
                submodule = f"{statement.module}.{alias.name}"
                found.add(submodule if submodule in MODULES else statement.module)
    return found & set(MODULES)


def test_no_module_needs_itself() -> None:
    try:
        TopologicalSorter({name: _imports(name) - {name} for name in MODULES}).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


@pytest.mark.parametrize("name", [name for name in MODULES if name.count(".") > 1])
def test_imports_go_down(name: str) -> None:
    part = name.split(".")[1]
    known = {other.split(".")[1] for other in _imports(name) if "." in other}
    assert known <= MAY_KNOW[part] | {part}


@pytest.mark.parametrize("name", MODULES)
def test_files_stay_small(name: str) -> None:
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= MOST_LINES

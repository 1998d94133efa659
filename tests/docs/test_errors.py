# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on errors lists every code that the modules can return, with the numbers of IRIS that lead to it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from blocks import ROOT

from ansible_collections.irisops.mirror.plugins.module_utils import _errors
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import remedies

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_errors.rst"
CLASSES = {name for name, one in vars(_errors).items() if isinstance(one, type) and issubclass(one, _errors.IrisError)}
ROW = re.compile(r"^ +\* - ``(?P<code>\w+)``\n +- (?P<numbers>.*)\n +- (?P<meaning>\S.*)", re.M)


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def raised() -> dict[str, set[int]]:
    """Codes that stand in the source, with the numbers given beside them."""
    found: dict[str, set[int]] = {}
    for path, tree in sources():
        through = _functions_with_code(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in through:
                position = through[node.func.id]
                literals = [one for one in node.args[position : position + 1] if isinstance(one, ast.Constant)]
                for one in literals:
                    found.setdefault(str(one.value), set())
            if node.func.id in CLASSES:
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    found.setdefault(str(code.value), set()).update(_numbers(node))
                else:
                    # Only a parameter of that name may carry a code, so that its values can be found
                    assert isinstance(code, ast.Name) and code.id == "code", f"{path}:{node.lineno}"
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for code in _default_codes(function):
                    found.setdefault(code, set())
    for number, (code, _remedy) in remedies.REMEDIES.items():
        found.setdefault(code, set()).add(number)
    for code, _remedy in remedies.OBJECTSCRIPT.values():
        found.setdefault(code, set())
    found.setdefault(remedies.lookup([])[0], set())
    return found


def _functions_with_code(tree: ast.Module) -> dict[str, int]:
    """Functions of a file that take a code, and the position of it."""
    return {
        node.name: [argument.arg for argument in node.args.args].index("code")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and "code" in [argument.arg for argument in node.args.args]
    }


def _default_codes(function: ast.FunctionDef) -> list[str]:
    names = [argument.arg for argument in function.args.args]
    defaults = dict(zip(reversed(names), reversed(function.args.defaults)))
    default = defaults.get("code")
    return [default.value] if isinstance(default, ast.Constant) and isinstance(default.value, str) else []


def _numbers(node: ast.Call) -> set[int]:
    given = [one for keyword in node.keywords if keyword.arg == "numbers" for one in ast.walk(keyword.value)]
    return {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, int)}


def documented() -> dict[str, set[int]]:
    text = GUIDE.read_text(encoding="utf-8")
    return {row["code"]: {int(number) for number in re.findall(r"\d+", row["numbers"])} for row in ROW.finditer(text)}


def test_every_code_is_documented() -> None:
    assert sorted(set(raised()) - set(documented())) == []


def test_no_code_is_documented_that_no_module_returns() -> None:
    assert sorted(set(documented()) - set(raised())) == []


def test_the_numbers_are_those_of_the_code() -> None:
    in_code, in_guide = raised(), documented()
    differing = {
        code: (sorted(in_code[code]), sorted(in_guide[code])) for code in in_guide if in_code[code] != in_guide[code]
    }
    assert differing == {}


def test_no_code_is_documented_twice() -> None:
    codes = [row["code"] for row in ROW.finditer(GUIDE.read_text(encoding="utf-8"))]
    assert len(codes) == len(set(codes))

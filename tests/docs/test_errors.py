# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on errors lists every code that the modules can return, with the numbers of IRIS that lead to it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
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
        carriers = _functions_that_take_a_code(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                _add(found, _default_code(node))
            if not isinstance(node, ast.Call):
                continue
            name = _called(node)
            if name in carriers:
                _add(found, *node.args[carriers[name] : carriers[name] + 1])
            if name in CLASSES:
                code = node.args[0]
                # Only a parameter (or variable) of that name may carry a code, so that its values can be found
                assert isinstance(code, ast.Constant) or ast.unparse(code) == "code", f"{path}:{node.lineno}"
                _add(found, code, numbers=_numbers(node))
    for number, (name, _remedy) in remedies.REMEDIES.items():
        found.setdefault(name, set()).add(number)
    for name, _remedy in [*remedies.OBJECTSCRIPT.values(), remedies.lookup([])]:
        found.setdefault(name, set())
    return found


def _add(found: dict[str, set[int]], *codes: ast.expr | None, numbers: Iterable[int] = ()) -> None:
    for code in codes:
        if isinstance(code, ast.Constant):
            found.setdefault(str(code.value), set()).update(numbers)


def _called(node: ast.Call) -> str:
    """The last name of what is called: `f` of `f()` and of `self.f()`."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _functions_that_take_a_code(tree: ast.Module) -> dict[str, int]:
    """Functions and methods of a file, and the position of the code among the arguments of a call."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            if "code" in names:
                found[node.name] = names.index("code")
    return found


def _default_code(function: ast.FunctionDef) -> ast.expr | None:
    names = [argument.arg for argument in function.args.args]
    return dict(zip(reversed(names), reversed(function.args.defaults), strict=False)).get("code")


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
        code: (sorted(in_code[code]), sorted(in_guide[code]))
        for code in set(in_guide) & set(in_code)
        if in_code[code] != in_guide[code]
    }
    assert differing == {}


def test_no_code_is_documented_twice() -> None:
    codes = [row["code"] for row in ROW.finditer(GUIDE.read_text(encoding="utf-8"))]
    assert len(codes) == len(set(codes))

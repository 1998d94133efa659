# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every line that the collection sends is ObjectScript, and every call in it is in the API reference."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import LINE_LIMIT
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import config_kinds, remedies
from ansible_collections.irisops.mirror.tests.contract import grammar
from ansible_collections.irisops.mirror.tests.contract.grammar import Argument, Use
from ansible_collections.irisops.mirror.tests.contract.programs import all_programs
from irissim.library.catalogue import register_all
from irissim.objectscript.builtin import register_language_classes
from irissim.objectscript.registry import ClassRegistry

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "iris-api.json").read_text(encoding="utf-8"))
CLASSES: dict[str, Any] = {**REFERENCE["classes"], **REFERENCE["library_classes"]}
PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
PROGRAMS = all_programs()
LINES = {name: program.lines() for name, program in PROGRAMS.items()}
EACH_PROGRAM = pytest.mark.parametrize("name", sorted(PROGRAMS))

#: What a catch gets when a call of the system fails is a subclass.
CONCRETE = {"%Exception.AbstractException": "%Exception.SystemException"}

#: Arrays that a method takes, where the reference lists their subscripts apart from the class.
ARRAYS = {
    ("SYS.Mirror", "CreateNewMirrorSet", "MirrorInfo"): "MirrorInfo",
    ("SYS.Mirror", "JoinMirrorAsFailoverMember", "LocalInfo"): "LocalInfo_failover",
    ("SYS.Mirror", "JoinMirrorAsAsyncMember", "LocalInfo"): "LocalInfo_async",
    ("SYS.Mirror", "CreateNewMirrorSet", "SSLInfo"): "SSLInfo",
    ("SYS.Mirror", "JoinMirrorAsFailoverMember", "SSLInfo"): "SSLInfo",
    ("SYS.Mirror", "JoinMirrorAsAsyncMember", "SSLInfo"): "SSLInfo",
    ("SYS.Mirror", "UpdateMirrorSSL", "SSLInfo"): "SSLInfo",
}
#: By-reference arguments that only carry answers: whoever does not want the answer leaves them out.
ANSWERS = {"Obj", "Status", "DBErrList"}


@EACH_PROGRAM
def test_every_line_is_one_the_terminal_takes(name: str) -> None:
    for line in LINES[name]:
        assert len(line) < LINE_LIMIT == 1500
        assert re.fullmatch(r"[\x20-\x7e]+", line), "a line holds printable ASCII only"
        assert list(grammar.faults(grammar.parse(line))) == [], line
        assert not re.search(r"\$\$\$|&sql|#dim", line), "macros and embedded SQL do not exist in the terminal"
    assert LINES[name][-1] == "halt"


@EACH_PROGRAM
def test_every_call_is_in_the_reference(name: str) -> None:
    wrong = [fault for line in LINES[name] for use in grammar.uses(line) for fault in faults_of(use)]
    assert not wrong


def test_the_simulator_has_every_call() -> None:
    """A read that fails is an answer, so a call that the simulator lacks would go unseen."""
    registry = ClassRegistry()
    register_language_classes(registry)
    register_all(registry)
    lacking = set()
    for use in {use for lines in LINES.values() for line in lines for use in grammar.uses(line)}:
        if use.arguments is None:
            continue
        kind = registry.kind(CONCRETE.get(use.class_name, use.class_name))
        if kind is None or use.member not in kind.methods:
            lacking.add((use.class_name, use.member))
    assert not lacking


@EACH_PROGRAM
def test_no_call_is_newer_than_the_oldest_release(name: str) -> None:
    """The collection has no statements that differ by release; what only a newer one has would fail on the others."""
    newer = [
        (use.class_name, use.member)
        for line in LINES[name]
        for use in grammar.uses(line)
        if CLASSES.get(use.class_name, {}).get("methods", {}).get(use.member, {}).get("first_profile")
    ]
    assert not newer
    later = {name for name, entry in CLASSES["SYS.Database"]["properties"].items() if entry.get("first_profile")}
    assert not [line for line in LINES[name] for member in later if re.search(rf"\.{member}\b", line)]


@EACH_PROGRAM
def test_what_is_taken_for_a_status_is_one(name: str) -> None:
    """A method that answers otherwise would be judged by the wrong rule. The reference gives some Create no type."""
    for line in LINES[name]:
        for class_name, member in re.findall(r"mSc=##class\(([^)]+)\)\.(\w+)", line):
            # A distinguished name that is no $LIST gives a status that is none
            if member != "AuthorizePendingMembers":
                assert CLASSES[class_name]["methods"][member]["returns"] in ("%Status", "none"), member
        for class_name, member in re.findall(r"mOk=''\(##class\(([^)]+)\)\.(\w+)", line):
            assert CLASSES[class_name]["methods"][member]["returns"] == "%Boolean", member


@EACH_PROGRAM
def test_every_array_has_known_subscripts(name: str) -> None:
    subscripts: dict[str, set[str]] = {}
    for line in LINES[name]:
        for array, subscript in grammar.array_subscripts(line):
            subscripts.setdefault(array, set()).add(subscript)
    filled: dict[str, tuple[str, str, str]] = {}
    for line in LINES[name]:
        for use in grammar.uses(line):
            for given, documented in zip(use.arguments or (), parameters(use), strict=False):
                if given.by_reference:
                    filled[given.text] = (use.class_name, use.member, documented["name"])
    for array, found in subscripts.items():
        assert found <= known_subscripts(*filled[array]), filled[array]
    for line in LINES[name]:
        for local, subscript in grammar.outputs(line):
            assert subscript in known_subscripts(*filled[local]), filled[local]


@EACH_PROGRAM
def test_every_query_has_known_arguments_and_columns(name: str) -> None:
    for line in LINES[name]:
        for full_name, arguments, columns, properties in grammar.queries(line):
            class_name, _, query_name = full_name.partition(":")
            documented = CLASSES[class_name]["queries"][query_name]
            needed = [argument for argument in documented["args"] if not argument["optional"]]
            assert len(needed) <= len(arguments) <= len(documented["args"]), full_name
            assert set(columns) <= {column["name"] for column in documented["columns"]}, full_name
            assert set(properties) <= set(CLASSES["SYS.Database"]["properties"]), full_name


@pytest.mark.parametrize("kind", config_kinds.KINDS, ids=lambda kind: kind.class_name)
def test_every_property_of_a_kind_is_documented(kind: config_kinds.Kind) -> None:
    """They stand in a list that the program walks, so no line shows them."""
    read = kind.step.properties
    assert len(set(read)) == len(read)
    assert set(read) <= set(CLASSES[kind.class_name]["properties"]), kind.class_name
    assert {*kind.unordered, *kind.hidden} <= set(read)
    secret = re.compile(r"(?!ChangePassword|PasswordNeverExpires).*(Password|Salt|HOTP|Key)")
    assert not [name for name in read if secret.match(name)]


def test_no_call_of_the_plugins_is_missing_here() -> None:
    seen = {(use.class_name, use.member) for lines in LINES.values() for line in lines for use in grammar.uses(line)}
    assert calls_in_sources() <= seen


def test_every_error_number_is_in_the_reference() -> None:
    assert {str(number) for number in remedies.REMEDIES} <= set(REFERENCE["errors"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("set x=##class(SYS.Mirror).Dance()", "no method"),
        ("set x=##class(SYS.Nothing).Dance()", "no class"),
        ('set x=##class(SYS.Mirror).AddDatabase("a","b",1,1)', "4 arguments"),
        ("set x=##class(SYS.Mirror).AddDatabase()", "0 arguments"),
        ('set x=##class(SYS.Mirror).AddDatabase(.a,"b",1)', "by reference"),
        ('set x=##class(Security.Services).Get("%Service_Mirror",1)', "by value"),
        ('set x=##class(SYS.Database).%OpenId("/a/").Size', ""),
        ('set x=##class(SYS.Database).%OpenId("/a/").Colour', "no property"),
        ("set x=##class(SYS.Database).GetStatus()", "not a class method"),
    ],
)
def test_the_check_sees_faults(line: str, expected: str) -> None:
    found = " ".join(fault for use in grammar.uses(line) for fault in faults_of(use))
    assert (expected in found) if expected else not found


def calls_in_sources() -> set[tuple[str, str]]:
    """Class and method of every Call that is written down in the plugins."""
    found = set()
    for source in PLUGINS.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Call":
                names = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
                if len(names) == 2:
                    found.add((names[0], names[1]))
    assert len(found) > 30
    return found


def faults_of(use: Use) -> Iterator[str]:
    documented = CLASSES.get(use.class_name)
    what = f"{use.class_name}.{use.member}"
    if documented is None:
        yield f"{what}: no class"
    elif use.arguments is None:
        if use.member not in documented.get("properties", {}):
            yield f"{what}: no property"
    elif method_of(use) is None:
        yield f"{what}: no method"
    else:
        if use.on_class != (method_of(use)["kind"] == "ClassMethod"):
            yield f"{what}: not a class method, or one called on an object"
        yield from argument_faults(what, use.arguments, parameters(use), method_of(use).get("variadic", False))


def argument_faults(
    what: str, given: tuple[Argument, ...], documented: list[dict[str, Any]], variadic: bool
) -> Iterator[str]:
    needed = [one for one in documented if not one["optional"] and one["name"] not in ANSWERS]
    if len(given) < len(needed) or (len(given) > len(documented) and not variadic):
        yield f"{what}: {len(given)} arguments, documented are {len(needed)} to {len(documented)}"
    for one, parameter in zip(given, documented, strict=False):
        if one.by_reference and not parameter["byref"]:
            yield f"{what}: {parameter['name']} is passed by reference"
        if parameter["byref"] and not one.by_reference and not one.is_empty:
            yield f"{what}: {parameter['name']} is passed by value"


def method_of(use: Use) -> Any:
    documented = CLASSES[use.class_name]["methods"].get(use.member)
    if documented is None:
        for parent in REFERENCE["library_classes"].values():
            if use.class_name in parent.get("inherited_by", ()):
                documented = documented or parent["methods"].get(use.member)
    return documented


def parameters(use: Use) -> list[dict[str, Any]]:
    if use.class_name not in CLASSES or use.arguments is None or method_of(use) is None:
        return []
    documented = list(method_of(use)["args"])
    short = method_of(use).get("short_form", ())
    if short and len(use.arguments) == len(short) and use.arguments[-1].by_reference:
        return [
            {**one, "name": name, "byref": name == "Properties"} for name, one in zip(short, documented, strict=False)
        ]
    return documented


def known_subscripts(class_name: str, method: str, parameter: str) -> set[str]:
    key = (class_name, method, parameter)
    if key in ARRAYS:
        return set(REFERENCE["array_arguments"][ARRAYS[key]])
    assert parameter == "Properties", key
    return set(CLASSES[class_name]["properties"])

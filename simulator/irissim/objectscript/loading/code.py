# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loaded code that can run: statements with labels, procedures with variables of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from irissim.objectscript.classes import Argument
from irissim.objectscript.compiler import SourceUnit, Statement, compile_expression, statement
from irissim.objectscript.loading.definition import Formal
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.parser import Node, node_text, parse_source
from irissim.objectscript.runtime import Crash, Runtime
from irissim.objectscript.signals import QuitSignal, ReturnSignal
from irissim.values.errors import OsError
from irissim.values.value import Value

_METHOD_HEAD = "Class A\n{\nClassMethod m()\n{\n"
_METHOD_TAIL = "\n}\n}\n"
_COMMENTS = ("line_comment_1", "line_comment_2", "line_comment_3", "block_comment", "documatic_line", ";")


@dataclass
class Entry:
    """A label: where its code begins, and its parameters."""

    name: str
    start: int
    formals: tuple[Formal, ...] = ()
    procedure: Code | None = None
    """The block of a procedure; it runs instead of what follows the label."""


@dataclass
class Code:
    """Statements of a routine, a procedure or a method, in order."""

    routine: str
    steps: list[Statement] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """What of it the simulator cannot run; it fails when it is reached."""

    def run(self, runtime: Runtime, start: int = 0) -> Value:
        """Run to the end, a QUIT or a RETURN, and give the value."""
        outer, runtime.program = runtime.program, self
        try:
            for step in self.steps[start:]:
                step(runtime)
        except (QuitSignal, ReturnSignal) as signal:
            return "" if signal.value is None else signal.value
        finally:
            runtime.program = outer
        return ""

    def call(self, runtime: Runtime, label: str, arguments: Sequence[Argument]) -> Value:
        """Run a label; <NOLINE> when there is none of that name."""
        entry = self.entries.get(label)
        if entry is None:
            raise OsError("<NOLINE>", f"*{label}^{self.routine}")
        bound = bind(runtime, entry.formals, arguments, f"{label}^{self.routine}")
        scope = runtime.subroutine(bound) if entry.procedure is None else runtime.procedure(bound, ())
        with scope, level(runtime, "d"):
            return self.run(runtime, entry.start) if entry.procedure is None else entry.procedure.run(runtime)


@contextmanager
def level(runtime: Runtime, kind: str) -> Iterator[None]:
    """A level of the program stack; it notes where an error came from that leaves it."""
    with runtime.level():
        try:
            yield
        except RecursionError:
            raise OsError("<FRAMESTACK>") from None
        except OsError as error:
            if runtime.crash is None or runtime.crash.error is not error:
                place = len(runtime.frames)
                runtime.crash = Crash(error, dict(runtime.locals), runtime.this, place, kind)
            raise


def bind(
    runtime: Runtime, formals: Sequence[Formal], arguments: Sequence[Argument], location: str
) -> dict[str, LocalArray]:
    """The variables that the parameters of a call are; <PARAMETER> if it has more arguments than that."""
    rest = formals[-1] if formals and formals[-1].variadic else None
    plain = [formal for formal in formals if not formal.variadic]
    # FIDELITY(documented; GCOS): a call with more arguments than parameters fails with <PARAMETER>
    if len(arguments) > len(plain) and rest is None:
        raise OsError("<PARAMETER>", "", location)
    bound: dict[str, LocalArray] = {}
    for index, formal in enumerate(plain):
        given = arguments[index] if index < len(arguments) else None
        bound[formal.name] = given if isinstance(given, LocalArray) else LocalArray(given)
        if given is None and formal.default is not None:
            bound[formal.name].value = compile_expression(formal.default)(runtime)
    if rest is not None:
        extra = arguments[len(plain) :]
        array = bound[rest.name] = LocalArray(len(extra))
        for number, given in enumerate(extra, 1):
            value = given.value if isinstance(given, LocalArray) else given
            if value is not None:
                array.set(value, number)
    return bound


def compile_method(lines: Sequence[tuple[int, str]], label: str, routine: str) -> Code:
    """The body of a method. OsError <SYNTAX> with the line of the body that is wrong."""
    head = _METHOD_HEAD.count("\n")
    try:
        root = parse_source(_METHOD_HEAD + "\n".join(text for _, text in lines) + _METHOD_TAIL)
    except OsError as error:
        raise _wrong(error, lines, head) from None
    body = _find(root, "method_definition")
    if body is None:
        raise OsError("<SYNTAX>")
    code = Code(routine)
    with SourceUnit(lambda node: f"{label}+{node.start_point[0] - head + 1}^{routine}") as unit:
        _add(code, [child for child in body.children if child.type == "statement"], unit)
    code.refused = list(dict.fromkeys(unit.refused))
    return code


def compile_routine(lines: Sequence[tuple[int, str]], name: str) -> Code:
    """A routine. OsError <SYNTAX> with the line that is wrong."""
    text = "\n".join(text for _, text in lines) + "\n"
    try:
        root = parse_source(text)
    except OsError as error:
        raise _wrong(error, lines, 0) from None
    code = Code(name)
    labels = [(0, "")]
    statements = [child for child in root.children if child.type == "statement"]
    for child in statements:
        if child.children[0].type in ("tag_statement", "procedure"):
            labels.append((child.start_point[0], _label(child.children[0])))

    def locate(node: Node) -> str:
        row = node.start_point[0]
        start, label = max(place for place in labels if place[0] <= row)
        return f"{label}+{row - start if label else row + 1}^{name}".replace("+0^", "^")

    with SourceUnit(locate) as unit:
        _add(code, statements, unit)
    code.entries.setdefault("", Entry("", 0))
    code.refused = list(dict.fromkeys(unit.refused))
    return code


def _add(code: Code, nodes: Sequence[Node], unit: SourceUnit) -> None:
    for node in nodes:
        inner = node.children[0]
        if inner.type in ("tag_statement", "procedure"):
            entry = Entry(_label(inner), len(code.steps), _formals(inner))
            if inner.type == "procedure":
                entry.procedure = Code(code.routine)
                _add(entry.procedure, [child for child in inner.children if child.type == "statement"], unit)
                entry.procedure.entries = code.entries
            if not code.entries and not code.steps:
                code.entries[""] = entry
            code.entries[entry.name] = entry
        elif inner.type not in _COMMENTS:
            code.steps.append(statement(node))


def _label(node: Node) -> str:
    return next(node_text(child) for child in node.children if child.type == "tag")


def _formals(node: Node) -> tuple[Formal, ...]:
    found: list[Formal] = []
    for child in node.children:
        for parameter in child.children if child.type == "parameter_list" else ():
            if parameter.type == "tag_parameter":
                name, _, default = node_text(parameter).partition("=")
                variadic = name.strip().endswith("...")
                found.append(Formal(name.strip().removesuffix("..."), default.strip() or None, variadic))
    return tuple(found)


def _find(node: Node, kind: str) -> Node | None:
    if node.type == kind:
        return node
    for child in node.children:
        found = _find(child, kind)
        if found is not None:
            return found
    return None


def _wrong(error: OsError, lines: Sequence[tuple[int, str]], head: int) -> OsError:
    """A syntax error with the line of the source instead of the line of what was parsed."""
    row = int(error.detail.rpartition(" ")[2] or 1) - head - 1
    row = min(max(row, 0), len(lines) - 1) if lines else 0
    source = lines[row] if lines else (0, "")
    return OsError("<SYNTAX>", f"*line {source[0] + 1}: {source[1].strip()}")

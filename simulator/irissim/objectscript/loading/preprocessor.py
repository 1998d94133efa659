# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Macros: what is done with #-lines and $$$names before code is compiled."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from irissim.values.errors import OsError

IncludeReader = Callable[[str], str | None]
_DIRECTIVE = re.compile(r"\s*#\s*(\w+)\s*(.*?)\s*$")
_DEFINITION = re.compile(r"(%?[^\W_]+)(\(([^)]*)\))?\s*(.*)$", re.DOTALL)
# The underscore joins strings, it is never part of a name.
_MACRO = re.compile(r"\$\$\$(%?[^\W_]+)")
_DEEPEST = 60


@dataclass(frozen=True)
class Macro:
    """A macro; ``parameters`` is None for one without brackets."""

    parameters: tuple[str, ...] | None
    text: str
    whole: bool = False
    """#def1arg: everything in the brackets is one argument."""


class Preprocessor:
    """The macros that are known at a place in a source; a class and all its methods share one."""

    def __init__(self, read_include: IncludeReader) -> None:
        self._read_include = read_include
        self._macros: dict[str, Macro] = {}
        self._included: set[str] = set()

    def include(self, name: str) -> None:
        """#include. OsError when there is no such file."""
        if name.lower() in self._included:
            return
        self._included.add(name.lower())
        text = self._read_include(name)
        if text is None:
            raise OsError("<SYNTAX>", f"*the include file {name} is not there")
        for _ in self._lines(text.split("\n")):
            pass

    def expand(self, text: str) -> list[tuple[int, str]]:
        """The lines of code that are left, each with its number in the source."""
        return self._lines(text.split("\n"))

    def _lines(self, lines: list[str]) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        taken: list[list[bool]] = []
        number = 0
        while number < len(lines):
            start, line = number, lines[number].rstrip("\r")
            number += 1
            if not line.lstrip().startswith("#") or line.lstrip().startswith(("#;", "##")):
                if all(branch[-1] for branch in taken) and not line.lstrip().startswith("#;"):
                    found.append((start, self._line(line)))
                continue
            while line.rstrip().endswith("##continue") and number < len(lines):
                line = line.rstrip().removesuffix("##continue") + " " + lines[number].strip()
                number += 1
            self._directive(line, taken)
        if taken:
            raise OsError("<SYNTAX>", "*#if without #endif")
        return found

    def _directive(self, line: str, taken: list[list[bool]]) -> None:
        match = _DIRECTIVE.match(_without_comment(line))
        if match is None:
            raise OsError("<SYNTAX>", "*" + line.strip())
        word, rest = match[1].lower(), match[2]
        if word in ("if", "ifdef", "ifndef", "ifundef"):
            taken.append([self._holds(word, rest)])
        elif word in ("else", "elseif", "elif", "endif"):
            if not taken:
                raise OsError("<SYNTAX>", f"*#{word} without #if")
            if word == "endif":
                taken.pop()
            else:
                taken[-1].append(not any(taken[-1]) and (word == "else" or self._holds("if", rest)))
        elif all(branch[-1] for branch in taken):
            self._command(word, rest)

    def _command(self, word: str, rest: str) -> None:
        if word in ("define", "def1arg"):
            match = _DEFINITION.match(rest)
            if match is None:
                raise OsError("<SYNTAX>", f"*#{word} {rest}")
            names = None if match[2] is None else tuple(name.strip() for name in match[3].split(",") if name.strip())
            self._macros[match[1]] = Macro(names, match[4], word == "def1arg")
        elif word in ("undef", "unset"):
            self._macros.pop(rest, None)
        elif word == "include":
            self.include(rest)
        elif word not in ("dim", "noshow", "show"):
            # #dim only informs an editor; #show and #noshow only shape the generated source.
            raise OsError("<SYNTAX>", f"*#{word} is not supported by the simulator")

    def _holds(self, word: str, rest: str) -> bool:
        if word == "ifdef":
            return rest in self._macros
        if word in ("ifndef", "ifundef"):
            return rest not in self._macros
        text = self._line(rest).strip().strip("()")
        if text.lstrip("'").isdigit():
            return bool(int(text.lstrip("'"))) ^ bool(text.count("'") % 2)
        raise OsError("<SYNTAX>", f"*#if {rest} is not supported by the simulator")

    def _line(self, line: str, depth: int = 0) -> str:
        """A line with its macros replaced; what is in string literals and comments stays."""
        if "$$$" not in line:
            return line
        if depth > _DEEPEST:
            raise OsError("<SYNTAX>", "*macros without end")
        found: list[str] = []
        position = 0
        while position < len(line):
            if line[position] == '"':
                end = _string_end(line, position)
                found.append(line[position:end])
                position = end
                continue
            if line.startswith((";", "//"), position):
                found.append(line[position:])
                break
            match = _MACRO.match(line, position)
            if match is None:
                found.append(line[position])
                position += 1
                continue
            text, position = self._replacement(line, match[1], match.end())
            found.append(self._line(text, depth + 1))
        return "".join(found)

    def _replacement(self, line: str, name: str, position: int) -> tuple[str, int]:
        macro = self._macros.get(name)
        if macro is None:
            # FIDELITY(documented; GCOS): a macro that is not defined is an error of the compilation
            raise OsError("<SYNTAX>", f"*the macro {name} is not defined")
        if macro.parameters is None:
            return macro.text, position
        if position >= len(line) or line[position] != "(":
            arguments: list[str] = []
        else:
            end = closing(line, position)
            inside = line[position + 1 : end]
            arguments, position = ([inside] if macro.whole else split_arguments(inside)), end + 1
        text = macro.text
        for index, parameter in enumerate(macro.parameters):
            value = arguments[index].strip() if index < len(arguments) else ""
            text = re.sub(re.escape(parameter) + r"(?!\w)", lambda _match, value=value: value, text)  # type: ignore[misc]
        return text.replace("##continue", ""), position


def _without_comment(line: str) -> str:
    """A directive without the comment behind it."""
    return line.split("//", maxsplit=1)[0].split("##;", maxsplit=1)[0]


def _string_end(line: str, position: int) -> int:
    end = line.find('"', position + 1)
    return len(line) if end < 0 else end + 1


def closing(text: str, position: int) -> int:
    """Where the bracket that opens here is closed."""
    depth = 0
    while position < len(text):
        if text[position] == '"':
            position = _string_end(text, position)
            continue
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
        position += 1
    raise OsError("<SYNTAX>")


def split_arguments(text: str) -> list[str]:
    """What stands between the commas."""
    found, start, position, depth = [], 0, 0, 0
    while position < len(text):
        if text[position] == '"':
            position = _string_end(text, position)
            continue
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if text[position] == "," and depth == 0:
            found.append(text[start:position])
            start = position + 1
        position += 1
    return [*found, text[start:]]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the transcripts of tests/conformance: what is typed, what should come back, and who says so."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from devtools.console import Failure

# Conditions that a node meets or not; the runner finds out.
CONDITIONS = ("member", "primary", "non-member", "licence")
PLACEHOLDERS = {"any": r".*?", "number": r"-?\d+(?:\.\d+)?", "word": r"\S+"}
_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")
_SETTING = re.compile(r"(source|needs|releases|changes|namespace): *(.*)\Z")
_RELEASES = re.compile(r"(>=|<) *(\d+(?:\.\d+)*)\Z")


@dataclass(frozen=True)
class Conditions:
    """When a case can run."""

    needs: tuple[str, ...] = ()
    releases: tuple[tuple[str, str], ...] = ()
    changes: bool = False


@dataclass
class Exchange:
    """One line that is typed (a command where `command` is set) and what should come back."""

    sent: str
    line: int
    command: bool = False
    whole: list[str] = field(default_factory=list)
    """The complete output, line by line."""
    parts: list[str] = field(default_factory=list)
    """Lines that must be in the output."""
    absent: list[str] = field(default_factory=list)
    """Lines that must not be there."""
    empty: bool = False
    code: int | None = None

    @property
    def expects(self) -> bool:
        return bool(self.whole or self.parts or self.absent or self.empty or self.code is not None)


@dataclass
class Case:
    """One session, or one command after another."""

    title: str
    file: Path
    source: str
    namespace: str
    conditions: Conditions
    banner: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    code: int | None = None


def read_all(directory: Path) -> list[Case]:
    """Every case, those that change the node last."""
    cases = [case for path in sorted(directory.glob("*.txt")) for case in read(path)]
    return sorted(cases, key=lambda case: case.conditions.changes)


def read(path: Path) -> list[Case]:
    """The cases of one file. Settings above the first case hold for all of them."""
    common = Case("", path, "", "%SYS", Conditions())
    cases: list[Case] = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.rstrip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("== "):
            cases.append(replace(common, title=line[3:], banner=[], exchanges=[]))
            continue
        case = cases[-1] if cases else common
        try:
            _take(case, line, number)
        except ValueError as error:
            raise Failure(f"{path.name}:{number}: {error}") from error
    for case in cases:
        if not case.source:
            raise Failure(f"{path.name}: '{case.title}' names no source")
        if not any(exchange.expects for exchange in case.exchanges) and not case.banner:
            raise Failure(f"{path.name}: '{case.title}' expects nothing")
    return cases


def _take(case: Case, line: str, number: int) -> None:
    setting = _SETTING.match(line)
    if setting is not None:
        _set(case, setting[1], setting[2])
    elif not case.title:
        raise ValueError("this line belongs to no case")
    elif line.startswith(("> ", "$ ")):
        case.exchanges.append(Exchange(line[2:], number, command=line.startswith("$")))
    else:
        _expect(case, line)


def _set(case: Case, name: str, value: str) -> None:
    conditions = case.conditions
    if name == "source":
        case.source = value
    elif name == "namespace":
        case.namespace = value
    elif name == "changes":
        case.conditions = replace(conditions, changes=value == "yes")
    elif name == "needs":
        needs = tuple(value.split())
        if unknown := set(needs) - set(CONDITIONS):
            raise ValueError(f"unknown condition {', '.join(sorted(unknown))}")
        case.conditions = replace(conditions, needs=needs)
    else:
        found = [_RELEASES.match(part.strip()) for part in value.split(",")]
        if None in found:
            raise ValueError("releases are written as >=2025.1 or <2025.1")
        case.conditions = replace(conditions, releases=tuple((hit[1], hit[2]) for hit in found if hit))


def _expect(case: Case, line: str) -> None:
    if not case.exchanges:
        if not line.startswith("  "):
            raise ValueError("what a session prints before its first prompt is indented")
        case.banner.append(line.strip())
        return
    last = case.exchanges[-1]
    if line.startswith("exit "):
        if last.command:
            last.code = int(line[5:])
        else:
            case.code = int(line[5:])
    elif line.startswith("~ "):
        last.parts.append(line[2:])
    elif line.startswith("! "):
        last.absent.append(line[2:])
    elif line == "  (nothing)":
        last.empty = True
    elif line.startswith("  "):
        last.whole.append(line.strip())
    else:
        raise ValueError("a line begins with '== ', '> ', '$ ', '  ', '~ ', '! ' or 'exit '")


def pattern(text: str) -> re.Pattern[str]:
    """The regular expression of an expected line; only the placeholders in braces are special."""
    parts = _PLACEHOLDER.split(text)
    return re.compile("".join(PLACEHOLDERS[part] if index % 2 else re.escape(part) for index, part in enumerate(parts)))


def holds(conditions: Conditions, release: str, met: frozenset[str]) -> str:
    """ "" when a case can run on a node, else why not."""
    missing = [name for name in conditions.needs if name not in met]
    if missing:
        return f"needs a node that is {' and '.join(missing)}" if "licence" not in missing else "needs a licence"
    for sign, limit in conditions.releases:
        if (_key(release) >= _key(limit)) != (sign == ">="):
            return f"for releases {sign}{limit}"
    return ""


def _key(release: str) -> list[int]:
    return [int(part) for part in release.split(".") if part.isdecimal()]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a merge file: sections of settings, and the actions. Nothing is applied unless the whole file can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ACTIONS = "Actions"
_HEADING = re.compile(r"\[([^\]]*)\]")
_ACTION = re.compile(r"([A-Za-z]+):(.*)")
_COMMENT = (";", "#", "//")
_CURVED = "\u201c\u201d"


class MergeError(Exception):
    """Why a merge failed, and at which line of the file (0: not at one line)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason, line)
        self.reason = reason
        self.line = line

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


@dataclass(frozen=True)
class Setting:
    """One line such as `globals=0,0,64,0,0,0` below a heading."""

    line: int
    section: str
    key: str
    value: str


@dataclass(frozen=True)
class Action:
    """One line of [Actions] such as `CreateNamespace:Name=X,Globals=Y`."""

    line: int
    name: str
    properties: dict[str, str]

    def require(self, *names: str) -> tuple[str, ...]:
        """The values of properties that must be there and not be empty."""
        for name in names:
            if not self.properties.get(name):
                raise MergeError(f"{self.name} needs the property {name}", self.line)
        return tuple(self.properties[name] for name in names)

    def only(self, *names: str) -> None:
        """Refuse other properties than these."""
        # FIDELITY(assumed; ACMF): a property that the object of an action does not have fails the merge
        unknown = sorted(set(self.properties) - set(names))
        if unknown:
            raise MergeError(f"{self.name} has no property {', '.join(unknown)}", self.line)

    def without(self, *names: str) -> dict[str, str]:
        """The other properties."""
        return {name: value for name, value in self.properties.items() if name not in names}


@dataclass(frozen=True)
class MergeFile:
    """A file that could be read."""

    settings: tuple[Setting, ...]
    actions: tuple[Action, ...]


def parse(text: str) -> MergeFile:
    """Read a merge file."""
    # FIDELITY(documented; CPF 1.1.1): lines of a merge file are those of iris.cpf: headings, keyword=value, comments
    #   behind ; # or // (also after other content) and between /* and */; no continuation lines
    settings: dict[tuple[str, str], Setting] = {}
    actions: list[Action] = []
    section = ""
    for number, line in _lines(text):
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            section = _section(heading[1].strip(), number)
        elif not section:
            raise MergeError("a section heading is expected", number)
        elif section == ACTIONS:
            actions.append(_action(line, number))
        else:
            # FIDELITY(documented; ACMF 1.3): of the same parameter given twice the later one counts
            setting = _setting(section, line, number)
            settings.pop((section.casefold(), setting.key.casefold()), None)
            settings[section.casefold(), setting.key.casefold()] = setting
    return MergeFile(tuple(settings.values()), tuple(actions))


def _section(name: str, number: int) -> str:
    # FIDELITY(observed; MCPF): [Actions] must be written so; IRIS 2022 silently ignores [actions]
    # FIDELITY(assumed): the simulator refuses the other spellings, as nothing would be done
    if name.casefold() == ACTIONS.casefold() and name != ACTIONS:
        raise MergeError(f"section [{name}] must be written [{ACTIONS}]", number)
    if not name:
        raise MergeError("a section heading without a name", number)
    return name


def _setting(section: str, line: str, number: int) -> Setting:
    key, equals, value = line.partition("=")
    if not equals or not key.strip():
        raise MergeError(f"keyword=value is expected in [{section}]", number)
    value = value.strip()
    # FIDELITY(documented; CPF 1.1.1.3): empty quotes stand for the empty value (since 2022.1.1)
    return Setting(number, section, key.strip(), "" if value == '""' else value)


def _action(line: str, number: int) -> Action:
    found = _ACTION.fullmatch(line)
    if found is None:
        raise MergeError(
            "Action:Property=value,... is expected in [Actions]; a line cannot be continued on the next", number
        )
    properties: dict[str, str] = {}
    for item in _items(found[2], number):
        name, equals, value = item.partition("=")
        name = name.strip()
        # No value is shown: it may be a password.
        if not equals or not name:
            raise MergeError(f"Property=value is expected in {found[1]}", number)
        if name in properties:
            raise MergeError(f"{found[1]} has the property {name} twice", number)
        properties[name] = _unquoted(value.strip(), f"{found[1]}, property {name}", number)
    return Action(number, found[1], properties)


def _items(text: str, number: int) -> list[str]:
    """Split at commas outside quotation marks."""
    items, start, quoted = [], 0, False
    for index, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            items.append(text[start:index])
            start = index + 1
    if quoted:
        raise MergeError("a quotation mark is not closed", number)
    items.append(text[start:])
    return items if text.strip() else []


def _unquoted(value: str, where: str, number: int) -> str:
    if value[:1] in _CURVED and value:
        raise MergeError(f"{where}: curved quotation marks do not quote", number)
    if not value.startswith('"'):
        return value
    if len(value) < 2 or not value.endswith('"') or '"' in value[1:-1].replace('""', ""):
        raise MergeError(f"{where}: misplaced quotation mark", number)
    return value[1:-1].replace('""', '"')


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, without comments and empty ones."""
    inside = False
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line, inside = _without_comments(raw, inside)
        if line.strip():
            yield number, line.strip()


def _without_comments(line: str, inside: bool) -> tuple[str, bool]:
    kept, quoted, index = "", False, 0
    while index < len(line):
        if inside:
            end = line.find("*/", index)
            if end < 0:
                return kept, True
            inside, index = False, end + 2
            continue
        if line[index] == '"':
            quoted = not quoted
        # FIDELITY(assumed): behind other content a comment begins after a blank, so that a path may hold its signs
        begins = not quoted and (not kept.strip() or kept[-1:].isspace())
        if begins and line.startswith("/*", index):
            inside, index = True, index + 2
        elif begins and line.startswith(_COMMENT, index):
            return kept, False
        else:
            kept, index = kept + line[index], index + 1
    return kept, inside

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iris.cpf: ordered sections of key=value lines."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class _Line:
    text: str
    """As in the file."""
    key: str = ""
    """"" for comments and empty lines."""
    value: str = ""


@dataclass
class _Section:
    name: str
    lines: list[_Line] = field(default_factory=list)

    def find(self, key: str) -> _Line | None:
        folded = key.casefold()
        return next((line for line in self.lines if line.key and line.key.casefold() == folded), None)

    def insert(self, line: _Line) -> None:
        """Behind the last parameter, so that blank lines between sections stay where they are."""
        place = len(self.lines)
        while place and not self.lines[place - 1].text.strip():
            place -= 1
        self.lines.insert(place, line)


class Cpf:
    """Thread-safe. Changes stay in memory until save(). Order, comments and unknown lines survive."""

    # FIDELITY(documented; CPF 1.1.1): sections in brackets, keyword=value lines, comment lines begin with ; # or //

    def __init__(self, path: Path, text: str = "") -> None:
        self.path = path
        self.generation = 0
        """Grows with every change; caches compare it."""
        self._lock = threading.RLock()
        self._sections = _parse(text)

    @classmethod
    def load(cls, path: Path) -> Cpf:
        """Read a file."""
        return cls(path, path.read_text(encoding="utf-8"))

    def save(self) -> None:
        """Write iris.cpf (replaced as a whole)."""
        with self._lock:
            text = self.text()
            scratch = self.path.with_name(self.path.name + ".new")
            scratch.write_text(text, encoding="utf-8")
            scratch.replace(self.path)

    def text(self) -> str:
        """What save() writes."""
        with self._lock:
            out = []
            for section in self._sections:
                if section.name:
                    out.append(f"[{section.name}]\n")
                out.extend(line.text + "\n" for line in section.lines)
            return "".join(out)

    def sections(self) -> list[str]:
        """Names in order."""
        with self._lock:
            return [section.name for section in self._sections if section.name]

    def section(self, name: str) -> dict[str, str]:
        """A copy in order; {} if there is none. Section names ignore case, as do keys in `get`."""
        with self._lock:
            found = self._find(name)
            return {line.key: line.value for line in found.lines if line.key} if found else {}

    def get(self, section: str, key: str, default: str = "") -> str:
        """One value."""
        with self._lock:
            found = self._find(section)
            line = found.find(key) if found else None
            return line.value if line else default

    def has(self, section: str, key: str) -> bool:
        """Whether there is such a line."""
        with self._lock:
            found = self._find(section)
            return found is not None and found.find(key) is not None

    def fields(self, section: str, key: str, count: int = 0) -> list[str]:
        """The comma-separated fields of a value, padded with "" to `count`."""
        found = self.get(section, key).split(",")
        return found + [""] * (count - len(found))

    def set(self, section: str, key: str, value: str) -> None:
        """Add or change a line; a new section goes to the end. Raises ValueError for what no line can hold."""
        if "=" in key or any(sign in key + value for sign in "\r\n") or not key.strip():
            raise ValueError(f"iris.cpf cannot hold {key!r}={value!r}")
        with self._lock:
            found = self._find(section)
            if found is None:
                found = _Section(section)
                if self._sections and self._sections[-1].lines[-1:] != [_Line("")]:
                    self._sections[-1].lines.append(_Line(""))
                self._sections.append(found)
            line = found.find(key)
            if line is None:
                line = _Line("", key)
                found.insert(line)
            line.text, line.value = f"{line.key}={value}", value
            self.generation += 1

    def remove(self, section: str, key: str) -> bool:
        """Whether there was such a line."""
        with self._lock:
            found = self._find(section)
            line = found.find(key) if found else None
            if found is None or line is None:
                return False
            found.lines.remove(line)
            self.generation += 1
            return True

    def remove_section(self, section: str) -> bool:
        """Whether there was one."""
        with self._lock:
            found = self._find(section)
            if found is None:
                return False
            self._sections.remove(found)
            self.generation += 1
            return True

    def _find(self, name: str) -> _Section | None:
        folded = name.casefold()
        return next((section for section in self._sections if section.name.casefold() == folded), None)


def _parse(text: str) -> list[_Section]:
    """The first section has no name: it holds what precedes the first heading."""
    sections = [_Section("")]
    for raw in text.splitlines():
        stripped = raw.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            sections.append(_Section(stripped[1:-1]))
        elif not stripped or stripped.startswith((";", "#", "//")) or "=" not in stripped:
            sections[-1].lines.append(_Line(raw))
        else:
            key, value = stripped.split("=", 1)
            sections[-1].lines.append(_Line(raw, key.rstrip(), value.lstrip()))
    return sections

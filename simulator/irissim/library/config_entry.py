# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all Config classes share: properties that are fields of a line in iris.cpf, and entries as objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, Status, SystemClass, field, method
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_int, to_string

FLAGS = 7


@dataclass(frozen=True)
class Entry:
    """One property of a Config class."""

    name: str
    default: Value = ""
    required: bool = False
    bounds: tuple[int, int] | None = None
    upper: bool = False
    directory: bool = False
    commas: bool = False
    """It may contain commas because iris.cpf holds it encoded."""

    def checked(self, value: Value) -> str:
        """The value as it is stored; 407 if it cannot be one."""
        text = to_string(value)
        if self.required and not text:
            raise StatusError(407, self.name, "a value is required")
        if self.bounds is not None and not self.bounds[0] <= to_int(value) <= self.bounds[1]:
            raise StatusError(407, self.name, text)
        if any(character in text for character in ("\r\n" if self.commas else ",\r\n")):
            raise StatusError(407, self.name, text)
        if self.directory and text:
            return text.rstrip("/") + "/"
        return text.upper() if self.upper else text


class ConfigEntry(SystemClass):
    """Base of the Config classes. A line of iris.cpf is the list of `LAYOUT` (None: an unused place)."""

    NAMESPACE = "%SYS"
    ENTRIES: ClassVar[tuple[Entry, ...]] = ()
    LAYOUT: ClassVar[tuple[str | None, ...]] = ()
    FIXED: ClassVar[Mapping[int, str]] = {}
    KIND: ClassVar[str] = ""
    EXISTS: ClassVar[int] = 419
    MISSING: ClassVar[int] = 420

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for entry in cls.ENTRIES:
            cls.properties[entry.name] = field(entry.default, name=entry.name)

    @classmethod
    def entry_names(cls) -> list[str]:
        """The properties of the class."""
        return [entry.name for entry in cls.ENTRIES]

    @classmethod
    def decode(cls, line: str) -> dict[str, Value]:
        """The properties that a line of iris.cpf holds."""
        pieces = line.split(",")
        stored = {name: piece for name, piece in zip(cls.LAYOUT, pieces, strict=False) if name}
        return {entry.name: stored.get(entry.name) or entry.default for entry in cls.ENTRIES}

    @classmethod
    def encode(cls, values: Mapping[str, Value]) -> str:
        """The line for these properties; places at the end that hold the default are left out."""
        defaults = {entry.name: to_string(entry.default) for entry in cls.ENTRIES}
        pieces = []
        for place, name in enumerate(cls.LAYOUT):
            text = to_string(values.get(name, "")) if name else cls.FIXED.get(place, "")
            pieces.append("" if name and text == defaults[name] else text)
        while pieces and not pieces[-1]:
            pieces.pop()
        return ",".join(pieces)

    @classmethod
    def checked(cls, changes: Mapping[str, Value], base: Mapping[str, Value]) -> dict[str, Value]:
        """All properties after a change; 407 for a value that cannot be."""
        values = {**{entry.name: entry.default for entry in cls.ENTRIES}, **base}
        for entry in cls.ENTRIES:
            if entry.name in changes:
                values[entry.name] = entry.checked(changes[entry.name])
            elif entry.required and not to_string(values[entry.name]):
                raise StatusError(407, entry.name, "a value is required")
        return values

    @classmethod
    def make(cls, context: Context, section: str, key: str, values: Mapping[str, Value]) -> ConfigEntry:
        """An entry as an object."""
        opened = cls(context)
        opened._section, opened._key = section, key
        opened.__dict__.update(values)
        return opened

    _section = ""
    _key = ""

    @method(name="%Save")
    def save(self) -> Status:
        """Write the properties of an opened entry."""
        values = self.checked({name: self.get_property(name) for name in self.entry_names()}, {})
        engine(self).config.set(self._section, self._key, self.encode(values))
        engine(self).config.save()
        return OK

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a class is made of, as its source says."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Formal:
    """One formal parameter of a method or procedure."""

    name: str
    default: str | None = None
    variadic: bool = False


@dataclass(frozen=True)
class MethodDefinition:
    """A method with the text of its body."""

    name: str
    static: bool
    formals: tuple[Formal, ...]
    code: str
    keywords: dict[str, str]

    def keyword(self, name: str) -> str:
        """The value of a keyword in lower case, "" when it is not given."""
        return self.keywords.get(name, "").lower()


@dataclass(frozen=True)
class PropertyDefinition:
    """A property; ``initial`` is an expression."""

    name: str
    initial: str
    multidimensional: bool


@dataclass
class ClassDefinition:
    """A class as it is written in a .cls file."""

    name: str
    parents: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    keywords: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    methods: dict[str, MethodDefinition] = field(default_factory=dict)
    properties: dict[str, PropertyDefinition] = field(default_factory=dict)
    xdata: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    """Members that the simulator does not have, by kind and name."""

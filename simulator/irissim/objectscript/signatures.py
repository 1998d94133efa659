# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the arguments of a call are matched with the parameters of a method written in Python."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from irissim.objectscript.locals import LocalArray
from irissim.values.errors import OsError
from irissim.values.value import Value

Argument = Value | LocalArray | None
"""What a caller passes: a value, a variable by reference, or nothing (``None``)."""


@dataclass(frozen=True)
class Parameter:
    """One formal parameter."""

    name: str
    byref: bool
    required: bool
    default: Any


@dataclass(frozen=True)
class Signature:
    """The formal parameters of a method."""

    parameters: tuple[Parameter, ...]
    variadic: bool

    def bind(self, arguments: Sequence[Argument], location: str) -> list[Any]:
        """The Python arguments of a call; <PARAMETER> if there are too many, <UNDEFINED> if one is missing."""
        # FIDELITY(assumed; GCOS): a call with more arguments than parameters fails with <PARAMETER>
        if len(arguments) > len(self.parameters) and not self.variadic:
            raise OsError("<PARAMETER>", "", location)
        bound = [
            _bind_one(parameter, arguments[index] if index < len(arguments) else None, location)
            for index, parameter in enumerate(self.parameters)
        ]
        return bound + [_plain(extra) for extra in arguments[len(self.parameters) :]]


def signature_of(function: Callable[..., Any], byref: Sequence[str]) -> Signature:
    """Read the parameters of a function, without its first one (the context or the object)."""
    formal = list(inspect.signature(function).parameters.values())[1:]
    named = [parameter for parameter in formal if parameter.kind is not inspect.Parameter.VAR_POSITIONAL]
    unknown = set(byref) - {parameter.name for parameter in named}
    if unknown:
        raise TypeError(f"{function.__qualname__}: no parameter {', '.join(sorted(unknown))}")
    parameters = tuple(
        Parameter(
            parameter.name,
            parameter.name in byref,
            parameter.default is inspect.Parameter.empty and parameter.name not in byref,
            parameter.default,
        )
        for parameter in named
    )
    return Signature(parameters, len(named) < len(formal))


def _bind_one(parameter: Parameter, argument: Argument, location: str) -> Any:
    if parameter.byref:
        return argument if isinstance(argument, LocalArray) else LocalArray(argument)
    value = argument.value if isinstance(argument, LocalArray) else argument
    if value is not None:
        return value
    if parameter.required:
        raise OsError("<UNDEFINED>", "*" + parameter.name, location)
    return parameter.default


def _plain(argument: Argument) -> Value:
    value = argument.value if isinstance(argument, LocalArray) else argument
    return "" if value is None else value

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Support for $functions that evaluate all their arguments first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from irissim.objectscript.calls import function_arguments
from irissim.objectscript.compiler import Expression, expression, on_expression, on_function
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.values.errors import OsError
from irissim.values.numbers import MAX_MANTISSA
from irissim.values.value import OsObject, Value, to_int, to_string


class FromEnd(OsObject):
    """The position ``*`` or ``*-n`` in $EXTRACT, $PIECE and $LIST."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


@dataclass(frozen=True)
class Given:
    """The evaluated arguments of a call."""

    runtime: Runtime
    values: Sequence[Value | None]

    def __len__(self) -> int:
        return len(self.values)

    def has(self, index: int) -> bool:
        """Whether an argument was given."""
        return index < len(self.values) and self.values[index] is not None

    def value(self, index: int, default: Value | None = None) -> Value:
        """An argument, or its default; <SYNTAX> when it has none."""
        found = self.values[index] if index < len(self.values) else None
        if found is None:
            found = default
        if found is None:
            raise OsError("<SYNTAX>")
        return found

    def text(self, index: int, default: str | None = None) -> str:
        """An argument as a string."""
        return to_string(self.value(index, default))

    def integer(self, index: int, default: int | None = None) -> int:
        """An argument as a whole number within 64 bits."""
        return _bounded(to_int(self.value(index, default)))

    def position(self, index: int, length: int, default: int) -> int:
        """A 1-based position, counted from the end when it was written with ``*``."""
        return position_of(self.value(index, default), length)


def position_of(value: Value, length: int) -> int:
    """A 1-based position in something of this length."""
    return length + value.offset if isinstance(value, FromEnd) else _bounded(to_int(value))


def _bounded(number: int) -> int:
    return max(-MAX_MANTISSA, min(number, MAX_MANTISSA))


Body = Callable[[Given], Value]


def strict(*names: str, least: int, most: int) -> Callable[[Body], Body]:
    """Register a $function by its full name and abbreviations; another number of arguments is <SYNTAX>."""

    def register(body: Body) -> Body:
        @on_function(*names)
        def compile_call(node: Node) -> Expression:
            nodes = function_arguments(node)
            if not least <= len(nodes) <= most:
                raise OsError("<SYNTAX>")
            parts = [None if part is None else expression(part) for part in nodes]

            def run(runtime: Runtime) -> Value:
                return body(Given(runtime, [None if part is None else part(runtime) for part in parts]))

            return run

        return body

    return register


@on_expression("dollar_func_pos")
def _from_end(node: Node) -> Expression:
    if len(node.children) == 1:
        return lambda runtime: FromEnd(0)
    sign = -1 if node.children[1].type == "-" else 1
    offset = expression(node.children[2])
    return lambda runtime: FromEnd(sign * to_int(offset(runtime)))

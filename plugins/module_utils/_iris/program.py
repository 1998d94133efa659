# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""A program: steps rendered as lines for `iris session`.

What the terminal demands (Running InterSystems Products in Containers; observed on licensed containers): one complete
command per line, blocks opened and closed on their line, no macros, `halt` last, and the exit code says nothing. So
each step is one line that catches its own errors and answers with one JSON object between control characters. A step
after a failed one is skipped; steps of :class:`Each` fail for their item only.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array, Expression, literal
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import FAILED, SEND, Step

#: Longest line that is sent. The terminal takes more; nothing here needs more.
LINE_LIMIT = 1500
#: The number of the item in the answer of a step that is in no Each, or that runs once for all items.
NO_ITEM = -1
#: A long literal is loaded in pieces of this many characters (a non-ASCII character takes up to 8 in `$char`).
PIECE = 80


@dataclasses.dataclass
class Each:
    """The same steps for a list of items, in order; an item that fails does not stop the others."""

    name: str
    items: t.Sequence[t.Mapping[str, str | int]]
    steps: t.Sequence[Step]


Element = t.Union[Step, Each]


class Program:
    """An ordered list of steps, rendered once and read by ``answer.py``."""

    def __init__(self, *elements: Element) -> None:
        self.elements: list[Element] = list(elements)
        self.index: dict[int, tuple[str, Step]] = {}

    def add(self, *elements: Element) -> Program:
        self.elements.extend(elements)
        return self

    def seconds(self) -> float:
        """Upper limit of the waiting that the steps ask for."""
        total = 0.0
        for element in self.elements:
            if isinstance(element, Each):
                total += sum(step.seconds() for step in element.steps)
            else:
                total += element.seconds()
        return total

    def lines(self) -> list[str]:
        renderer = _Renderer()
        self.index = {}
        for element in self.elements:
            if isinstance(element, Each):
                renderer.each(element, self.index)
            else:
                renderer.single(element, self.index)
        return renderer.finish()

    def text(self) -> str:
        return "\n".join(self.lines()) + "\n"


def pieces(value: str) -> list[str]:
    """A long value in the pieces in which it is loaded."""
    return [value[start : start + PIECE] for start in range(0, len(value), PIECE)] or [value]


class _Renderer:
    """Collects lines; the :class:`Scope` of the expressions in them."""

    def __init__(self) -> None:
        self.result = ["set mIo=$io,mGo=1,mI=0"]
        self.pending: list[str] = []
        self.inside: list[str] = []
        self.names = 0
        self.block = 0

    def single(self, step: Step, index: dict[int, tuple[str, Step]]) -> None:
        identity = self._register("", step, index)
        self._start(step)
        self._emit("if %s { %s }" % ("1" if step.always else "mGo", self._guarded(identity, step, "mGo")))

    def each(self, loop: Each, index: dict[int, tuple[str, Step]]) -> None:
        self.block += 1
        for number, item in enumerate(loop.items, 1):
            self.pending.append("mGo(%d,%d)=1" % (self.block, number))
            for field, value in item.items():
                self._load("mD(%d,%d,%s)" % (self.block, number, literal(field)), value)
        for step in loop.steps:
            identity = self._register(loop.name, step, index)
            self._start(step)
            if step.once:
                self._emit(
                    "if %s { set mI=0 %s }" % ("1" if step.always else "mGo", self._guarded(identity, step, "mGo"))
                )
                continue
            go = "mGo(%d,mI)" % self.block
            condition = "1" if step.always else "mGo&&" + go
            self._emit(
                "for mI=1:1:%d { if %s { %s } }" % (len(loop.items), condition, self._guarded(identity, step, go))
            )
        self._emit("set mI=0")

    def finish(self) -> list[str]:
        self._emit('set mRep={} do mRep.%Set("end",1) ' + SEND % "mRep")
        self.result.append("halt")
        return self.result

    # Scope

    def load(self, value: str) -> str:
        self.names += 1
        name = "mL%d" % self.names
        self._load(name, value)
        return name

    def load_array(self, array: Array) -> str:
        self.names += 1
        name = "mA%d" % self.names
        self.pending.append('%s=""' % name)
        for subscript, value in array.values.items():
            target = "%s(%s)" % (name, literal(subscript))
            if isinstance(value, Expression):
                # An expression has its value only where the step runs: fields of an item, answers of earlier calls
                self.inside.append("%s=%s" % (target, value.render(self)))
            else:
                self._load(target, value)
        return name

    def item(self, field: str) -> str:
        return "mD(%d,mI,%s)" % (self.block, literal(field))

    # Lines

    def _register(self, group: str, step: Step, index: dict[int, tuple[str, Step]]) -> int:
        identity = len(index) + 1
        index[identity] = (group, step)
        return identity

    def _start(self, step: Step) -> None:
        if step.seconds():
            self._emit("set mStart=$zhorolog")

    def _guarded(self, identity: int, step: Step, go: str) -> str:
        stop = " set:'mOk %s=0" % go if step.stops else ""
        body = step.body(self).strip()
        if self.inside:
            body = "set %s %s" % (",".join(self.inside), body)
            self.inside = []
        return (
            "set mRep={},mId=%d,mOk=0,mT=$zhorolog try { %s } catch mE { set mOk=0,mSc=mE.AsStatus() %s} "
            'do mRep.%%Set("id",mId),mRep.%%Set("item",mI),mRep.%%Set("ok",mOk),mRep.%%Set("seconds",$zhorolog-mT) %s%s'
            % (identity, body, FAILED, SEND % "mRep", stop)
        )

    def _load(self, name: str, value: str | int | bool | None) -> None:
        parts = pieces(value) if isinstance(value, str) else [value]
        self.pending.append("%s=%s" % (name, literal(parts[0])))
        self.pending.extend("%s=%s_%s" % (name, name, literal(part)) for part in parts[1:])

    def _flush(self) -> None:
        """Write the waiting assignments, many to a line, so that a hundred items stay few lines."""
        line = ""
        for assignment in self.pending:
            if line and len(line) + 1 + len(assignment) >= LINE_LIMIT:
                self.result.append(line)
                line = ""
            line = "%s,%s" % (line, assignment) if line else "set " + assignment
        if line:
            self.result.append(line)
        self.pending = []

    def _emit(self, line: str) -> None:
        self._flush()
        line = line.rstrip()
        if len(line) >= LINE_LIMIT:
            raise InputError(
                "input_too_long",
                "a line of %d characters would have to be sent, the limit is %d" % (len(line), LINE_LIMIT - 1),
                "Use fewer or shorter values in one item.",
            )
        self.result.append(line)

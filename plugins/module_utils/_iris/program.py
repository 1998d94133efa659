# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""A program: steps as data, rendered as lines for `iris session`.

What the terminal demands (Running InterSystems Products in Containers; observed on licensed containers): one complete
command per line, blocks opened and closed on their line, no macros, `halt` last, and the exit code says nothing. So each
step is one line that catches its own errors and answers with one JSON object between control characters. A step after
a failed one is skipped; steps of :class:`Each` fail for their item only.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Argument,
    Array,
    Call,
    Expression,
    Global,
    Ref,
    Scope,
    literal,
    render,
)

#: Longest line that is sent. The terminal takes more; nothing here needs more.
LINE_LIMIT = 1500
#: A long literal is loaded in pieces of this many characters (a non-ASCII character takes up to 14 in `$char`).
PIECE = 80

FRAME_START = "\x02"
FRAME_END = "\x03"

_FAILED = (
    'do mRep.%Set("codes",$system.Status.GetErrorCodes(mSc)),mRep.%Set("text",$system.Status.GetErrorText(mSc)) '
)
_CHECK = "set mOk=$system.Status.IsOK(mSc) if 'mOk { " + _FAILED + "} "
_SEND = "use mIo write $char(2),%s.%%ToJSON(),$char(3) "


@dataclasses.dataclass
class Step:
    """One line of a program and one answer. ``name`` is unique in its program (in its :class:`Each`)."""

    name: str

    #: Run although an earlier step failed: to thaw, to read again.
    always: t.ClassVar[bool] = False
    #: A failure stops the program (or the item).
    stops: t.ClassVar[bool] = True

    def body(self, scope: Scope) -> str:
        """Commands that leave `mOk` and fill the object `mRep`."""
        return ""

    def seconds(self) -> float:
        """How long the step may take by its own wish (waits)."""
        return 0.0


@dataclasses.dataclass
class Do(Step):
    """Call a method that returns a %Status. Error numbers in ``accept`` count as success."""

    call: Call
    accept: t.Tuple[int, ...] = ()

    def body(self, scope: Scope) -> str:
        accepted = "".join(
            " set:$system.Status.GetErrorCodes(mSc)=%s mOk=1" % literal(str(number)) for number in self.accept
        )
        return "set mSc=%s %s%s" % (self.call.render(scope), _CHECK, accepted)


@dataclasses.dataclass
class Cleanup(Do):
    """A call that must run whatever happened before, such as ExternalThaw."""

    always = True


@dataclasses.dataclass
class Test(Step):
    """Evaluate something that must be true; ``text`` says what is wrong when it is not."""

    condition: Expression
    text: str

    def body(self, scope: Scope) -> str:
        return "set mOk=''(%s) if 'mOk { do mRep.%%Set(\"text\",%s) }" % (
            self.condition.render(scope),
            literal(self.text),
        )


@dataclasses.dataclass
class Guard(Step):
    """Stop unless an expression has one of the allowed values: the state is read again where it is acted upon."""

    value: Expression
    allowed: t.Tuple[str, ...]
    text: str

    def body(self, scope: Scope) -> str:
        return 'set mV=%s,mOk=%s do mRep.%%Set("value",mV) if \'mOk { do mRep.%%Set("text",%s) }' % (
            self.value.render(scope),
            _one_of(self.allowed),
            literal(self.text),
        )


@dataclasses.dataclass
class Read(Step):
    """Read values. With ``first`` a method is called that returns a %Status and fills a :class:`Ref`; when it fails
    there is nothing to read, which is an answer and not a failure."""

    values: t.Mapping[str, Argument]
    first: t.Optional[Call] = None

    stops = False
    always = True

    def body(self, scope: Scope) -> str:
        reads = "set mV={} " + "".join(
            "do mV.%%Set(%s,%s) " % (literal(key), render(value, scope)) for key, value in self.values.items()
        )
        keep = 'do mRep.%Set("value",mV) '
        if self.first is None:
            return reads + keep + "set mOk=1"
        clear = "".join(
            "kill %s " % argument.render(scope)[1:] for argument in self.first.arguments if isinstance(argument, Ref)
        )
        return "%sset mSc=%s %sif mOk { %s%s}" % (clear, self.first.render(scope), _CHECK, reads, keep)


@dataclasses.dataclass
class Object(Step):
    """Open an object by its id and read properties; no such object is an answer and not a failure."""

    class_name: str
    identity: Argument
    properties: t.Sequence[str]

    stops = False
    always = True

    def body(self, scope: Scope) -> str:
        reads = "".join("do mV.%%Set(%s,mObj.%s) " % (literal(name), name) for name in self.properties)
        opener = Call(self.class_name, "%OpenId", self.identity).render(scope)
        return 'set mOk=1,mObj=%s if $isobject(mObj) { set mV={} %sdo mRep.%%Set("value",mV) }' % (opener, reads)


@dataclasses.dataclass
class Rows(Step):
    """Run a class query and return the named columns of each row."""

    class_name: str
    query: str
    arguments: t.Sequence[Argument]
    columns: t.Sequence[str]

    stops = False
    always = True

    def body(self, scope: Scope) -> str:
        arguments = ",".join(render(argument, scope) for argument in self.arguments)
        pushes = ",".join("mV.%%Push(mRs.Get(%s))" % literal(column) for column in self.columns)
        row = (
            'set mV=[] do %s set mRow={} do mRow.%%Set("id",mId),mRow.%%Set("item",mI),mRow.%%Set("row",mV) ' % pushes
            + _SEND % "mRow"
        )
        return "set mRs=##class(%%ResultSet).%%New(%s),mSc=mRs.Execute(%s) %swhile mOk&&mRs.Next() { %s}" % (
            literal("%s:%s" % (self.class_name, self.query)),
            arguments,
            _CHECK,
            row,
        )


@dataclasses.dataclass
class Wait(Step):
    """Ask again and again until the value is good ``stable`` times in a row, is one of ``bad``, or the limit is over."""

    value: Expression
    good: t.Tuple[str, ...]
    bad: t.Tuple[str, ...] = ()
    limit: float = 300.0
    interval: float = 1.0
    stable: int = 2

    def body(self, scope: Scope) -> str:
        give_up = " if %s { quit }" % _one_of(self.bad) if self.bad else ""
        return (
            'set mN=0,mOk=0 for { try { set mV=%s } catch mE { set mV=mE.DisplayString() } set mN=$select(%s:mN+1,1:0) '
            "if mN>=%d { set mOk=1 quit }%s if ($zhorolog-mT)>%s { quit } hang %s } "
            'do mRep.%%Set("value",mV)'
            % (self.value.render(scope), _one_of(self.good), self.stable, give_up, _number(self.limit), _number(self.interval))
        )

    def seconds(self) -> float:
        return self.limit + self.interval


@dataclasses.dataclass
class Put(Step):
    """Set a global node."""

    node: Global
    content: Argument

    def body(self, scope: Scope) -> str:
        return "set %s=%s,mOk=1" % (self.node.node(scope), render(self.content, scope))


@dataclasses.dataclass
class Kill(Step):
    """Kill a global node and its descendants."""

    node: Global

    def body(self, scope: Scope) -> str:
        return "kill %s set mOk=1" % self.node.node(scope)


@dataclasses.dataclass
class Each:
    """The same steps for a list of items, in order; an item that fails does not stop the others."""

    name: str
    items: t.Sequence[t.Mapping[str, t.Union[str, int]]]
    steps: t.Sequence[Step]


Element = t.Union[Step, Each]


class Program:
    """An ordered list of steps, rendered once and read by ``answer.py``."""

    def __init__(self, *elements: Element) -> None:
        self.elements: t.List[Element] = list(elements)
        self.index: t.Dict[int, t.Tuple[str, Step]] = {}

    def add(self, *elements: Element) -> "Program":
        self.elements.extend(elements)
        return self

    def seconds(self) -> float:
        """Upper limit of the waiting that the steps ask for."""
        total = 0.0
        for element in self.elements:
            if isinstance(element, Each):
                total += len(element.items) * sum(step.seconds() for step in element.steps)
            else:
                total += element.seconds()
        return total

    def lines(self) -> t.List[str]:
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


class _Renderer:
    """Collects lines; the :class:`Scope` of the expressions in them."""

    def __init__(self) -> None:
        self.result = ["set mIo=$io,mGo=1,mI=0"]
        self.pending: t.List[str] = []
        self.names = 0
        self.block = 0

    def single(self, step: Step, index: t.Dict[int, t.Tuple[str, Step]]) -> None:
        identity = self._register("", step, index)
        self._emit("if %s { %s }" % ("1" if step.always else "mGo", self._guarded(identity, step, "mGo")))

    def each(self, loop: Each, index: t.Dict[int, t.Tuple[str, Step]]) -> None:
        self.block += 1
        for number, item in enumerate(loop.items, 1):
            self.pending.append("mGo(%d,%d)=1" % (self.block, number))
            for field, value in item.items():
                self._load("mD(%d,%d,%s)" % (self.block, number, literal(field)), value)
        for step in loop.steps:
            identity = self._register(loop.name, step, index)
            go = "mGo(%d,mI)" % self.block
            condition = "1" if step.always else "mGo&&" + go
            self._emit(
                "for mI=1:1:%d { if %s { %s } }" % (len(loop.items), condition, self._guarded(identity, step, go))
            )
        self._emit("set mI=0")

    def finish(self) -> t.List[str]:
        self._emit('set mRep={} do mRep.%Set("end",1) ' + _SEND % "mRep")
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
                self.pending.append("%s=%s" % (target, value.render(self)))
            else:
                self._load(target, value)
        return name

    def item(self, field: str) -> str:
        return "mD(%d,mI,%s)" % (self.block, literal(field))

    # Lines

    def _register(self, group: str, step: Step, index: t.Dict[int, t.Tuple[str, Step]]) -> int:
        identity = len(index) + 1
        index[identity] = (group, step)
        return identity

    def _guarded(self, identity: int, step: Step, go: str) -> str:
        stop = " set:'mOk %s=0" % go if step.stops else ""
        return (
            "set mRep={},mId=%d,mOk=0,mT=$zhorolog try { %s } catch mE { set mOk=0,mSc=mE.AsStatus() %s} "
            'do mRep.%%Set("id",mId),mRep.%%Set("item",mI),mRep.%%Set("ok",mOk),mRep.%%Set("seconds",$zhorolog-mT) %s%s'
            % (identity, step.body(self).strip(), _FAILED, _SEND % "mRep", stop)
        )

    def _load(self, name: str, value: t.Union[str, int, bool, None]) -> None:
        pieces = [value]
        if isinstance(value, str) and len(value) > PIECE:
            pieces = [value[start : start + PIECE] for start in range(0, len(value), PIECE)]
        self.pending.append("%s=%s" % (name, literal(pieces[0])))
        self.pending.extend("%s=%s_%s" % (name, name, literal(piece)) for piece in pieces[1:])

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
            raise ValueError("a rendered line has %d characters, limit %d" % (len(line), LINE_LIMIT))
        self.result.append(line)


def _one_of(values: t.Sequence[str]) -> str:
    return "(%s)" % "||".join("(mV=%s)" % literal(value) for value in values) if values else "0"


def _number(value: float) -> str:
    return ("%.3f" % value).rstrip("0").rstrip(".") or "0"

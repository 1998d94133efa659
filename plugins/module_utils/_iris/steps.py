# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""The steps of a program: what each asks of IRIS, and how it is written for the terminal.

Each step is the inside of one line: it leaves `mOk` (1 or 0) and fills the object `mRep` with what it has to say.
``program.py`` puts the line around it.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import StatusError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Argument,
    Call,
    Expression,
    Global,
    Ref,
    Scope,
    literal,
    render,
)

FRAME_START = "\x02"
FRAME_END = "\x03"

#: Put the numbers and the text of the status in `mSc` into the answer.
FAILED = 'do mRep.%Set("codes",$system.Status.GetErrorCodes(mSc)),mRep.%Set("text",$system.Status.GetErrorText(mSc)) '
#: Write an object as a frame to the device that the session began with: some calls leave another one current.
SEND = "use mIo write $char(2),%s.%%ToJSON(),$char(3) "

_CHECK = "set mOk=$system.Status.IsOK(mSc) if 'mOk { " + FAILED + "} "


@dataclasses.dataclass
class Step:
    """One line of a program and one answer. ``name`` is unique in its program (in its :class:`Each`)."""

    name: str

    #: Run although an earlier step failed: to thaw, to read again.
    always: t.ClassVar[bool] = False
    #: A failure stops the program (or the item).
    stops: t.ClassVar[bool] = True
    #: It changes something, so it is listed among the actions.
    acts: t.ClassVar[bool] = False
    #: Among the steps of an Each: run once, after the steps before it ran for all items.
    once: t.ClassVar[bool] = False

    def body(self, scope: Scope) -> str:
        """Commands that leave `mOk` and fill the object `mRep`."""
        return ""

    def seconds(self) -> float:
        """How long the step may take by its own wish (waits)."""
        return 0.0


@dataclasses.dataclass
class Do(Step):
    """Call a method that returns a %Status. Error numbers in ``accept`` count as success.

    ``unless`` is evaluated first: where it is true the call is not needed any more and is not made.
    """

    call: Call
    accept: tuple[int, ...] = ()
    unless: Expression | None = None

    acts = True

    def body(self, scope: Scope) -> str:
        accepted = "".join(
            " set:$system.Status.GetErrorCodes(mSc)=%s mOk=1" % literal(str(number)) for number in self.accept
        )
        return _unless(self.unless, "set mSc=%s %s%s" % (self.call.render(scope), _CHECK, accepted), scope)


@dataclasses.dataclass
class Cleanup(Do):
    """A call that must run whatever happened before, such as ExternalThaw."""

    always = True


@dataclasses.dataclass
class Check(Do):
    """A call that changes nothing, and whose bad status is a failure."""

    acts = False


@dataclasses.dataclass
class Succeed(Step):
    """Call a method that returns true on success; ``text`` says what went wrong when it does not.

    Such a call has no error number: ``failure`` is what then is raised. ``limit`` is the
    seconds that long work, such as copying a file, may take.
    """

    call: Call
    text: str
    unless: Expression | None = None
    failure: StatusError | None = None
    limit: float = 0.0

    acts = True

    def body(self, scope: Scope) -> str:
        attempt = "set mOk=''(%s) if 'mOk { do mRep.%%Set(\"text\",%s) }" % (
            self.call.render(scope),
            literal(self.text),
        )
        return _unless(self.unless, attempt, scope)

    def seconds(self) -> float:
        return self.limit


@dataclasses.dataclass
class Invoke(Step):
    """Call a method whose result decides nothing by itself (a wait after it does); the result is kept."""

    call: Call
    unless: t.Optional[Expression] = None

    acts = True
    once = True

    def body(self, scope: Scope) -> str:
        return _unless(self.unless, 'do mRep.%%Set("value",%s) set mOk=1' % self.call.render(scope), scope)


@dataclasses.dataclass
class Collect(Step):
    """Append a value to a named $LIST, for the items that have not failed; read it with :class:`Collected`."""

    collection: str
    value: Expression

    def body(self, scope: Scope) -> str:
        name = "mSet" + self.collection
        return "set %s=$get(%s)_$listbuild(%s),mOk=1" % (name, name, self.value.render(scope))


@dataclasses.dataclass
class Guard(Step):
    """Stop unless an expression has one of the allowed values: the state is read again where it is acted upon."""

    value: Expression
    allowed: tuple[str, ...]
    text: str

    def body(self, scope: Scope) -> str:
        return 'set mV=%s,mOk=%s do mRep.%%Set("value",mV) if \'mOk { do mRep.%%Set("text",%s) }' % (
            self.value.render(scope),
            _one_of(self.allowed),
            literal(self.text),
        )


@dataclasses.dataclass
class Reach(Step):
    """Stop unless a TCP port answers from where the instance runs. ``limit`` in seconds."""

    host: str
    port: int
    text: str
    limit: float = 5.0

    def body(self, scope: Scope) -> str:
        return (
            "set mN=%s,mTcp=##class(%%IO.Socket).%%New(),mOk=mTcp.Open(%s,%d,.mN) do:mOk mTcp.Close() "
            'if \'mOk { do mRep.%%Set("text",%s) }'
            % (_number(self.limit), render(self.host, scope), self.port, literal(self.text))
        )

    def seconds(self) -> float:
        return self.limit


@dataclasses.dataclass
class Read(Step):
    """Read values. With ``first`` a method is called that returns a %Status and fills a :class:`Ref`; when it fails
    there is nothing to read, which is an answer and not a failure."""

    values: t.Mapping[str, Argument]
    first: Call | None = None

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
class Rows(Step):
    """Run a class query and return the named columns of each row.

    ``details`` (class, column, properties) opens for each row the object whose id stands in that column and appends
    its properties; where there is no such object they are empty.
    """

    class_name: str
    query: str
    arguments: t.Sequence[Argument]
    columns: t.Sequence[str]
    details: tuple[str, str, t.Sequence[str]] | None = None

    stops = False
    always = True

    def body(self, scope: Scope) -> str:
        arguments = ",".join(render(argument, scope) for argument in self.arguments)
        pushes = ",".join("mV.%%Push(mRs.Get(%s))" % literal(column) for column in self.columns)
        row = (
            "set mV=[] do %s %s" % (pushes, self._details())
            + 'set mRow={} do mRow.%Set("id",mId),mRow.%Set("item",mI),mRow.%Set("row",mV) '
            + SEND % "mRow"
        )
        return "set mRs=##class(%%ResultSet).%%New(%s),mSc=mRs.Execute(%s) %swhile mOk&&mRs.Next() { %s}" % (
            literal("%s:%s" % (self.class_name, self.query)),
            arguments,
            _CHECK,
            row,
        )

    def _details(self) -> str:
        if self.details is None:
            return ""
        class_name, column, properties = self.details
        pushes = ",".join("mV.%%Push(mObj.%s)" % name for name in properties)
        return "set mObj=##class(%s).%%OpenId(mRs.Get(%s)) if $isobject(mObj) { do %s } kill mObj " % (
            class_name,
            literal(column),
            pushes,
        )


@dataclasses.dataclass
class Wait(Step):
    """Ask again and again until the value is good ``stable`` times in a row, is one of ``bad``, or the limit is over.

    ``limit`` and ``interval`` are seconds. In an :class:`Each` all items share one limit. ``text`` says what it means
    when the value was not good in time.
    """

    value: Expression
    good: tuple[str, ...]
    bad: tuple[str, ...] = ()
    limit: float = 300.0
    interval: float = 1.0
    stable: int = 2
    text: str = ""

    def body(self, scope: Scope) -> str:
        explain = ' if \'mOk { do mRep.%%Set("text",%s) }' % literal(self.text) if self.text else ""
        give_up = " if %s { quit }" % _one_of(self.bad) if self.bad else ""
        return (
            "set mN=0,mOk=0 for { try { set mV=%s } catch mE { set mV=mE.DisplayString() } set mN=$select(%s:mN+1,1:0) "
            "if mN>=%d { set mOk=1 quit }%s if ($zhorolog-mStart)>%s { quit } hang %s } "
            'do mRep.%%Set("value",mV)%s'
            % (
                self.value.render(scope),
                _one_of(self.good),
                self.stable,
                give_up,
                _number(self.limit),
                _number(self.interval),
                explain,
            )
        )

    def seconds(self) -> float:
        return self.limit + self.interval


@dataclasses.dataclass
class Put(Step):
    """Set a global node."""

    acts = True

    node: Global
    content: Argument

    def body(self, scope: Scope) -> str:
        return "set %s=%s,mOk=1" % (self.node.node(scope), render(self.content, scope))


@dataclasses.dataclass
class Kill(Step):
    """Kill a global node and its descendants."""

    acts = True

    node: Global

    def body(self, scope: Scope) -> str:
        return "kill %s set mOk=1" % self.node.node(scope)


def _unless(condition: Expression | None, commands: str, scope: Scope) -> str:
    if condition is None:
        return commands
    return 'if %s { set mOk=1 do mRep.%%Set("skipped",1) } else { %s }' % (condition.render(scope), commands)


def _one_of(values: t.Sequence[str]) -> str:
    return "(%s)" % "||".join("(mV=%s)" % literal(value) for value in values) if values else "0"


def _number(value: float) -> str:
    return ("%.3f" % value).rstrip("0").rstrip(".") or "0"

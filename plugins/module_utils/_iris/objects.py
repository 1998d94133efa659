# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Steps for objects of the configuration: read all of a class with the properties that are named, save one."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import StatusError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import (
    Argument,
    Call,
    Expression,
    ListText,
    Scope,
    literal,
    render,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import FAILED, SEND, Step

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answer

#: Stands before every value of a row, so that an empty value and a property that the release lacks are two things.
KNOWN = "="
_JUDGE = "set mOk=$system.Status.IsOK(mSc) "


@dataclasses.dataclass
class Query:
    """A class query and the column that is wanted."""

    class_name: str
    name: str
    arguments: tuple[str, ...] = ()
    column: str = "Name"


@dataclasses.dataclass
class Found:
    """One object; ``owner`` is where a mapping belongs to, ``values`` lack what the release does not know."""

    owner: str
    key: str
    values: dict[str, str]


@dataclasses.dataclass
class Records(Step):
    """Every object of a query with some properties. No other property leaves the instance.

    With ``owners`` the query is run for each of that query, with the owner as first argument. Objects that are kept as
    arrays are read with the method ``Get``, with ``outputs`` more arguments by reference; without ``by_get`` the
    column holds the id of the object. Elements of a $LIST are joined as by :class:`ListText`.
    """

    query: Query
    properties: tuple[str, ...]
    owners: t.Optional[Query] = None
    by_get: bool = True
    outputs: int = 0
    #: Seconds on top of those of a session, for instances with thousands of objects.
    limit: float = 20.0

    stops = False
    always = True

    def body(self, scope: Scope) -> str:
        keys = scope.load(",".join(self.properties))
        row = (
            "set mV=[] do mV.%%Push(%s_mOwn),mV.%%Push(%s_mKey) "
            'for mN=1:1:$length(%s,",") { set mK=$piece(%s,",",mN),mX="" %s do mV.%%Push(mX) } '
            'set mRow={} do mRow.%%Set("id",mId),mRow.%%Set("item",mI),mRow.%%Set("row",mV) %s'
        ) % (literal(KNOWN), literal(KNOWN), keys, keys, self._value(), SEND % "mRow")
        objects = "%swhile mOk&&mRs.Next() { set mKey=mRs.Get(%s) %s if mOk { %s} } " % (
            self._execute("mRs", self.query, "mOwn" if self.owners else ""),
            literal(self.query.column),
            self._open(),
            row,
        )
        if self.owners is None:
            return 'set mOwn="" %sif \'mOk { %s}' % (objects, FAILED)
        return "%swhile mOk&&mRo.Next() { set mOwn=mRo.Get(%s) %s} if 'mOk { %s}" % (
            self._execute("mRo", self.owners, ""),
            literal(self.owners.column),
            objects,
            FAILED,
        )

    def seconds(self) -> float:
        return self.limit

    def _execute(self, name: str, query: Query, first: str) -> str:
        arguments = ",".join(([first] if first else []) + [literal(argument) for argument in query.arguments])
        return "set %s=##class(%%ResultSet).%%New(%s),mSc=%s.Execute(%s) %s" % (
            name,
            literal("%s:%s" % (query.class_name, query.name)),
            name,
            arguments,
            _JUDGE,
        )

    def _open(self) -> str:
        if not self.by_get:
            return "set mObj=##class(%s).%%OpenId(mKey,-1,.mSc) %s" % (self.query.class_name, _JUDGE)
        arguments = (["mOwn"] if self.owners else []) + ["mKey", ".mP"] + [".mR%d" % n for n in range(self.outputs)]
        return "kill mP set mSc=##class(%s).Get(%s) %s" % (self.query.class_name, ",".join(arguments), _JUDGE)

    def _value(self) -> str:
        if self.by_get:
            return "set:$data(mP(mK)) mX=%s_mP(mK)" % literal(KNOWN)
        return (
            "try { set mX=$property(mObj,mK) set:$listvalid(mX) mX=$listtostring(mX,%s,1) set mX=%s_mX } "
            'catch mE { set mX="" }' % (literal(ListText.SEPARATOR), literal(KNOWN))
        )

    def read(self, answer: Answer) -> list[Found]:
        """The objects in an answer; an answer that is no success is never taken for an empty list."""
        if not answer.ok:
            raise StatusError(
                "config_unreadable",
                "the objects of %s cannot be read: %s" % (self.query.class_name, answer.text),
                "Run again if one was deleted meanwhile; otherwise leave its kind out.",
                numbers=answer.codes,
            )
        found = []
        for owner, key, *values in answer.rows:
            known = {name: value[1:] for name, value in zip(self.properties, values) if value.startswith(KNOWN)}
            found.append(Found(owner[1:], key[1:], known))
        return found


@dataclasses.dataclass
class Save(Step):
    """Open the object with an id, or make a new one, set properties and save it.

    With ``keep`` (property, name) a property of the saved object can be read with :class:`Output` afterwards.
    """

    class_name: str
    identity: t.Optional[str]
    properties: t.Mapping[str, Argument]
    keep: t.Optional[t.Tuple[str, str]] = None

    acts = True

    @property
    def call(self) -> Call:
        """How the step is called among the actions."""
        return Call(self.class_name, "%Save")

    def body(self, scope: Scope) -> str:
        opened = "%New()" if self.identity is None else "%%OpenId(%s)" % render(self.identity, scope)
        # Long and short ones are all loaded before, so that a line holds every property an object can have
        values = {
            name: value.render(scope) if isinstance(value, Expression) else scope.load(str(value))
            for name, value in self.properties.items()
        }
        kept = "" if self.keep is None else " set:mOk mOut%s=mObj.%s" % (self.keep[1], self.keep[0])
        return "set mObj=##class(%s).%s,%s,mSc=mObj.%%Save() %sif 'mOk { %s}%s kill mObj" % (
            self.class_name,
            opened,
            ",".join("mObj.%s=%s" % (name, value) for name, value in values.items()),
            _JUDGE,
            FAILED,
            kept,
        )


class ListFrom(Expression):
    """The $LIST of a text that :class:`ListText` or :class:`Records` made of one."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render(self, scope: Scope) -> str:
        return "$listfromstring(%s,%s)" % (scope.load(self.text), literal(ListText.SEPARATOR))


class Day(Expression):
    """The date of the instance as a number of days, some days from now."""

    def __init__(self, later: int = 0) -> None:
        self.later = later

    def render(self, scope: Scope) -> str:
        return "($horolog+%d)" % self.later

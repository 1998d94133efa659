# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""ObjectScript expressions as data, and the one function that quotes a value.

ObjectScript stands in this file and in ``program.py`` only. Modules and roles build expressions from the classes here;
every value becomes a literal through :func:`literal`, never through string formatting.
"""

from __future__ import annotations

import abc
import re
import typing as t

Scalar = t.Union[str, int, bool, None]

#: Literals whose rendered form is longer are loaded into a local variable piece by piece.
LITERAL_LIMIT = 160

_SAFE = re.compile(r"[^\x20-\x7e]+")
_CLASS = re.compile(r"%?[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*\Z")
_MEMBER = re.compile(r"%?[A-Za-z][A-Za-z0-9]*\Z")


def literal(value: Scalar) -> str:
    """The ObjectScript literal of a value. The one quoting function.

    Quotes are doubled; everything outside printable ASCII becomes ``$char(...)``, so no line break, control character
    or encoding can change what the terminal reads.
    """
    if value is None:
        return '""'
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return str(value)
    parts: list[str] = []
    position = 0
    for match in _SAFE.finditer(value):
        if match.start() > position:
            parts.append(_quoted(value[position : match.start()]))
        parts.append("$char(%s)" % ",".join(str(ord(char)) for char in match.group()))
        position = match.end()
    if position < len(value) or not parts:
        parts.append(_quoted(value[position:]))
    return "_".join(parts)


def _quoted(text: str) -> str:
    return '"%s"' % text.replace('"', '""')


class Expression(abc.ABC):
    """Something with a value; ``render`` is given the scope in which names of items and long literals are resolved."""

    @abc.abstractmethod
    def render(self, scope: Scope) -> str:
        """The ObjectScript text."""


Argument = t.Union[Scalar, "Expression"]


class Scope(t.Protocol):
    """What rendering an expression needs from the program around it."""

    def load(self, value: str) -> str:
        """A name that holds a long literal."""

    def load_array(self, array: Array) -> str:
        """A name that holds an array to be passed by reference."""

    def item(self, field: str) -> str:
        """A reference to a field of the current item of the loop."""


def render(value: Argument, scope: Scope) -> str:
    if isinstance(value, Expression):
        return value.render(scope)
    text = literal(value)
    return scope.load(value) if isinstance(value, str) and len(text) > LITERAL_LIMIT else text


class Array(Expression):
    """An array of subscript -> value, passed by reference."""

    def __init__(self, values: t.Mapping[str, Argument]) -> None:
        self.values = dict(values)

    def render(self, scope: Scope) -> str:
        return "." + scope.load_array(self)


class Ref(Expression):
    """A local that a call fills by reference; read it with :class:`Output`."""

    def __init__(self, name: str) -> None:
        self.name = _name(name)

    def render(self, scope: Scope) -> str:
        return ".mOut" + self.name


class Output(Expression):
    """The value (or one subscript) of what a call left in a :class:`Ref`."""

    def __init__(self, name: str, subscript: str | None = None) -> None:
        self.name = _name(name)
        self.subscript = subscript

    def render(self, scope: Scope) -> str:
        subscript = "" if self.subscript is None else "(%s)" % render(self.subscript, scope)
        return "$get(mOut%s%s)" % (self.name, subscript)


class Call(Expression):
    """A class method call, ``##class(X).Y(...)``."""

    def __init__(self, class_name: str, method: str, *arguments: Argument) -> None:
        if not _CLASS.match(class_name) or not _MEMBER.match(method):
            raise ValueError("not a class method: %r.%r" % (class_name, method))
        self.class_name = class_name
        self.method = method
        self.arguments = arguments

    @property
    def label(self) -> str:
        return "%s.%s" % (self.class_name, self.method)

    def render(self, scope: Scope) -> str:
        arguments = ",".join(render(argument, scope) for argument in self.arguments)
        return "##class(%s).%s(%s)" % (self.class_name, self.method, arguments)


class Property(Expression):
    """One property of an object opened by its id; fails where there is no such object."""

    def __init__(self, class_name: str, identity: Argument, name: str) -> None:
        self.opener = Call(class_name, "%OpenId", identity)
        self.name = _name(name)

    def render(self, scope: Scope) -> str:
        return "%s.%s" % (self.opener.render(scope), self.name)


class Piece(Expression):
    """Part ``index`` of a text that a character divides."""

    def __init__(self, source: Expression, separator: str, index: int) -> None:
        self.source = source
        self.separator = separator
        self.index = index

    def render(self, scope: Scope) -> str:
        return "$piece(%s,%s,%d)" % (self.source.render(scope), literal(self.separator), self.index)


class ListItem(Expression):
    """Element ``index`` of a $LIST, or "" where there is none."""

    def __init__(self, source: Expression, index: int) -> None:
        self.source = source
        self.index = index

    def render(self, scope: Scope) -> str:
        return "$listget(%s,%d)" % (self.source.render(scope), self.index)


class ListOf(Expression):
    """A $LIST built of values."""

    def __init__(self, *values: Argument) -> None:
        self.values = values

    def render(self, scope: Scope) -> str:
        return "$listbuild(%s)" % ",".join(render(value, scope) for value in self.values)


class ListText(Expression):
    """A $LIST as text, its elements joined by a separator that no name or address can contain."""

    SEPARATOR = "\x1f"

    def __init__(self, source: Expression) -> None:
        self.source = source

    def render(self, scope: Scope) -> str:
        return "$listtostring(%s,%s,1)" % (self.source.render(scope), literal(self.SEPARATOR))


class Joined(Expression):
    """Several values joined by a separator into one string."""

    def __init__(self, *parts: Argument, separator: str = "") -> None:
        self.parts = parts
        self.separator = separator

    def render(self, scope: Scope) -> str:
        between = "_%s_" % literal(self.separator) if self.separator else "_"
        return between.join("(%s)" % render(part, scope) for part in self.parts)


class Not(Expression):
    """The opposite of a truth value."""

    def __init__(self, value: Expression) -> None:
        self.value = value

    def render(self, scope: Scope) -> str:
        return "'(%s)" % self.value.render(scope)


class Either(Expression):
    """True when one of several is."""

    def __init__(self, *values: Expression) -> None:
        self.values = values

    def render(self, scope: Scope) -> str:
        return "(%s)" % "||".join("(%s)" % value.render(scope) for value in self.values)


class Mounted(Expression):
    """Whether the database in a directory is mounted; false also where the instance knows no such database."""

    def __init__(self, directory: Argument) -> None:
        self.opener = Call("SYS.Database", "%OpenId", directory)
        self.value = Property("SYS.Database", directory, "Mounted")

    def render(self, scope: Scope) -> str:
        return "$select($isobject(%s):%s,1:0)" % (self.opener.render(scope), self.value.render(scope))


class FileNumber(Expression):
    """The system file number (SFN) of the database in a directory; what CatchupDB wants (`$zutil(49)`)."""

    def __init__(self, directory: Argument) -> None:
        self.directory = directory

    def render(self, scope: Scope) -> str:
        return "+$zutil(49,%s)" % render(self.directory, scope)


class Item(Expression):
    """A field of the current item inside :class:`~.program.Each`."""

    def __init__(self, field: str) -> None:
        self.field = field

    def render(self, scope: Scope) -> str:
        return scope.item(self.field)


class Collected(Expression):
    """The $LIST that :class:`~.program.Collect` steps have put together."""

    def __init__(self, collection: str) -> None:
        self.collection = _name(collection)

    def render(self, scope: Scope) -> str:
        return "$get(mSet%s)" % self.collection


class Empty(Expression):
    """Whether a $LIST has no element. A $LIST itself is no truth value: as a number it is 0, whatever it holds."""

    def __init__(self, source: Expression) -> None:
        self.source = source

    def render(self, scope: Scope) -> str:
        return "($listlength(%s)=0)" % self.source.render(scope)


class Version(Expression):
    """`$zversion`."""

    def render(self, scope: Scope) -> str:
        return "$zversion"


class Global(Expression):
    """A node of a global in a namespace."""

    def __init__(self, namespace: Argument, name: str, subscripts: t.Sequence[Argument]) -> None:
        if not re.match(r"%?[A-Za-z][A-Za-z0-9.]*\Z", name):
            raise ValueError("not the name of a global: %r" % name)
        self.namespace = namespace
        self.name = name
        self.subscripts = list(subscripts)

    def node(self, scope: Scope, *locals_below: str) -> str:
        """The reference; with the values of local variables as further subscripts."""
        subscripts = ",".join([*(render(subscript, scope) for subscript in self.subscripts), *locals_below])
        return "^|%s|%s%s" % (render(self.namespace, scope), self.name, "(%s)" % subscripts if subscripts else "")

    def render(self, scope: Scope) -> str:
        return "$get(%s)" % self.node(scope)


class Defined(Expression):
    """`$data` of a global node: 0 nothing, 1 value, 10 descendants, 11 both."""

    def __init__(self, node: Global) -> None:
        self.node = node

    def render(self, scope: Scope) -> str:
        return "$data(%s)" % self.node.node(scope)


def _name(name: str) -> str:
    if not _MEMBER.match(name):
        raise ValueError("not a plain name: %r" % name)
    return name

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All classes and routines an instance knows, and how a call finds its way to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from irissim.objectscript.classes import (
    Argument,
    ClassContext,
    Context,
    MethodSpec,
    QuerySpec,
    SessionContext,
    SystemClass,
    is_kind_of,
)
from irissim.objectscript.host import Session
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.signals import unsupported
from irissim.objectscript.signatures import signature_of
from irissim.values.errors import OsError
from irissim.values.releases import is_before
from irissim.values.value import OsObject, Value, to_bool, to_string

Routine = Callable[..., Any]
SystemKind = type[SystemClass]


class Sources(Protocol):
    """Classes and routines that were loaded as source into a namespace."""

    def find_class(self, session: Session, name: str) -> SystemKind | None:
        """The class of this full name."""
        ...

    def call_routine(self, session: Session, label: str, routine: str, arguments: Sequence[Argument]) -> Value:
        """Run a label of a routine; <NOROUTINE> or <NOLINE> if it is not there."""
        ...


class ClassRegistry:
    """The classes and routines of one instance, of one version of IRIS, and the language of its texts ("" English)."""

    def __init__(self, version: str = "2026.1", language: str = "") -> None:
        self.version = version
        self.language = language
        self._classes: dict[str, SystemKind] = {}
        self._routines: dict[tuple[str, str], Routine] = {}
        self._zutils: dict[int, Routine] = {}
        self._specials: dict[str, Callable[[Context], Value]] = {}
        self.sources: Sources | None = None

    def register(self, kind: SystemKind) -> SystemKind:
        """Add a class; gives it back, so that it can be used as a decorator."""
        if kind.NAME in self._classes and self._classes[kind.NAME] is not kind:
            raise ValueError(f"class {kind.NAME} is registered twice")
        self._classes[kind.NAME] = kind
        return kind

    def register_routine(self, name: str, function: Routine, label: str = "") -> None:
        """Make ``do label^name(...)`` call a function; its first parameter is the context."""
        self._routines[name, label] = function

    def names(self) -> list[str]:
        """The registered class names."""
        return sorted(self._classes)

    def kind(self, name: str) -> SystemKind | None:
        """A class by its full name, whatever the namespace."""
        return self._classes.get(name)

    def find(self, session: Session, name: str) -> SystemKind:
        """The class a name means in the session's namespace; <CLASS DOES NOT EXIST> if there is none."""
        full = full_class_name(name)
        kind = self._classes.get(full) or (self.sources.find_class(session, full) if self.sources else None)
        # FIDELITY(observed; LIVE): a %SYS-only class is unknown in other namespaces
        if kind is None or (kind.NAMESPACE and session.namespace.upper() != kind.NAMESPACE):
            raise OsError("<CLASS DOES NOT EXIST>", "*" + full)
        return kind

    def exists(self, session: Session, name: str) -> bool:
        """Whether a class can be used in the session's namespace."""
        try:
            self.find(session, name)
        except OsError:
            return False
        return True

    def call(self, session: Session, class_name: str, method_name: str, arguments: Sequence[Argument] = ()) -> Value:
        """``##class(class_name).method_name(arguments)``."""
        return self.call_kind(session, self.find(session, class_name), method_name, arguments)

    def call_kind(
        self, session: Session, kind: SystemKind, method_name: str, arguments: Sequence[Argument] = ()
    ) -> Value:
        """A class method of a class that is already found."""
        spec = self._available(kind.methods.get(method_name))
        if spec is None and method_name in _COMMON_METHODS:
            return _COMMON_METHODS[method_name](kind, arguments)
        if spec is None:
            raise kind.missing_method(method_name)
        if not spec.static:
            raise OsError("<NO CURRENT OBJECT>", "", f"z{method_name}^{kind.NAME}.1")
        return spec.call(ClassContext(session, kind), kind.NAME, arguments)

    def call_on(self, target: SystemClass, method_name: str, arguments: Sequence[Argument] = ()) -> Value:
        """``object.method_name(arguments)`` for the methods declared in Python."""
        spec = self._available(type(target).methods.get(method_name))
        if spec is None and method_name in _COMMON_METHODS:
            return _COMMON_METHODS[method_name](type(target), arguments)
        if spec is None:
            raise type(target).missing_method(method_name)
        return spec.call(target, target.class_name(), arguments)

    def parameter(self, session: Session, class_name: str, name: str) -> Value:
        """``##class(class_name).#name``."""
        return parameter_of(self.find(session, class_name), name)

    def find_query(self, session: Session, class_name: str, query_name: str) -> QuerySpec | None:
        """A class query, or ``None``; <CLASS DOES NOT EXIST> if even the class is unknown."""
        spec = self.find(session, class_name).queries.get(query_name)
        return spec if spec is not None and self.is_in_release(spec.since) else None

    def query(
        self, session: Session, class_name: str, query_name: str, arguments: Sequence[Argument] = ()
    ) -> tuple[tuple[str, ...], Iterable[Sequence[Value]]]:
        """Columns and rows of a class query."""
        spec = self.find_query(session, class_name, query_name)
        if spec is None:
            raise self.find(session, class_name).missing_method(query_name + "Execute")
        rows = spec.run(SessionContext(session), full_class_name(class_name), arguments)
        return spec.columns, rows

    def call_routine(self, session: Session, label: str, routine: str, arguments: Sequence[Argument]) -> Value:
        """``do label^routine(arguments)``; <NOROUTINE> or <NOLINE> if it is not there."""
        function = self._routines.get((routine, label))
        if function is None and self.sources is not None and not self.has_routine(routine):
            return self.sources.call_routine(session, label, routine, arguments)
        if function is None:
            if any(name == routine for name, _ in self._routines):
                raise OsError("<NOLINE>", f"*{label}^{routine}")
            raise OsError("<NOROUTINE>", "*" + routine)
        bound = signature_of(function, ()).bind(arguments, f"{label}^{routine}")
        result = function(SessionContext(session), *bound)
        return "" if result is None else result

    def has_routine(self, routine: str) -> bool:
        """Whether any label of a routine is known."""
        return any(name == routine for name, _ in self._routines)

    def register_zutil(self, number: int, function: Routine) -> None:
        """Make ``$zutil(number,...)`` call a function; its first parameter is the context."""
        self._zutils[number] = function

    def call_zutil(self, session: Session, number: int, arguments: Sequence[Argument]) -> Value:
        """``$zutil(number,arguments)``."""
        function = self._zutils.get(number)
        if function is None:
            raise unsupported(f"$ZUTIL({number})")
        bound = signature_of(function, ()).bind(arguments, "")
        result: Value = function(SessionContext(session), *bound)
        return result

    def register_special(self, name: str, function: Callable[[Context], Value]) -> None:
        """Provide a special variable that depends on the instance, for example ``system`` for $SYSTEM."""
        self._specials[name] = function

    def special(self, session: Session, name: str) -> Value:
        """The value of such a special variable."""
        function = self._specials.get(name)
        if function is None:
            raise unsupported("$" + name.upper())
        return function(SessionContext(session))

    def _available(self, spec: MethodSpec | None) -> MethodSpec | None:
        return spec if spec is not None and self.is_in_release(spec.since) else None

    def is_in_release(self, since: str) -> bool:
        """Whether the release has what came with another one ("" has been there always)."""
        return not since or not is_before(self.version, since)


def full_class_name(name: str) -> str:
    """``%File`` is %Library.File and ``Person`` is User.Person."""
    if "." in name:
        return name
    return "%Library." + name[1:] if name.startswith("%") else "User." + name


def parameter_of(kind: SystemKind, name: str) -> Value:
    """A parameter of a class; <PARAMETER DOES NOT EXIST> if there is none."""
    if name not in kind.PARAMETERS:
        raise OsError("<PARAMETER DOES NOT EXIST>", f"*{name},{kind.NAME}")
    return kind.PARAMETERS[name]


def class_name_of(context: Context) -> str:
    """The class a class method was called on, or the class of the object."""
    if isinstance(context, ClassContext):
        return context.kind.NAME
    return context.class_name() if isinstance(context, OsObject) else ""


def object_of(value: Value) -> SystemClass:
    """The object a reference points to; <INVALID OREF> if it is none."""
    if not isinstance(value, SystemClass):
        raise OsError("<INVALID OREF>")
    return value


def _first_text(arguments: Sequence[Argument]) -> str:
    first = arguments[0] if arguments else ""
    value = first.value if isinstance(first, LocalArray) else first
    return "" if value is None else to_string(value)


def _is_a(kind: SystemKind, arguments: Sequence[Argument]) -> Value:
    return int(is_kind_of(kind, full_class_name(_first_text(arguments))))


def _class_name(kind: SystemKind, arguments: Sequence[Argument]) -> Value:
    return kind.NAME if to_bool(_first_text(arguments)) else kind.NAME.rpartition(".")[2]


_COMMON_METHODS: dict[str, Callable[[SystemKind, Sequence[Argument]], Value]] = {
    "%ClassName": _class_name,
    "%IsA": _is_a,
    "%Extends": _is_a,
}

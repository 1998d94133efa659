# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How classes of the IRIS library are written in Python, and how the interpreter finds and calls them.

    class Mirror(SystemClass):
        NAME = "SYS.Mirror"
        NAMESPACE = "%SYS"

        @class_method(byref=("MirrorInfo",))
        def CreateNewMirrorSet(ctx: Context, MirrorSetName: Value, SystemName: Value = "",
                               MirrorInfo: LocalArray = ...) -> Status:
            ...

A function annotated ``-> Status`` may raise StatusError, which becomes the %Status it returns. Names that Python
does not allow are given as ``name="%OpenId"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, overload

from irissim.objectscript.host import Session
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.signatures import Argument, Signature, signature_of
from irissim.values.errors import OsError, StatusError
from irissim.values.status import OK, status_of, text
from irissim.values.value import OsObject, Value

if TYPE_CHECKING:
    from irissim.objectscript.registry import ClassRegistry

__all__ = [
    "Argument",
    "Context",
    "LocalArray",
    "MethodSpec",
    "PropertySpec",
    "QuerySpec",
    "Status",
    "SystemClass",
    "class_method",
    "field",
    "method",
    "property_",
    "query",
]

Status = Value
"""The return annotation that marks a method as returning %Status."""

Function = TypeVar("Function", bound=Callable[..., Any])


class Context(Protocol):
    """In whose name a class method runs. Every object is the context of the calls it makes itself."""

    session: Session

    @property
    def instance(self) -> Any: ...

    @property
    def classes(self) -> ClassRegistry: ...


class SessionContext:
    """The context of a call made by a session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def instance(self) -> Any:
        """The IRIS instance the session runs in."""
        return self.session.instance

    @property
    def classes(self) -> ClassRegistry:
        """The classes the session can call."""
        return self.session.classes


class ClassContext(SessionContext):
    """The context of a class method: the session and the class it was called on."""

    def __init__(self, session: Session, kind: type[SystemClass]) -> None:
        super().__init__(session)
        self.kind = kind


class MethodSpec:
    """A Python function callable from ObjectScript."""

    def __init__(self, function: Callable[..., Any], name: str, byref: Sequence[str], since: str, static: bool) -> None:
        self.function = function
        self.name = name or function.__name__
        self.signature: Signature = signature_of(function, byref)
        self.since = since
        self.static = static
        self.returns_status = function.__annotations__.get("return") in ("Status", Status)

    def call(self, owner: object, class_name: str, arguments: Sequence[Argument]) -> Value:
        """Run the function with ``owner`` (context or object) as its first argument."""
        bound = self.signature.bind(arguments, f"z{self.name}^{class_name}.1")
        try:
            result = self.function(owner, *bound)
        except StatusError as error:
            status = status_of(error)
            if self.returns_status:
                return status
            raise OsError("<THROW>", "*%Exception.StatusException " + text(status)) from error
        if result is None:
            return OK if self.returns_status else ""
        if isinstance(result, bool):
            return int(result)
        return result  # type: ignore[no-any-return]


class QuerySpec:
    """A class query: named columns and a function that gives the rows."""

    def __init__(self, function: Callable[..., Any], name: str, columns: Sequence[str], since: str) -> None:
        self.function = function
        self.name = name or function.__name__
        self.columns = tuple(columns)
        self.since = since
        self.signature: Signature = signature_of(function, ())

    def run(self, context: Context, class_name: str, arguments: Sequence[Argument]) -> Iterable[Sequence[Value]]:
        """The rows for these arguments."""
        bound = self.signature.bind(arguments, f"z{self.name}Execute^{class_name}.1")
        rows: Iterable[Sequence[Value]] = self.function(context, *bound)
        return rows


class PropertySpec:
    """A computed property; read-only until it gets a setter."""

    def __init__(self, getter: Callable[[Any], Value], name: str, since: str = "") -> None:
        self.getter = getter
        self.since = since
        self.name = name or getter.__name__
        self._setter: Callable[[Any, Value], None] | None = None

    def setter(self, function: Callable[[Any, Value], None]) -> Callable[[Any, Value], None]:
        """Decorator of the function that assigns the property."""
        self._setter = function
        return function

    def get(self, owner: object) -> Value:
        """Read it."""
        result = self.getter(owner)
        return int(result) if isinstance(result, bool) else result

    def set(self, owner: object, value: Value, class_name: str) -> None:
        """Assign it; <CANNOT SET THIS PROPERTY> when it has no setter."""
        if self._setter is None:
            raise OsError("<CANNOT SET THIS PROPERTY>", f"*{self.name},{class_name}")
        self._setter(owner, value)


class field:
    """A stored property: ``Size = field(0)``."""

    def __init__(self, default: Value = "", *, name: str = "") -> None:
        self.default = default
        self.name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    def __get__(self, owner: SystemClass, kind: type) -> Any:
        return owner.__dict__.get(self.name, self.default)

    def __set__(self, owner: SystemClass, value: Value) -> None:
        owner.__dict__[self.name] = value


def class_method(*, name: str = "", byref: Sequence[str] = (), since: str = "") -> Callable[[Function], Function]:
    """Mark a function as class method; its first parameter is the context."""
    return _marker(lambda function: MethodSpec(function, name, byref, since, static=True))


def method(*, name: str = "", byref: Sequence[str] = (), since: str = "") -> Callable[[Function], Function]:
    """Mark a function as instance method."""
    return _marker(lambda function: MethodSpec(function, name, byref, since, static=False))


def query(*, columns: Sequence[str], name: str = "", since: str = "") -> Callable[[Function], Function]:
    """Mark a function as class query; its first parameter is the context."""
    return _marker(lambda function: QuerySpec(function, name, columns, since))


def _marker(make: Callable[[Function], MethodSpec | QuerySpec]) -> Callable[[Function], Function]:
    def mark(function: Function) -> Function:
        function.__dict__["objectscript"] = make(function)
        return function

    return mark


@overload
def property_(function: Callable[[Any], Value]) -> PropertySpec: ...


@overload
def property_(*, name: str = "", since: str = "") -> Callable[[Callable[[Any], Value]], PropertySpec]: ...


def property_(
    function: Callable[[Any], Value] | None = None, *, name: str = "", since: str = ""
) -> PropertySpec | Callable[[Callable[[Any], Value]], PropertySpec]:
    """Make a function the getter of a property; ``@Size.setter`` on a second function makes it assignable."""
    if function is None:
        return lambda getter: PropertySpec(getter, name, since)
    return PropertySpec(function, name)


class SystemClass(OsObject):
    """Base of all classes that ObjectScript code can name."""

    NAMESPACE: ClassVar[str] = ""
    PARAMETERS: ClassVar[dict[str, Value]] = {}
    methods: ClassVar[dict[str, MethodSpec]] = {}
    queries: ClassVar[dict[str, QuerySpec]] = {}
    properties: ClassVar[dict[str, PropertySpec | field]] = {}

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.methods, cls.queries, cls.properties = {}, {}, {}
        # Plain classes among the bases are parts of one large system class, each in a file of its own.
        for attribute in (item for base in reversed(cls.__mro__) for item in vars(base).values()):
            spec = getattr(attribute, "objectscript", None)
            if isinstance(spec, MethodSpec):
                cls.methods[spec.name] = spec
            elif isinstance(spec, QuerySpec):
                cls.queries[spec.name] = spec
            elif isinstance(attribute, (PropertySpec, field)):
                cls.properties[attribute.name] = attribute

    def __init__(self, context: Context) -> None:
        self.session = context.session

    @property
    def instance(self) -> Any:
        """The IRIS instance the object lives in."""
        return self.session.instance

    @property
    def classes(self) -> ClassRegistry:
        """The classes the object can call."""
        return self.session.classes

    @classmethod
    def missing_method(cls, name: str) -> OsError:
        """The error of a call of a method that the class does not have."""
        return OsError("<METHOD DOES NOT EXIST>", f"*{name},{cls.NAME}")

    def call_method(self, name: str, arguments: Sequence[Argument]) -> Value:
        """Call ``object.name(...)``; a class method gets the object as its context."""
        return self.session.classes.call_on(self, name, arguments)

    def multidimensional(self, name: str) -> LocalArray | None:
        """The array behind ``object.name(subscript)`` when that is a property and not a method."""
        return None

    def _property(self, name: str) -> PropertySpec | field:
        spec = self.properties.get(name)
        if spec is None or (isinstance(spec, PropertySpec) and not self.classes.is_in_release(spec.since)):
            raise OsError("<PROPERTY DOES NOT EXIST>", f"*{name},{self.class_name()}")
        return spec

    def get_property(self, name: str) -> Value:
        """Read ``object.name``."""
        spec = self._property(name)
        if isinstance(spec, PropertySpec):
            return spec.get(self)
        value: Value = spec.__get__(self, type(self))
        return value

    def set_property(self, name: str, value: Value) -> None:
        """Assign ``object.name``."""
        spec = self._property(name)
        if isinstance(spec, PropertySpec):
            spec.set(self, value, self.class_name())
        else:
            spec.__set__(self, value)


def is_kind_of(kind: type[SystemClass], name: str) -> bool:
    """Whether a class is the named one or inherits from it."""
    return any(getattr(base, "NAME", "") == name for base in kind.__mro__)

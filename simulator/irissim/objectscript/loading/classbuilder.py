# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The definition of a class to a class that can be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from irissim.objectscript.classes import MethodSpec, SystemClass
from irissim.objectscript.compiler import compile_expression
from irissim.objectscript.host import Session
from irissim.objectscript.loading.code import Code, compile_method
from irissim.objectscript.loading.definition import ClassDefinition, MethodDefinition
from irissim.objectscript.loading.generators import generated_code
from irissim.objectscript.loading.loaded_object import LoadedObject
from irissim.objectscript.loading.methods import LoadedMethod
from irissim.objectscript.loading.preprocessor import Preprocessor
from irissim.objectscript.runtime import Runtime, runtime_of
from irissim.objectscript.signals import Unsupported, unsupported
from irissim.values.errors import OsError, StatusError
from irissim.values.value import Value

FindClass = Callable[[str], "type[SystemClass] | None"]
# FIDELITY(assumed): a class may extend a system class that the simulator does not have; only what it would inherit from
#   there is missing, and a call of it says so
_SYSTEM_PACKAGES = ("%", "Ens.", "EnsLib.", "EnsPortal.", "HS.", "Config.", "Security.", "SYS.")


@dataclass
class Built:
    """A class that is ready, and what of it will not work."""

    kind: type[LoadedObject]
    notices: list[str] = field(default_factory=list)


def build(definition: ClassDefinition, macros: Preprocessor, find: FindClass, session: Session) -> Built:
    """Compile a class. StatusError for what IRIS would refuse, too."""
    bases, unknown = _parents(definition, find)
    routine = definition.name + ".1"
    notices = [f"{member} is not supported by the simulator" for member in definition.left_out]
    notices += [f"the superclass {name} is not supported by the simulator" for name in unknown]
    body: dict[str, Any] = {
        "NAME": definition.name,
        "ABSTRACT": "abstract" in definition.keywords,
        "UNKNOWN_PARENTS": (*unknown, *_inherited(bases, "UNKNOWN_PARENTS")),
        "DECLARED": {**_merged(bases, "DECLARED"), **definition.properties},
    }
    kind: type[LoadedObject] = type(definition.name, bases, body)
    kind.PARAMETERS = {**_merged(bases, "PARAMETERS"), **_parameters(definition, session)}
    inherited_methods: dict[str, MethodSpec] = _merged(bases, "methods")
    if not definition.parents:
        # FIDELITY(documented; GOBJ): a class without superclass has no objects
        inherited_methods = {}
    own = _own_methods(definition, macros, routine, session)
    for name, spec in own.items():
        inherited = inherited_methods.get(name)
        if isinstance(spec, LoadedMethod):
            notices += [f"{name}: {refusal.removeprefix('*')}" for refusal in spec.code.refused]
            if inherited is not None:
                owner = next(base for base in bases if name in base.methods)
                spec.overridden = (inherited, owner.NAME)
    kind.methods = {**inherited_methods, **own}
    return Built(kind, notices)


def _parents(definition: ClassDefinition, find: FindClass) -> tuple[tuple[type[SystemClass], ...], tuple[str, ...]]:
    bases: list[type[SystemClass]] = []
    unknown: list[str] = []
    for name in definition.parents:
        kind = LoadedObject if name == LoadedObject.NAME else find(name)
        if kind is not None:
            bases.append(kind)
        elif name.startswith(_SYSTEM_PACKAGES):
            unknown.append(name)
        else:
            # FIDELITY(documented; ERR 5373): a superclass that is not there
            raise StatusError(5373, name, definition.name + ":superclass")
    # Without a superclass there is %ClassName and its like, but no %New.
    if not any(issubclass(base, LoadedObject) for base in bases):
        bases.append(LoadedObject)
    found = [base for base in bases if not any(base is not other and issubclass(other, base) for other in bases)]
    return tuple(found), tuple(unknown)


def _inherited(bases: tuple[type[SystemClass], ...], name: str) -> tuple[str, ...]:
    return tuple(item for base in bases for item in getattr(base, name, ()))


def _merged(bases: tuple[type[SystemClass], ...], name: str) -> dict[str, Any]:
    # FIDELITY(documented; GOBJ): with several superclasses the leftmost one wins
    return {key: value for base in reversed(bases) for key, value in getattr(base, name, {}).items()}


def _parameters(definition: ClassDefinition, session: Session) -> dict[str, Value]:
    return {name: compile_expression(text)(runtime_of(session)) for name, text in definition.parameters.items()}


def _own_methods(
    definition: ClassDefinition, macros: Preprocessor, routine: str, session: Session
) -> dict[str, MethodSpec]:
    found: dict[str, MethodSpec] = {}
    for method in definition.methods.values():
        try:
            code = _compiled(definition, method, macros, routine, session)
        except OsError as error:
            # FIDELITY(documented; ERR 5475): code that cannot be compiled
            raise StatusError(5475, routine, f"{method.name}: {error}") from None
        found[method.name] = LoadedMethod(
            method.name,
            code,
            method.formals,
            static=method.static,
            procedure=_is_procedure(definition, method),
            public=tuple(name.strip() for name in method.keyword("publiclist").strip("()").split(",") if name.strip()),
        )
    return found


def _is_procedure(definition: ClassDefinition, method: MethodDefinition) -> bool:
    default = definition.keywords.get("procedureblock", "1")
    return method.keywords.get("procedureblock", default) == "1"


def _compiled(
    definition: ClassDefinition, method: MethodDefinition, macros: Preprocessor, routine: str, session: Session
) -> Code:
    mode, language = method.keyword("codemode") or "code", method.keyword("language") or "objectscript"
    label = f"z{method.name}"
    if language not in ("objectscript", "cache"):
        return _refused(routine, f"the language {language} of a method")
    if mode == "expression":
        return compile_method(macros.expand(f" quit {method.code.strip()}"), label, routine)
    if mode == "call":
        return compile_method(macros.expand(f" quit $${method.code.strip()}"), label, routine)
    code = compile_method(macros.expand(method.code), label, routine)
    if mode in ("objectgenerator", "generator"):
        lines = generated_code(definition, method, code, session)
        return compile_method([(0, line) for line in lines], label, routine)
    return code


def _refused(routine: str, what: str) -> Code:
    refusal = unsupported(what)

    def run(runtime: Runtime) -> None:
        raise Unsupported(refusal.name, refusal.detail)

    return Code(routine, [run], refused=[refusal.detail])

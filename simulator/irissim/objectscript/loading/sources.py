# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources that were loaded into a namespace: kept as globals of its routines database, compiled at first use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from irissim.objectscript.classes import Argument, SystemClass
from irissim.objectscript.host import GlobalRef, Session
from irissim.objectscript.loading.classbuilder import Built, build
from irissim.objectscript.loading.code import Code, compile_routine
from irissim.objectscript.loading.definition import ClassDefinition
from irissim.objectscript.loading.preprocessor import Preprocessor
from irissim.objectscript.loading.status_macros import ALWAYS, SYSTEM_INCLUDES
from irissim.objectscript.loading.udl import parse_classes
from irissim.objectscript.runtime import runtime_of
from irissim.values.errors import OsError, StatusError
from irissim.values.value import Value, to_int, to_string

Place = Callable[[Session, str, str], str]
"""The database (as environment) in which a namespace has a source, by kind ("cls", "mac", "int", "inc") and name."""

# FIDELITY(assumed): loaded source lives in this global of the database of the namespace's routines, so that it is
#   mirrored and copied with it; IRIS has several globals for definitions, compiled code and routines
SOURCE_GLOBAL = "irissimSource"
ROUTINES = ("mac", "int")
_CHUNK = 16000


@dataclass
class _Compiled:
    """A class that was used before, with the superclasses it was built upon."""

    stamp: str
    built: Built
    parents: dict[str, type[SystemClass] | None]


class LoadedSources:
    """Implements registry.Sources."""

    def __init__(self, place: Place, known: Callable[[str], type[SystemClass] | None]) -> None:
        self._place = place
        self._known = known
        self._classes: dict[tuple[str, str], _Compiled] = {}
        self._routines: dict[tuple[str, str], tuple[str, Code]] = {}

    def save(self, session: Session, kind: str, name: str, text: str) -> None:
        """Keep a source; what was compiled of an older one is gone."""
        ref = self._ref(session, kind, name)
        globals_ = session.globals
        if globals_.data(ref):
            globals_.kill(ref)
        pieces = [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)]
        globals_.set(ref, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
        globals_.set(_below(ref, "size"), len(pieces))
        for number, piece in enumerate(pieces, 1):
            globals_.set(_below(ref, "text", number), piece)

    def delete(self, session: Session, kind: str, name: str) -> bool:
        """Forget a source; False when there is none."""
        ref = self._ref(session, kind, name)
        if not session.globals.data(ref):
            return False
        session.globals.kill(ref)
        return True

    def names(self, session: Session, kind: str) -> list[str]:
        """The sources of a kind in the default database of the namespace."""
        ref = GlobalRef(self._place(session, kind, ""), SOURCE_GLOBAL, (kind, ""))
        found: list[str] = []
        while (name := to_string(session.globals.order(ref))) != "":
            found.append(name)
            ref = ref._replace(subscripts=(kind, name))
        return found

    def text(self, session: Session, kind: str, name: str) -> str | None:
        """A source."""
        ref = self._ref(session, kind, name)
        size = session.globals.get(_below(ref, "size"))
        if size is None:
            return None
        pieces = (session.globals.get(_below(ref, "text", number)) for number in range(1, to_int(size) + 1))
        return "".join(to_string(piece) for piece in pieces if piece is not None)

    def compile_class(self, session: Session, name: str) -> Built:
        """Compile a class that is kept here. StatusError if it cannot be."""
        built = self._build(session, name, self._stamp(session, "cls", name)).built
        session.globals.set(_below(self._ref(session, "cls", name), "compiled"), self._stamp(session, "cls", name))
        return built

    def compile_routine(self, session: Session, kind: str, name: str) -> Code:
        """Compile a routine that is kept here. StatusError if it cannot be."""
        text = self.text(session, kind, name) or ""
        try:
            macros = self._macros(session, ALWAYS if kind == "mac" else ())
            return compile_routine(macros.expand(_without_header(text)), name)
        except OsError as error:
            raise StatusError(5475, name, str(error)) from None

    def find_class(self, session: Session, name: str) -> type[SystemClass] | None:
        """A compiled class."""
        stamp = self._stamp(session, "cls", name)
        if not stamp or session.globals.get(_below(self._ref(session, "cls", name), "compiled")) != stamp:
            return None
        known = self._classes.get((self._place(session, "cls", name), name))
        if known is None or known.stamp != stamp or self._changed(session, known):
            known = self._build(session, name, stamp)
        return known.built.kind

    def call_routine(self, session: Session, label: str, routine: str, arguments: Sequence[Argument]) -> Value:
        """Run a label of a routine."""
        kind = next((kind for kind in ROUTINES if self._stamp(session, kind, routine)), None)
        if kind is None:
            raise OsError("<NOROUTINE>", "*" + routine)
        key, stamp = (self._place(session, kind, routine), routine), self._stamp(session, kind, routine)
        known = self._routines.get(key)
        if known is None or known[0] != stamp:
            try:
                known = self._routines[key] = (stamp, self.compile_routine(session, kind, routine))
            except StatusError as error:
                raise OsError("<NOROUTINE>", f"*{routine} ({error})") from None
        return known[1].call(runtime_of(session), label, arguments)

    def definition(self, session: Session, name: str) -> ClassDefinition | None:
        """What a class says about itself."""
        text = self.text(session, "cls", name)
        return None if text is None else next(item for item in parse_classes(text) if item.name == name)

    def _build(self, session: Session, name: str, stamp: str) -> _Compiled:
        definition = self.definition(session, name)
        if definition is None:
            raise StatusError(5351, name)
        parents: dict[str, type[SystemClass] | None] = {}

        def find(parent: str) -> type[SystemClass] | None:
            parents[parent] = self._known(parent) or self.find_class(session, parent)
            return parents[parent]

        try:
            macros = self._macros(session, (*ALWAYS, *self._includes(session, definition)))
            built = build(definition, macros, find, session)
        except OsError as error:
            raise StatusError(5475, name + ".1", str(error)) from None
        compiled = _Compiled(stamp, built, parents)
        self._classes[self._place(session, "cls", name), name] = compiled
        return compiled

    def _changed(self, session: Session, known: _Compiled) -> bool:
        return any(
            (self._known(name) or self.find_class(session, name)) is not kind for name, kind in known.parents.items()
        )

    def _macros(self, session: Session, includes: Sequence[str]) -> Preprocessor:
        macros = Preprocessor(lambda name: self.text(session, "inc", name) or SYSTEM_INCLUDES.get(name.lower()))
        for name in includes:
            macros.include(name)
        return macros

    def _includes(self, session: Session, definition: ClassDefinition) -> list[str]:
        # FIDELITY(documented; GOBJ): a class has the include files of its superclasses, too
        found: list[str] = []
        for name in definition.parents:
            parent = self.definition(session, name)
            if parent is not None:
                found += self._includes(session, parent)
        return [*found, *definition.includes]

    def _stamp(self, session: Session, kind: str, name: str) -> str:
        return to_string(session.globals.get(self._ref(session, kind, name)) or "")

    def _ref(self, session: Session, kind: str, name: str) -> GlobalRef:
        return GlobalRef(self._place(session, kind, name), SOURCE_GLOBAL, (kind, name))


def _below(ref: GlobalRef, *subscripts: Value) -> GlobalRef:
    return ref._replace(subscripts=(*ref.subscripts, *subscripts))


def _without_header(text: str) -> str:
    """The first line of an exported routine names it."""
    head, separator, rest = text.partition("\n")
    return rest if separator and head.upper().startswith("ROUTINE ") else text

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which database a namespace has its classes and routines."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.objectscript.classes import SessionContext
from irissim.objectscript.host import Session
from irissim.objectscript.loading.sources import LoadedSources
from irissim.objectscript.registry import ClassRegistry
from irissim.values.errors import OsError


def register_sources(registry: ClassRegistry) -> None:
    """Let sessions load classes and routines."""
    registry.sources = LoadedSources(place_of, registry.kind)


def place_of(session: Session, kind: str, name: str) -> str:
    """The database as an environment of globals."""
    if session.namespace.startswith("^^"):
        return session.namespace
    config = engine(SessionContext(session)).config
    # FIDELITY(documented; GORIENT): classes and routines whose name begins with % are in the system databases
    if name.startswith("%"):
        database = "IRISSYS"
    else:
        mapped = _mapped(config.section(f"Map.{session.namespace}"), kind, name)
        fields = config.fields("Namespaces", session.namespace, 2)
        database = mapped or fields[1] or fields[0]
    directory = config.fields("Databases", database, 1)[0]
    if not directory:
        raise OsError("<DIRECTORY>", f"*{database}")
    return "^^" + directory.rstrip("/") + "/"


def _mapped(mappings: dict[str, str], kind: str, name: str) -> str:
    """The database of the most specific mapping of a package or routine."""
    # FIDELITY(documented; CPF): a package mapping holds for the package and the packages in it; a routine mapping may
    #   end in *
    best, database = "", ""
    for key, value in mappings.items():
        mark, _, pattern = key.partition("_")
        package = kind == "cls" and mark == "Package" and name.lower().startswith(pattern.lower() + ".")
        stem = pattern.removesuffix("*")
        routine = kind != "cls" and mark == "Routine" and (name.startswith(stem) if stem != pattern else name == stem)
        if (package or routine) and len(pattern) > len(best):
            best, database = pattern, value.split(",")[0]
    return database

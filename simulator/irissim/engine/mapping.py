# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which database holds a global, as a namespace sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irissim.values.errors import OsError, StatusError

if TYPE_CHECKING:
    from irissim.engine.config import Cpf

_IMPLIED = "^^"
_EVERYWHERE = "Map.%ALL"
_GLOBAL = "Global_"
# FIDELITY(assumed): globals of these names live in the namespace's temporary database
_TEMPORARY = ("IRIS.Temp", "CacheTemp", "mtemp")


class GlobalMap:
    """Resolves names through [Databases], [Namespaces] and [Map.NS]; remembers until iris.cpf changes."""

    def __init__(self, config: Cpf) -> None:
        self._config = config
        self._generation = -1
        self._known: dict[tuple[str, str], str] = {}

    def directory(self, environment: str, name: str) -> str:
        """Directory of the database of a global. OsError: <NAMESPACE>, <DIRECTORY>."""
        if self._generation != self._config.generation:
            self._generation = self._config.generation
            self._known = {}
        key = (environment, name)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._resolve(environment, name)
        return found

    def directories(self, namespace: str) -> list[str]:
        """Directories of all databases that hold globals of a namespace."""
        if namespace.startswith(_IMPLIED):
            return [self._implied(namespace)]
        databases = [self._default_database(namespace), "IRISSYS", *self._mappings(namespace).values()]
        return [self.database_directory(database) for database in dict.fromkeys(databases)]

    def database_directory(self, database: str) -> str:
        """Directory by name, with a trailing slash."""
        directory, server = self._config.fields("Databases", database, 2)[:2]
        if not directory or server:
            raise OsError("<DIRECTORY>", f"*{database}")
        return directory.rstrip("/") + "/"

    def _resolve(self, environment: str, name: str) -> str:
        if environment.startswith(_IMPLIED):
            return self._implied(environment)
        default = self._default_database(environment)
        best = _best_pattern(name, self._mappings(environment))
        if best is not None:
            return self.database_directory(best)
        if name.startswith(_TEMPORARY):
            return self.database_directory(self._config.fields("Namespaces", environment, 3)[2] or "IRISTEMP")
        # FIDELITY(documented; GORIENT): percent globals live in IRISSYS unless they are mapped
        return self.database_directory("IRISSYS" if name.startswith("%") else default)

    def _default_database(self, namespace: str) -> str:
        database = self._config.fields("Namespaces", namespace)[0]
        if not database:
            raise OsError("<NAMESPACE>", f"*{namespace}")
        return database

    def _mappings(self, namespace: str) -> dict[str, str]:
        """Pattern to database; those of the namespace win over those of %ALL."""
        entries = {**self._config.section(_EVERYWHERE), **self._config.section(f"Map.{namespace}")}
        return {
            key.removeprefix(_GLOBAL): value.split(",")[0] for key, value in entries.items() if key.startswith(_GLOBAL)
        }

    @staticmethod
    def _implied(environment: str) -> str:
        return environment.removeprefix(_IMPLIED).rstrip("/") + "/"


def check_mapping(name: str) -> None:
    """Raises a status for a global mapping that the simulator does not do."""
    if "(" in name or ":" in name:
        raise StatusError(5001, f"The simulator maps whole globals only, not {name}")


def _best_pattern(name: str, mappings: dict[str, str]) -> str | None:
    """The database of the most specific pattern: the name itself, else the longest `start*`."""
    if name in mappings:
        return mappings[name]
    starts = [pattern for pattern in mappings if pattern.endswith("*") and name.startswith(pattern[:-1])]
    return mappings[max(starts, key=len)] if starts else None

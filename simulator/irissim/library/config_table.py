# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and changing entries of iris.cpf, for the three shapes of Config classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from irissim.library.arrays import read_record, write_record
from irissim.library.config_entry import ConfigEntry
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray
from irissim.values.errors import StatusError
from irissim.values.status import OK, status_of
from irissim.values.value import Value


def check_active(context: Context, cpf_file: Value) -> None:
    """Refuse another file than the active one."""
    if cpf_file not in ("", str(engine(context).cpf_path)):
        raise StatusError(5001, "The simulator changes the active iris.cpf only")


@dataclass(frozen=True)
class Place:
    """Where an entry stands in iris.cpf."""

    section: str
    key: str


class Entries:
    """The entries of one class, in the name of one caller."""

    def __init__(self, context: Context, kind: type[ConfigEntry], cpf_file: Value | LocalArray = "") -> None:
        self._context = context
        self._kind = kind
        self._config = engine(context).config
        check_active(context, cpf_file.get() if isinstance(cpf_file, LocalArray) else cpf_file)

    def has(self, place: Place) -> bool:
        """Whether there is such an entry."""
        return bool(self._config.has(place.section, place.key))

    def read(self, place: Place) -> dict[str, Value]:
        """The properties of an entry; 420 or its like if there is none."""
        if not self.has(place):
            self._refuse(self._kind.MISSING, place)
        return self._kind.decode(self._config.get(place.section, place.key))

    def get(self, place: Place, properties: LocalArray) -> None:
        """Get."""
        write_record(properties, self.read(place))

    def create(self, place: Place, properties: LocalArray) -> dict[str, Value]:
        """Create: 419 or its like if there is one."""
        if self.has(place):
            self._refuse(self._kind.EXISTS, place)
        return self._write(place, properties, {})

    def modify(self, place: Place, properties: LocalArray) -> dict[str, Value]:
        """Modify: only the given properties change."""
        return self._write(place, properties, self.read(place))

    def delete(self, place: Place) -> None:
        """Delete."""
        self.read(place)
        self._config.remove(place.section, place.key)
        self._config.save()

    def exists(self, place: Place, target: LocalArray, status: LocalArray) -> bool:
        """Exists, with its two results by reference."""
        try:
            target.value = self._kind.make(self._context, place.section, place.key, self.read(place))
        except StatusError as error:
            target.value, status.value = "", status_of(error)
            return False
        status.value = OK
        return True

    def _write(self, place: Place, properties: LocalArray, base: dict[str, Value]) -> dict[str, Value]:
        changes = read_record(self._context, properties, self._kind.entry_names(), self._kind.NAME)
        values = self._kind.checked(changes, base)
        self._config.set(place.section, place.key, self._kind.encode(values))
        self._config.save()
        return values

    def _refuse(self, code: int, place: Place) -> NoReturn:
        # FIDELITY(documented; CR24, ERR): 419, 428 and 459 say that an entry exists, 420 and 433 that it does not
        name = place.key.partition("_")[2] if place.section.startswith("Map.") else place.key
        if code in (419, 420):
            raise StatusError(code, self._kind.KIND, name)
        raise StatusError(code, name)

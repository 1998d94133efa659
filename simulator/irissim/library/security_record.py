# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Security.Users, Roles, Resources and Applications share: named objects, kept by the instance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from irissim.engine.security_objects import Record, Table
from irissim.library.arrays import read_record, write_record
from irissim.library.engine_access import engine
from irissim.library.security_file import read_records, record_path, write_records
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, field, method
from irissim.values.errors import StatusError
from irissim.values.status import OK, status_of
from irissim.values.value import Value, to_int, to_string

NAME_LENGTH = 64


class SecurityRecord(SystemClass):
    """Base of the four classes."""

    NAMESPACE = "%SYS"
    FIELDS: ClassVar[Mapping[str, Value]] = {}
    """Properties with their defaults; those whose default is a number are switches."""
    WRITE_ONLY: ClassVar[tuple[str, ...]] = ()
    """Properties that Get never gives."""
    TABLE: ClassVar[str] = ""
    EXISTS: ClassVar[int] = 0
    MISSING: ClassVar[int] = 0
    INVALID: ClassVar[int] = 0
    SYSTEM: ClassVar[int] = 0
    """The error of deleting what IRIS brings itself."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, default in {"Name": "", **cls.FIELDS}.items():
            cls.properties[name] = field(default, name=name)

    @classmethod
    def table(cls, context: Context) -> Table:
        """The objects of the instance."""
        table: Table = getattr(engine(context).security.objects, cls.TABLE)
        return table

    @classmethod
    def fetch(cls, context: Context, name: Value) -> Record:
        """All properties of an object, the hidden ones too; its error if there is none."""
        stored = cls.table(context).stored_name(to_string(name))
        if not stored:
            raise StatusError(cls.MISSING, to_string(name))
        defaults = {field_name: to_string(default) for field_name, default in cls.FIELDS.items()}
        return {**defaults, **cls.table(context).get(stored)}

    @classmethod
    def check(cls, context: Context, name: str, changes: Record) -> Record:
        """What is to be stored for these changes; raises for what is refused."""
        return changes

    @classmethod
    def cleared(cls, context: Context, name: str) -> None:
        """An object is about to be deleted: refuse by raising, or clear what refers to it."""

    @classmethod
    def add(cls, context: Context, name: Value, values: Mapping[str, Value]) -> None:
        """Create."""
        # FIDELITY(documented; ERR, CR24): one error number for what exists, one for what does not, for each class
        text, table = to_string(name), cls.table(context)
        if not text or len(text) > NAME_LENGTH or not text.isprintable() or any(sign in text for sign in ",:"):
            raise StatusError(cls.INVALID, text)
        if table.stored_name(text):
            raise StatusError(cls.EXISTS, text)
        table.put(text, cls.check(context, text, cls._plain(values)))

    @classmethod
    def change(cls, context: Context, name: Value, values: Mapping[str, Value]) -> None:
        """Modify: only the given properties."""
        before = cls.fetch(context, name)
        stored = cls.table(context).stored_name(to_string(name))
        cls.table(context).put(stored, {**before, **cls.check(context, stored, cls._plain(values))})

    @classmethod
    def copy(cls, context: Context, name: Value, new_name: Value, changes: Mapping[str, Value]) -> None:
        """Create as a copy with some other properties; empty ones stay as they are."""
        given = {key: to_string(value) for key, value in changes.items() if to_string(value)}
        kept = {key: value for key, value in cls.fetch(context, name).items() if value or key not in cls.WRITE_ONLY}
        cls.add(context, new_name, {**kept, **given})

    @classmethod
    def drop(cls, context: Context, name: Value) -> None:
        """Delete."""
        cls.fetch(context, name)
        table = cls.table(context)
        stored = table.stored_name(to_string(name))
        if table.is_predefined(stored):
            raise StatusError(cls.SYSTEM, stored)
        cls.cleared(context, stored)
        table.remove(stored)

    @classmethod
    def given(cls, context: Context, properties: LocalArray) -> dict[str, Value]:
        """The properties in an array."""
        return read_record(context, properties, cls.FIELDS, cls.NAME)

    @classmethod
    def get_array(cls, context: Context, name: Value, properties: LocalArray) -> None:
        """Get."""
        found = cls.fetch(context, name)
        write_record(properties, {key: found[key] for key in cls.FIELDS if key not in cls.WRITE_ONLY})

    @classmethod
    def find(cls, context: Context, name: Value, target: LocalArray, status: LocalArray) -> Value:
        """Exists."""
        # FIDELITY(documented; CR24): Status says that the object does not exist, or that it already exists
        try:
            found = cls.fetch(context, name)
        except StatusError as error:
            target.value, status.value = "", status_of(error)
            return 0
        opened = cls(context)
        opened.__dict__.update({key: value for key, value in found.items() if key not in cls.WRITE_ONLY})
        opened.__dict__["Name"] = cls.table(context).stored_name(to_string(name))
        target.value, status.value = opened, status_of(StatusError(cls.EXISTS, to_string(name)))
        return 1

    @classmethod
    def selected(cls, context: Context, masks: Value) -> Iterable[tuple[str, Record]]:
        """Objects by name masks."""
        for name in cls.table(context).names():
            if matches(name, to_string(masks)):
                yield name, cls.fetch(context, name)

    @classmethod
    def export_xml(
        cls, context: Context, file: Value, masks: Value, count: LocalArray, wanted: Callable[[Record], bool]
    ) -> None:
        """Export; hashes of passwords are in it, passwords are nowhere."""
        chosen = {name: record for name, record in cls.selected(context, masks) if wanted(record)}
        write_records(record_path(context, file), cls.TABLE, chosen)
        count.value = len(chosen)

    @classmethod
    def import_xml(cls, context: Context, file: Value, count: LocalArray, flags: Value) -> None:
        """Import: all records or none; with bit 0 of Flags only their count."""
        # FIDELITY(documented; CR24): on failure no records are imported
        records = read_records(record_path(context, file), cls.TABLE, cls.FIELDS)
        if not to_int(flags) & 1:
            for name, record in records.items():
                cls.table(context).put(name, record)
        count.value = len(records)

    @method(name="%Save")
    def save(self) -> Status:
        """Write the properties of an opened object."""
        before = self.fetch(self, self.get_property("Name"))
        changes: dict[str, Value] = {}
        for name in self.FIELDS:
            value = to_string(self.get_property(name))
            if value != before[name] and (value or name not in self.WRITE_ONLY):
                changes[name] = value
        self.change(self, self.get_property("Name"), changes)
        return OK

    @classmethod
    def _plain(cls, values: Mapping[str, Value]) -> Record:
        """Values as text; 407 for a switch that is neither 0 nor 1."""
        plain = {name: to_string(value) for name, value in values.items()}
        for name, value in plain.items():
            if isinstance(cls.FIELDS[name], int) and value not in ("0", "1"):
                raise StatusError(407, name, value)
        return plain


def items_of(text: str) -> list[str]:
    """The items of a list that is written with commas."""
    return [item.strip() for item in text.split(",") if item.strip()]


def without(text: str, item: str) -> str:
    """Such a list without one item."""
    return ",".join(other for other in items_of(text) if other.casefold() != item.casefold())

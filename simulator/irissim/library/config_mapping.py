# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config classes whose entries have an owner and a name: mappings of a namespace, members of a mirror."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from irissim.library.arrays import OMITTED
from irissim.library.config_entry import FLAGS, ConfigEntry
from irissim.library.config_table import Entries, Place
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import ClassContext, Context, LocalArray, Status, class_method
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_string


class MappingEntry(ConfigEntry):
    """Base of Config.MapGlobals, Config.MapRoutines and Config.MapPackages."""

    PREFIX = ""

    @classmethod
    def place(cls, namespace: Value, name: Value) -> Place:
        """Where a mapping is or would be."""
        return Place("Map." + to_string(namespace).upper(), cls.PREFIX + to_string(name))

    @classmethod
    def listed(cls, context: Context, namespace: Value, names: Value) -> Iterator[tuple[str, dict[str, Value]]]:
        """Names and properties of the mappings of a namespace, for the query List."""
        # FIDELITY(documented; CR16): List takes a namespace and masks of names; the columns are those
        #   of the class of 2016.2
        # FIDELITY(assumed): the query fails with 433 for a namespace that is not there
        _check_namespace(context, namespace)
        section = cls.place(namespace, "").section
        for key, line in engine(context).config.section(section).items():
            name = key.removeprefix(cls.PREFIX)
            if key.startswith(cls.PREFIX) and matches(name, to_string(names)):
                yield name, cls.decode(line)

    @classmethod
    def check_name(cls, name: str) -> None:
        """Refuse a name by raising."""
        if not name or any(character in name for character in "=\r\n"):
            raise StatusError(407, "Name", name)

    @class_method(byref=("Properties", "CPFFile"))
    def Create(
        ctx: Context,
        Namespace: Value,
        Name: Value,
        Properties: LocalArray,
        CPFFile: LocalArray,
        Flags: Value = FLAGS,
    ) -> Status:
        kind = _kind(ctx)
        _check_namespace(ctx, Namespace)
        kind.check_name(to_string(Name))
        check_database(ctx, Properties.get("Database"))
        Entries(ctx, kind, CPFFile).create(kind.place(Namespace, Name), Properties)
        return OK

    @class_method(byref=("CPFFile",))
    def Delete(ctx: Context, Namespace: Value, Name: Value, CPFFile: LocalArray, Flags: Value = FLAGS) -> Status:
        kind = _kind(ctx)
        _check_namespace(ctx, Namespace)
        Entries(ctx, kind, CPFFile).delete(kind.place(Namespace, Name))
        return OK

    @class_method(byref=("Obj", "Status", "CPFFile"))
    def Exists(
        ctx: Context,
        Namespace: Value,
        Name: Value,
        Obj: LocalArray,
        Status: LocalArray,
        CPFFile: LocalArray,
        Flags: Value = FLAGS,
    ) -> Value:
        kind = _kind(ctx)
        return int(Entries(ctx, kind, CPFFile).exists(kind.place(Namespace, Name), Obj, Status))

    @class_method(byref=("Properties", "CPFFile"))
    def Get(
        ctx: Context,
        Namespace: Value,
        Name: Value,
        Properties: LocalArray,
        CPFFile: LocalArray,
        Flags: Value = FLAGS,
    ) -> Status:
        kind = _kind(ctx)
        _check_namespace(ctx, Namespace)
        Entries(ctx, kind, CPFFile).get(kind.place(Namespace, Name), Properties)
        return OK

    @class_method(byref=("Properties", "CPFFile"))
    def Modify(
        ctx: Context,
        Namespace: Value,
        Name: Value,
        Properties: LocalArray,
        CPFFile: LocalArray,
        Flags: Value = FLAGS,
    ) -> Status:
        kind = _kind(ctx)
        _check_namespace(ctx, Namespace)
        if Properties.data("Database"):
            check_database(ctx, Properties.get("Database"))
        Entries(ctx, kind, CPFFile).modify(kind.place(Namespace, Name), Properties)
        return OK

    @class_method(byref=("CPFFile", "Status"))
    def Open(
        ctx: Context,
        Namespace: Value,
        Name: Value,
        CPFFile: LocalArray,
        concurrency: Value = -1,
        Status: LocalArray = OMITTED,
        Flags: Value = FLAGS,
    ) -> Value:
        kind = _kind(ctx)
        found = LocalArray()
        Entries(ctx, kind, CPFFile).exists(kind.place(Namespace, Name), found, Status)
        return found.get()


def check_database(context: Context, name: Value) -> None:
    """The database must be in [Databases]."""
    text = to_string(name)
    if text and not engine(context).config.has("Databases", text):
        raise StatusError(420, "Database", text)


def _check_namespace(context: Context, namespace: Value) -> None:
    name = to_string(namespace).upper()
    if name != "%ALL" and not engine(context).config.has("Namespaces", name):
        raise StatusError(433, name)


def _kind(context: Context) -> type[MappingEntry]:
    return cast("type[MappingEntry]", cast("ClassContext", context).kind)

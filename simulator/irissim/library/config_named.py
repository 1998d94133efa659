# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config classes whose entries have a name: the section is the class, the key is the name."""

from __future__ import annotations

import re
from typing import ClassVar, cast

from irissim.library.arrays import OMITTED
from irissim.library.config_entry import FLAGS, ConfigEntry
from irissim.library.config_table import Entries, Place
from irissim.objectscript.classes import ClassContext, Context, LocalArray, Status, class_method
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_string


class NamedEntry(ConfigEntry):
    """Base of Config.Mirrors, and of the classes whose entries can be removed."""

    SECTION: ClassVar[str] = ""
    NAME_PATTERN: ClassVar[re.Pattern[str]] = re.compile(r".+")

    @classmethod
    def place(cls, name: Value) -> Place:
        """Where an entry of that name is or would be."""
        return Place(cls.SECTION, to_string(name).upper())

    @classmethod
    def check_change(cls, context: Context, properties: LocalArray) -> None:
        """For classes that depend on other sections: refuse a change by raising."""

    @class_method(byref=("Properties",))
    def Create(
        ctx: Context, Name: Value, Properties: LocalArray, CPFFile: Value = "", Flags: Value = FLAGS
    ) -> Status:
        kind = _kind(ctx)
        place = kind.place(Name)
        if not kind.NAME_PATTERN.fullmatch(place.key):
            raise StatusError(407, "Name", to_string(Name))
        kind.check_change(ctx, Properties)
        Entries(ctx, kind, CPFFile).create(place, Properties)
        return OK

    @class_method(byref=("Obj", "Status", "CPFFile"))
    def Exists(
        ctx: Context, Name: Value, Obj: LocalArray, Status: LocalArray, CPFFile: LocalArray, Flags: Value = FLAGS
    ) -> Value:
        kind = _kind(ctx)
        return int(Entries(ctx, kind, CPFFile).exists(kind.place(Name), Obj, Status))

    @class_method(byref=("Properties", "CPFFile"))
    def Get(
        ctx: Context, Name: Value, Properties: LocalArray, CPFFile: LocalArray, Flags: Value = FLAGS
    ) -> Status:
        kind = _kind(ctx)
        Entries(ctx, kind, CPFFile).get(kind.place(Name), Properties)
        return OK

    @class_method(byref=("Properties", "CPFFile"))
    def Modify(
        ctx: Context, Name: Value, Properties: LocalArray, CPFFile: LocalArray, Flags: Value = FLAGS
    ) -> Status:
        kind = _kind(ctx)
        kind.check_change(ctx, Properties)
        Entries(ctx, kind, CPFFile).modify(kind.place(Name), Properties)
        return OK

    @class_method(byref=("CPFFile", "Status"))
    def Open(
        ctx: Context,
        Name: Value,
        CPFFile: LocalArray,
        concurrency: Value = -1,
        Status: LocalArray = OMITTED,
        Flags: Value = FLAGS,
    ) -> Value:
        kind = _kind(ctx)
        found = LocalArray()
        Entries(ctx, kind, CPFFile).exists(kind.place(Name), found, Status)
        return found.get()


class RemovableEntry(NamedEntry):
    """Base of Config.Databases and Config.Namespaces, whose entries can simply be removed."""

    @classmethod
    def check_delete(cls, context: Context, name: str) -> None:
        """For classes whose entries may be in use: refuse by raising."""

    @class_method(byref=("CPFFile",))
    def Delete(ctx: Context, Name: Value, CPFFile: LocalArray, Flags: Value = FLAGS) -> Status:
        kind = cast("type[RemovableEntry]", _kind(ctx))
        place = kind.place(Name)
        kind.check_delete(ctx, place.key)
        Entries(ctx, kind, CPFFile).delete(place)
        return OK


def _kind(context: Context) -> type[NamedEntry]:
    return cast("type[NamedEntry]", cast("ClassContext", context).kind)

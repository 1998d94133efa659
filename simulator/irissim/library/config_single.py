# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config classes that stand for a whole section of iris.cpf: one keyword for each property."""

from __future__ import annotations

from typing import ClassVar, cast

from irissim.library.arrays import OMITTED, read_record, write_record
from irissim.library.config_entry import FLAGS, ConfigEntry
from irissim.library.config_table import check_active
from irissim.library.engine_access import engine
from irissim.objectscript.classes import ClassContext, Context, LocalArray, Status, class_method, method
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_string


class SingleEntry(ConfigEntry):
    """Base of Config.MirrorMember, Config.Journal and Config.Startup."""

    SECTION: ClassVar[str] = ""

    @classmethod
    def read(cls, context: Context) -> dict[str, Value]:
        """The section, with defaults for what it does not say."""
        config = engine(context).config
        return {entry.name: config.get(cls.SECTION, entry.name) or entry.default for entry in cls.ENTRIES}

    @classmethod
    def write(cls, context: Context, changes: dict[str, Value]) -> None:
        """Change the given properties."""
        values = cls.checked(changes, cls.read(context))
        for name in changes:
            engine(context).config.set(cls.SECTION, name, to_string(values[name]))
        engine(context).config.save()

    @class_method(byref=("Properties", "CPFFile"))
    def Get(ctx: Context, Properties: LocalArray, CPFFile: LocalArray, Flags: Value = FLAGS) -> Status:
        check_active(ctx, CPFFile.get())
        write_record(Properties, _kind(ctx).read(ctx))
        return OK

    @class_method(byref=("Properties", "CPFFile"))
    def Modify(ctx: Context, Properties: LocalArray, CPFFile: LocalArray, Flags: Value = FLAGS) -> Status:
        check_active(ctx, CPFFile.get())
        kind = _kind(ctx)
        kind.write(ctx, read_record(ctx, Properties, kind.entry_names(), kind.NAME))
        return OK

    @class_method(byref=("Properties",))
    def Create(ctx: Context, Properties: LocalArray, CPFFile: Value = "", Flags: Value = FLAGS) -> Status:
        # FIDELITY(documented; CR24, ERR 419): a section that is there is not created again
        check_active(ctx, CPFFile)
        kind = _kind(ctx)
        if engine(ctx).config.section(kind.SECTION):
            raise StatusError(419, kind.KIND, kind.SECTION)
        kind.write(ctx, read_record(ctx, Properties, kind.entry_names(), kind.NAME))
        return OK

    @class_method(byref=("CPFFile", "Status"))
    def Open(
        ctx: Context,
        CPFFile: LocalArray,
        concurrency: Value = -1,
        Status: LocalArray = OMITTED,
        Flags: Value = FLAGS,
    ) -> Value:
        check_active(ctx, CPFFile.get())
        Status.value = OK
        kind = _kind(ctx)
        opened = kind(ctx)
        opened.__dict__.update(kind.read(ctx))
        return opened

    @method(name="%Save")
    def save(self) -> Status:
        """Write the properties of the opened section."""
        self.write(self, {name: self.get_property(name) for name in self.entry_names()})
        return OK


def _kind(context: Context) -> type[SingleEntry]:
    return cast("type[SingleEntry]", cast("ClassContext", context).kind)

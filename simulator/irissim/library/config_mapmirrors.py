# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.MapMirrors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from irissim.engine.mirror.settings import decode_name, encode_name
from irissim.library.arrays import OMITTED
from irissim.library.config_entry import FLAGS, ConfigEntry, Entry
from irissim.library.config_table import Entries, Place
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_string


class MapMirrors(ConfigEntry):
    """The members of a mirror, as iris.cpf of this instance has them."""

    NAME = "Config.MapMirrors"
    KIND = "Mirror member"
    ENTRIES = (
        Entry("AgentAddress"),
        Entry("AgentPort"),
        Entry("AsyncMemberType", 0, bounds=(0, 2)),
        Entry("ConnectsTo"),
        Entry("DejournalFilter"),
        Entry("ECPAddress"),
        Entry("EncryptCommunication", 0, bounds=(0, 3)),
        Entry("GUID", required=True),
        Entry("InstanceDirectory", required=True),
        Entry("MemberType", 0, required=True, bounds=(0, 2)),
        Entry("MirrorAddress", required=True),
        Entry("MirrorSSPort", required=True),
        Entry("SSLComputerName", commas=True),
    )
    # FIDELITY(observed; R-SG, CPF): order of the fields of a line of [MapMirrors.SET]
    LAYOUT: ClassVar[tuple[str | None, ...]] = (
        "AgentAddress",
        "AgentPort",
        None,
        "ECPAddress",
        "GUID",
        "InstanceDirectory",
        "MemberType",
        "MirrorAddress",
        "MirrorSSPort",
        "SSLComputerName",
        "EncryptCommunication",
        "ConnectsTo",
        "DejournalFilter",
        "AsyncMemberType",
    )

    @classmethod
    def decode(cls, line: str) -> dict[str, Value]:
        values = super().decode(line)
        return {**values, "SSLComputerName": decode_name(to_string(values["SSLComputerName"]))}

    @classmethod
    def encode(cls, values: Mapping[str, Value]) -> str:
        return super().encode({**values, "SSLComputerName": encode_name(to_string(values["SSLComputerName"]))})

    @classmethod
    def checked(cls, changes: Mapping[str, Value], base: Mapping[str, Value]) -> dict[str, Value]:
        """As for every class; a dejournal filter is refused, for it would not run."""
        if to_string(changes.get("DejournalFilter", "")):
            raise StatusError(5001, "This simulator does not run dejournal filters")
        return super().checked(changes, base)

    @class_method(byref=("CPFFile",))
    def Count(ctx: Context, mirrorname: Value, othersonly: Value = 0, CPFFile: LocalArray = OMITTED) -> Value:
        members = engine(ctx).config.section(_section(mirrorname))
        mine = engine(ctx).mirror.member_name()
        return sum(1 for name in members if not (to_bool(othersonly) and name == mine))

    @class_method(byref=("Obj", "Status", "CPFFile"))
    def Exists(
        ctx: Context,
        ID: Value,
        Name: Value,
        Obj: LocalArray,
        Status: LocalArray,
        CPFFile: LocalArray,
        Flags: Value = FLAGS,
    ) -> Value:
        return int(Entries(ctx, MapMirrors, CPFFile).exists(_place(ID, Name), Obj, Status))

    @class_method(byref=("Properties", "CPFFile"))
    def Get(
        ctx: Context, ID: Value, Name: Value, Properties: LocalArray, CPFFile: LocalArray, Flags: Value = FLAGS
    ) -> Status:
        Entries(ctx, MapMirrors, CPFFile).get(_place(ID, Name), Properties)
        return OK

    @class_method(byref=("Properties", "CPFFile"))
    def Modify(
        ctx: Context, ID: Value, Name: Value, Properties: LocalArray, CPFFile: LocalArray, Flags: Value = FLAGS
    ) -> Status:
        engine(ctx).mirror.require_valid()
        Entries(ctx, MapMirrors, CPFFile).modify(_place(ID, Name), Properties)
        return OK

    @class_method(byref=("CPFFile", "Status"))
    def Open(
        ctx: Context,
        ID: Value,
        Name: Value,
        CPFFile: LocalArray,
        concurrency: Value = -1,
        Status: LocalArray = OMITTED,
        Flags: Value = FLAGS,
    ) -> Value:
        found = LocalArray()
        Entries(ctx, MapMirrors, CPFFile).exists(_place(ID, Name), found, Status)
        return found.get()

    @query(
        columns=(
            "Name",
            "AgentAddress",
            "AgentPort",
            "ConnectsTo",
            "ECPAddress",
            "GUID",
            "InstanceDirectory",
            "MemberType",
            "MirrorAddress",
            "MirrorSSPort",
            "SSLComputerName",
            "EncryptCommunication",
            "PreferredArbiter",
            "DejournalFilter",
            "AsyncMemberType",
        )
    )
    def List(
        ctx: Context, ID: Value, Names: Value = "*", CPFFile: Value = "", Flags: Value = 0, Format: Value = 0
    ) -> Iterable[Sequence[Value]]:
        columns = MapMirrors.queries["List"].columns[1:]
        for name, line in engine(ctx).config.section(_section(ID)).items():
            if matches(name, to_string(Names)):
                entry = MapMirrors.decode(line)
                yield (name, *(entry.get(column, "") for column in columns))


def _section(mirror: Value) -> str:
    return "MapMirrors." + to_string(mirror).upper()


def _place(mirror: Value, name: Value) -> Place:
    return Place(_section(mirror), to_string(name).upper())

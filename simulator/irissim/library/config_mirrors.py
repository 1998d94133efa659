# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.Mirrors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from irissim.engine.mirror.store import members_section
from irissim.library.config_entry import FLAGS, Entry
from irissim.library.config_named import NamedEntry
from irissim.library.config_table import Entries
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_string


class Mirrors(NamedEntry):
    """The mirrors of this instance, as iris.cpf has them."""

    NAME = "Config.Mirrors"
    SECTION = "Mirrors"
    KIND = "Mirror"
    ENTRIES = (
        Entry("GUID", required=True),
        Entry("ArbiterNode"),
        Entry("DefinedPrimary"),
        Entry("QOSTimeout", 8000, bounds=(0, 300000)),
        Entry("UseSSL", 0, bounds=(0, 1)),
        Entry("VirtualAddress"),
        Entry("CompressionForFailoverMembers", 0, bounds=(0, 2)),
        Entry("CompressionForAsyncMembers", 0, bounds=(0, 2)),
        Entry("CompressionTypeForFailoverMembers", 0, bounds=(0, 2)),
        Entry("CompressionTypeForAsyncMembers", 0, bounds=(0, 2)),
        Entry("AllowParallelDejournaling", 0, bounds=(0, 2)),
    )
    # FIDELITY(documented; CPF): order of the fields of a line of [Mirrors]
    LAYOUT = (
        "GUID",
        None,
        None,
        "DefinedPrimary",
        "QOSTimeout",
        None,
        "UseSSL",
        "VirtualAddress",
        None,
        "ArbiterNode",
        "CompressionForFailoverMembers",
        "CompressionForAsyncMembers",
        "AllowParallelDejournaling",
        "CompressionTypeForFailoverMembers",
        "CompressionTypeForAsyncMembers",
    )
    FIXED: ClassVar[Mapping[int, str]] = {1: "2", 2: "1", 5: "0", 8: "0"}

    @classmethod
    def check_change(cls, context: Context, properties: LocalArray) -> None:
        """Not while this member is not valid."""
        engine(context).mirror.require_valid()

    @class_method()
    def GetMirrorName(ctx: Context, PrevName: Value = "") -> Value:
        # FIDELITY(documented; CR24): first or next mirror name in the manner of $ORDER, "" at the end
        names = sorted(engine(ctx).config.section("Mirrors"))
        return next((name for name in names if name > to_string(PrevName)), "")

    @class_method(byref=("CPFFile",))
    def Delete(ctx: Context, Name: Value, CPFFile: LocalArray, Flags: Value = FLAGS, Clean: Value = 1) -> Status:
        # FIDELITY(documented; CR24, ERR 2112): Delete is refused while this instance is a running member; Clean deletes
        #   the mirror journals (1: those that are not in the journal log, 2: all, which is the same here)
        instance, place = engine(ctx), Mirrors.place(Name)
        if instance.mirror.is_started(place.key):
            raise StatusError(2112, place.key)
        Entries(ctx, Mirrors, CPFFile).delete(place)
        instance.config.remove_section(members_section(place.key))
        instance.config.save()
        if to_bool(Clean):
            instance.journal.forget_mirror(place.key)
        return OK

    @query(
        columns=(
            "Name",
            "GUID",
            "ACKRequirement",
            "AgentContactRequiredForTakeover",
            "DefinedPrimary",
            "QOSTimeout",
            "TroubleTimeout",
            "UseSSL",
            "VirtualAddress",
            "RequireAuthentication",
            "ArbiterNode",
            "CompressionForFailoverMembers",
            "CompressionForAsyncMembers",
        )
    )
    def List(
        ctx: Context, Names: Value = "*", CPFFile: Value = "", Flags: Value = 0, Format: Value = 0
    ) -> Iterable[Sequence[Value]]:
        columns = Mirrors.queries["List"].columns[1:]
        for name, line in engine(ctx).config.section("Mirrors").items():
            if matches(name, to_string(Names)):
                entry = Mirrors.decode(line)
                yield (name, *(entry.get(column, "") for column in columns))

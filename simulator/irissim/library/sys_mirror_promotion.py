# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror: promotion and demotion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from irissim.engine.mirror.promotion import Form
from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, Status, class_method
from irissim.values.status import OK
from irissim.values.value import Value, to_int, to_string


class Promotion:
    """Part of SYS.Mirror."""

    @class_method(byref=("UnavailableMembers",))
    def Promote(ctx: Context, UnavailableMembers: LocalArray) -> Status:
        with _listed(UnavailableMembers) as unavailable:
            engine(ctx).mirror.promote(Form.ALL, unavailable)
        return OK

    @class_method(byref=("UnavailableMembers",))
    def PromoteWithPartner(ctx: Context, UnavailableMembers: LocalArray) -> Status:
        with _listed(UnavailableMembers) as unavailable:
            engine(ctx).mirror.promote(Form.PARTNER, unavailable)
        return OK

    @class_method(byref=("UnavailableMembers",))
    def PromoteWithSelectedPartner(
        ctx: Context, Partner: Value = "", UnavailableMembers: LocalArray = OMITTED
    ) -> Status:
        with _listed(UnavailableMembers) as unavailable:
            engine(ctx).mirror.promote(Form.SELECTED, unavailable, to_string(Partner))
        return OK

    @class_method(byref=("UnavailableMembers",))
    def PromoteWithNoPartner(ctx: Context, UnavailableMembers: LocalArray, Flags: Value = 0) -> Status:
        with _listed(UnavailableMembers) as unavailable:
            engine(ctx).mirror.promote_alone(unavailable, hold=to_int(Flags) == 1)
        return OK

    @class_method(byref=("UnavailableMembers", "Partner"))
    def PromoteCheck(ctx: Context, UnavailableMembers: LocalArray, Partner: LocalArray) -> Status:
        Partner.value = ""
        with _listed(UnavailableMembers) as unavailable:
            Partner.value = engine(ctx).mirror.promote_check(unavailable)
        return OK

    @class_method()
    def Demote(ctx: Context) -> Status:
        engine(ctx).mirror.demote()
        return OK

    @class_method()
    def DemotePartner(ctx: Context) -> Status:
        engine(ctx).mirror.demote_partner()
        return OK


@contextmanager
def _listed(answer: LocalArray) -> Iterator[list[str]]:
    """The by-reference list is filled on success and on failure."""
    # FIDELITY(documented; CLS): UnavailableMembers is a list with commas, "" if all members could be reached
    names: list[str] = []
    try:
        yield names
    finally:
        answer.value = ",".join(names)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror: purging of mirror journals."""

from __future__ import annotations

from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, Status, class_method
from irissim.values.errors import StatusError
from irissim.values.oslist import list_build
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_int, to_string

_MEGABYTE = 1 << 20


class Journals:
    """Part of SYS.Mirror."""

    @class_method(byref=("PurgedCount", "PurgedMB", "PurgedRange", "PurgedFiles"))
    def PurgeJournalFiles(
        ctx: Context,
        CheckOnly: Value = 1,
        StartFile: Value = "",
        maxdisconnecttime: Value = "",
        mirrorname: Value = "",
        PurgedCount: LocalArray = OMITTED,
        PurgedMB: LocalArray = OMITTED,
        PurgedRange: LocalArray = OMITTED,
        PurgedFiles: LocalArray = OMITTED,
    ) -> Status:
        # FIDELITY(documented; CLS SYS.Mirror): what mirroring needs limits the purge, the journal settings do not;
        #   StartFile is the newest file to purge, maxdisconnecttime 0 waits for disconnected asyncs for ever
        # FIDELITY(assumed): maxdisconnecttime counts days, PurgedFiles is an array of paths from 1
        days = None if maxdisconnecttime == "" else to_int(maxdisconnecttime)
        purged = engine(ctx).mirror.purge_now(to_string(mirrorname), to_bool(CheckOnly), to_string(StartFile), days)
        PurgedCount.value = len(purged.paths)
        PurgedMB.value = purged.size // _MEGABYTE
        PurgedRange.value = list_build([purged.counts[0], purged.counts[-1]]) if purged.counts else ""
        for number, path in enumerate(purged.paths, 1):
            PurgedFiles.set(path, number)
        return OK

    @class_method()
    def JrnPurgeDefaultWait(ctx: Context, JrnPurgeWait: Value = "") -> Value:
        days = None if JrnPurgeWait == "" else to_int(JrnPurgeWait)
        if days is not None and days < 0:
            raise StatusError(407, "JrnPurgeWait", to_string(JrnPurgeWait))
        return engine(ctx).mirror.purge_wait(days)

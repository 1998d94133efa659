# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%IO.Socket, as far as it takes to see whether a TCP port answers."""

from __future__ import annotations

import socket

from irissim.objectscript.classes import Context, LocalArray, SystemClass, class_method, method
from irissim.values.status import GENERAL_ERROR, OK, make_status
from irissim.values.value import Value, to_int, to_number, to_string

#: Seconds; the system's own limit when no time-out is given (-1).
LONGEST = 120.0


class Socket(SystemClass):
    """One TCP connection."""

    NAME = "%IO.Socket"

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.connection: socket.socket | None = None

    @class_method(name="%New")
    def New(ctx: Context) -> Value:
        return Socket(ctx)

    @method(byref=("pTimeout", "pSC"))
    def Open(
        self,
        pHost: Value = "",
        pPort: Value = "",
        pTimeout: LocalArray | None = None,
        pSC: LocalArray | None = None,
    ) -> Value:
        # FIDELITY(documented; CR24 %IO.Socket): true when the port answered within pTimeout seconds, the reason in pSC
        limit = float(to_number(pTimeout.get(default=-1))) if pTimeout is not None else -1.0
        reason: Value = OK
        try:
            address = (to_string(pHost), to_int(pPort))
            self.connection = socket.create_connection(address, LONGEST if limit < 0 else max(limit, 0.01))
        except (OSError, OverflowError) as error:
            reason = make_status(GENERAL_ERROR, str(error))
        if pSC is not None:
            pSC.set(reason)
        return int(self.connection is not None)

    @method(byref=("pSC",))
    def Close(self, pSC: LocalArray | None = None, pIntentional: Value = 1, pSCReason: Value = 1) -> Value:
        was_open = self.connection is not None
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        if pSC is not None:
            pSC.set(OK)
        return int(was_open)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BecomePrimary: somebody wants this member to be primary, and waits to hear whether it could."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from irissim.engine.mirror.types import MirrorState
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

if TYPE_CHECKING:
    from irissim.engine.messages import Messages
    from irissim.engine.mirror.member import Member

# FIDELITY(documented; HA 6.2.3.3): whoever wants a member to become primary waits 60 seconds for it
_PATIENCE_SECONDS = 60.0
_ENDED = (MirrorState.STOPPED, MirrorState.CRASHED)


class TakeoverRequest:
    """Made by the session that asks, answered by the master."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._reason = ""

    def refuse(self, reason: str) -> None:
        with self._member.changed:
            self._reason = reason
            self._member.changed.notify_all()

    def wait(self) -> bool:
        """True when this member is primary; the reason of a refusal goes to messages.log."""
        member = self._member
        limit = time.monotonic() + _PATIENCE_SECONDS
        with member.changed:
            while member.state is not MirrorState.PRIMARY:
                if member.state in _ENDED:
                    self._reason = f"mirroring of this member is {member.state.value}"
                elif time.monotonic() > limit:
                    self._reason = "it did not become primary in time"
                if self._reason:
                    break
                member.changed.wait(1.0)
            else:
                return True
        refuse_takeover(member.instance.log, self._reason)
        return False


def refuse_takeover(log: Messages, reason: str) -> None:
    # FIDELITY(assumed; ERR): why BecomePrimary failed is in messages.log, in the words of error 2077
    log.write(text(status_of(StatusError(2077, reason))), 2, "Utility.Event")

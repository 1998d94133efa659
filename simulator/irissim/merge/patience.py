# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a merge waits for other members, and for what."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from irissim.engine.instance import Instance
from irissim.engine.mirror.types import MirrorState
from irissim.merge.calls import Refusal

# FIDELITY(assumed; ACMF 5.5): the primary must run before others merge; a member waits so long for it
LIMIT_SECONDS = 120.0
_POLL_SECONDS = 0.25
_ENDED = (MirrorState.STOPPED, MirrorState.CRASHED)
_SETTLED = (MirrorState.PRIMARY, MirrorState.BACKUP, MirrorState.CONNECTED, *_ENDED)


@dataclass(frozen=True)
class Patience:
    """A limit for each wait of a merge; it ends at once where waiting is useless or the instance stops."""

    seconds: float = LIMIT_SECONDS
    stopping: Callable[[], bool] = lambda: False

    def for_member(self, instance: Instance, mirror: str) -> MirrorState:
        """The state of this member, when it is primary, backup or connected, or after the limit."""
        limit = time.monotonic() + self.seconds
        while True:
            state = instance.mirror.state(mirror)
            if state in _SETTLED or time.monotonic() > limit or self.stopping():
                return state
            time.sleep(_POLL_SECONDS)

    def until_done(self, work: Callable[[], None], passing: Collection[int]) -> None:
        """Repeat what fails with one of these numbers, as they may pass."""
        limit = time.monotonic() + self.seconds
        while True:
            try:
                return work()
            except Refusal as refusal:
                if refusal.code not in passing or time.monotonic() > limit or self.stopping():
                    raise
            time.sleep(_POLL_SECONDS)

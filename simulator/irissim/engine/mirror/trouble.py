# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A primary that lost its active backup: when may it answer again?"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from irissim.engine.mirror.types import ControlMode

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member
    from irissim.engine.mirror.mode import FailoverMode


class Trouble:
    """Between the loss of an active backup and the certainty that it has not taken over."""

    def __init__(self, member: Member, mode: FailoverMode) -> None:
        self._member = member
        self._mode = mode
        self._since: float | None = None

    @property
    def on(self) -> bool:
        return self._since is not None

    def begin(self) -> None:
        if self._since is None:
            self._since = time.monotonic()
            self._member.log("Lost the connection to the active backup, entering trouble state", 2)
            self._member.poke()

    def end(self) -> None:
        if self._since is not None:
            self._since = None
            self._member.log("Trouble state ended, resuming as primary")
            self._member.poke()

    def resolved(self) -> bool:
        """May the primary go on alone? Asked by the master again and again."""
        if self._since is None:
            return False
        if self._mode.mode is ControlMode.AGENT:
            # FIDELITY(documented; HA 3.3.5.1): in agent controlled mode the primary waits for the trouble timeout,
            #   then goes on without the backup
            return time.monotonic() - self._since >= self._member.config.settings.trouble_seconds
        # FIDELITY(documented; HA 3.3.5): in arbiter controlled mode the primary goes on if the arbiter agrees; if it
        #   lost the arbiter too, it stays in trouble until the other member contacts it
        # An arbiter that was lost meanwhile refuses for ever, so asking once more never allows what was forbidden.
        return self._mode.may_go_on_alone(self._member.qos / 2)

    def seconds_to_next_look(self) -> float:
        return min(1.0, self._member.beat)

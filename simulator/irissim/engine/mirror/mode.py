# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The primary's side of the failover mode: agent controlled or arbiter controlled."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from irissim.engine.mirror.types import ControlMode

if TYPE_CHECKING:
    from irissim.engine.mirror.arbiter_link import ArbiterLink
    from irissim.engine.mirror.member import Member
    from irissim.engine.mirror.shipper import Shipper


class FailoverMode:
    """Changes of the mode are made by the primary and agreed with the backup first.

    The order matters: the primary counts as arbiter controlled before the backup learns of it, and as agent
    controlled only after the backup has confirmed. So a backup that may ask the arbiter for a takeover always has a
    primary that will not go on without the arbiter's consent.
    """

    def __init__(self, member: Member, arbiter: ArbiterLink) -> None:
        self._member = member
        self._arbiter = arbiter
        self._mode = ControlMode.AGENT
        self._epoch = ""
        self._sight: tuple[int, int] | None = None
        self._leaving = False

    @property
    def mode(self) -> ControlMode:
        return self._mode

    def review(self, backup: Shipper | None) -> bool:
        """Enter or leave arbiter control as the links demand; called by the master whenever one of them changed.
        False: the arbiter did not agree yet, ask again."""
        # FIDELITY(documented; HA 3.3.5): arbiter controlled when the members are connected to each other and both to
        #   the arbiter and the backup is active; the loss of an arbiter connection leads back to agent controlled
        if backup is None or not backup.active:
            return True
        # The backup's own word counts too: the arbiter may learn later than the backup that they lost each other.
        sight = self._arbiter.sight(backup.peer.name) if backup.sees_arbiter else None
        if self._mode is ControlMode.AGENT and sight is not None:
            return self._enter(backup, sight)
        # A connection that was lost and made again is another one: the arbiter decides nothing for it.
        if self._mode is ControlMode.ARBITER and sight != self._sight and not self._leaving:
            self._leaving = True
            backup.tell("MODE", mode=ControlMode.AGENT.name, epoch="")
        return True

    def confirmed(self) -> None:
        """The backup says that it no longer counts on the arbiter."""
        if self._leaving:
            self.forget()
            self._member.log("Failover mode changed to Agent Controlled")
            self._member.poke()

    def forget(self) -> None:
        """There is no active backup any more, so nobody is left who might ask the arbiter."""
        self._mode, self._epoch, self._sight, self._leaving = ControlMode.AGENT, "", None, False

    def may_go_on_alone(self, timeout: float) -> bool:
        """In arbiter control the primary lost its backup: does the arbiter let it continue?"""
        return self._arbiter.ask("RELEASE", timeout, epoch=self._epoch)

    def _enter(self, backup: Shipper, sight: tuple[int, int]) -> bool:
        epoch = uuid.uuid4().hex
        if not self._arbiter.ask("ENTER", self._member.qos / 2, epoch=epoch, backup=backup.peer.name):
            return False
        self._mode, self._epoch, self._sight, self._leaving = ControlMode.ARBITER, epoch, sight, False
        backup.tell("MODE", mode=ControlMode.ARBITER.name, epoch=epoch)
        self._member.log("Failover mode changed to Arbiter Controlled")
        return True

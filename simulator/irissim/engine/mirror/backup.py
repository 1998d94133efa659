# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This member as backup: receives the journal of the primary, acknowledges it, and may take over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from irissim.engine.mirror.deliberation import LostLink
from irissim.engine.mirror.following import Ending, Following
from irissim.engine.mirror.mount_required import missing_mount_required
from irissim.engine.mirror.types import ControlMode, FailoverStatus, MirrorState

if TYPE_CHECKING:
    from irissim.engine.mirror.arbiter_link import ArbiterLink
    from irissim.engine.mirror.dejournal import Dejournaler
    from irissim.engine.mirror.member import Member
    from irissim.engine.mirror.settings import MemberEntry
    from irissim.engine.mirror.wire import Message


class BackupRole(Following):
    """The data channel of the other failover member."""

    AS = "backup"

    def __init__(
        self, member: Member, primary: MemberEntry, dejournaler: Dejournaler, arbiter: ArbiterLink
    ) -> None:
        super().__init__(member, primary, dejournaler)
        self.active = False
        self._epoch = ""
        self._arbiter = arbiter

    @property
    def lost(self) -> LostLink:
        """How the link was when it ended."""
        return LostLink(self.active, self._epoch)

    @property
    def mode(self) -> ControlMode:
        return ControlMode.ARBITER if self._epoch else ControlMode.AGENT

    def _addresses(self) -> tuple[str, ...]:
        # FIDELITY(documented; CLS Config.MapMirrors, HA 3.5.4): the data channel of a failover member uses the mirror
        #   private address of the primary and no other
        return (self.primary.mirror_address,)

    def _on_synchronized(self) -> None:
        self._member.enter(MirrorState.BACKUP, FailoverStatus.CATCHUP)

    def _handle(self, message: Message) -> Ending | None:
        if message.kind == "RECONNECT":
            # The primary goes on alone as soon as it hears the goodbye.
            self.active = False
        return super()._handle(message)

    def _on_message(self, message: Message) -> Ending | None:
        if message.kind == "ACTIVE":
            self.active = True
            self._member.enter(MirrorState.BACKUP, FailoverStatus.ACTIVE)
            self._member.log("This member is now the active backup")
        elif message.kind == "MODE":
            self._change_mode(message)
        elif message.kind == "HANDOVER":
            self._open().send("TAKEN")
            return Ending.HANDED_OVER
        elif message.kind == "BYE":
            self.active = False
            return Ending.LOST
        return None

    def _change_mode(self, message: Message) -> None:
        mode = ControlMode[message.text("mode")]
        self._epoch = message.text("epoch")
        if mode is ControlMode.AGENT:
            self._open().send("MODE", mode=mode.name)

    def _vitals(self) -> dict[str, Any]:
        return {"arbiter": self._arbiter.connected}

    def _readiness(self) -> dict[str, Any]:
        """Could this member take over now?"""
        return {"missing": missing_mount_required(self._member)}

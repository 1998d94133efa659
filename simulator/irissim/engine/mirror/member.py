# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This instance as a member of one mirror: the state that all parts of mirroring share."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from irissim.engine.mirror import store
from irissim.engine.mirror.settings import MemberEntry, MirrorConfig
from irissim.engine.mirror.types import FailoverStatus, MirrorState

if TYPE_CHECKING:
    from irissim.engine.instance import Instance
    from irissim.engine.journal_series import JournalSeries


class Member:
    """Thread-safe; `changed` is notified whenever something here or below it changes."""

    def __init__(self, instance: Instance, config: MirrorConfig, name: str) -> None:
        self.instance = instance
        self.name = name
        self.changed = threading.Condition(threading.RLock())
        self._config = config
        self._state = MirrorState.WAITING
        self._failover_status = FailoverStatus.INACTIVE
        self._complaint = ""
        self._told: dict[str, str] = {}
        self._pokes = 0
        self._seen = 0
        self._claiming = False
        self._promised = False
        self.stopping = False

    # Configuration --------------------------------------------------------------------------------------------------

    @property
    def mirror(self) -> str:
        return self._config.name

    @property
    def config(self) -> MirrorConfig:
        return self._config

    def change_config(self, config: MirrorConfig) -> None:
        with self.changed:
            if config == self._config:
                return
            self._config = config
            store.save_mirror(self.instance.config, config)
            self.poke()

    @property
    def entry(self) -> MemberEntry:
        return self._config.members[self.name]

    @property
    def partner(self) -> MemberEntry | None:
        return self._config.partner_of(self.name)

    @property
    def series(self) -> JournalSeries:
        return self.instance.journal.series(self.mirror)

    @property
    def source(self) -> str:
        """The address from which this member opens connections."""
        return self.instance.addresses.bind

    @property
    def qos(self) -> float:
        return self._config.settings.qos_seconds

    @property
    def beat(self) -> float:
        """How often an idle link shows that it lives."""
        return min(2.0, self.qos / 4)

    @property
    def retry(self) -> float:
        """How often what failed is tried again."""
        return min(2.0, self.qos)

    # State ----------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> MirrorState:
        return self._state

    @property
    def failover_status(self) -> FailoverStatus:
        return self._failover_status

    def enter(self, state: MirrorState, status: FailoverStatus) -> None:
        with self.changed:
            self._state, self._failover_status = state, status
            if state in (MirrorState.PRIMARY, MirrorState.BACKUP, MirrorState.CONNECTED):
                self._complaint = ""
                self._told.clear()
            self.changed.notify_all()

    # Two members that both could become primary must not both do so --------------------------------------------------

    @property
    def claiming(self) -> bool:
        return self._claiming

    def claim(self) -> bool:
        """Say to everybody who asks that this member is about to become primary; False if it promised not to."""
        with self.changed:
            if self._promised or self.stopping:
                return False
            self._claiming = True
            return True

    def promise(self) -> bool:
        """Leave the primary role to the other member, which asked for it; False if this one wants it itself."""
        with self.changed:
            if self._state is MirrorState.STOPPED:
                return True
            if self._claiming or self.stopping or self._state is MirrorState.PRIMARY:
                return False
            self._promised = True
            self.poke()
            return True

    def withdraw_claim(self) -> None:
        with self.changed:
            self._claiming = False

    def forget_claims(self) -> None:
        """A new look at the mirror begins: the other member will be asked again what it does."""
        with self.changed:
            self._claiming = self._promised = False

    # The master thread ----------------------------------------------------------------------------------------------

    def poke(self) -> None:
        """Something happened that the master should look at."""
        with self.changed:
            self._pokes += 1
            self.changed.notify_all()

    def request_stop(self) -> None:
        with self.changed:
            self.stopping = True
            self.poke()

    def rest(self, seconds: float) -> None:
        """Wait until poked (since the last rest), stopped, or `seconds` have passed."""
        limit = time.monotonic() + seconds
        with self.changed:
            while not self.stopping and self._pokes == self._seen:
                remaining = limit - time.monotonic()
                if remaining <= 0:
                    break
                self.changed.wait(remaining)
            self._seen = self._pokes

    # messages.log ---------------------------------------------------------------------------------------------------

    def log(self, text: str, severity: int = 0) -> None:
        self.instance.log.write(text, severity, "Utility.Event")

    @property
    def complaint(self) -> str:
        """Why nothing goes on, "" while the state is good."""
        return self._complaint

    def complain(self, text: str, severity: int = 1) -> None:
        """Log why nothing goes on, once until something else is the reason or the state is good again."""
        with self.changed:
            if self._complaint == text:
                return
            self._complaint = text
        self.log(text, severity)

    def tell_once(self, topic: str, text: str, severity: int) -> None:
        """Log what happens at every attempt only when it differs from the last time, or the state was good between."""
        with self.changed:
            if self._told.get(topic) == text:
                return
            self._told[topic] = text
        self.log(text, severity)

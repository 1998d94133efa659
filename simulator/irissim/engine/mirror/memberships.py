# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mirrors of this instance coming and going."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from irissim.engine.jsonstore import JsonStore
from irissim.engine.mirror import registration, store
from irissim.engine.mirror.master import Membership
from irissim.engine.mirror.mirrored import MirroredDatabases
from irissim.engine.mirror.reports import MirrorReports
from irissim.engine.mirror.types import FailoverStatus, MirrorState
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.settings import MirrorConfig

_STOPPED = "stopped"
HELD = "held"


class Memberships(MirrorReports):
    """What an operator decided for each mirror lasts over restarts."""

    def __init__(self, instance: Instance, usurped: Callable[[], None]) -> None:
        super().__init__(instance)
        self._usurped = usurped
        self._decisions = JsonStore(instance.mgr / "mirror-decisions.json")
        self._removed = False
        """The configuration was removed in this run of the instance."""

    def _load(self) -> None:
        """Make those that iris.cpf lists; none with JoinMirror=0."""
        with self._lock:
            local = store.load_local(self._instance.config)
            # FIDELITY(documented; CPF, CLS Config.MirrorMember): with JoinMirror=0 the mirror configuration is ignored
            #   at startup and the instance is not considered a mirror member
            names = store.mirror_names(self._instance.config) if local.join_mirror else []
            for name in names:
                config = store.load_mirror(self._instance.config, name)
                if config is not None and local.system_name in config.members:
                    self._make_membership(config, local.system_name)
            self._loaded = True

    def _make_membership(self, config: MirrorConfig, member: str) -> Membership:
        membership = Membership(self._instance, config, member, self._usurped)
        if self._decided(config.name, HELD):
            membership.dejournaler.hold()
        self._memberships[config.name] = membership
        self._databases[config.name] = MirroredDatabases(membership)
        return membership

    def _start_configured(self) -> None:
        for membership in self._all():
            reason = self._why_not(membership.member.mirror)
            if reason:
                membership.member.enter(MirrorState.STOPPED, FailoverStatus.INACTIVE)
                self._instance.log.write(f"Mirror {membership.member.mirror} is not started: {reason}", 2)
            else:
                membership.start()

    def _why_not(self, mirror: str) -> str:
        # FIDELITY(documented; CR24, CLS %SYSTEM.Mirror): a configured member stays STOPPED after StopMirror, without
        #   the service and without a licence for mirroring
        if self._decided(mirror, _STOPPED):
            return "mirroring was stopped by an operator"
        if not self._instance.security.is_enabled(registration.SERVICE):
            return "the service %Service_Mirror is not enabled"
        if not self._instance.license.mirroring:
            return "the licence does not include mirroring"
        return ""

    # Decisions -------------------------------------------------------------------------------------------------------

    def _decided(self, mirror: str, what: str) -> bool:
        return what in (self._decisions.get(mirror) or [])

    def _decide(self, mirror: str, what: str, so: bool) -> None:
        decisions = set(self._decisions.get(mirror) or [])
        self._decisions.set(mirror, sorted(decisions | {what} if so else decisions - {what}))

    def _forget(self, mirror: str) -> None:
        self._decisions.remove(mirror)
        self._memberships.pop(mirror, None)
        self._databases.pop(mirror, None)

    # Start and stop --------------------------------------------------------------------------------------------------

    def _named_or_all(self, name: str) -> list[Membership]:
        # FIDELITY(documented; CR24): without a name, an async member starts or stops all its mirrors
        return [self._require(name)] if name else self._all() or [self._require()]

    def start(self, name: str = "") -> None:
        """StartMirror."""
        with self._lock:
            stopped = [membership for membership in self._named_or_all(name) if not membership.running]
            if not stopped:
                raise StatusError(2106, self._require(name).member.mirror)
            if not self._instance.security.is_enabled(registration.SERVICE):
                raise StatusError(2066)
            self._instance.license.require_mirroring()
            for membership in stopped:
                member = membership.member
                self._decide(member.mirror, _STOPPED, False)
                self._make_membership(member.config, member.name).start()

    def stop(self, name: str = "", timeout: float = 10.0) -> None:
        """StopMirror: backup and async only; stays stopped over restarts."""
        memberships = self._named_or_all(name)
        # FIDELITY(documented; CR24): StopMirror is refused on the primary (2022) and lasts over restarts
        if any(membership.primary is not None for membership in memberships):
            raise StatusError(2022)
        running = [membership for membership in memberships if membership.running]
        if not running:
            raise StatusError(2107, memberships[0].member.mirror)
        for membership in running:
            self._decide(membership.member.mirror, _STOPPED, True)
            if not membership.stop(timeout=timeout):
                raise StatusError(2169, membership.member.mirror)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator does on async members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from irissim.engine.mirror import members, store
from irissim.engine.mirror.async_join import MIRROR_LIMIT, join_async
from irissim.engine.mirror.leaving import Leaving
from irissim.engine.mirror.memberships import HELD
from irissim.engine.mirror.types import MemberKind
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.registration import Target
    from irissim.engine.mirror.types import AsyncRow, LocalInfo, TrackedRow


class AsyncOperations(Leaving):
    """Joining, dejournaling, the FailoverDB flag."""

    def join_async(
        self, name: str, member: str, target: Target, async_type: int | None, local: LocalInfo,
        ssl_info: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """JoinMirrorAsAsyncMember; `target` is a failover member, None as type means: not given."""
        with self._lock:
            self._require_restarted(2084)
            config = join_async(self._instance, name, member, target, async_type, local, ssl_info)
            self._make_membership(config, store.load_local(self._instance.config).system_name).start()

    def allows_new_mirror(self) -> bool:
        """AllowNewMirrorSet: this reporting member may join one more mirror."""
        # FIDELITY(documented; HA 4.10.3): only a reporting member may belong to several mirrors, at most ten
        # FIDELITY(assumed): an instance in no mirror may join one
        memberships = self._all()
        if not memberships:
            return True
        entry = memberships[0].member.entry
        return not entry.can_lead and len(memberships) < MIRROR_LIMIT

    def connected_asyncs(self, name: str = "") -> list[AsyncRow]:
        """Query AsyncMemberList, on the primary."""
        membership = self._find(name)
        return members.connected_asyncs(membership) if membership is not None else []

    def tracked_mirrors(self) -> list[TrackedRow]:
        """Query MirrorTrackedByAsyncMember."""
        return [members.tracked(membership) for membership in self._all() if not membership.member.entry.is_failover]

    # Dejournaling ----------------------------------------------------------------------------------------------------

    def dejournal_status(self, name: str = "") -> str:
        """AsyncDejournalStatus."""
        # FIDELITY(documented; CLS AsyncDejournalStatus): these words
        memberships = [membership for membership in self._all() if not membership.member.entry.is_failover]
        if not memberships:
            return ""
        if not name and len(memberships) > 1:
            return "missing mirror name"
        membership = self._find(name)
        if membership is None:
            return "notmember"
        # FIDELITY(assumed): "stopped" also while mirroring is stopped here
        dejournaler = membership.dejournaler
        if dejournaler.held:
            return "shut down"
        if dejournaler.broken:
            return "error"
        if dejournaler.failed or not membership.running:
            return "stopped"
        return "running" if dejournaler.running else "missing"

    def dejournal_start(self, name: str = "") -> None:
        """AsyncDejournalStart."""
        membership = self._tracked(name)
        # FIDELITY(documented; ERR 2154): starting what runs already is an error
        if membership.dejournaler.running and not membership.dejournaler.stopped:
            raise StatusError(2154)
        self._clear_hold(membership)

    def dejournal_stop(self, name: str = "") -> None:
        """AsyncDejournalStop: lasts over restarts, journals arrive all the same."""
        membership = self._tracked(name)
        self._decide(membership.member.mirror, HELD, True)
        membership.dejournaler.hold()

    def _clear_hold(self, membership: Membership) -> None:
        self._decide(membership.member.mirror, HELD, False)
        membership.dejournaler.release()

    def _tracked(self, name: str) -> Membership:
        # FIDELITY(documented; ERR 2159, 2160, 2161, 2165): in no mirror, not in that mirror, in several and none named,
        #   not an async member
        memberships = self._all()
        if not memberships:
            raise StatusError(2159)
        if memberships[0].member.entry.is_failover:
            raise StatusError(2165)
        if not name and len(memberships) > 1:
            raise StatusError(2161)
        membership = self._find(name)
        if membership is None:
            raise StatusError(2160, name.upper())
        return membership

    # FailoverDB ------------------------------------------------------------------------------------------------------

    def allows_clearing_failover_flag(self) -> bool:
        """AllowClearFailoverDBFlag."""
        # FIDELITY(documented; CLS Config.MirrorMember): only async members that are not for disaster recovery allow it
        return self.kind() in (MemberKind.READ_ONLY_REPORTING, MemberKind.READ_WRITE_REPORTING)

    def clear_failover_flag(self, directory: str) -> None:
        """ClearMirrorFailoverDB: this copy becomes writable and can never be the primary's."""
        # FIDELITY(documented; ERR 2115, 2146, HA 4.10.1): only on reporting members, only in an activated database, and
        #   it cannot be undone
        if not self.allows_clearing_failover_flag():
            raise StatusError(2115)
        membership = self._of_directory(directory)
        database = self._databases_of(membership).mirrored(directory)
        mirror = database.label.mirror
        if mirror is None or not mirror.activated:
            raise StatusError(2146)
        database.change_mirror_label(failover=False)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which journal files of a mirror must stay, on this member and because of others."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from irissim.engine.jsonstore import JsonStore
from irissim.engine.mirror import peers, store
from irissim.engine.mirror.types import MemberKind
from irissim.engine.positions import Position

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.primary import PrimaryRole
    from irissim.engine.mirror.settings import MemberEntry

# FIDELITY(documented; CLS SYS.Mirror, GCDI 7.10): an async member that was disconnected for 14 days is not waited for,
#   unless another number of days was set
DEFAULT_WAIT_DAYS = 14

_DAY = 86400.0
_WAIT = "JrnPurgeDefaultWait"
_MEMBERS = "members"
_EVERYTHING = 1 << 62


@dataclass(frozen=True)
class Purged:
    """What a purge deleted or would delete."""

    paths: list[str]
    counts: list[int]
    size: int


class Retention:
    """Of one mirror on this member."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        member = membership.member
        self._memory = JsonStore(member.instance.mgr / f"mirrorpurge-{member.mirror}.json")

    @property
    def wait_days(self) -> int:
        """JrnPurgeDefaultWait."""
        days = self._memory.get(_WAIT)
        return DEFAULT_WAIT_DAYS if days is None else int(days)

    @wait_days.setter
    def wait_days(self, days: int) -> None:
        self._memory.set(_WAIT, days)

    # What is needed --------------------------------------------------------------------------------------------------

    def needed_by_others(self, asker: str, wait_days: int) -> int:
        """On the primary: number of the first file that a member other than itself and the asker may still lack."""
        membership, role = self._membership, self._membership.primary
        if role is None:
            return 0
        self._remember(role)
        member = membership.member
        others = [entry for entry in member.config.members.values() if entry.name not in (member.name, asker)]
        return min((self._needed_by(role, entry, wait_days) for entry in others), default=_EVERYTHING)

    def _needed_by(self, role: PrimaryRole, entry: MemberEntry, wait_days: int) -> int:
        link = role.link(entry.name)
        if link is not None:
            return link.acked.file_count
        known = (self._memory.get(_MEMBERS) or {}).get(entry.name)
        received, seen = (known["file"], known["seen"]) if known else (0, role.gone_since(entry.name))
        # FIDELITY(documented; GCDI 7.10): a file stays until the backup and all asyncs have it
        # FIDELITY(assumed): what a member has is not known until it was connected to this primary once
        forgotten = not entry.is_failover and wait_days and time.time() - float(seen) > wait_days * _DAY
        return _EVERYTHING if forgotten else int(received)

    def _remember(self, role: PrimaryRole) -> None:
        known = dict(self._memory.get(_MEMBERS) or {})
        for link in role.links():
            known[link.peer.name] = {"file": link.acked.file_count, "seen": time.time()}
        self._memory.set(_MEMBERS, known)

    def _needed_here(self) -> int:
        """By crash recovery, open transactions and the databases that are being dejournaled."""
        member = self._membership.member
        needed = [member.instance.purger.needed_here(member.mirror)]
        for database in member.instance.databases.mirrored(member.mirror):
            mirror = database.label.mirror
            # FIDELITY(assumed): a database that needs activation or catch-up holds no journals back
            if mirror is not None and mirror.activated and not mirror.needs_catchup:
                needed.append(self._applied(database.directory, mirror.position).file_count)
        return min(needed)

    def _applied(self, directory: str, saved: Position) -> Position:
        """A database that has no records of its own still follows the others."""
        dejournaler = self._membership.dejournaler
        follows = self._membership.primary is None and dejournaler.follows(directory)
        return max(saved, dejournaler.position) if follows else saved

    def _needed_elsewhere(self, wait_days: int) -> int:
        membership = self._membership
        if membership.primary is not None:
            return self.needed_by_others("", wait_days)
        if self._is_reporting():
            return _EVERYTHING
        channel = membership.channel
        if channel is None or not channel.connected:
            return 0
        # FIDELITY(documented; GCDI 7.10): backup and DR members ask whether the asyncs have a file
        member = membership.member
        answer = peers.ask_instance(member, channel.primary, "RETAIN", member.qos, days=wait_days)
        return answer.number("file") if answer is not None else 0

    def _is_reporting(self) -> bool:
        kind = self._membership.member.entry.kind
        return kind in (MemberKind.READ_ONLY_REPORTING, MemberKind.READ_WRITE_REPORTING)

    # Purging ---------------------------------------------------------------------------------------------------------

    def purge_old(self) -> None:
        """What needs and settings allow."""
        member = self._membership.member
        limit = min(self._needed_here(), self._needed_elsewhere(self.wait_days))
        # FIDELITY(documented; GCDI 7.10, CPF RACS_AsyncUseSystemPurgeInterval): reporting members purge right after
        #   dejournaling unless AsyncUseSystemPurgeInterval is 1, all others keep what the settings keep
        uses_interval = member.instance.config.get(store.MEMBER, "AsyncUseSystemPurgeInterval") == "1"
        if not self._is_reporting() or uses_interval:
            limit = min(limit, member.instance.purger.old_before(member.series))
        member.instance.purger.purge(member.series, limit)

    def purge_now(self, check_only: bool, start_file: str, wait_days: int) -> Purged:
        """PurgeJournalFiles: whatever the settings say."""
        member = self._membership.member
        limit = min(self._needed_here(), self._needed_elsewhere(wait_days))
        files = member.series.files()
        if start_file:
            limit = min(limit, 1 + max((file.count for file in files if str(file.path) == start_file), default=-1))
        found = [file for file in files[:-1] if file.count < limit]
        size = sum(file.path.stat().st_size for file in found if file.path.exists())
        if not check_only:
            member.instance.purger.purge(member.series, limit)
        return Purged([str(file.path) for file in found], [file.count for file in found], size)

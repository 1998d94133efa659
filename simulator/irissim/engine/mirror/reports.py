# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance says about its mirrors; the reading half of the mirror manager."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from irissim.engine.mirror import database_status, journals, latency, members, peers, status, store
from irissim.engine.mirror.missing import missing_here
from irissim.engine.mirror.types import (
    ArbiterStatus,
    DatabaseRow,
    FailoverMemberInfo,
    FailoverStatus,
    JournalFileRow,
    MemberKind,
    MemberRow,
    MirrorState,
)
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.mirrored import MirroredDatabases


class MirrorReports:
    """Nothing here changes anything."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._lock = threading.RLock()
        self._memberships: dict[str, Membership] = {}
        self._databases: dict[str, MirroredDatabases] = {}
        self._loaded = False

    def _all(self) -> list[Membership]:
        with self._lock:
            return list(self._memberships.values())

    def _find(self, name: str) -> Membership | None:
        """The membership of that mirror; "" = the only one."""
        with self._lock:
            if name:
                return self._memberships.get(name.upper())
            return next(iter(self._memberships.values()), None)

    def _require(self, name: str = "") -> Membership:
        membership = self._find(name)
        if membership is None:
            raise StatusError(2051, name.upper()) if name else StatusError(2074)
        return membership

    def _require_named(self, name: str) -> Membership:
        """The same where a name is needed as soon as there are several mirrors."""
        if not name and len(self._all()) > 1:
            raise StatusError(2161)
        return self._require(name)

    def _require_failover(self) -> Membership:
        membership = self._require()
        if not membership.member.entry.is_failover:
            raise StatusError(2081)
        return membership

    def _of_directory(self, directory: str) -> Membership:
        """The membership of the mirror that a database belongs to, else the only one."""
        label = self._instance.databases.label(directory)
        return self._require(label.mirror.mirror_name if label is not None and label.mirror is not None else "")

    def _databases_of(self, membership: Membership) -> MirroredDatabases:
        return self._databases[membership.member.mirror]

    # Status of this member ------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """GetMirrorNames."""
        return [membership.member.mirror for membership in self._all()]

    def mirror_name(self) -> str:
        """MirrorName: "" on asyncs and non-members."""
        membership = self._find("")
        return membership.member.mirror if membership is not None and membership.member.entry.is_failover else ""

    def member_name(self) -> str:
        """SystemName of [MirrorMember]; "" when not a member."""
        return store.load_local(self._instance.config).system_name

    def is_member(self) -> int:
        """0 not configured, 1 failover, 2 async."""
        membership = self._find("")
        if membership is None:
            return 0
        return 1 if membership.member.entry.is_failover else 2

    def is_primary(self) -> bool:
        return self.state() is MirrorState.PRIMARY

    def is_backup(self) -> bool:
        """True only while the data channel is up."""
        return self.state() is MirrorState.BACKUP

    def is_async_member(self) -> bool:
        """True only while connected, to any of its mirrors."""
        return any(membership.member.state is MirrorState.CONNECTED for membership in self._all())

    def member_type(self) -> str:
        """GetMemberType."""
        return self.kind().value

    def kind(self) -> MemberKind:
        """GetMemberType as a value."""
        # FIDELITY(documented; CLS %SYSTEM.Mirror): Indeterminate while the configuration is not loaded
        if not self._loaded:
            return MemberKind.INDETERMINATE
        membership = self._find("")
        return MemberKind.NOT_MEMBER if membership is None else membership.member.entry.kind

    def state(self, name: str = "") -> MirrorState:
        membership = self._find(name)
        return membership.member.state if membership is not None else MirrorState.NOTINIT

    def status(self, name: str = "") -> str:
        """GetStatus: "PRIMARY", "BACKUP", ... "NOTINIT" when not a member."""
        # FIDELITY(documented; CLS %SYSTEM.Mirror): a member of several mirrors answers MULTIASYNC^m/n when no mirror is
        #   named, m of n connected
        several = self._connected_of_several(name)
        return f"MULTIASYNC^{several}" if several else self.state(name).name

    def _connected_of_several(self, name: str) -> str:
        """`m/n`, "" if a mirror is named or there is only one."""
        memberships = self._all()
        if name or len(memberships) < 2:
            return ""
        connected = sum(membership.member.state is MirrorState.CONNECTED for membership in memberships)
        return f"{connected}/{len(memberships)}"

    def member_status(self, name: str = "") -> list[str]:
        """GetMemberStatus: items of the $LIST (displayed word, "" or "Trouble")."""
        several = self._connected_of_several(name)
        if several:
            return [f"{several} Connected", ""]
        membership = self._find(name)
        role = membership.primary if membership is not None else None
        # FIDELITY(documented; CLS): the second item says Trouble while a primary is in trouble
        trouble = FailoverStatus.TROUBLE.value if role is not None and role.trouble.on else ""
        return [self.state(name).value, trouble]

    def is_started(self, name: str) -> bool:
        """IsMirrorStarted: the master of that mirror runs."""
        membership = self._find(name)
        return membership is not None and membership.running

    # Status of the mirror -------------------------------------------------------------------------------------------

    def failover_status(self) -> tuple[FailoverMemberInfo, FailoverMemberInfo | None]:
        """GetFailoverMemberStatus: this member, the other one (None: there is no other). Raises 2074, 2081."""
        membership = self._require_failover()
        partner = membership.member.partner
        other = status.failover_member(membership, partner) if partner is not None else None
        return status.failover_member(membership, membership.member.entry), other

    def member_rows(self, name: str = "") -> list[MemberRow]:
        """Query MemberStatusList."""
        membership = self._find(name)
        if membership is None:
            return []
        return members.member_rows(membership)

    def database_rows(self, name: str = "", database_name: str = "*") -> list[DatabaseRow]:
        """Query MirroredDatabaseList; "" and "*" = all mirrors."""
        rows: list[DatabaseRow] = []
        for membership in self._all():
            if name in ("", "*", membership.member.mirror):
                rows.extend(database_status.database_rows(membership, self._databases_of(membership)))
        return [row for row in rows if database_name in ("", "*", row.name)]

    def missing_databases(self, name: str = "") -> list[str]:
        """Query MissingMirroredDatabases: `:mirror:SET:DB`."""
        membership = self._find(name)
        return sorted(missing_here(membership)) if membership is not None else []

    def journal_rows(self, name: str) -> list[JournalFileRow]:
        """Query JournalList, newest first."""
        return journals.rows(self._require(name).member.series)

    def journal_position(self, name: str = "") -> str:
        """GetPrimaryJournalPosition: "count^offset^timestamp", raises 2082 when there is no primary to ask."""
        membership = self._require(name)
        if membership.primary is not None:
            return status.current_position(membership)
        channel = membership.channel
        target = channel.primary if channel is not None else membership.member.partner
        answer = None
        if target is not None:
            answer = peers.ask_instance(membership.member, target, "POSITION", membership.member.qos)
        if answer is None or not answer.text("position"):
            raise StatusError(2082)
        return answer.text("position")

    def is_failover_ready(self, seconds: int = 60) -> tuple[bool, str]:
        """IsFailoverReady."""
        membership = self._find("")
        if membership is None:
            return False, "This system has not been configured as a Mirror Member"
        ready, reason = status.failover_ready(membership, seconds)
        if self._instance.traps.flicker.unsteady("failover ready", ready):
            return False, status.NOT_ACTIVE
        return ready, reason

    def journal_distance(self) -> int:
        """DistanceFromPrimaryJournalFiles: 0 error, 1 caught up, negative files, positive bytes."""
        return self._lag("", latency.journal_lag).distance

    def database_distance(self) -> int:
        """DistanceFromPrimaryDatabases."""
        return self._lag("", latency.database_lag).distance

    def journal_latency(self, name: str = "") -> int:
        """JournalFilesLatency in seconds, -1 not connected."""
        return self._lag(name, latency.journal_lag).seconds

    def database_latency(self, name: str = "") -> int:
        """DatabasesLatency in seconds, -1 not connected."""
        return self._lag(name, latency.database_lag).seconds

    def _lag(self, name: str, measure: Callable[[Membership], latency.Lag]) -> latency.Lag:
        membership = self._find(name)
        if membership is None:
            return latency.NOT_CONNECTED
        lag = measure(membership)
        unsteady = self._instance.traps.flicker.unsteady((name, measure), lag.distance == latency.REACHED)
        return latency.JUST_BEHIND if unsteady else lag

    def arbiter_status(self) -> ArbiterStatus:
        """Arbiter address (`host|port` or ""), control mode, connection; IRIS shows it in the portal only."""
        return status.arbiter_status(self._require())

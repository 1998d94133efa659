# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mirroring of one instance: what system classes and the shell call.

Every method is synchronous, safe to call from any thread, and raises StatusError with a documented number.
Mirror names are accepted in any case; "" means the only mirror of this instance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irissim.engine.mirror.types import (
    ArbiterStatus,
    DatabaseRow,
    FailoverMemberInfo,
    JournalFileRow,
    LocalInfo,
    MemberKind,
    MemberRow,
    MirrorInfo,
    MirrorState,
)

if TYPE_CHECKING:
    from irissim.engine.instance import Instance
    from irissim.engine.journal import Position


class MirrorManager:
    """`instance.mirror`."""

    def __init__(self, instance: Instance) -> None: ...

    # Life of the instance -------------------------------------------------------------------------------------------

    def start_from_config(self) -> None:
        """Open the superserver port and start the configured mirror, if any (JoinMirror=1, service, licence)."""

    def shutdown(self, nofailover: bool = False) -> None:
        """Stop with the instance; a primary hands over to an active backup first unless `nofailover`."""

    # Configuration --------------------------------------------------------------------------------------------------

    def create(self, name: str, member: str, info: MirrorInfo) -> None:
        """CreateNewMirrorSet. member "" = default system name."""

    def join_failover(
        self, name: str, member: str, instance_name: str, agent_address: str, agent_port: int, local: LocalInfo
    ) -> None:
        """JoinMirrorAsFailoverMember; instance and agent describe the primary."""

    def default_system_name(self) -> str:
        """`HOST/INSTANCE`, "" if longer than 32 characters."""

    def check_agent(self) -> None:
        """CheckISCAgent: the agent of this node is up; raises 2118."""

    def start(self, name: str = "") -> None:
        """StartMirror."""

    def stop(self, name: str = "", timeout: float = 10.0) -> None:
        """StopMirror: backup and async only; stays stopped over restarts."""

    def become_primary(self) -> bool:
        """BecomePrimary: takes over if the other member can be forced down; True also when already primary."""

    def remove_configuration(self, delete_db: bool = False, clean_journal: bool = True, clean_ssl: bool = False) -> None:
        """RemoveMirrorConfiguration."""

    # Databases ------------------------------------------------------------------------------------------------------

    def add_database(self, directory: str, database_name: str = "", enable_journal: bool = True) -> None:
        """AddDatabase: primary only; the directory must be in [Databases]."""

    def adopt_new_database(self, directory: str, database_name: str, name: str = "", catchup: bool = True) -> None:
        """For SYS.Database.CreateDatabase with mirror arguments, called after the empty database was created and
        mounted: on the primary a new mirrored database, elsewhere its copy, activated and caught up."""

    def add_database_non_primary(
        self,
        directory: str,
        name: str,
        database_name: str,
        file_count: int,
        offset: int,
        catchup: bool = True,
        enable_journal: bool = True,
    ) -> None:
        """AddDatabaseNonPrimary: the local database equals the mirrored one at that journal position."""

    def activate(self, directory: str) -> None:
        """ActivateMirroredDatabase."""

    def catchup(self, sfns: list[int]) -> tuple[list[int], list[int]]:
        """CatchupDB: SFNs caught up, SFNs that were not (reason in messages.log)."""

    def remove_database(self, directory: str) -> None:
        """RemoveMirroredDatabase."""

    def pause_database(self, directory: str) -> None:
        """DejournalPauseDatabase: until restart or catchup."""

    def database_mounted(self, directory: str, catchup: bool = True) -> None:
        """SYS.Database and startup call this after a mount: a mirrored database is linked into the mirror again,
        with `catchup` (mirrorcatchup) also caught up."""

    # Status of this member ------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """GetMirrorNames."""

    def mirror_name(self) -> str:
        """MirrorName: "" on asyncs and non-members."""

    def member_name(self) -> str:
        """SystemName of [MirrorMember]; "" when not a member."""

    def is_member(self) -> int:
        """0 not configured, 1 failover, 2 async."""

    def is_primary(self) -> bool: ...

    def is_backup(self) -> bool:
        """True only while the data channel is up."""

    def is_async_member(self) -> bool:
        """True only while connected."""

    def member_type(self) -> str:
        """GetMemberType."""

    def kind(self) -> MemberKind:
        """GetMemberType as a value."""

    def state(self, name: str = "") -> MirrorState: ...

    def status(self, name: str = "") -> str:
        """GetStatus: "PRIMARY", "BACKUP", ... "NOTINIT" when not a member."""

    def member_status(self, name: str = "") -> list[str]:
        """GetMemberStatus: items of the $LIST (displayed word, "" or "Trouble")."""

    def is_started(self, name: str) -> bool:
        """IsMirrorStarted: the master of that mirror runs."""

    # Status of the mirror -------------------------------------------------------------------------------------------

    def failover_status(self) -> tuple[FailoverMemberInfo, FailoverMemberInfo | None]:
        """GetFailoverMemberStatus: this member, the other one (None: there is no other). Raises 2074, 2081."""

    def member_rows(self, name: str = "") -> list[MemberRow]:
        """Query MemberStatusList."""

    def database_rows(self, name: str = "", database_name: str = "*") -> list[DatabaseRow]:
        """Query MirroredDatabaseList; "" and "*" = all mirrors."""

    def missing_databases(self, name: str = "") -> list[str]:
        """Query MissingMirroredDatabases: `:mirror:SET:DB`."""

    def journal_rows(self, name: str) -> list[JournalFileRow]:
        """Query JournalList, newest first."""

    def journal_position(self, name: str = "") -> str:
        """GetPrimaryJournalPosition: "count^offset^timestamp", raises 2082 when there is no primary to ask."""

    def is_failover_ready(self, seconds: int = 60) -> tuple[bool, str]:
        """IsFailoverReady."""

    def journal_distance(self) -> int:
        """DistanceFromPrimaryJournalFiles: 0 error, 1 caught up, negative files, positive bytes."""

    def database_distance(self) -> int:
        """DistanceFromPrimaryDatabases."""

    def journal_latency(self, name: str = "") -> int:
        """JournalFilesLatency in seconds, -1 not connected."""

    def database_latency(self, name: str = "") -> int:
        """DatabasesLatency in seconds, -1 not connected."""

    def arbiter_status(self) -> ArbiterStatus:
        """Arbiter address (`host|port` or ""), control mode, connection; IRIS shows it in the portal only."""

    # For the storage part -------------------------------------------------------------------------------------------

    def wait_ack(self, position: Position) -> None:
        """Block until the active backup (if any) has the journal up to `position`.

        Called by sessions before output and by the write daemon before it commits a mirrored database. Raises
        NoLongerPrimary when this instance lost the primary role before the acknowledgement came."""

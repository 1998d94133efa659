# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mirroring part says to the outside: plain values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class MirrorState(Enum):
    """State of one mirror on this member: programmatic word and displayed word."""

    # FIDELITY(documented; CLS %SYSTEM.Mirror): GetStatus answers one of these upper-case words, GetMemberStatus the
    #   displayed one
    NOTINIT = "Not Initialized"
    PRIMARY = "Primary"
    BACKUP = "Backup"
    CONNECTED = "Connected"
    TRANSITION = "Transition"
    SYNCHRONIZING = "Synchronizing"
    WAITING = "Waiting"
    STOPPED = "Stopped"
    CRASHED = "Crashed"


class MemberKind(Enum):
    """Answer of GetMemberType."""

    INDETERMINATE = "Indeterminate"
    NOT_MEMBER = "Not Member"
    FAILOVER = "Failover"
    ASYNC = "Async"
    DISASTER_RECOVERY = "Disaster Recovery"
    READ_ONLY_REPORTING = "Read-Only Reporting"
    READ_WRITE_REPORTING = "Read-Write Reporting"


class FailoverStatus(Enum):
    """Fourth piece of the lists that GetFailoverMemberStatus returns."""

    ACTIVE = "Active"
    RESTART = "Restart"
    TROUBLE = "Trouble"
    FAILOVER = "Failover"
    RECOVERY = "Recovery"
    DECIDING = "Deciding"
    EXIT = "Exit"
    INACTIVE = "Inactive"
    CATCHUP = "Catchup"
    ASYNC = "Async"
    DOWN = "Down"


class DatabaseState(Enum):
    """MirrorStatus column of MirroredDatabaseList."""

    # FIDELITY(documented; HA 5.1.1.3, CLS): these words are shown per mirrored database
    NORMAL = "Normal"
    DEJOURNALING = "Dejournaling"
    NEEDS_CATCHUP = "Needs Catchup"
    NEEDS_ACTIVATION = "Needs Activation"
    CATCHUP_RUNNING = "Catchup Running"
    NEEDS_DOWNLOAD = "Needs Download"
    DOWNLOADING = "Downloading"
    DEJOURNALING_STOPPED = "Dejournaling Stopped"
    DISMOUNTED = "Database Dismounted"
    ORPHANED = "Orphaned"
    OBSOLETE = "Obsolete"


class MemberType(IntEnum):
    """MemberType in [MapMirrors.SET]."""

    FAILOVER = 0
    ASYNC = 2


class AsyncType(IntEnum):
    """AsyncMemberType in [MirrorMember]."""

    # FIDELITY(documented; CPF): 0 disaster recovery, 1 read-only reporting, 2 read-write reporting
    DISASTER_RECOVERY = 0
    READ_ONLY_REPORTING = 1
    READ_WRITE_REPORTING = 2


ASYNC_KINDS = {
    AsyncType.DISASTER_RECOVERY: MemberKind.DISASTER_RECOVERY,
    AsyncType.READ_ONLY_REPORTING: MemberKind.READ_ONLY_REPORTING,
    AsyncType.READ_WRITE_REPORTING: MemberKind.READ_WRITE_REPORTING,
}


class ControlMode(Enum):
    """Who decides about a takeover; no public API of IRIS reports it."""

    AGENT = "Agent Controlled"
    ARBITER = "Arbiter Controlled"


class ArbiterState(Enum):
    """Arbiter Connection Status of the Mirror Monitor."""

    # FIDELITY(documented; HA 5.1.1): the monitor shows one of three sentences; the last also without an arbiter
    BOTH = "Both failover members are connected to the arbiter"
    THIS_ONLY = "Only this member is connected to the arbiter"
    NOT_CONNECTED = "This member is not connected to the arbiter"


@dataclass(frozen=True)
class MirrorInfo:
    """The MirrorInfo array of CreateNewMirrorSet; empty addresses mean the documented default."""

    arbiter_node: str = ""
    qos_timeout: int = 8000
    use_ssl: bool = False
    virtual_address: str = ""
    virtual_address_interface: str = ""
    compression_failover: int = 0
    compression_async: int = 0
    compression_type_failover: int = 0
    compression_type_async: int = 0
    allow_parallel_dejournaling: int = 0
    ecp_address: str = ""
    mirror_address: str = ""
    agent_address: str = ""
    agent_port: int = 0


@dataclass(frozen=True)
class LocalInfo:
    """The LocalInfo array of the join methods."""

    virtual_address_interface: str = ""
    ecp_address: str = ""
    mirror_address: str = ""
    agent_address: str = ""
    agent_port: int = 0
    encrypt_communication: int = 0


@dataclass(frozen=True)
class FailoverMemberInfo:
    """One $LIST of GetFailoverMemberStatus, in the order of its pieces."""

    name: str
    agent_address: str
    role: str
    status: str
    mirror_address: str
    ecp_address: str


@dataclass(frozen=True)
class MemberRow:
    """One row of the query SYS.Mirror:MemberStatusList, columns in order."""

    name: str
    role: str
    status: str
    journal_latency: str
    database_latency: str
    journal_time_latency: str
    database_time_latency: str
    display_type: str
    display_status: str


@dataclass(frozen=True)
class AsyncRow:
    """One row of the query SYS.Mirror:AsyncMemberList."""

    name: str
    kind: str
    distinguished_name: str
    status: str


@dataclass(frozen=True)
class TrackedRow:
    """One row of the query SYS.Mirror:MirrorTrackedByAsyncMember, columns in order."""

    name: str
    agent_address: str
    agent_port: int
    instance_directory: str
    async_type: int
    status: str
    connected: int
    journal_latency: str
    database_latency: str
    pending_updates: int
    dejournal_filter: str


@dataclass(frozen=True)
class DatabaseRow:
    """One row of SYS.Mirror:MirroredDatabaseList (name, directory, mirror, status, latency) and a little more."""

    name: str
    directory: str
    mirror: str
    state: DatabaseState
    latency: str
    last_record: str = ""


@dataclass(frozen=True)
class JournalFileRow:
    """One row of SYS.Mirror:JournalList."""

    path: str
    count: int
    created: str
    reason: str
    guid: str


@dataclass(frozen=True)
class ArbiterStatus:
    """What the Mirror Monitor shows about the arbiter."""

    address: str
    mode: ControlMode
    state: ArbiterState

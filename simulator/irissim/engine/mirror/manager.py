# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mirroring of one instance: what system classes and the shell call.

Every method is synchronous, safe to call from any thread, and raises StatusError with a documented number.
Mirror names are accepted in any case; "" means the only mirror of this instance.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irissim.agent.registry import InstanceRecord, Registration
from irissim.engine.mirror import arbiter_setting, names, no_failover, registration, store, tls
from irissim.engine.mirror.listener import Listener
from irissim.engine.mirror.mirrored import remove_attribute
from irissim.engine.mirror.promotion import Promotion
from irissim.engine.mirror.requests import Requests
from irissim.engine.mirror.takeover_request import refuse_takeover
from irissim.engine.mirror.types import LocalInfo, MirrorInfo
from irissim.engine.positions import Position
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

if TYPE_CHECKING:
    from irissim.engine.database import Database
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.retention import Purged


class MirrorManager(Promotion):
    """`instance.mirror`: what the parts of mirroring that have no module of their own do."""

    def __init__(
        self, instance: Instance, registry: Path | None = None, forced_down: Callable[[], None] | None = None
    ) -> None:
        """`registry` is the directory that the agent of this host reads; `forced_down` ends the instance when another
        member took over from it."""
        super().__init__(instance, self._go_down)
        self._registry = registry
        self._forced_down = forced_down or _die
        doorman = tls.Doorman(
            lambda guid: instance.ssl_configs if guid == instance.guid else None,
            lambda text: instance.log.write(text, 1, "Utility.Event"),
        )
        self._listener = Listener("Superserver", Requests(instance, self._memberships.get).handlers(), doorman)
        self._registration: Registration | None = None

    # Life of the instance -------------------------------------------------------------------------------------------

    def start_from_config(self) -> None:
        """Open the superserver port and start the configured mirror, if any (JoinMirror=1, service, licence)."""
        # In this order: whoever asks finds every mirror of this instance, and the agent confirms that the instance
        # lives, before it looks for a role.
        self._load()
        addresses = self._instance.addresses
        self._listener.start(addresses.bind, addresses.superserver_port)
        if self._registry is not None:
            self._registration = Registration(self._registry, self._record())
        self._start_configured()

    def shutdown(self, nofailover: bool = False) -> None:
        """Stop with the instance; a primary hands over to an active backup first unless `nofailover`."""
        for membership in self._all():
            membership.stop(nofailover)
        self._listener.stop()
        if self._registration is not None:
            self._registration.release()
            self._registration = None

    def _record(self) -> InstanceRecord:
        instance = self._instance
        return InstanceRecord(
            name=instance.name,
            guid=instance.guid,
            version=instance.version,
            directory=str(instance.install_dir),
            mgr=str(instance.mgr),
            cpf=str(instance.cpf_path),
            journal_directory=str(instance.journal.directory),
            address=registration.own_address(instance),
            superserver_port=instance.addresses.superserver_port,
            pid=os.getpid(),
        )

    def _go_down(self) -> None:
        # FIDELITY(documented; HA 3.3): a primary that was forced down stays down until a person restarts it
        self._instance.log.write("Another member has become primary, this instance is forced down", 2)
        self._forced_down()

    # Configuration --------------------------------------------------------------------------------------------------

    def create(self, name: str, member: str, info: MirrorInfo, ssl_info: Mapping[str, Any] | None = None) -> None:
        """CreateNewMirrorSet. member "" = default system name."""
        with self._lock:
            self._require_restarted(2065)
            config = registration.create(self._instance, name, member, info, ssl_info)
            self._make_membership(config, next(iter(config.members))).start()

    def join_failover(
        self, name: str, member: str, instance_name: str, agent_address: str, agent_port: int, local: LocalInfo,
        ssl_info: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """JoinMirrorAsFailoverMember; instance and agent describe the primary."""
        with self._lock:
            self._require_restarted(2084)
            config = registration.join_failover(
                self._instance, name, member, instance_name, agent_address, agent_port, local, ssl_info
            )
            self._make_membership(config, store.load_local(self._instance.config).system_name).start()

    def add_arbiter(self, name: str, node: str) -> bool:
        """Give a mirror without an arbiter this one (`host|port`), through its primary; False if it has one."""
        return arbiter_setting.add(self._require(name), node)

    def default_system_name(self) -> str:
        """`HOST/INSTANCE`, "" if longer than 32 characters."""
        return names.default_member_name(registration.host_name(self._instance), self._instance.name)

    def check_agent(self) -> None:
        """CheckISCAgent: the agent of this node is up; raises 2118."""
        registration.check_agent(self._instance)

    def become_primary(self) -> bool:
        """BecomePrimary: takes over if the other member can be forced down; True also when already primary."""
        # FIDELITY(documented; CLS): BecomePrimary answers a boolean, so a member that cannot is told by FALSE
        # FIDELITY(assumed; ERR 2074, 2081): so is an instance that is no failover member; messages.log says why
        membership = self._find("")
        if membership is None:
            refuse_takeover(self._instance.log, text(status_of(StatusError(2074))))
            return False
        if not membership.member.entry.is_failover:
            refuse_takeover(self._instance.log, text(status_of(StatusError(2081))))
            return False
        return membership.primary is not None or membership.want_primary()

    def set_no_failover(self, name: str = "") -> None:
        """SetNoFailover."""
        self.require_valid()
        no_failover.set_state(self._require(name))

    def clear_no_failover(self, name: str = "", always_local: bool = False) -> None:
        """ClearNoFailover."""
        self.require_valid()
        no_failover.clear_state(self._require(name), always_local)

    def require_valid(self) -> None:
        """For changes of the configuration: not while this instance is not found at its own address."""
        # FIDELITY(documented; HA 5.3, ERR 2173): changes are blocked until the validation trouble is resolved
        for membership in self._all():
            if membership.invalid:
                raise StatusError(2173, membership.member.mirror)

    # TLS and approval ----------------------------------------------------------------------------------------------

    def tls_membership(self, name: str = "") -> Membership:
        """The membership that the TLS part of SYS.Mirror works on; "" = the only one."""
        return self._require(name)

    def tls_memberships(self) -> list[Membership]:
        """All, for calls that name no mirror."""
        return self._all()

    # Databases ------------------------------------------------------------------------------------------------------

    def add_database(self, directory: str, database_name: str = "", enable_journal: bool = True) -> None:
        """AddDatabase: primary only; the directory must be in [Databases]."""
        self._databases_of(self._require()).add(directory, database_name, enable_journal)

    def adopt_new_database(self, directory: str, database_name: str, name: str = "", catchup: bool = True) -> None:
        """For SYS.Database.CreateDatabase with mirror arguments, called after the empty database was created and
        mounted: on the primary a new mirrored database, elsewhere its copy, activated and caught up."""
        membership = self._require_named(name)
        databases = self._databases_of(membership)
        if membership.primary is not None:
            databases.add(directory, database_name, enable_journal=True, created_new=True)
        else:
            databases.adopt(directory, database_name, catchup)

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
        databases = self._databases_of(self._require_named(name))
        databases.add_copy(directory, database_name, Position(file_count, offset), catchup, enable_journal)

    def activate(self, directory: str) -> None:
        """ActivateMirroredDatabase."""
        self._databases_of(self._of_directory(directory)).activate(directory)

    def catchup(self, sfns: list[int]) -> tuple[list[int], list[int]]:
        """CatchupDB: SFNs caught up, SFNs that were not (reason in messages.log)."""
        failed = set(sfns)
        for membership in self._all():
            found = [self._instance.databases.by_sfn(sfn) for sfn in sfns]
            mine = [database for database in found if database and membership.member.mirror == _mirror_of(database)]
            failed -= {database.sfn for database in mine}
            for database, error in self._databases_of(membership).catchup(mine):
                failed.add(database.sfn)
                self._instance.log.write(f"Catchup of {database.directory} failed: {text(status_of(error))}", 2)
        return [sfn for sfn in sfns if sfn not in failed], [sfn for sfn in sfns if sfn in failed]

    def remove_database(self, directory: str) -> None:
        """RemoveMirroredDatabase; also on an instance that is in no mirror."""
        database = self._instance.databases.find(directory)
        label = self._instance.databases.label(directory)
        # FIDELITY(documented; ERR): not mirrored is 2064, not mounted 2130
        if label is None or label.mirror is None:
            raise StatusError(2064, directory)
        if database is None or not database.mounted:
            raise StatusError(2130, directory)
        membership = self._find(label.mirror.mirror_name)
        if membership is None:
            remove_attribute(self._instance, database)
        else:
            self._databases_of(membership).remove(directory)

    def pause_database(self, directory: str) -> None:
        """DejournalPauseDatabase: until restart or catchup."""
        self._databases_of(self._of_directory(directory)).pause(directory)

    def database_mounted(self, directory: str, catchup: bool = True) -> None:
        """SYS.Database and startup call this after a mount: a mirrored database is linked into the mirror again,
        with `catchup` (mirrorcatchup) also caught up."""
        database = self._instance.databases.find(directory)
        mirror = database.label.mirror if database is not None else None
        membership = self._find(mirror.mirror_name) if mirror is not None else None
        if database is not None and membership is not None:
            self._databases_of(membership).mounted(database, catchup)

    def database_modified(self, directory: str) -> None:
        """SYS.Database changed properties of a database."""
        database = self._instance.databases.find(directory)
        membership = self._find(_mirror_of(database)) if database is not None and database.mounted else None
        if database is not None and membership is not None:
            self._databases_of(membership).modified(database)

    def download_database(self, name: str, database_name: str, background: bool) -> None:
        """DownloadMirrorDatabase."""
        membership = self._require(name)
        if membership.primary is not None:
            raise StatusError(2116)
        self._databases_of(membership).download(database_name, background)

    def purge_journals(self) -> None:
        """The purger of the instance calls this at intervals."""
        for membership in self._all():
            if membership.running:
                membership.retention.purge_old()

    def purge_now(self, name: str, check_only: bool, start_file: str, wait_days: int | None) -> Purged:
        """PurgeJournalFiles; None = JrnPurgeDefaultWait, 0 = for ever."""
        retention = self._require(name).retention
        return retention.purge_now(check_only, start_file, retention.wait_days if wait_days is None else wait_days)

    def purge_wait(self, days: int | None) -> int:
        """JrnPurgeDefaultWait: sets it unless None; the value."""
        retention = self._require().retention
        if days is not None:
            retention.wait_days = days
        return retention.wait_days

    def updates_blocked(self) -> None:
        """A freeze blocks updates now: an active backup takes over."""
        # FIDELITY(documented; HA 5.10.2): when an external freeze suspends updates on the primary for longer than
        #   ExternalFreezeTimeOut, the backup takes over and the backup in progress is worthless
        for membership in self._all():
            if membership.yield_role():
                membership.member.log("The external freeze lasts too long, the backup takes over", 2)

    # For the storage part -------------------------------------------------------------------------------------------

    def wait_ack(self, position: Position) -> None:
        """Block until the active backup (if any) has the journal up to `position`.

        Called by sessions before output and by the write daemon before it commits a mirrored database. Raises
        NoLongerPrimary when this instance lost the primary role before the acknowledgement came."""
        for membership in list(self._memberships.values()):
            acks = membership.acks
            if acks is not None:
                acks.wait(position)


def _mirror_of(database: Database) -> str:
    """"-" for none, which is no mirror's name."""
    mirror = database.label.mirror
    return mirror.mirror_name if mirror is not None else "-"


def _die() -> None:
    """As the agent does it from outside: nothing more reaches the disk."""
    os.kill(os.getpid(), signal.SIGKILL)

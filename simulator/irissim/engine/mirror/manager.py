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
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from irissim.agent.registry import InstanceRecord, Registration
from irissim.engine.mirror import names, registration, removal, store
from irissim.engine.mirror.listener import Listener
from irissim.engine.mirror.master import Membership
from irissim.engine.mirror.mirrored import MirroredDatabases, remove_attribute
from irissim.engine.mirror.reports import MirrorReports
from irissim.engine.mirror.requests import Requests
from irissim.engine.mirror.types import FailoverStatus, LocalInfo, MirrorInfo, MirrorState
from irissim.engine.positions import Position
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

if TYPE_CHECKING:
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.settings import MirrorConfig
    from irissim.engine.mirror.store import LocalMember


class MirrorManager(MirrorReports):
    """`instance.mirror`: changes are here, reports in the base class."""

    def __init__(
        self, instance: Instance, registry: Path | None = None, forced_down: Callable[[], None] | None = None
    ) -> None:
        """`registry` is the directory that the agent of this host reads; `forced_down` ends the instance when another
        member took over from it."""
        super().__init__(instance)
        self._registry = registry
        self._forced_down = forced_down or _die
        self._listener = Listener("Superserver", Requests(instance, self._memberships.get).handlers())
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
        reason = self._why_not(store.load_local(self._instance.config))
        for membership in self._all():
            if reason:
                membership.member.enter(MirrorState.STOPPED, FailoverStatus.INACTIVE)
                self._instance.log.write(f"Mirror {membership.member.mirror} is not started: {reason}", 2)
            else:
                membership.start()

    def _load(self) -> None:
        with self._lock:
            local = store.load_local(self._instance.config)
            for name in store.mirror_names(self._instance.config):
                config = store.load_mirror(self._instance.config, name)
                if config is not None and local.system_name in config.members:
                    self._make_membership(config, local.system_name)
            self._loaded = True

    def _make_membership(self, config: MirrorConfig, member: str) -> Membership:
        membership = Membership(self._instance, config, member, self._go_down)
        self._memberships[config.name] = membership
        self._databases[config.name] = MirroredDatabases(membership)
        return membership

    def shutdown(self, nofailover: bool = False) -> None:
        """Stop with the instance; a primary hands over to an active backup first unless `nofailover`."""
        for membership in self._all():
            membership.stop(nofailover)
        self._listener.stop()
        if self._registration is not None:
            self._registration.release()
            self._registration = None

    def _why_not(self, local: LocalMember) -> str:
        # FIDELITY(documented; CPF, CLS %SYSTEM.Mirror): a configured member stays STOPPED with JoinMirror=0,
        #   without the service and without a licence for mirroring
        if not local.join_mirror:
            return "JoinMirror is 0"
        if not self._instance.security.is_enabled(registration.SERVICE):
            return "the service %Service_Mirror is not enabled"
        if not self._instance.license.mirroring:
            return "the licence does not include mirroring"
        return ""

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

    def create(self, name: str, member: str, info: MirrorInfo) -> None:
        """CreateNewMirrorSet. member "" = default system name."""
        with self._lock:
            config = registration.create(self._instance, name, member, info)
            self._make_membership(config, next(iter(config.members))).start()

    def join_failover(
        self, name: str, member: str, instance_name: str, agent_address: str, agent_port: int, local: LocalInfo
    ) -> None:
        """JoinMirrorAsFailoverMember; instance and agent describe the primary."""
        with self._lock:
            config = registration.join_failover(
                self._instance, name, member, instance_name, agent_address, agent_port, local
            )
            self._make_membership(config, store.load_local(self._instance.config).system_name).start()

    def default_system_name(self) -> str:
        """`HOST/INSTANCE`, "" if longer than 32 characters."""
        return names.default_member_name(registration.host_name(self._instance), self._instance.name)

    def check_agent(self) -> None:
        """CheckISCAgent: the agent of this node is up; raises 2118."""
        registration.check_agent(self._instance)

    def start(self, name: str = "") -> None:
        """StartMirror."""
        with self._lock:
            membership = self._require(name)
            if membership.running:
                raise StatusError(2106, membership.member.mirror)
            if not self._instance.security.is_enabled(registration.SERVICE):
                raise StatusError(2066)
            self._instance.license.require_mirroring()
            self._set_join(True)
            self._make_membership(membership.member.config, membership.member.name).start()

    def stop(self, name: str = "", timeout: float = 10.0) -> None:
        """StopMirror: backup and async only; stays stopped over restarts."""
        membership = self._require(name)
        # FIDELITY(documented; CR24): StopMirror is refused on the primary (2022) and lasts over restarts
        if membership.primary is not None:
            raise StatusError(2022)
        if not membership.running:
            raise StatusError(2107, membership.member.mirror)
        self._set_join(False)
        if not membership.stop(timeout=timeout):
            raise StatusError(2169, membership.member.mirror)

    def _set_join(self, join: bool) -> None:
        local = store.load_local(self._instance.config)
        store.save_local(self._instance.config, replace(local, join_mirror=join))

    def become_primary(self) -> bool:
        """BecomePrimary: takes over if the other member can be forced down; True also when already primary."""
        membership = self._require()
        return membership.primary is not None or membership.want_primary()

    def remove_configuration(
        self, delete_db: bool = False, clean_journal: bool = True, clean_ssl: bool = False
    ) -> None:
        """RemoveMirrorConfiguration. `clean_ssl` concerns TLS configurations, which this instance does not have."""
        with self._lock:
            if any(membership.primary is not None for membership in self._all()):
                raise StatusError(2116)
            for membership in self._all():
                membership.stop()
            removal.remove_configuration(self._instance, delete_db, clean_journal)
            self._memberships.clear()
            self._databases.clear()

    # Databases ------------------------------------------------------------------------------------------------------

    def add_database(self, directory: str, database_name: str = "", enable_journal: bool = True) -> None:
        """AddDatabase: primary only; the directory must be in [Databases]."""
        self._databases_of(self._require()).add(directory, database_name, enable_journal)

    def adopt_new_database(self, directory: str, database_name: str, name: str = "", catchup: bool = True) -> None:
        """For SYS.Database.CreateDatabase with mirror arguments, called after the empty database was created and
        mounted: on the primary a new mirrored database, elsewhere its copy, activated and caught up."""
        membership = self._require(name)
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
        databases = self._databases_of(self._require(name))
        databases.add_copy(directory, database_name, Position(file_count, offset), catchup, enable_journal)

    def activate(self, directory: str) -> None:
        """ActivateMirroredDatabase."""
        self._databases_of(self._require()).activate(directory)

    def catchup(self, sfns: list[int]) -> tuple[list[int], list[int]]:
        """CatchupDB: SFNs caught up, SFNs that were not (reason in messages.log)."""
        done: list[int] = []
        failed: list[int] = []
        for sfn in sfns:
            (done if self._catch_up(sfn) else failed).append(sfn)
        return done, failed

    def _catch_up(self, sfn: int) -> bool:
        database = self._instance.databases.by_sfn(sfn)
        membership = self._find("")
        if database is None or membership is None:
            return False
        try:
            self._databases_of(membership).catchup(database)
        except StatusError as error:
            self._instance.log.write(f"Catchup of {database.directory} failed: {text(status_of(error))}", 2)
            return False
        return True

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
        self._databases_of(self._require()).pause(directory)

    def database_mounted(self, directory: str, catchup: bool = True) -> None:
        """SYS.Database and startup call this after a mount: a mirrored database is linked into the mirror again,
        with `catchup` (mirrorcatchup) also caught up."""
        database = self._instance.databases.find(directory)
        mirror = database.label.mirror if database is not None else None
        membership = self._find(mirror.mirror_name) if mirror is not None else None
        if database is not None and membership is not None:
            self._databases_of(membership).mounted(database, catchup)

    # For the storage part -------------------------------------------------------------------------------------------

    def wait_ack(self, position: Position) -> None:
        """Block until the active backup (if any) has the journal up to `position`.

        Called by sessions before output and by the write daemon before it commits a mirrored database. Raises
        NoLongerPrimary when this instance lost the primary role before the acknowledgement came."""
        for membership in list(self._memberships.values()):
            acks = membership.acks
            if acks is not None:
                acks.wait(position)


def _die() -> None:
    """As the agent does it from outside: nothing more reaches the disk."""
    os.kill(os.getpid(), signal.SIGKILL)

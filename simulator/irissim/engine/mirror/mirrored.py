# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on the mirrored databases of this member."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from irissim.engine.databases import normalise
from irissim.engine.journal_series import JournalFileMissing
from irissim.engine.label import MirrorLabel
from irissim.engine.mirror import catalogue, download, names, properties
from irissim.engine.mirror.download import Downloads
from irissim.engine.mirror.places import configured_name, same_place
from irissim.engine.positions import Position
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

if TYPE_CHECKING:
    from irissim.engine.database import Database
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.catalogue import CatalogueEntry
    from irissim.engine.mirror.dejournal import Failures
    from irissim.engine.mirror.master import Membership
    from irissim.engine.mirror.primary import PrimaryRole

# FIDELITY(documented; HA 4.8.1): these cannot be mirrored
# FIDELITY(assumed): neither can IRISMETRICS, which only one of the sources lists
_SYSTEM = frozenset(
    {
        "IRISSYS",
        "IRISSECURITY",
        "IRISLIB",
        "IRISLOCALDATA",
        "IRISTEMP",
        "IRISAUDIT",
        "ENSLIB",
        "IRISMETRICS",
    }
)


class MirroredDatabases:
    """Of one mirror on this member."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self.catching_up: set[str] = set()
        self.paused: set[str] = set()
        self.downloads = Downloads(membership)
        membership.dejournaler.on_running = self.downloads.resume

    # On the primary --------------------------------------------------------------------------------------------------

    def add(self, directory: str, name: str, enable_journal: bool, created_new: bool = False) -> None:
        """AddDatabase."""
        # FIDELITY(documented; CR24 SYS.Mirror): AddDatabase needs the primary (2113), a directory in [Databases]
        #   (473) that is no system database (363) and not mirrored yet (2063), and switches journaling on unless
        #   forbidden (2129)
        role = self._membership.primary
        if role is None or not role.serving:
            raise StatusError(2113)
        instance = self._membership.member.instance
        directory = normalise(directory)
        entry = configured_name(instance, directory)
        if entry in _SYSTEM or instance.databases.is_system(directory):
            raise StatusError(363, entry or directory)
        if not entry and not created_new:
            raise StatusError(473, directory)
        label = instance.databases.label(directory)
        if label is None:
            raise StatusError(57, directory)
        if label.mirror is not None:
            raise StatusError(2063, directory)
        stored = names.database_name(name or entry)
        self._require_unique(stored)
        if not label.journaled and not enable_journal:
            raise StatusError(2129)
        self._make_mirrored(role, instance.databases.mount(directory), stored, created_new)

    def _require_unique(self, name: str) -> None:
        # FIDELITY(documented; HA 4.8.2, ERR 2061): names of mirrored databases are unique in the mirror
        member = self._membership.member
        for database in member.instance.databases.mirrored(member.mirror):
            mirror = database.label.mirror
            if mirror is not None and mirror.database_name == name:
                raise StatusError(2061, name, member.name)

    def _make_mirrored(self, role: PrimaryRole, database: Database, name: str, created_new: bool) -> None:
        member = self._membership.member
        with database.lock:
            mirror = MirrorLabel(
                mirror_name=member.mirror,
                database_name=name,
                guid=str(uuid.uuid4()).upper(),
                position=member.series.end(),
                activated=True,
                needs_catchup=False,
                created_new=created_new,
                began=member.series.end(),
            )
            database.change_label(journaled=True, mirror=mirror)
            member.instance.databases.refresh_mirror_writes(database.directory)
            catalogue.publish(member, database)
        role.acks.wait(member.series.end())
        member.log(f"Database {database.directory} was added to mirror {member.mirror} as {name}")

    # On the other members ------------------------------------------------------------------------------------------

    def adopt(self, directory: str, name: str, run_catchup: bool) -> None:
        """An empty database was created here as a copy of a mirrored one."""
        # FIDELITY(documented; HA 5.11.3, R-IM): the same creation on every member, primary first, makes copies that
        #   are active and caught up; a database that the primary did not create as mirrored cannot be copied so
        #   (2103, 2105) before releases download it
        member = self._membership.member
        entry = self._entry(names.database_name(name))
        in_journal = entry.created_new and self._has_journals_since(entry)
        if not in_journal and download.is_known(member.instance.profile):
            # FIDELITY(assumed): a download catches up whatever RunCatchupDB says: its content belongs to no one
            #   place of the journal, so without that it would be no copy at all
            self._begin_download(directory, entry)
            return
        if not entry.created_new:
            raise StatusError(2105, entry.name, member.partner.name if member.partner else "")
        if not in_journal:
            raise StatusError(2104, f"the journals since the creation of {entry.name} are gone")
        database = self._label_copy(directory, entry, entry.began)
        if run_catchup:
            self._link(database)

    def _has_journals_since(self, entry: CatalogueEntry) -> bool:
        series = self._membership.member.series
        try:
            return series.size(entry.began.file_count) >= entry.began.offset
        except JournalFileMissing:
            return False

    def _begin_download(self, directory: str, entry: CatalogueEntry) -> None:
        # FIDELITY(observed; LIVE): a copy is only downloaded into the directory that it has on the primary, spelled in
        #   the same way; anywhere else an ordinary local database is left, without any error
        if not same_place(self._membership.member.instance, directory, entry):
            return
        self.downloads.require_source(entry.guid, entry.name)
        database = self._label_copy(directory, entry, entry.began, incomplete=True)
        self.downloads.start(database)

    def download(self, name: str, background: bool) -> None:
        """DownloadMirrorDatabase: for a database that was created but not downloaded yet."""
        entry = self._entry(names.database_name(name))
        member = self._membership.member
        for database in member.instance.databases.mirrored(member.mirror):
            mirror = database.label.mirror
            if mirror is not None and mirror.guid == entry.guid and mirror.download:
                if background:
                    self.downloads.start(database)
                else:
                    self.downloads.finish(database)
                return
        # FIDELITY(observed; LIVE): text of the refusal, which names the directory on the primary
        raise StatusError(5001, f"Existing mirror DB '{entry.directory}' is not in Download mode")

    def add_copy(self, directory: str, name: str, position: Position, run_catchup: bool, enable_journal: bool) -> None:
        """AddDatabaseNonPrimary: the local database equals the mirrored one at that journal position."""
        member = self._membership.member
        if self._membership.primary is not None:
            raise StatusError(2116)
        directory = normalise(directory)
        label = member.instance.databases.label(directory)
        if label is None:
            raise StatusError(2073, directory)
        if label.mirror is not None:
            raise StatusError(2063, directory)
        if not label.journaled and not enable_journal:
            raise StatusError(2129)
        entry = self._entry(names.database_name(name or configured_name(member.instance, directory)))
        try:
            member.series.size(position.file_count)
        except JournalFileMissing:
            # FIDELITY(observed; LIVE): placeholder counters fail with the text of 2000
            raise StatusError(2000, position.file_count, directory, str(member.series.log_path)) from None
        database = self._label_copy(directory, entry, position)
        if run_catchup:
            try:
                self._link(database)
            except StatusError as error:
                # FIDELITY(observed; ANS): the copy is added even if it cannot be caught up
                raise StatusError(
                    5001, f"{directory} successfully added to mirror but CatchupDB() failed"
                ).because(error) from None

    def _entry(self, name: str) -> CatalogueEntry:
        for entry in (self._membership.dejournaler.catalogue or {}).values():
            if entry.name == name:
                return entry
        raise StatusError(2103, name)

    def _label_copy(
        self, directory: str, entry: CatalogueEntry, position: Position, incomplete: bool = False
    ) -> Database:
        member = self._membership.member
        database = member.instance.databases.mount(normalise(directory))
        mirror = MirrorLabel(
            mirror_name=member.mirror,
            database_name=entry.name,
            guid=entry.guid,
            position=position,
            failover=not member.entry.is_read_write,
            activated=not incomplete,
            created_new=entry.created_new,
            began=entry.began,
            download=incomplete,
        )
        database.change_label(journaled=True, mirror=mirror)
        member.instance.databases.refresh_mirror_writes(database.directory)
        return database

    # On any member -------------------------------------------------------------------------------------------------

    def activate(self, directory: str) -> None:
        """ActivateMirroredDatabase."""
        database = self.mirrored(directory)
        mirror = database.label.mirror
        if mirror is not None and mirror.activated:
            raise StatusError(2078)
        entry = self._membership.member.entry
        if mirror is not None and not mirror.failover:
            # FIDELITY(documented; CLS Config.MirrorMember, ERR 2172): a copy whose FailoverDB flag was cleared can no
            #   longer be activated, least of all on a disaster recovery member
            if entry.is_disaster_recovery:
                raise StatusError(2172)
            raise StatusError(2079, "the FailoverDB flag of this copy is cleared")
        if mirror is not None and mirror.download:
            # FIDELITY(assumed): what is not downloaded cannot be activated
            raise StatusError(2079, f"{database.directory} is not downloaded yet")
        # FIDELITY(documented; HA 4.10.1): the flag stays set on failover, disaster recovery and read-only reporting
        #   members and is cleared when a database is added to a read-write reporting member
        database.change_mirror_label(activated=True, needs_catchup=True, failover=not entry.is_read_write)

    def catchup(self, databases: Sequence[Database]) -> Failures:
        """CatchupDB: all in one pass through the journals; answers with which databases that failed."""
        failures: Failures = []
        ready = []
        for database in databases:
            try:
                mirror = self.mirrored(database.directory).label.mirror
            except StatusError as error:
                failures.append((database, error))
                continue
            if mirror is None or not mirror.activated:
                failures.append((database, StatusError(5001, f"{database.directory} is not activated")))
            else:
                self.paused.discard(database.directory)
                ready.append(database)
        return failures + self._link_all(ready)

    def remove(self, directory: str) -> None:
        """RemoveMirroredDatabase."""
        member = self._membership.member
        database = self.mirrored(directory)
        mirror = database.label.mirror
        self._membership.dejournaler.unlink(database.directory)
        remove_attribute(member.instance, database)
        if self._membership.primary is not None and mirror is not None:
            catalogue.withdraw(member, mirror.guid)

    def pause(self, directory: str) -> None:
        """DejournalPauseDatabase."""
        database = self.mirrored(directory)
        self._membership.dejournaler.unlink(database.directory)
        self.paused.add(database.directory)

    def mounted(self, database: Database, run_catchup: bool) -> None:
        """A mirrored database was mounted: on a follower it is behind until caught up."""
        mirror = database.label.mirror
        properties.follow(self._membership.member, self._membership.dejournaler.catalogue, database)
        if mirror is None or not mirror.activated or (mirror.needs_catchup and self._membership.primary):
            return
        if self._membership.primary is not None:
            # FIDELITY(assumed; HA 3.3): a primary never lets users write to a database that lacks updates of the mirror
            self._membership.dejournaler.complete([database])
            return
        if not run_catchup or not self._membership.dejournaler.running:
            return
        try:
            # FIDELITY(documented; HA 5.11.5): a remount on the backup tries an automatic catchup
            self._link(database)
        except StatusError as error:
            self._membership.member.log(f"Catchup of {database.directory} failed: {text(status_of(error))}", 2)

    def modified(self, database: Database) -> None:
        """Properties were changed here: the primary tells the others, elsewhere the mirror's values come back."""
        if self._membership.primary is not None:
            catalogue.publish(self._membership.member, database)
        else:
            properties.follow(self._membership.member, self._membership.dejournaler.catalogue, database)

    def mirrored(self, directory: str) -> Database:
        """The mounted database of this mirror in that directory; 2073 if there is none."""
        member = self._membership.member
        database = member.instance.databases.find(directory)
        if database is None or not database.mounted:
            raise StatusError(2073, directory)
        mirror = database.label.mirror
        if mirror is None or mirror.mirror_name != member.mirror:
            raise StatusError(2073, directory)
        return database

    def _link(self, database: Database) -> None:
        for _, error in self._link_all([database]):
            raise error

    def _link_all(self, databases: Sequence[Database]) -> Failures:
        directories = {database.directory for database in databases}
        self.catching_up |= directories
        try:
            failures = self._caught_up(databases)
        finally:
            self.catching_up -= directories
        failed = {database.directory for database, _ in failures}
        for database in databases:
            database.change_mirror_label(needs_catchup=database.directory in failed)
        return failures

    def _caught_up(self, databases: Sequence[Database]) -> Failures:
        dejournaler = self._membership.dejournaler
        if self._membership.primary is None:
            return dejournaler.link(databases)
        return [failure for database in databases for failure in dejournaler.catch_up_to_end(database)]


def remove_attribute(instance: Instance, database: Database) -> None:
    """Make a mirrored database an ordinary one."""
    with database.lock:
        database.change_label(mirror=None)
        instance.databases.refresh_mirror_writes(database.directory)

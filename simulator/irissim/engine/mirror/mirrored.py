# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on the mirrored databases of this member."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from irissim.engine.databases import normalise
from irissim.engine.journal_series import JournalFileMissing
from irissim.engine.label import MirrorLabel
from irissim.engine.mirror import catalogue, names
from irissim.engine.positions import Position
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

if TYPE_CHECKING:
    from irissim.engine.database import Database
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.catalogue import CatalogueEntry
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
            )
            database.change_label(journaled=True, mirror=mirror)
            member.instance.databases.refresh_mirror_writes(database.directory)
            catalogue.publish(member, added=mirror.guid)
        role.acks.wait(member.series.end())
        member.log(f"Database {database.directory} was added to mirror {member.mirror} as {name}")

    # On the other members ------------------------------------------------------------------------------------------

    def adopt(self, directory: str, name: str, run_catchup: bool) -> None:
        """An empty database was created here as a copy of a mirrored one."""
        # FIDELITY(documented; HA 5.11.3, R-IM): the same creation on every member, primary first, makes copies that
        #   are active and caught up; a database that the primary did not create as mirrored cannot be copied so
        #   (2103, 2105)
        member = self._membership.member
        entry = self._entry(names.database_name(name))
        if not entry.created_new:
            raise StatusError(2105, entry.name, member.partner.name if member.partner else "")
        position = catalogue.beginning_of(member.series, entry.guid)
        if position is None:
            raise StatusError(2104, f"the journals since the creation of {entry.name} are gone")
        database = self._label_copy(directory, entry, position)
        if run_catchup:
            self._link(database)

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
        for entry in self._membership.dejournaler.catalogue or ():
            if entry.name == name:
                return entry
        raise StatusError(2103, name)

    def _label_copy(self, directory: str, entry: CatalogueEntry, position: Position) -> Database:
        member = self._membership.member
        database = member.instance.databases.mount(normalise(directory))
        mirror = MirrorLabel(
            mirror_name=member.mirror,
            database_name=entry.name,
            guid=entry.guid,
            position=position,
            activated=True,
            created_new=entry.created_new,
        )
        database.change_label(journaled=True, mirror=mirror)
        member.instance.databases.refresh_mirror_writes(database.directory)
        return database

    # On any member -------------------------------------------------------------------------------------------------

    def activate(self, directory: str) -> None:
        """ActivateMirroredDatabase."""
        database = self._mirrored(directory)
        mirror = database.label.mirror
        if mirror is not None and mirror.activated:
            raise StatusError(2078)
        database.change_mirror_label(activated=True, needs_catchup=True)

    def catchup(self, database: Database) -> None:
        """CatchupDB of one database; raises what is written to messages.log."""
        mirror = self._mirrored(database.directory).label.mirror
        if mirror is None or not mirror.activated:
            raise StatusError(5001, f"{database.directory} is not activated")
        self.paused.discard(database.directory)
        self._link(database)

    def remove(self, directory: str) -> None:
        """RemoveMirroredDatabase."""
        member = self._membership.member
        database = self._mirrored(directory)
        self._membership.dejournaler.unlink(database.directory)
        remove_attribute(member.instance, database)
        if self._membership.primary is not None:
            catalogue.publish(member)

    def pause(self, directory: str) -> None:
        """DejournalPauseDatabase."""
        database = self._mirrored(directory)
        self._membership.dejournaler.unlink(database.directory)
        self.paused.add(database.directory)

    def mounted(self, database: Database, run_catchup: bool) -> None:
        """A mirrored database was mounted: on a follower it is behind until caught up."""
        mirror = database.label.mirror
        if self._membership.primary is not None or mirror is None or not mirror.activated:
            return
        if not run_catchup or not self._membership.dejournaler.running:
            return
        try:
            # FIDELITY(documented; HA 5.11.5): a remount on the backup tries an automatic catchup
            self._link(database)
        except StatusError as error:
            self._membership.member.log(f"Catchup of {database.directory} failed: {text(status_of(error))}", 2)

    def _mirrored(self, directory: str) -> Database:
        member = self._membership.member
        database = member.instance.databases.find(directory)
        if database is None or not database.mounted:
            raise StatusError(2073, directory)
        mirror = database.label.mirror
        if mirror is None or mirror.mirror_name != member.mirror:
            raise StatusError(2073, directory)
        return database

    def _link(self, database: Database) -> None:
        self.catching_up.add(database.directory)
        try:
            if self._membership.primary is not None:
                self._membership.dejournaler.catch_up_to_end(database)
            else:
                self._membership.dejournaler.link(database)
        except StatusError:
            database.change_mirror_label(needs_catchup=True)
            raise
        finally:
            self.catching_up.discard(database.directory)
        database.change_mirror_label(needs_catchup=False)


def remove_attribute(instance: Instance, database: Database) -> None:
    """Make a mirrored database an ordinary one."""
    with database.lock:
        database.change_label(mirror=None)
        instance.databases.refresh_mirror_writes(database.directory)


def configured_name(instance: Instance, directory: str) -> str:
    """Name of a directory in [Databases], "" if it is not there."""
    wanted = normalise(directory)
    for name in instance.config.section("Databases"):
        known = instance.config.fields("Databases", name, 1)[0]
        if known and normalise(known) == wanted:
            return name.upper()
    return ""


def missing_here(membership: Membership) -> Iterable[str]:
    """Full names of mirrored databases of the primary that this member does not have."""
    member = membership.member
    if membership.primary is not None:
        return
    here = {mirror.guid for mirror in mirror_labels(membership)}
    for entry in membership.dejournaler.catalogue or ():
        if entry.guid not in here:
            yield names.full_database_name(member.mirror, entry.name)


def mirror_labels(membership: Membership) -> Iterable[MirrorLabel]:
    """Labels of the mirrored databases of this member."""
    for database in membership.member.instance.databases.mirrored(membership.member.mirror):
        mirror = database.label.mirror
        if mirror is not None:
            yield mirror

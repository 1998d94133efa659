# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Database: the class methods, and databases as objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from irissim.engine.database import MountState
from irissim.engine.databases import normalise
from irissim.engine.label import DEFAULT_RESOURCE, STANDARD_COLLATION
from irissim.library.database_view import DatabaseView, mount_words
from irissim.library.engine_access import engine
from irissim.library.sys_database_space import Space
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, Status, SystemClass, class_method, field, method, property_, query
from irissim.values.errors import StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_bool, to_int, to_string

JOURNAL_NO, JOURNAL_YES = 2, 3


class Database(Space, SystemClass):
    """A database by its directory."""

    NAME = "SYS.Database"
    NAMESPACE = "%SYS"

    Directory = field()
    Size = field(1)
    MaxSize = field(0)
    ExpansionSize = field(0)
    BlockSize = field(8192)
    ResourceName = field(DEFAULT_RESOURCE)
    # FIDELITY(documented; CR24): GlobalJournalState is 2 for no and 3 for yes
    GlobalJournalState = field(JOURNAL_YES)
    MirrorDBName = field()
    MirrorSetName = field()
    RunCatchupDBOnCreate = field(1)
    NewGlobalCollation = field(STANDARD_COLLATION)
    EncryptedDB = field(0)
    ReadOnly = field(0)

    _is_new = False

    # Objects --------------------------------------------------------------------------------------------------------

    @class_method(name="%New")
    def new(ctx: Context) -> Value:
        made = Database(ctx)
        made._is_new = True
        return made

    @class_method(name="%OpenId")
    def open_id(ctx: Context, id: Value = "") -> Value:
        # FIDELITY(observed; R-PF): the mount table answers, whatever has become of the files; "" without any database
        view = DatabaseView(engine(ctx), to_string(id))
        label = view.label
        if not to_string(id) or label is None:
            return ""
        opened = Database(ctx)
        opened.Directory = view.directory
        opened.Size, opened.MaxSize, opened.ExpansionSize = label.size_mb, label.max_mb, label.expansion_mb
        opened.BlockSize, opened.ResourceName = label.block_size, label.resource
        opened.GlobalJournalState = JOURNAL_YES if label.journaled else JOURNAL_NO
        opened.NewGlobalCollation = label.collation
        opened.ReadOnly = int(view.database is not None and view.database.read_only)
        if label.mirror is not None:
            opened.MirrorDBName, opened.MirrorSetName = label.mirror.database_name, label.mirror.mirror_name
        return opened

    @class_method(name="%ExistsId")
    def exists_id(ctx: Context, id: Value = "") -> Value:
        return int(bool(to_string(id)) and DatabaseView(engine(ctx), to_string(id)).label is not None)

    @method(name="%Save")
    def save(self) -> Status:
        """Create the database, or change what can be changed of it."""
        if self._is_new:
            _create(
                self,
                self.Directory,
                size_mb=to_int(self.Size),
                block_size=to_int(self.BlockSize),
                resource=to_string(self.ResourceName),
                journaled=to_int(self.GlobalJournalState) != JOURNAL_NO,
                mirror=(to_string(self.MirrorDBName), to_string(self.MirrorSetName)),
                catchup=to_bool(self.RunCatchupDBOnCreate),
                max_mb=to_int(self.MaxSize),
                expansion_mb=to_int(self.ExpansionSize),
                collation=to_int(self.NewGlobalCollation),
            )
            self._is_new = False
            return OK
        engine(self).databases.modify(
            self.Directory,
            size_mb=to_int(self.Size),
            max_mb=to_int(self.MaxSize),
            expansion_mb=to_int(self.ExpansionSize),
            resource=to_string(self.ResourceName),
            journaled=to_int(self.GlobalJournalState) != JOURNAL_NO,
            collation=to_int(self.NewGlobalCollation),
        )
        return OK

    def view(self) -> DatabaseView:
        """The database as it is now."""
        return DatabaseView(engine(self), to_string(self.Directory))

    @property_
    def Mounted(self) -> Value:
        return self.view().mounted

    @property_
    def ReadOnlyMounted(self) -> Value:
        return self.view().read_only_mounted

    @property_
    def ROReasonText(self) -> Value:
        return self.view().read_only_reason

    @property_
    def ROReasonCode(self) -> Value:
        return int(bool(self.view().read_only_reason))

    @property_
    def SFN(self) -> Value:
        return self.view().sfn

    @property_
    def Expanding(self) -> Value:
        return 0

    @property_
    def Full(self) -> Value:
        return 0

    @property_
    def ClusterMounted(self) -> Value:
        return 0

    @property_
    def Mirrored(self) -> Value:
        return self.view().mirror is not None

    @property_
    def MirrorNoWrite(self) -> Value:
        return self.view().mirror_no_write

    @property_
    def MirrorActivationRequired(self) -> Value:
        mirror = self.view().mirror
        return mirror is not None and not mirror.activated

    @property_
    def MirrorObsolete(self) -> Value:
        return self.view().is_obsolete

    @property_
    def MirrorFailoverDB(self) -> Value:
        mirror = self.view().mirror
        return mirror is not None and mirror.failover

    @property_
    def MirrorDBCreatedNew(self) -> Value:
        mirror = self.view().mirror
        return mirror is not None and mirror.created_new

    @property_
    def MirrorDBCatchup(self) -> Value:
        return self.view().catchup_running

    # FIDELITY(observed; LIVE): seen in 2026.1
    @property_(since="2026.1")
    def MirrorDBDownload(self) -> Value:
        mirror = self.view().mirror
        return mirror is not None and mirror.download

    @property_
    def MirrorDBPaused(self) -> Value:
        return self.view().is_paused

    @property_
    def InActiveMirror(self) -> Value:
        return self.view().in_active_mirror

    @method()
    def Mount(self, readonly: Value = 0, cluster: Value = 0, mirrorcatchup: Value = 1) -> Status:
        engine(self).databases.mount(self.Directory, to_bool(readonly), to_bool(mirrorcatchup))
        return OK

    @method()
    def Dismount(self) -> Status:
        _dismount(self, self.Directory)
        return OK

    @method()
    def Delete(self) -> Status:
        engine(self).databases.delete(self.Directory)
        return OK

    @method()
    def GetStatus(self, Internal: Value = 1) -> Value:
        return mount_words(self.view())

    # Class methods --------------------------------------------------------------------------------------------------

    @class_method()
    def CreateDatabase(
        ctx: Context,
        Directory: Value,
        Size: Value = 1,
        BlockSize: Value = 8192,
        EncryptedDB: Value = 0,
        Resource: Value = DEFAULT_RESOURCE,
        GlobalJournalState: Value = JOURNAL_YES,
        MirrorDBName: Value = "",
        MirrorSetName: Value = "",
        RunCatchupDB: Value = 1,
        MaxSize: Value = 0,
        ExpansionSize: Value = 0,
        NewGlobalIsKeep: Value = 0,
        NewGlobalCollation: Value = STANDARD_COLLATION,
        NewVolumeThreshold: Value = 0,
    ) -> Status:
        if to_bool(EncryptedDB):
            raise StatusError(5001, "The simulator does not encrypt databases")
        _create(
            ctx,
            to_string(Directory),
            size_mb=to_int(Size) or 1,
            block_size=to_int(BlockSize) or 8192,
            resource=to_string(Resource),
            journaled=to_int(GlobalJournalState) != JOURNAL_NO,
            mirror=(to_string(MirrorDBName), to_string(MirrorSetName)),
            catchup=to_bool(RunCatchupDB),
            max_mb=to_int(MaxSize),
            expansion_mb=to_int(ExpansionSize),
            collation=to_int(NewGlobalCollation),
        )
        return OK

    @class_method()
    def MountDatabase(
        ctx: Context, Directory: Value, readonly: Value = 0, cluster: Value = 0, mirrorcatchup: Value = 1
    ) -> Status:
        engine(ctx).databases.mount(to_string(Directory), to_bool(readonly), to_bool(mirrorcatchup))
        return OK

    @class_method()
    def DismountDatabase(ctx: Context, Directory: Value) -> Status:
        _dismount(ctx, to_string(Directory))
        return OK

    @class_method()
    def DeleteDatabase(ctx: Context, Directory: Value) -> Status:
        engine(ctx).databases.delete(to_string(Directory))
        return OK

    @class_method()
    def ModifyDatabase(
        ctx: Context, Directory: Value, Size: Value = "", Resource: Value = "", GlobalJournalState: Value = ""
    ) -> Status:
        engine(ctx).databases.modify(
            to_string(Directory),
            size_mb=to_int(Size) or None,
            resource=to_string(Resource) or None,
            journaled=to_int(GlobalJournalState) == JOURNAL_YES if to_int(GlobalJournalState) else None,
        )
        return OK

    @class_method()
    def IsSystemDB(ctx: Context, Directory: Value) -> Value:
        return int(engine(ctx).databases.is_system(to_string(Directory)))

    @class_method()
    def ClearMirrorFailoverDB(ctx: Context, Directory: Value) -> Status:
        engine(ctx).mirror.clear_failover_flag(to_string(Directory))
        return OK

    @class_method()
    def CanDatabaseBeMirrored(ctx: Context, Directory: Value) -> Value:
        label = engine(ctx).databases.label(to_string(Directory))
        is_system = engine(ctx).databases.is_system(to_string(Directory))
        return int(label is not None and label.mirror is None and not is_system)

    @query(
        columns=("Directory", "MaxSize", "Size", "Status", "Resource", "Encrypted", "StateInt", "Mirrored", "SFN")
    )
    def List(ctx: Context, Mask: Value = "*", Unused: Value = "") -> Iterable[Sequence[Value]]:
        for database in engine(ctx).databases:
            view = DatabaseView(engine(ctx), database.directory)
            label = view.label
            if label is not None and matches(view.directory, to_string(Mask)):
                maximum: Value = label.max_mb or "Unlimited"
                state = int(database.state is MountState.MOUNTED)
                row = (view.directory, maximum, label.size_mb, mount_words(view), label.resource, "No", state)
                yield (*row, int(view.mirror is not None), view.sfn)


def _create(
    context: Context,
    directory: str,
    *,
    size_mb: int,
    block_size: int,
    resource: str,
    journaled: bool,
    mirror: tuple[str, str],
    catchup: bool,
    max_mb: int,
    expansion_mb: int,
    collation: int,
) -> None:
    databases = engine(context).databases
    databases.create(
        directory,
        size_mb,
        block_size=block_size,
        resource=resource,
        journaled=journaled,
        max_mb=max_mb,
        expansion_mb=expansion_mb,
        collation=collation,
    )
    mirror_database, mirror_name = mirror
    if mirror_database or mirror_name:
        try:
            engine(context).mirror.adopt_new_database(directory, mirror_database, mirror_name, catchup)
        except StatusError:
            databases.dismount(directory)
            databases.delete(directory)
            raise


def _dismount(context: Context, directory: str) -> None:
    database = engine(context).databases.find(directory)
    if database is not None and database.mounted and not Path(normalise(directory), "IRIS.DAT").exists():
        # FIDELITY(observed; R-PF): a mount whose files are gone cannot be dismounted, a restart of IRIS helps
        raise StatusError(5002, "<PROTECT>Dismount+6^SYS.Database.1")
    engine(context).databases.dismount(directory)

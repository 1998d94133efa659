# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions on databases: the file, its entry in iris.cpf, and the mirror it is to be in."""

from __future__ import annotations

import shutil
from pathlib import Path

from irissim.engine.databases import normalise
from irissim.engine.datfile import FILE_NAME
from irissim.engine.mirror.types import MirrorState
from irissim.library.config_databases import Databases
from irissim.merge.calls import Calls, Refusal, record
from irissim.merge.patience import Patience
from irissim.merge.source import Action, MergeError
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

_MIRROR = ("MirrorSetName", "MirrorDBName")
_LOGICAL = ("Server", "MountRequired", "MountAtStartup", "ClusterMountMode", "StreamLocation")
# FIDELITY(documented; CPF ModifyDatabase): the properties of the file that ModifyDatabase and ModifyDatabaseFile change
_CHANGEABLE = ("Size", "MaxSize", "ExpansionSize", "ResourceName", "GlobalJournalState", "ReadOnly")
_CREATABLE = (*_CHANGEABLE, "BlockSize", "EncryptedDB")
_CATCHUP = ("RunCatchupDBOnCreate",)
_NOT_THERE = (2103, 2105)
"""The mirror has no such database (yet)."""

CONFIG, FILE, MIRROR = "Config.Databases", "SYS.Database", "SYS.Mirror"


class DatabaseActions:
    """CreateDatabase, ModifyDatabase, DeleteDatabase and the same of a DatabaseFile; False: nothing to do."""

    def __init__(self, calls: Calls, patience: Patience) -> None:
        self._calls = calls
        self._patience = patience
        self._instance = calls.instance

    # The database with its entry in iris.cpf ------------------------------------------------------------------------

    def create(self, action: Action) -> bool:
        """CreateDatabase."""
        name, directory = action.require("Name", "Directory")
        action.only("Name", "Directory", "LogicalOnly", "Seed", *_MIRROR, *_LOGICAL, *_CREATABLE, *_CATCHUP)
        directory = self._directory(directory)
        mirror, mirror_name = self._mirror(action)
        logical_only, exists = self._flag(action, "LogicalOnly"), self._calls.exists(CONFIG, name)
        if exists and (not logical_only or not mirror or self._is_mirrored(name)):
            return False
        primary = bool(mirror) and self._settled(mirror, action) is MirrorState.PRIMARY
        # FIDELITY(documented; CPF CreateDatabase): LogicalOnly and Seed are ignored on members that are not primary
        ignored = bool(mirror) and not primary
        logical_only = logical_only and not ignored
        seed = action.properties.get("Seed", "") if not ignored else ""
        if exists:
            # FIDELITY(documented; CPF CreateDatabase): LogicalOnly=1 on the primary adds the existing database
            return logical_only and self._add_to_mirror(name, mirror_name)
        if logical_only or seed:
            if seed:
                self._copy(seed, directory, action)
            self._register(name, directory, action)
            if mirror:
                try:
                    self._add_to_mirror(name, mirror_name)
                except Refusal:
                    self._calls.status(CONFIG, "Delete", name)
                    raise
            return True
        self._make_file(action, directory, mirror, mirror_name, wait=ignored)
        self._register(name, directory, action)
        return True

    def modify(self, action: Action) -> bool:
        """ModifyDatabase."""
        (name,) = action.require("Name")
        action.only("Name", "Directory", *_MIRROR, *_LOGICAL, *_CHANGEABLE, "LogicalOnly")
        if not self._calls.exists(CONFIG, name):
            return False
        mirror, mirror_name = self._mirror(action)
        logical = {key: value for key, value in action.properties.items() if key in _LOGICAL}
        if action.properties.get("Directory"):
            logical["Directory"] = self._directory(action.properties["Directory"])
        # FIDELITY(documented; CPF ModifyDatabase): LogicalOnly=1 leaves the file alone
        if not self._flag(action, "LogicalOnly"):
            self._change_file(action, self._configured(name))
        if logical:
            self._calls.status(CONFIG, "Modify", name, record(logical))
        if mirror:
            # FIDELITY(documented; ACMF 1.5): a database is added to an existing mirror on the running primary
            self._add_to_mirror(name, mirror_name)
        return True

    def delete(self, action: Action) -> bool:
        """DeleteDatabase."""
        name, directory = action.require("Name", "Directory")
        action.only("Name", "Directory")
        if not self._calls.exists(CONFIG, name):
            return False
        if normalise(self._configured(name)) != normalise(self._directory(directory)):
            raise MergeError(f"database {name} is in another directory", action.line)
        try:
            Databases.check_delete(self._calls.context, name.upper())
        except StatusError as error:
            raise Refusal(text(status_of(error)), error.code) from None
        self._calls.status(FILE, "DeleteDatabase", self._configured(name))
        self._calls.status(CONFIG, "Delete", name)
        return True

    # The file alone -------------------------------------------------------------------------------------------------

    def create_file(self, action: Action) -> bool:
        """CreateDatabaseFile."""
        # FIDELITY(observed; MERGE20): CreateDatabaseFile takes MirrorSetName, MirrorDBName and RunCatchupDBOnCreate
        (directory,) = action.require("Directory")
        action.only("Directory", *_MIRROR, *_CREATABLE, *_CATCHUP)
        directory = self._directory(directory)
        if self._instance.databases.label(directory) is not None:
            return False
        mirror, mirror_name = self._mirror(action)
        wait = bool(mirror) and self._settled(mirror, action) is not MirrorState.PRIMARY
        self._make_file(action, directory, mirror, mirror_name, wait)
        return True

    def modify_file(self, action: Action) -> bool:
        """ModifyDatabaseFile."""
        (directory,) = action.require("Directory")
        action.only("Directory", *_CHANGEABLE)
        directory = self._directory(directory)
        if self._instance.databases.label(directory) is None:
            return False
        self._change_file(action, directory)
        return True

    def delete_file(self, action: Action) -> bool:
        """DeleteDatabaseFile."""
        (directory,) = action.require("Directory")
        action.only("Directory")
        directory = self._directory(directory)
        if self._instance.databases.label(directory) is None:
            return False
        self._calls.status(FILE, "DeleteDatabase", directory)
        return True

    # Steps ----------------------------------------------------------------------------------------------------------

    def _directory(self, text: str) -> str:
        # FIDELITY(observed; MCPF): a relative directory is below mgr
        return normalise(str(self._instance.mgr / text))

    def _configured(self, name: str) -> str:
        return self._instance.config.fields("Databases", name)[0]

    def _mirror(self, action: Action) -> tuple[str, str]:
        # FIDELITY(documented; CPF CreateDatabase): a mirrored database needs both MirrorSetName and MirrorDBName
        if any(name in action.properties for name in _MIRROR):
            mirror, name = action.require(*_MIRROR)
            return mirror.upper(), name
        return "", ""

    def _flag(self, action: Action, name: str) -> bool:
        value = action.properties.get(name, "0")
        if value not in ("0", "1"):
            raise MergeError(f"{action.name}: {name} must be 0 or 1", action.line)
        return value == "1"

    def _settled(self, mirror: str, action: Action) -> MirrorState:
        """The state of this member in the mirror, once it has one to stay in."""
        if mirror not in self._instance.mirror.names():
            raise MergeError(f"{action.name}: this instance is not a member of mirror {mirror}", action.line)
        if self._instance.pending.applying(mirror):
            # FIDELITY(assumed; CPF ConfigMirror): as authorization comes after the merge, it is not waited for here
            raise MergeError(
                f"{action.name}: the primary of mirror {mirror} has not authorized this member yet", action.line
            )
        return self._patience.for_member(self._instance, mirror)

    def _register(self, name: str, directory: str, action: Action) -> None:
        properties = {key: value for key, value in action.properties.items() if key in _LOGICAL}
        self._calls.status(CONFIG, "Create", name, record({**properties, "Directory": directory}))

    def _add_to_mirror(self, name: str, mirror_name: str) -> bool:
        if self._is_mirrored(name):
            return False
        self._calls.status(MIRROR, "AddDatabase", self._configured(name), mirror_name)
        return True

    def _is_mirrored(self, name: str) -> bool:
        label = self._instance.databases.label(self._configured(name))
        return label is not None and label.mirror is not None

    def _make_file(self, action: Action, directory: str, mirror: str, mirror_name: str, wait: bool) -> None:
        """Create IRIS.DAT; with `wait` the mirror is given time to hear of the database from its primary."""
        given = action.properties
        # FIDELITY(observed; MCPF): the directory is made
        Path(directory).mkdir(parents=True, exist_ok=True)

        def make() -> None:
            self._calls.status(
                FILE, "CreateDatabase", directory, given.get("Size"), given.get("BlockSize"), given.get("EncryptedDB"),
                given.get("ResourceName"), given.get("GlobalJournalState"), mirror_name, mirror,
                given.get("RunCatchupDBOnCreate"), given.get("MaxSize"), given.get("ExpansionSize"),
            )  # fmt: skip

        # FIDELITY(assumed): a member that is not the primary waits for a while until the primary has the database
        if wait:
            self._patience.until_done(make, _NOT_THERE)
        else:
            make()

    def _change_file(self, action: Action, directory: str) -> None:
        changes = {key: value for key, value in action.properties.items() if key in _CHANGEABLE}
        if not changes:
            return
        opened = self._calls.value(FILE, "%OpenId", directory)
        if opened == "":
            raise MergeError(f"{action.name}: there is no database in {directory}", action.line)
        self._calls.save(opened, changes)

    def _copy(self, seed: str, directory: str, action: Action) -> None:
        """The file of another database; one that this instance has mounted is dismounted meanwhile."""
        # FIDELITY(documented; CPF CreateDatabase): Seed copies the data of an existing database into the new one
        # FIDELITY(assumed): a database that is mounted here is dismounted for the copy; Seed may name the file, too
        source = Path(seed).parent if seed.endswith(FILE_NAME) else Path(seed)
        if not (source / FILE_NAME).is_file():
            raise MergeError(f"{action.name}: there is no {FILE_NAME} in Seed={seed}", action.line)
        target = Path(directory)
        if (target / FILE_NAME).exists():
            raise Refusal(text(status_of(StatusError(20, str(target / FILE_NAME)))), 20)
        target.mkdir(parents=True, exist_ok=True)
        databases = self._instance.databases
        mounted = databases.find(str(source))
        again = mounted is not None and mounted.mounted
        if again:
            self._calls.status(FILE, "DismountDatabase", str(source))
        try:
            shutil.copyfile(source / FILE_NAME, target / FILE_NAME)
        finally:
            if again:
                self._calls.status(FILE, "MountDatabase", str(source))
        self._calls.status(FILE, "MountDatabase", directory)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making the files of a new instance."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from irissim.engine.config import Cpf
from irissim.engine.datfile import FILE_NAME, DatFile
from irissim.engine.jsonstore import JsonStore
from irissim.engine.label import Label
from irissim.engine.messages import Messages
from irissim.engine.profiles import DEFAULT_PROFILE
from irissim.values.errors import StatusError
from irissim.values.releases import is_before

if TYPE_CHECKING:
    from pathlib import Path

CPF_NAME = "iris.cpf"
IDENTITY_FILE = "irissim.json"

# FIDELITY(documented; HA 4.8.1, CPF 1.1.2): databases of a new instance and their directories below mgr; the
#   interoperability and metrics ones are left out, as nothing of what is simulated lives in them
_SYSTEM_DATABASES = {
    "IRISSYS": "",
    "IRISLIB": "irislib",
    "IRISTEMP": "iristemp",
    "IRISLOCALDATA": "irislocaldata",
    "IRISAUDIT": "irisaudit",
}
# FIDELITY(documented; SECDB): 2026.1 keeps security settings in a database of their own
# FIDELITY(assumed): the name of its directory
_LATER_DATABASES = {"2026.1": {"IRISSECURITY": "irissecurity"}}
_USER_DATABASES = {"USER": "user"}
_NOT_JOURNALED = ("IRISTEMP", "IRISLIB")

_CPF = """[ConfigFile]
Product=IRIS
Version={version}

[Databases]
{databases}

[Namespaces]
%SYS=IRISSYS
USER=USER

[MirrorMember]
AgentAddress=
AsyncMemberGUID=
AsyncMemberType=0
AsyncUseSystemPurgeInterval=0
JoinMirror=0
SystemName=
ValidatedMember=0
VirtualAddressInterface=

[Journal]
AlternateDirectory={journal}/
BackupsBeforePurge=2
CurrentDirectory={journal}/
DaysBeforePurge=2
FileSizeLimit=1024
FreezeOnError=0
JournalFilePrefix=

[Startup]
DBSizesAllowed=8192
DefaultPort=1972
EnsembleAutoStart=1
ShutdownTimeout=300
SystemMode=

[config]
LibPath=
console=
globals=0,0,0,0,0,0
wijdir=

[Miscellaneous]
NullSubscripts=0
"""


def system_databases(profile: str) -> dict[str, str]:
    """Those of a release, with their directories below mgr."""
    later = (found for release, found in _LATER_DATABASES.items() if not is_before(profile, release))
    return {**_SYSTEM_DATABASES, **{name: folder for found in later for name, folder in found.items()}}


def is_installed(data_dir: Path) -> bool:
    """Whether a directory holds an instance."""
    return (data_dir / CPF_NAME).exists()


def fresh_install(home: Path, data_dir: Path | None = None, profile: str = DEFAULT_PROFILE) -> None:
    """Everything that Instance(home, data_dir) expects; an existing directory must hold no other instance."""
    root = data_dir or home
    mgr, journal = root / "mgr", root / "mgr" / "journal"
    try:
        journal.mkdir(parents=True, exist_ok=True)
        probe = mgr / ".probe"
        probe.touch()
        probe.unlink()
    except OSError:
        # FIDELITY(observed; LIVE, ADOCK): a data directory that the instance owner cannot write fails with
        #   "ERROR #5001: Cannot create target"
        raise StatusError(5001, "Cannot create target") from None
    identity = JsonStore(mgr / IDENTITY_FILE)
    identity.set("guid", str(uuid.uuid4()).upper())
    databases = []
    for name, folder in {**system_databases(profile), **_USER_DATABASES}.items():
        directory = mgr / folder if folder else mgr
        directory.mkdir(exist_ok=True)
        label = Label(guid=str(uuid.uuid4()).upper(), size_mb=1, journaled=name not in _NOT_JOURNALED)
        if not (directory / FILE_NAME).exists():
            DatFile.create(directory / FILE_NAME, label)
        databases.append(f"{name}={directory}/")
    Messages(mgr / "messages.log").write("Initializing a new instance of the IRIS simulator", event="Generic.Event")
    # Last, as it says that the rest is complete.
    Cpf(root / CPF_NAME, _CPF.format(version=profile, databases="\n".join(databases), journal=journal)).save()

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup that is not whole is none: nothing of it stays, and there is no manifest."""

from __future__ import annotations

import hashlib
import json

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._engine.backup import BackupTaker
from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, IrisError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import backup
from ansible_collections.irisops.mirror.tests.unit.support import nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport, Reply, Script, failed

PLACE = "/backups/1/"
CONTENT = {"COMPANY": b"c" * 5000, "CUSTOMER": b"u" * 70}
DATABASES = [nodes.mirrored(name) for name in CONTENT]
COPIES = backup.items(DATABASES, PLACE)
DIRECTORIES = Exchange(contains=["CreateDirectoryChain"])
REMOVED = Exchange(contains=["##class(%Library.File).Delete("])


def copied(**sizes: object) -> Script:
    script: Script = {("", "position"): Reply(value={"value": "5^788^2026-11-22 23:25:28"})}
    for number, (name, content) in enumerate(CONTENT.items()):
        seen = {"file": len(content), "copy": sizes.get(name, len(content))}
        script["copies", "sizes", number] = Reply(value=seen)
    return script


def labelled(**names: str) -> Script:
    return {
        ("labels", "label", number): Reply(value={"name": names.get(name, name)}) for number, name in enumerate(CONTENT)
    }


def taker(*exchanges: Exchange, checksum: bool = True) -> tuple[BackupTaker, FakeTransport]:
    transport = FakeTransport(*exchanges, name="mirrorB")
    transport.files = {f"{PLACE}{name}/IRIS.DAT": content for name, content in CONTENT.items()}
    return BackupTaker(Session(transport), nodes.MIRROR, PLACE, 300, checksum), transport


FREEZE = ["ExternalFreeze", "GetPrimaryJournalPosition", "CopyFile", "GetFileSize", "ExternalThaw"]


@pytest.mark.parametrize("checksum", [True, False])
def test_the_manifest_says_what_was_copied(checksum: bool) -> None:
    one, transport = taker(DIRECTORIES, Exchange(copied(), contains=FREEZE), Exchange(labelled()), checksum=checksum)
    actions = one.take(COPIES, {"mirror": nodes.MIRROR})
    assert [action["status"] for action in actions] == ["ok"] * 3
    manifest = json.loads(transport.files[PLACE + backup.MANIFEST])
    assert manifest == one.manifest
    assert manifest["journal_position"].startswith("5^788^")
    for entry, (name, content) in zip(manifest["databases"], CONTENT.items()):
        assert entry["file"] == f"{name}/IRIS.DAT"
        assert entry["size"] == len(content)
        assert entry["sha256"] == (hashlib.sha256(content).hexdigest() if checksum else "")


@pytest.mark.parametrize(
    "exchanges",
    [
        [Exchange(copied(CUSTOMER=69)), Exchange(labelled())],
        [Exchange(copied(CUSTOMER="")), Exchange(labelled())],
        [Exchange(copied()), Exchange(labelled(COMPANY=""))],
        [Exchange(copied()), Exchange(labelled(COMPANY="OTHER"))],
        [Exchange(copied(COMPANY=5000)), Exchange({})],
    ],
    ids=["short", "gone", "no label", "another label", "no answer"],
)
def test_a_damaged_copy_is_removed(exchanges: list[Exchange]) -> None:
    one, transport = taker(DIRECTORIES, *exchanges, REMOVED)
    with pytest.raises(IrisError) as raised:
        one.take(COPIES, {})
    assert raised.value.code == "backup_damaged"
    assert PLACE + backup.MANIFEST not in transport.files


def test_a_copy_that_changed_since_the_freeze_is_noticed() -> None:
    one, transport = taker(DIRECTORIES, Exchange(copied()), Exchange(labelled()), REMOVED)
    transport.files[f"{PLACE}COMPANY/IRIS.DAT"] = b"x"
    with pytest.raises(IrisError) as raised:
        one.take(COPIES, {})
    assert raised.value.code == "backup_damaged"


def test_only_what_this_run_has_copied_is_removed() -> None:
    script = {**copied(), ("copies", "copy the file", 1): failed(text="in the way")}
    remove = Exchange(contains=["Delete(", "COMPANY"], lacks=["CUSTOMER"])
    one, _transport = taker(DIRECTORIES, Exchange(script), remove)
    with pytest.raises(IrisError) as raised:
        one.take(COPIES, {})
    assert raised.value.code == "backup_failed"
    assert "CUSTOMER" in raised.value.message


def test_who_may_be_backed_up() -> None:
    primary = nodes.inside(databases=DATABASES)
    with pytest.raises(ConflictError) as conflict:
        backup.choose(nodes.MIRROR, [], primary, "a", False)
    assert conflict.value.code == "backup_on_primary"
    assert backup.choose(nodes.MIRROR, ["CUSTOMER"], primary, "a", True) == DATABASES[1:]
    with pytest.raises(PreconditionError) as missing:
        backup.choose(nodes.MIRROR, [], nodes.backup(databases=[]), "b", False)
    assert missing.value.code == "nothing_to_back_up"
    with pytest.raises(PreconditionError) as behind:
        backup.choose(nodes.MIRROR, [], nodes.backup(databases=[nodes.mirrored("A", caught_up=False)]), "b", False)
    assert behind.value.code == "source_not_ready"

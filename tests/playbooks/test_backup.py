# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup is whole and verified, is taken beside the users, and can be put back as the guide says."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab, Play
from ansible_collections.irisops.mirror.tests.integration.pair import (
    MIRROR,
    NAMES,
    directory,
    replicated,
    write,
)


@pytest.fixture(scope="module")
def lab(pair: Lab) -> Lab:
    return pair


def take(lab: Lab, node: str, name: str, **options: Any) -> dict[str, Any]:
    place = str(lab.home / "backups")
    return lab.module("iris_mirror_backup", node, mirror=MIRROR, directory=place, name=name, **options)


def play(lab: Lab, name: str, *options: str) -> Play:
    return lab.play(name, "-e", f"iris_mirror_name={MIRROR}", *options)


def test_what_is_refused_leaves_nothing(lab: Lab) -> None:
    assert take(lab, "mirrorA", "refused")["error"]["code"] == "backup_on_primary"
    assert take(lab, "mirrorB", "refused", databases=["NOBODY"])["error"]["code"] == "source_not_ready"
    assert take(lab, "mirrorB", "../refused")["error"]["code"] == "backup_name_invalid"
    assert take(lab, "mirrorB", "refused", _ansible_check_mode=True)["changed"]
    assert not (lab.home / "backups").exists()


def test_a_file_that_is_in_the_way_is_not_ours(lab: Lab) -> None:
    theirs = lab.home / "backups" / "occupied" / "BETA" / "IRIS.DAT"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs", encoding="utf-8")
    failed = take(lab, "mirrorB", "occupied")
    assert failed["error"]["code"] == "backup_failed", failed
    assert theirs.read_text(encoding="utf-8") == "theirs"
    assert not list((lab.home / "backups" / "occupied").glob("[AG]*/IRIS.DAT"))
    lab.wait_for("mirrorB", "<0>", 'write "<",##class(Backup.General).IsWDSuspended(),">"')


def test_a_backup_by_the_playbook_and_back_again(lab: Lab) -> None:
    for name in NAMES:
        write(lab, name, "in the backup")
        replicated(lab, name, "in the backup")
    place = lab.home / "backups"
    options = ["-e", f"iris_backup_directory={place}", "-e", "backup_name=nightly"]
    foretold = play(lab, "backup", *options, "--check")
    assert foretold.code == 0 and not (place / "nightly").exists(), foretold.output
    done = play(lab, "backup", *options)
    assert done.code == 0 and done.recap("changed")["mirrorB"] == 1, done.output
    again = play(lab, "backup", *options)
    assert again.code == 0 and again.changed == 0, again.output

    manifest = json.loads((place / "nightly" / "irisops-backup.json").read_text(encoding="utf-8"))
    assert (manifest["mirror"], manifest["member"]) == (MIRROR, "MIRRORB")
    assert [database["name"] for database in manifest["databases"]] == list(NAMES)
    for database in manifest["databases"]:
        content = (place / "nightly" / database["file"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (database["size"], database["sha256"])

    write(lab, "ALPHA", "a mistake")
    replicated(lab, "ALPHA", "a mistake")
    _restore_on_the_primary(lab, place / "nightly" / "ALPHA" / "IRIS.DAT")
    replicated(lab, "ALPHA", "in the backup", "mirrorA")
    repaired = play(lab, "repair_member", "-e", "member=mirrorB")
    assert repaired.code == 0, repaired.output
    replicated(lab, "ALPHA", "in the backup")
    write(lab, "ALPHA", "after the restore")
    replicated(lab, "ALPHA", "after the restore")


def _restore_on_the_primary(lab: Lab, file: Path) -> None:
    """The lines of the guide, in their order."""
    place = directory(lab, "mirrorA", "ALPHA")
    status = 'write "<",$SYSTEM.Status.GetErrorText(sc),">"'
    for before in ("SYS.Mirror).RemoveMirroredDatabase", "SYS.Database).DismountDatabase"):
        lab.wait_for("mirrorA", "<>", f'set sc=##class({before}("{place}")', status)
    shutil.copy(file, place + "IRIS.DAT")
    for after in ("SYS.Database).MountDatabase", "SYS.Mirror).RemoveMirroredDatabase", "SYS.Mirror).AddDatabase"):
        lab.wait_for("mirrorA", "<>", f'set sc=##class({after}("{place}")', status)

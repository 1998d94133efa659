# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml on nodes without containers: what it promises about check mode, repetition and the one mirror."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

NODES = ("mirrorA", "mirrorB")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(Path(tmp_path_factory.mktemp("site")))
    try:
        lab.add("arbiter", "--arbiter")
        for node in NODES:
            lab.add(node)
        yield lab
    finally:
        lab.close()


@pytest.fixture(scope="module")
def built(lab: Lab) -> Lab:
    """From fresh nodes to a mirror. Everything that needs fresh nodes is tried here on the way."""
    before = [lab.fingerprint(node) for node in NODES]
    alone = lab.play("site", "--limit", "arbiter,mirrorA")
    assert alone.code != 0
    assert "these nodes could not be asked: mirrorB" in alone.output
    foretold = lab.play("site", "--check")
    assert foretold.code == 0, foretold.output
    assert [lab.fingerprint(node) for node in NODES] == before

    done = lab.play("site")
    assert done.code == 0, done.output
    assert done.recap("changed") == foretold.recap("changed")
    return lab


def test_a_repeated_run_changes_nothing(built: Lab) -> None:
    before = [built.fingerprint(node) for node in NODES]
    again = built.play("site", "--diff")
    assert again.code == 0 and again.changed == 0, again.output
    assert [built.fingerprint(node) for node in NODES] == before


def test_it_replicates_and_shows_so(built: Lab) -> None:
    verified = built.play("verify")
    assert verified.code == 0, verified.output
    shown = built.play("status")
    assert shown.code == 0, shown.output
    # What IRIS shows to people is in the language of the instance.
    assert re.search(r"MIRRORA  (Failover  Primary|フェイルオーバー  プライマリ)", shown.output), shown.output
    assert re.search(r"MIRRORB  (Failover  Backup|フェイルオーバー  バックアップ)", shown.output), shown.output


def test_no_second_mirror_is_created_when_the_primary_is_left_out(built: Lab) -> None:
    before = built.fingerprint("mirrorB")
    alone = built.play("site", "--limit", "arbiter,mirrorB", "-e", "iris_wait_timeout=6")
    assert alone.code != 0
    assert "No second mirror was created" in alone.output
    assert built.fingerprint("mirrorB") == before


def test_a_node_of_another_mirror_is_refused(built: Lab) -> None:
    other = built.play("site", "-e", "iris_mirror_name=OTHER")
    assert other.code != 0
    assert "mirrorA is a member of mirror MIRRORSET, not of OTHER" in other.output


@pytest.mark.parametrize("name", ["MY_SET", "A" * 16, "my set", 'a"b'])
def test_a_bad_mirror_name_is_refused_before_anything_is_asked(built: Lab, name: str) -> None:
    refused = built.play("site", "-e", json.dumps({"iris_mirror_name": name}))
    assert refused.code != 0
    assert "cannot be the name of a mirror" in refused.output
    assert "Ask the instance" not in refused.output


def test_a_freeze_of_somebody_else_is_waited_for_and_never_ended(built: Lab) -> None:
    """As a run leaves it that is killed with its session while it copies; or as a backup of the disk does."""
    name = {"name": "LATE", "directory": f"{built.directory('mirrorA')}/mgr/LATE/"}
    assert built.module("iris_database", "mirrorA", databases=[name])["changed"]
    seeded = {"mirror": "MIRRORSET", "databases": [{"name": "LATE"}], "wait_timeout": 60}
    assert built.module("iris_mirror_db", "mirrorA", **seeded)["changed"]
    here = {**seeded, "databases": [{"name": "LATE", "directory": f"{built.directory('mirrorB')}/mgr/LATE/"}]}
    source = {"executable": built.iris("mirrorA")}

    freeze = "##class(Backup.General).ExternalFreeze"
    suspended = 'write "<suspended:",##class(Backup.General).IsWDSuspended(),">"'
    built.session("mirrorA", f"do {freeze}()")
    try:
        refused = built.module("iris_mirror_db", "mirrorB", source=source, freeze_limit=2, **here)
        assert refused["error"]["code"] == "seed_failed", refused
        assert "another backup is running" in refused["msg"]
        assert "<suspended:1>" in built.session("mirrorA", suspended)
    finally:
        built.session("mirrorA", "do ##class(Backup.General).ExternalThaw()")

    built.session("mirrorA", f'do {freeze}("","",1,10,0,0,600,"","",5)')
    done = built.module("iris_mirror_db", "mirrorB", source=source, freeze_limit=60, **here)
    assert done.get("changed"), done
    assert "<suspended:0>" in built.session("mirrorA", suspended)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml on nodes without containers: what it promises about check mode, repetition and the one mirror."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

NODES = ("mirrorA", "mirrorB")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(Path(tmp_path_factory.mktemp("site")), 83)
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
    assert "MIRRORA  Failover  Primary" in shown.output and "MIRRORB  Failover  Backup" in shown.output


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

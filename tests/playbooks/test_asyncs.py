# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml with async members on nodes without containers: one of them for disaster recovery, one that reports on two
mirrors and may be written to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

ALL = ("mirrorA", "mirrorB", "stockA", "dr", "reports")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(Path(tmp_path_factory.mktemp("asyncs")))
    try:
        lab.add("arbiter", "--arbiter")
        for node in ALL:
            lab.add(node)
        stock = [{"name": "STOCK", "directory": str(lab.directory("stockA") / "mgr" / "STOCK")}]
        own = {"name": "STOCK", "directory": str(lab.directory("reports") / "mgr" / "STOCK")}
        lab.host("stockA", iris_mirror_name="STOCKSET", iris_databases=stock, iris_namespaces=[])
        lab.host("dr", iris_mirror_type="dr")
        lab.host(
            "reports",
            iris_mirror_type="reporting_rw",
            iris_mirrors=[
                {"name": "MIRRORSET", "databases": "{{ iris_databases }}"},
                {"name": "stockset", "databases": [own]},
            ],
        )
        yield lab
    finally:
        lab.close()


@pytest.fixture(scope="module")
def built(lab: Lab) -> Lab:
    before = [lab.fingerprint(node) for node in ALL]
    foretold = lab.play("site", "--check")
    assert foretold.code == 0, foretold.output
    assert [lab.fingerprint(node) for node in ALL] == before
    done = lab.play("site")
    assert done.code == 0, done.output
    assert done.recap("changed") == foretold.recap("changed")
    return lab


def test_every_member_is_what_the_inventory_says(built: Lab) -> None:
    dr = built.module("iris_mirror_info", "dr")
    assert (dr["mirror"]["type"], dr["mirror"]["status"], dr["missing_databases"]) == ("dr", "CONNECTED", [])
    reports = built.module("iris_mirror_info", "reports")
    assert (reports["mirror"]["type"], reports["mirrors"]) == ("reporting_rw", ["MIRRORSET", "STOCKSET"])
    copies = {(one["mirror"], one["name"]): (one["caught_up"], one["read_only"]) for one in reports["databases"]}
    assert copies == {
        ("MIRRORSET", "COMPANY"): (True, False),
        ("MIRRORSET", "CUSTOMER"): (True, False),
        ("MIRRORSET", "PERSONAL"): (True, False),
        ("STOCKSET", "STOCK"): (True, False),
    }


def test_a_repeated_run_changes_nothing(built: Lab) -> None:
    before = [built.fingerprint(node) for node in ALL]
    again = built.play("site", "--diff")
    assert again.code == 0 and again.changed == 0, again.output
    assert [built.fingerprint(node) for node in ALL] == before


def test_it_replicates_and_shows_so(built: Lab) -> None:
    verified = built.play("verify", "--limit", "!stockA")
    assert verified.code == 0, verified.output
    assert "may be written to (read-write reporting)" in " ".join(verified.output.split())
    shown = built.play("status")
    assert shown.code == 0, shown.output
    assert shown.output.count("Mirror STOCKSET, as stockA sees it") == 1
    assert "does not answer" not in shown.output

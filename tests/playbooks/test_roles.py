# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members change their roles and every acknowledged record stays: by the module and by the playbooks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import ROOT, Lab, Play

MIRROR = "MIRRORSET"
DATABASE = "ALPHA"
NODES = ("mirrorA", "mirrorB", "mirrorC")


def work(lab: Lab, module: str, node: str, **arguments: Any) -> dict[str, Any]:
    result = lab.module(module, node, **arguments)
    assert not result.get("failed"), result["msg"]
    return result


def database(lab: Lab, node: str) -> list[dict[str, str]]:
    return [{"name": DATABASE, "directory": f"{lab.directory(node)}/mgr/{DATABASE}/"}]


def seed(lab: Lab, node: str) -> None:
    source = {"executable": lab.iris("mirrorA")}
    work(lab, "iris_mirror_db", node, mirror=MIRROR, databases=database(lab, node), source=source)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Primary, backup and disaster recovery async with one database."""
    lab = Lab(Path(tmp_path_factory.mktemp("roles")))
    try:
        lab.add("arbiter", "--arbiter")
        for node in NODES:
            lab.add(node)
            work(lab, "iris_mirror_service", node)
        primary = {"address": lab.addresses["mirrorA"]}
        own = {node: {"member": node.upper(), "superserver_address": lab.addresses[node]} for node in NODES}
        arbiter = {"address": lab.addresses["arbiter"]}
        create = {"name": MIRROR, "arbiter": arbiter, "qos_timeout": 2000, **own["mirrorA"]}
        work(lab, "iris_mirror_create", "mirrorA", **create)
        work(lab, "iris_mirror_join", "mirrorB", name=MIRROR, primary=primary, **own["mirrorB"])
        work(lab, "iris_mirror_join", "mirrorC", name=MIRROR, primary=primary, type="dr", **own["mirrorC"])
        work(lab, "iris_database", "mirrorA", databases=database(lab, "mirrorA"))
        work(lab, "iris_mirror_db", "mirrorA", mirror=MIRROR, databases=database(lab, "mirrorA"))
        seed(lab, "mirrorB")
        seed(lab, "mirrorC")
        yield lab
    finally:
        lab.close()


def info(lab: Lab, node: str) -> dict[str, Any]:
    return work(lab, "iris_mirror_info", node)["mirror"]


def roles(lab: Lab, *asked: str) -> dict[str, str]:
    found = {node: info(lab, node) for node in asked or NODES}
    return {node: one["type"] if one["role"] == "async" else one["role"] for node, one in found.items()}


def role(lab: Lab, node: str, wanted: str, **options: Any) -> dict[str, Any]:
    peers = [{"executable": lab.iris(one)} for one in NODES]
    arguments = {"mirror": MIRROR, "role": wanted, "peers": peers, "wait_timeout": 60, **options}
    return lab.module("iris_mirror_role", node, **arguments)


def write(lab: Lab, node: str, value: str) -> None:
    place = database(lab, node)[0]["directory"]
    lab.wait_for(node, "<written>", f'set ^|"^^{place}"|Probe="{value}" write "<written>"')


def read_everywhere(lab: Lab, value: str, *asked: str) -> None:
    for node in asked or NODES:
        place = database(lab, node)[0]["directory"]
        lab.wait_for(node, f"<{value}>", f'write "<",^|"^^{place}"|Probe,">"')


def validated(lab: Lab, node: str) -> str:
    lines = (lab.directory(node) / "iris.cpf").read_text(encoding="utf-8").splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith("ValidatedMember="))


def succeed(lab: Lab, name: str, *options: str) -> Play:
    play = lab.play(name, *options)
    assert play.code == 0, play.output
    return play


def wait_roles(lab: Lab, **expected: str) -> None:
    end = time.monotonic() + 60
    while (found := roles(lab)) != expected:
        assert time.monotonic() < end, found


@pytest.fixture
def primary_first(lab: Lab) -> Lab:
    assert roles(lab) == {"mirrorA": "primary", "mirrorB": "backup", "mirrorC": "dr"}
    return lab


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_switchover_moves_the_primary_and_brings_the_other_one_back(primary_first: Lab) -> None:
    lab = primary_first
    write(lab, "mirrorA", "one")
    refused = lab.play("switchover", "-e", "member=mirrorC")
    assert refused.code != 0 and "promote it first" in refused.output
    foretold = succeed(lab, "switchover", "--check")
    assert "became primary" in foretold.output
    assert roles(lab) == {"mirrorA": "primary", "mirrorB": "backup", "mirrorC": "dr"}

    succeed(lab, "switchover")
    assert roles(lab) == {"mirrorA": "backup", "mirrorB": "primary", "mirrorC": "dr"}
    read_everywhere(lab, "one")
    again = succeed(lab, "switchover", "-e", "member=mirrorB")
    assert again.changed == 0 and "There was nothing to do" in again.output

    # The former primary is down now, as after a run that was killed here.
    done = role(lab, "mirrorA", "primary")
    assert done["changed"] and done["mirror"]["role"] == "primary", done
    write(lab, "mirrorA", "two")
    refused = lab.play("switchover")
    assert refused.code != 0 and "has no backup" in refused.output
    succeed(lab, "switchover", "-e", "member=mirrorA")
    assert roles(lab) == {"mirrorA": "primary", "mirrorB": "backup", "mirrorC": "dr"}
    read_everywhere(lab, "two")


def test_no_failover_of_somebody_else_stops_a_switchover(primary_first: Lab) -> None:
    lab = primary_first
    lab.session("mirrorA", "set sc=##class(SYS.Mirror).SetNoFailover()")
    try:
        assert role(lab, "mirrorB", "primary")["error"]["code"] == "no_failover_set"
    finally:
        lab.session("mirrorA", "set sc=##class(SYS.Mirror).ClearNoFailover()")
    assert roles(lab) == {"mirrorA": "primary", "mirrorB": "backup", "mirrorC": "dr"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_planned_promotion_and_the_demotion_back(primary_first: Lab) -> None:
    lab = primary_first
    refused = lab.play("demote", "-e", "member=mirrorA")
    assert refused.code != 0 and "Nothing was changed" in refused.output
    succeed(lab, "promote_dr", "-e", "member=mirrorC", "--check")
    assert roles(lab) == {"mirrorA": "primary", "mirrorB": "backup", "mirrorC": "dr"}
    succeed(lab, "promote_dr", "-e", "member=mirrorC")
    assert roles(lab) == {"mirrorA": "primary", "mirrorB": "dr", "mirrorC": "backup"}
    assert succeed(lab, "promote_dr", "-e", "member=mirrorC").changed == 0
    succeed(lab, "demote", "-e", "member=mirrorC")
    assert roles(lab) == {"mirrorA": "primary", "mirrorB": "dr", "mirrorC": "dr"}
    assert not role(lab, "mirrorC", "dr")["changed"]
    assert role(lab, "mirrorB", "failover")["mirror"]["role"] == "backup"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_second_playbook_in_one_run_does_not_take_old_answers_for_its_own(primary_first: Lab) -> None:
    lab = primary_first
    # Lab.play puts the playbook that it names last.
    refused = lab.play("demote", "-e", "member=mirrorB", str(ROOT / "playbooks" / "switchover.yml"))
    assert refused.code != 0 and "a command of its own" in refused.output
    assert roles(lab) == {"mirrorA": "backup", "mirrorB": "primary", "mirrorC": "dr"}
    succeed(lab, "switchover", "-e", "member=mirrorA")
    assert roles(lab) == {"mirrorA": "primary", "mirrorB": "backup", "mirrorC": "dr"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_after_the_loss_of_both_failover_members_they_do_not_become_a_second_primary(primary_first: Lab) -> None:
    lab = primary_first
    write(lab, "mirrorA", "three")
    read_everywhere(lab, "three")
    lab.stop("mirrorB")
    lab.stop("mirrorA")
    refused = role(lab, "mirrorC", "failover")
    assert refused["error"]["code"] == "members_unreachable" and "MIRRORA, MIRRORB" in refused["msg"]
    assert roles(lab, "mirrorC") == {"mirrorC": "dr"}

    done = succeed(lab, "promote_dr", "-e", "member=mirrorC", "-e", "allow_data_loss=true")
    assert "NOT DONE" not in done.output
    assert roles(lab, "mirrorC") == {"mirrorC": "primary"}
    assert [validated(lab, node) for node in ("mirrorA", "mirrorB")] == ["0", "0"]
    assert succeed(lab, "promote_dr", "-e", "member=mirrorC").changed == 0
    write(lab, "mirrorC", "four")
    lab.start_node("mirrorA")
    lab.start_node("mirrorB")
    wait_roles(lab, mirrorA="dr", mirrorB="dr", mirrorC="primary")
    read_everywhere(lab, "four")

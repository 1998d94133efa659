# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies that cannot be used any more are seeded anew; the others are left alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab, Play
from ansible_collections.irisops.mirror.tests.integration.pair import (
    MIRROR,
    databases,
    directory,
    replicated,
    work,
    write,
)

GOOD = {"mounted": True, "activated": True, "caught_up": True, "read_only": True}


@pytest.fixture(scope="module")
def lab(pair: Lab) -> Lab:
    return pair


def seed(lab: Lab, **options: Any) -> dict[str, Any]:
    wanted = {"databases": databases(lab, "mirrorB"), "source": {"executable": lab.iris("mirrorA")}, **options}
    return lab.module("iris_mirror_db", "mirrorB", mirror=MIRROR, wait_timeout=20, **wanted)


def kept(lab: Lab, name: str) -> list[str]:
    return [path for path in os.listdir(directory(lab, "mirrorB", name)) if "irisops-kept" in path]


def seeded(result: dict[str, Any]) -> list[str]:
    return [action["target"] for action in result["actions"] if action["step"] == "move the copy"]


def test_an_obsolete_copy_is_seeded_anew_and_only_that(lab: Lab) -> None:
    place = directory(lab, "mirrorA", "ALPHA")
    lab.session("mirrorA", f'write ##class(SYS.Mirror).RemoveMirroredDatabase("{place}")')
    work(lab, "iris_mirror_db", "mirrorA", mirror=MIRROR, databases=databases(lab, "mirrorA"))
    write(lab, "ALPHA", "again")

    refused = seed(lab)
    assert refused["error"]["code"] == "database_obsolete", refused
    foretold = seed(lab, rebuild="needed", _ansible_check_mode=True)
    assert foretold["changed"] and kept(lab, "ALPHA") == []
    done = seed(lab, rebuild="needed")
    assert done["changed"] and seeded(done) == ["ALPHA"], done
    assert all(one[key] is value for one in done["databases"] for key, value in GOOD.items())
    replicated(lab, "ALPHA", "again")
    assert (len(kept(lab, "ALPHA")), kept(lab, "BETA")) == (1, [])
    assert not seed(lab, rebuild="needed")["changed"]


def test_a_copy_that_an_operator_stopped_is_resumed_when_a_repair_is_asked_for(lab: Lab) -> None:
    place = directory(lab, "mirrorB", "BETA")
    lab.session("mirrorB", f'write ##class(SYS.Mirror).DejournalPauseDatabase("{place}")')
    write(lab, "BETA", "while stopped")
    assert not seed(lab)["changed"], "the operator had a reason"
    done = seed(lab, rebuild="needed")
    assert done["changed"] and seeded(done) == [], done
    replicated(lab, "BETA", "while stopped")


def test_a_damaged_copy_is_seeded_anew(lab: Lab) -> None:
    lab.stop("mirrorB")
    with open(directory(lab, "mirrorB", "GAMMA") + "IRIS.DAT", "r+b") as file:
        file.write(b"\xff" * 65536)
    lab.start_node("mirrorB")
    write(lab, "GAMMA", "while damaged")
    lab.wait_for("mirrorB", "<BACKUP>", f'write "<",$SYSTEM.Mirror.GetStatus("{MIRROR}"),">"')

    done = seed(lab, rebuild="needed")
    assert done["changed"] and seeded(done) == ["GAMMA"], done
    replicated(lab, "GAMMA", "while damaged")
    assert len(kept(lab, "GAMMA")) == 1


def test_a_copy_whose_file_is_gone_needs_a_restart_first(lab: Lab) -> None:
    file = Path(directory(lab, "mirrorB", "BETA"), "IRIS.DAT")
    file.unlink()
    asked = {"rebuild": "always", "databases": databases(lab, "mirrorB", ("BETA",))}
    refused = seed(lab, **asked)
    assert refused["error"]["code"] == "file_gone", refused
    lab.stop("mirrorB")
    lab.start_node("mirrorB")
    lab.wait_for("mirrorB", "<BACKUP>", f'write "<",$SYSTEM.Mirror.GetStatus("{MIRROR}"),">"')
    done = seed(lab, **asked)
    assert not done.get("failed"), done["msg"]
    assert done["changed"] and file.exists(), done
    write(lab, "BETA", "back")
    replicated(lab, "BETA", "back")


def test_the_primary_is_never_rebuilt(lab: Lab) -> None:
    refused = lab.module(
        "iris_mirror_db",
        "mirrorA",
        mirror=MIRROR,
        rebuild="always",
        databases=databases(lab, "mirrorA"),
        source={"executable": lab.iris("mirrorB")},
    )
    assert refused["error"]["code"] == "primary_not_rebuilt", refused


def repair(lab: Lab, *options: str) -> Play:
    return lab.play("repair_member", "-e", f"iris_mirror_name={MIRROR}", *options)


def test_the_playbook_repairs_what_is_wrong_with_a_member(lab: Lab) -> None:
    place = directory(lab, "mirrorB", "ALPHA")
    lab.session("mirrorB", f'write ##class(SYS.Mirror).StopMirror("{MIRROR}")')
    lab.stop("mirrorB")
    with open(place + "IRIS.DAT", "r+b") as file:
        file.write(b"\xff" * 65536)
    write(lab, "ALPHA", "repaired")
    before = os.listdir(place)

    refused = repair(lab, "-e", "member=mirrorA")
    assert refused.code != 0 and "mirrorA is the primary" in refused.output, refused.output
    foretold = repair(lab, "-e", "member=mirrorB", "--check")
    assert foretold.code == 0 and foretold.changed == 0, foretold.output
    assert "It does not answer" in foretold.output and os.listdir(place) == before
    done = repair(lab, "-e", "member=mirrorB")
    assert done.code == 0 and "started mirroring" in done.output, done.output
    replicated(lab, "ALPHA", "repaired")


def test_a_healthy_member_is_left_alone_except_for_what_is_named(lab: Lab) -> None:
    again = repair(lab, "-e", "member=mirrorB")
    assert again.code == 0 and again.changed == 0 and "There was nothing to do" in again.output, again.output
    named = repair(lab, "-e", "member=mirrorB", "-e", "databases=GAMMA")
    assert named.code == 0 and "seeded GAMMA anew" in named.output, named.output

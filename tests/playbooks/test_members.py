# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks on an inventory that the plugin makes of what the members say."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import PLAYBOOK, ROOT, Lab, Play, environment, playbook

NODES = ("mirrorA", "mirrorB")


@pytest.fixture(scope="module")
def lab(article: Lab) -> Lab:
    """With an inventory that asks the members."""
    members = [{"name": node, "executable": article.iris(node)} for node in NODES]
    (article.home / "iris_members.yml").write_text(
        json.dumps({"plugin": "irisops.mirror.members", "members": members}), encoding="utf-8"
    )
    return article


def play(lab: Lab, name: str, *options: str) -> Play:
    source = str(lab.home / "iris_members.yml")
    return Play.finish(playbook([str(PLAYBOOK), "-i", source, *options, str(ROOT / "playbooks" / f"{name}.yml")]))


def groups(lab: Lab) -> dict[str, Any]:
    done = subprocess.run(
        [str(PLAYBOOK.with_name("ansible-inventory")), "-i", str(lab.home / "iris_members.yml"), "--list"],
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
    )
    listed: dict[str, Any] = json.loads(done.stdout)
    return {name: one.get("hosts") for name, one in listed.items() if name.startswith("iris_")}


def test_the_groups_follow_the_mirror(lab: Lab) -> None:
    found = groups(lab)
    assert (found["iris_primary"], found["iris_backup"]) == (["mirrorA"], ["mirrorB"])
    assert found["iris_mirror_mirrorset"] == list(NODES)


def test_the_playbooks_find_nothing_to_do(lab: Lab) -> None:
    again = play(lab, "site")
    assert again.code == 0 and again.changed == 0, again.output
    shown = play(lab, "status")
    assert shown.code == 0, shown.output
    assert "Mirror MIRRORSET, as mirrorA sees it" in shown.output
    assert "Failover      ready" in shown.output


def test_a_playbook_that_writes(lab: Lab) -> None:
    verified = play(lab, "verify")
    assert verified.code == 0, verified.output
    assert "mirrorB has" in verified.output


def test_a_silent_member_stays_and_the_new_primary_is_found(lab: Lab) -> None:
    lab.stop("mirrorA")
    lab.wait_for("mirrorB", "PRIMARY", 'write $system.Mirror.GetStatus("MIRRORSET")')
    found = groups(lab)
    assert (found["iris_primary"], found["iris_silent"]) == (["mirrorB"], ["mirrorA"])
    assert found["iris_mirror_mirrorset"] == list(NODES)
    shown = play(lab, "status")
    assert "mirrorA does not answer" in shown.output, shown.output

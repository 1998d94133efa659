# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases, members and the mirror itself are taken away, refused where that would cost something, and built again."""

from __future__ import annotations

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

NODES = ("mirrorA", "mirrorB")
COMPANY = 'write "<",$get(^Company(1,"name")),">"'


@pytest.fixture(scope="module")
def lab(article: Lab) -> Lab:
    return article


def mirrored(lab: Lab, node: str) -> list[str]:
    return sorted(database["name"] for database in lab.module("iris_mirror_info", node)["databases"])


def in_mirror(lab: Lab, node: str) -> str:
    return str(lab.module("iris_mirror_info", node)["mirror"]["name"])


def test_a_database_leaves_the_mirror_everywhere_and_keeps_its_data(lab: Lab) -> None:
    before = [lab.fingerprint(node) for node in NODES]
    foretold = lab.play("remove_database", "-e", "database=customer", "--check")
    assert foretold.code == 0, foretold.output
    assert [lab.fingerprint(node) for node in NODES] == before
    assert mirrored(lab, "mirrorA") == ["COMPANY", "CUSTOMER", "PERSONAL"]

    done = lab.play("remove_database", "-e", "database=customer")
    assert done.code == 0, done.output
    assert done.recap("changed") == foretold.recap("changed") == {"mirrorA": 1, "mirrorB": 1}
    for node in NODES:
        assert mirrored(lab, node) == ["COMPANY", "PERSONAL"]
        lab.wait_for(node, "<1>", 'write "<",$get(^Customer(1,"company")),">"', namespace="PHONEBOOK")
    again = lab.play("remove_database", "-e", "database=customer")
    assert again.code == 0 and again.changed == 0, again.output


def test_what_would_cost_something_is_refused(lab: Lab) -> None:
    before = [lab.fingerprint(node) for node in NODES]
    for playbook, options, reason in (
        ("remove_database", [], "Say which database is to go"),
        ("remove_member", [], "Say which member is to go"),
        ("remove_member", ["-e", "member=mirrorA"], "is the primary of mirror MIRRORSET"),
        ("remove_member", ["-e", "member=mirrorA", "-e", "remove_mirror=true"], "still has mirrorB"),
        ("remove_member", ["-e", "member=mirrorB"], "allow_no_failover=true"),
        ("teardown", [], "Say which mirror is to be taken apart"),
        ("teardown", ["-e", "mirror=MIRRORSET", "-e", "remove_data=true"], "needs -e remove_containers=true"),
    ):
        refused = lab.play(playbook, *options)
        assert refused.code != 0, refused.output
        assert reason in " ".join(refused.output.split()), refused.output
    assert [lab.fingerprint(node) for node in NODES] == before
    assert [in_mirror(lab, node) for node in NODES] == ["MIRRORSET", "MIRRORSET"]


def test_a_member_leaves_and_comes_back(lab: Lab) -> None:
    options = ["-e", "member=mirrorB", "-e", "allow_no_failover=true"]
    done = lab.play("remove_member", *options)
    assert done.code == 0, done.output
    assert [in_mirror(lab, node) for node in NODES] == ["MIRRORSET", ""]
    members = lab.module("iris_mirror_info", "mirrorA")["mirror"]["members"]
    assert [member["name"] for member in members] == ["MIRRORA"]
    again = lab.play("remove_member", *options)
    assert again.code == 0 and again.changed == 0, again.output

    # The inventory still has CUSTOMER, of which an ordinary database was left there.
    back = lab.play("site", "-e", "iris_replace_files=true")
    assert back.code == 0, back.output
    lab.wait_for("mirrorB", "<Fabrikam>", COMPANY, namespace="COMPANY")


def test_a_mirror_is_taken_apart_and_built_again_from_the_remains(lab: Lab) -> None:
    foretold = lab.play("teardown", "-e", "mirror=MIRRORSET", "--check")
    assert foretold.code == 0, foretold.output
    assert [in_mirror(lab, node) for node in NODES] == ["MIRRORSET", "MIRRORSET"]
    done = lab.play("teardown", "-e", "mirror=MIRRORSET")
    assert done.code == 0, done.output
    assert [in_mirror(lab, node) for node in NODES] == ["", ""]
    for node in NODES:
        # Nobody is primary any more, and everybody may write
        line = f'set ^Company("alone")=1 {COMPANY}'
        lab.wait_for(node, "<Fabrikam>", line, namespace="COMPANY")
    again = lab.play("teardown", "-e", "mirror=MIRRORSET")
    assert again.code == 0 and again.changed == 0, again.output

    careful = lab.play("site")
    assert careful.code != 0
    assert "Move it away" in careful.output, careful.output
    rebuilt = lab.play("site", "-e", "iris_replace_files=true")
    assert rebuilt.code == 0, rebuilt.output
    for node in NODES:
        lab.wait_for(node, "<Fabrikam>", COMPANY, namespace="COMPANY")
        assert mirrored(lab, node) == ["COMPANY", "CUSTOMER", "PERSONAL"]

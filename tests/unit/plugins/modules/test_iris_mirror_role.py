# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes of role beyond one node: peers, members that could not be told, a takeover that is refused."""

from __future__ import annotations

import pytest

from ansible_collections.irisops.mirror.tests.unit.support import nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport, Reply
from ansible_collections.irisops.mirror.tests.unit.support.modules import Runner

PAIR = [nodes.member(), nodes.member("MIRRORB", role="backup")]
PRIMARY = nodes.inside(members=PAIR)
SWITCHOVER = {"mirror": "MIRRORSET", "role": "primary", "container": "mirrorB"}
PEERS = [{"container": "mirrorA"}, {"container": "mirrorB"}]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(monkeypatch, capsys)


def test_the_others_are_asked_and_the_node_itself_is_not(run: Runner) -> None:
    node = FakeTransport(Exchange(nodes.answers(nodes.backup())), name="mirrorB")
    other = FakeTransport(Exchange(nodes.answers(PRIMARY)), name="mirrorA")
    found = run("iris_mirror_role", {**SWITCHOVER, "peers": PEERS}, node, other, check=True)
    assert found["changed"] is True
    assert [(peer["name"], peer["member"], peer["role"]) for peer in found["peers"]] == [
        ("mirrorA", "MIRRORA", "primary")
    ]


def test_nobody_else_is_asked_where_nothing_is_to_be_done(run: Runner) -> None:
    node = FakeTransport(Exchange(nodes.answers(nodes.inside(member_name="MIRRORB"))), name="mirrorB")
    other = FakeTransport(name="mirrorA")
    assert run("iris_mirror_role", {**SWITCHOVER, "peers": PEERS}, node, other)["peers"] == []


def test_two_primaries_stop_the_switchover_before_anything_is_sent(run: Runner) -> None:
    node = FakeTransport(Exchange(nodes.answers(nodes.backup())), name="mirrorB")
    others = [
        FakeTransport(Exchange(nodes.answers(nodes.inside(member_name=name.upper()))), name=name)
        for name in ("mirrorA", "mirrorC")
    ]
    failure = run("iris_mirror_role", {**SWITCHOVER, "peers": [*PEERS, {"container": "mirrorC"}]}, node, *others)
    assert failure["error"]["code"] == "two_primaries"


def test_a_state_that_changed_in_between_stops_the_program(run: Runner) -> None:
    acting = {"check that the mirror is ready": Reply(False, value="0", text="the mirror is not ready any more")}
    node = FakeTransport(
        Exchange(nodes.answers(nodes.backup())),
        Exchange({**nodes.answers(nodes.backup()), **acting}),
        name="mirrorB",
    )
    failure = run("iris_mirror_role", SWITCHOVER, node)
    assert (failure["error"]["code"], failure["changed"], failure["actions"]) == ("state_changed", False, [])


def test_a_refused_takeover_has_a_code_of_its_own(run: Runner) -> None:
    acting = {**nodes.answers(nodes.backup()), "become primary": Reply(False, text="IRIS did not let it")}
    node = FakeTransport(Exchange(nodes.answers(nodes.backup())), Exchange(acting), name="mirrorB")
    failure = run("iris_mirror_role", SWITCHOVER, node)
    assert failure["error"]["code"] == "takeover_refused"
    assert failure["changed"] is False
    assert "messages.log" in failure["error"]["remedy"]


def test_members_that_could_not_be_told_are_named_with_what_to_do(run: Runner) -> None:
    alone = {
        **nodes.answers(nodes.recovery(status="WAITING")),
        "promotion": Reply(value={"unavailable": "MIRRORA,MIRRORB", "partner": ""}),
    }
    after = {
        **nodes.answers(nodes.inside(member_name="MIRRORC")),
        "untold": Reply(value={"unavailable": "MIRRORA,MIRRORB"}),
    }
    node = FakeTransport(Exchange(alone), Exchange(after, contains=["PromoteWithNoPartner("]), name="mirrorC")
    options = {"mirror": "MIRRORSET", "role": "failover", "container": "mirrorC", "allow_data_loss": True}
    done = run("iris_mirror_role", options, node)
    assert done["unavailable_members"] == ["MIRRORA", "MIRRORB"]
    assert any("ValidatedMember=0" in str(warning) and "MIRRORA" in str(warning) for warning in done["warnings"])
    assert done["mirror"]["role"] == "primary"

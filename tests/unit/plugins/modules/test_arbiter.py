# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An arbiter for a mirror that has none, through the whole module."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._engine.merger import merge_text
from ansible_collections.irisops.mirror.tests.unit.support import nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport, Reply
from ansible_collections.irisops.mirror.tests.unit.support.modules import Runner

OPTIONS = {
    "name": nodes.MIRROR,
    "member": "MIRRORA",
    "superserver_address": "10.0.0.1",
    "arbiter": {"address": "arbiter", "port": 2189},
}
BEFORE = nodes.answers(nodes.inside(settings=nodes.settings(arbiter="")))
AFTER = nodes.answers(nodes.inside(settings=nodes.settings(arbiter="arbiter|2189")))
MERGED = "IRIS Merge completed successfully"


def read(arbiter: str) -> Exchange:
    return Exchange({"settings": Reply(value={"arbiter": arbiter})})


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(monkeypatch, capsys)


def test_it_is_merged_in_and_nothing_is_left_behind(run: Runner) -> None:
    primary = FakeTransport(
        Exchange(BEFORE),
        Exchange(),
        Exchange(output=MERGED),
        Exchange(output=""),
        read("arbiter|2189"),
        Exchange(AFTER),
    )
    done = run("iris_mirror_create", OPTIONS, primary)
    assert done["changed"] is True
    assert done["diff"]["before"] == {"arbiter": ""} and done["diff"]["after"] == {"arbiter": "arbiter|2189"}
    assert done.steps() == [("add the arbiter by a configuration merge", "arbiter|2189")]
    assert done["mirror"]["settings"]["arbiter"] == "arbiter|2189"
    ((path, content),) = primary.files.items()
    assert content.decode() == merge_text(nodes.MIRROR, "arbiter|2189")
    merge, remove = primary.arguments[2:4]
    assert merge == ["iris", "merge", "IRIS", path]
    assert remove == ["rm", "-f", path]


def test_check_mode_says_so_and_touches_nothing(run: Runner) -> None:
    primary = FakeTransport(Exchange(BEFORE))
    foretold = run("iris_mirror_create", OPTIONS, primary, check=True)
    assert foretold["changed"] is True
    assert [(one["step"], one["status"]) for one in foretold["actions"]] == [
        ("add the arbiter by a configuration merge", "planned")
    ]
    assert foretold["mirror"]["settings"]["arbiter"] == "arbiter|2189"
    assert foretold["mirror"]["role"] == "primary"
    assert primary.files == {}


@pytest.mark.parametrize(
    ("exchanges", "code"),
    [
        ([Exchange({"check that the node is primary": Reply(False, value="0", text="moved")})], "state_changed"),
        ([Exchange({"reach the arbiter": Reply(False, text="no")})], "arbiter_unreachable"),
        ([Exchange(), Exchange(rc=1, output="failed"), Exchange(output=""), read("")], "merge_failed"),
        ([Exchange(), Exchange(output=MERGED), Exchange(output=""), read("")], "merge_failed"),
    ],
    ids=["not primary", "arbiter silent", "exit code", "nothing came of it"],
)
def test_failures_are_told(exchanges: list[Exchange], code: str, run: Runner) -> None:
    failure = run("iris_mirror_create", OPTIONS, FakeTransport(Exchange(BEFORE), *exchanges))
    assert failure.failed
    error: dict[str, t.Any] = failure["error"]
    assert error["code"] == code
    assert error["remedy"]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""iris_mirror_db with state: absent on the backup: the primary is asked, in check mode too, and only that."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.tests.unit.support import nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport
from ansible_collections.irisops.mirror.tests.unit.support.modules import Runner

OPTIONS = {
    "container": "mirrorB",
    "mirror": "mirrorset",
    "state": "absent",
    "databases": [{"name": "company"}],
    "source": {"container": "mirrorA"},
}
CALL = "##class(SYS.Mirror).RemoveMirroredDatabase("
HAS = nodes.answers(nodes.backup(databases=[nodes.mirrored("COMPANY")]), [nodes.entry("COMPANY", mirrored=True)])
GONE = nodes.answers(nodes.backup(), [nodes.entry("COMPANY")])
PRIMARY_WITHOUT = nodes.answers(nodes.inside())


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(monkeypatch, capsys)


def backup(*exchanges: Exchange) -> FakeTransport:
    return FakeTransport(*exchanges, name="mirrorB")


def primary(script: t.Any = None) -> FakeTransport:
    return FakeTransport(Exchange(script or PRIMARY_WITHOUT, lacks=(CALL,)))


def test_check_mode_promises_what_the_real_run_does(run: Runner) -> None:
    foretold = run("iris_mirror_db", OPTIONS, backup(Exchange(HAS, lacks=(CALL,))), primary(), check=True)
    done = run("iris_mirror_db", OPTIONS, backup(Exchange(HAS), Exchange(GONE, contains=(CALL,))), primary())
    assert foretold["changed"] is done["changed"] is True
    assert foretold["diff"]["after"] == done["diff"]["after"]
    assert foretold.steps() == done.steps()
    assert foretold["databases"] == done["databases"]
    assert done["databases"][0]["mirrored"] is False


@pytest.mark.parametrize("check", [False, True])
def test_the_second_run_changes_nothing_and_asks_nobody_else(check: bool, run: Runner) -> None:
    again = run("iris_mirror_db", OPTIONS, backup(Exchange(GONE, lacks=(CALL,))), check=check)
    assert (again["changed"], again["actions"], again["sessions"]) == (False, [], 1)


@pytest.mark.parametrize("check", [False, True])
def test_the_order_is_kept(check: bool, run: Runner) -> None:
    still = nodes.answers(nodes.inside(databases=[nodes.mirrored("COMPANY")]))
    refused = run("iris_mirror_db", OPTIONS, backup(Exchange(HAS, lacks=(CALL,))), primary(still), check=check)
    assert refused.failed
    assert refused["error"]["code"] == "primary_has_database"

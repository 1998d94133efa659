# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""iris_mirror_config_drift from its options to its output: what it shows, when it writes, what it never lets out."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._mirror import config_kinds
from ansible_collections.irisops.mirror.tests.unit.support import nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport, Reply, Script, failed
from ansible_collections.irisops.mirror.tests.unit.support.modules import Run, Runner

MODULE = "iris_mirror_config_drift"
PASSWORD = 'ge"heim-77'
SETTING = "token-88"
PARAMS = {"container": "mirrorB", "mirror": nodes.MIRROR, "source": {"container": "mirrorA"}}
IS_PRIMARY = {"member": Reply(value={"primary": "1"})}


def objects(node: t.Any, **found: t.Mapping[str, t.Mapping[str, str]]) -> Script:
    """What a node answers that has these users and tasks."""
    script: dict[t.Any, Reply] = {**nodes.answers(node), "today": Reply(value={"day": 67000})}
    for kind in config_kinds.of(list(found)):
        rows = []
        for name, values in found[kind.option].items():
            own = {"Name": name, **values} if kind.create == "save" else values
            cells = [f"={own[key]}" if key in own else "" for key in kind.step.properties]
            rows.append(["=", f"={name}", *cells])
        script[kind.step.name] = Reply(rows=rows)
    return script


PRIMARY = objects(
    nodes.inside(),
    users={"alice": {"Roles": "%SQL", "Enabled": "1"}, "bob": {"Comment": "new", "Enabled": "1"}},
    tasks={"T": {"Settings": f"Token\x1f{SETTING}", "TimePeriod": "5"}},
)
BEFORE = objects(nodes.backup(), users={"bob": {"Comment": "old", "Enabled": "1"}}, tasks={})
AFTER = objects(
    nodes.backup(),
    users={"alice": {"Roles": "%SQL", "Enabled": "1"}, "bob": {"Comment": "new", "Enabled": "1"}},
    tasks={"T": {"Settings": f"Token\x1f{SETTING}", "TimePeriod": "5"}},
)
CALLS = ("##class(Security.Users).Create(", "##class(Security.Users).Modify(", "##class(%SYS.Task).%New()")
APPLY = {**PARAMS, "apply": True, "user_passwords": {"alice": PASSWORD}}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(monkeypatch, capsys)


def source(*exchanges: Exchange) -> FakeTransport:
    return FakeTransport(*(exchanges or (Exchange(PRIMARY, lacks=CALLS),)), name="mirrorA")


def member(*exchanges: Exchange) -> FakeTransport:
    return FakeTransport(*exchanges, name="mirrorB")


def found(result: Run, key: str = "differences") -> list[tuple[str, str, str]]:
    return [(one["name"], one["property"], one["action"]) for one in result[key]]


DIFFERENCES = [("alice", "", "create"), ("bob", "Comment", "modify"), ("T", "", "create")]


@pytest.mark.parametrize("check", [False, True])
def test_without_apply_it_only_reports(check: bool, run: Runner) -> None:
    shown = run(MODULE, PARAMS, source(), member(Exchange(BEFORE, lacks=CALLS)), check=check)
    assert (shown["changed"], shown["actions"], shown["sessions"]) == (False, [], 1)
    assert found(shown) == found(shown, "remaining") == DIFFERENCES
    assert shown["diff"]["before"]["users bob.Comment"] == "old"
    assert shown["diff"]["after"]["users bob.Comment"] == "new"
    assert SETTING not in shown.text


def test_check_mode_promises_what_the_real_run_does(run: Runner) -> None:
    checked = run(MODULE, APPLY, source(), member(Exchange(BEFORE, lacks=CALLS)), check=True)
    done = run(
        MODULE,
        APPLY,
        source(Exchange(PRIMARY), Exchange(IS_PRIMARY)),
        member(Exchange(BEFORE), Exchange(AFTER, contains=CALLS)),
    )
    assert checked["changed"] is done["changed"] is True
    assert checked["diff"] == done["diff"]
    assert (
        checked.steps() == done.steps() == [("create", "users alice"), ("modify", "users bob"), ("create", "tasks T")]
    )
    assert found(checked) == found(done) == DIFFERENCES
    assert checked["remaining"] == done["remaining"] == []
    assert PASSWORD not in checked.text + done.text and SETTING not in checked.text + done.text
    assert "heim-77" not in checked.text + done.text


@pytest.mark.parametrize("check", [False, True])
def test_the_second_run_changes_nothing(check: bool, run: Runner) -> None:
    again = run(MODULE, APPLY, source(), member(Exchange(AFTER, lacks=CALLS)), check=check)
    assert (again["changed"], again["actions"], again["differences"]) == (False, [], [])
    assert "diff" not in again.result


def test_one_that_iris_refuses_does_not_stop_the_others(run: Runner) -> None:
    after = {**AFTER, ("users alice", "create"): failed(883, text="no such role")}
    transports = (source(Exchange(PRIMARY), Exchange(IS_PRIMARY)), member(Exchange(BEFORE), Exchange(after)))
    result = run(MODULE, APPLY, *transports)
    assert result.failed and result["changed"] is True
    assert result["error"]["numbers"] == [883] and "users alice" in result["msg"]
    assert [action["status"] for action in result["actions"]] == ["failed", "ok", "ok"]


def test_a_failover_meanwhile_stops_it_before_anything_is_written(run: Runner) -> None:
    lost = Exchange({"member": Reply(value={"primary": "0"})})
    result = run(MODULE, APPLY, source(Exchange(PRIMARY), lost), member(Exchange(BEFORE)))
    assert result.failed and result["error"]["code"] == "state_changed"
    assert result["error"]["member"] == "mirrorA"


def test_a_source_that_is_not_primary_is_refused(run: Runner) -> None:
    result = run(MODULE, APPLY, source(Exchange(BEFORE)), member())
    assert result.failed and result["error"]["code"] == "not_primary"
    assert result["error"]["member"] == "mirrorA"


def test_on_the_primary_itself_nothing_differs(run: Runner) -> None:
    result = run(MODULE, APPLY, source(), member(Exchange(PRIMARY, lacks=CALLS)))
    assert (result["changed"], result["differences"]) == (False, [])


def test_a_session_that_breaks_off_shows_no_secret(run: Runner) -> None:
    literal = PASSWORD.replace('"', '""')
    broken = Exchange(output=f'%SYS>\r\n set x="{literal}" set y="{SETTING}",z="Token"_$char(31)_"{SETTING}" <SYNTAX>')
    result = run(MODULE, APPLY, source(Exchange(PRIMARY), Exchange(IS_PRIMARY)), member(Exchange(BEFORE), broken))
    assert result.failed and result["error"]["code"] == "session_failed"
    assert "heim-77" not in result.text and SETTING not in result.text

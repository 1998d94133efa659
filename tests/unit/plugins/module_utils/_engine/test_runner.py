# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one state machine: how many sessions, what counts as a change, what an error says."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._engine.diff import make_diff
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job, run
from ansible_collections.irisops.mirror.plugins.module_utils._errors import (
    IrisError,
    PreconditionError,
    SessionError,
    StatusError,
    WaitTimeout,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, Item, Version
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Guard, Invoke, Reach, Read, Wait
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport, Reply, failed

GUARD = Guard("check the role", Version(), ("1",), "the role has changed")
LOOP_STEPS = [
    Do("mount", Call("SYS.Database", "MountDatabase", Item("name"))),
    Do("add", Call("SYS.Mirror", "AddDatabase", Item("name"))),
    Invoke("catch up", Call("SYS.Mirror", "CatchupDB", "")),
]
LOOP = Each("all", [{"name": name} for name in "ABC"], LOOP_STEPS)
ONE = Do("create it", Call("SYS.Mirror", "CreateNewMirrorSet", "M"))
WAIT = Wait("be there", Version(), ("UP",), ("DOWN",))


class ToyJob(Job[str]):
    """Wants the state `new`."""

    noun = "toy"

    def __init__(
        self, elements: t.Sequence[t.Any] = (ONE,), waits: t.Sequence[t.Any] = (), changed: bool = True
    ) -> None:
        self.made = Plan(list(elements) if changed else [], list(waits))
        if changed:
            self.made.change("toy", "old", "new")
        self.calls: list[str] = []
        self.prepared: Exception | None = None
        self.finished: Exception | None = None

    def observe(self) -> list[t.Any]:
        return [Read("state", {"now": Version()})]

    def read(self, answers: t.Any) -> str:
        return str(answers.value("state", "now"))

    def plan(self, state: str, check_mode: bool) -> Plan:
        return self.made

    def result(self, state: str) -> str:
        return state

    def projected(self, state: str, plan: Plan) -> str:
        return "new"

    def announce(self, plan: Plan) -> list[dict[str, t.Any]]:
        return [{"step": "prepare", "target": "", "status": "planned"}]

    def prepare(self, session: Session, state: str, plan: Plan) -> list[dict[str, t.Any]]:
        self.calls.append("prepare")
        if self.prepared is not None:
            raise self.prepared
        return [{"step": "prepare", "target": "", "status": "ok"}]

    def finish(self) -> None:
        self.calls.append("finish")
        if self.finished is not None:
            raise self.finished

    def item_label(self, group: str, item: int) -> str:
        return str(LOOP.items[item]["name"])


def now(value: str, **script: Reply) -> Exchange:
    return Exchange({"state": Reply(value={"now": value}), **script})


def session(*exchanges: Exchange, secrets: t.Sequence[str] = ()) -> Session:
    return Session(FakeTransport(*exchanges), secrets=secrets)


def shape(actions: t.Sequence[t.Mapping[str, t.Any]]) -> list[tuple[str, str, str]]:
    return [(action["step"], action["target"], action["status"]) for action in actions]


def test_nothing_to_do_costs_one_session() -> None:
    talk = session(now("new"))
    outcome = run(ToyJob(changed=False), talk, False)
    assert (outcome.changed, outcome.values, outcome.actions, talk.runs) == (False, {"toy": "new"}, [], 1)


def test_a_change_costs_two_sessions_and_returns_what_is_read_afterwards() -> None:
    talk = session(now("old"), now("really new"))
    outcome = run(ToyJob(), talk, False)
    assert (outcome.changed, outcome.values, outcome.error, talk.runs) == (True, {"toy": "really new"}, None, 2)
    assert shape(outcome.actions) == [("prepare", "", "ok"), ("create it", "", "ok")]
    assert outcome.actions[1]["call"] == "SYS.Mirror.CreateNewMirrorSet"
    talk.transport.assert_is_done()  # type: ignore[attr-defined]


@pytest.mark.parametrize("elements", [[GUARD, ONE], [LOOP], [ONE, LOOP]])
def test_check_mode_reads_only_and_shows_what_the_real_run_does(elements: list[t.Any]) -> None:
    talk = session(now("old"))
    checked = run(ToyJob(elements), talk, True)
    assert talk.runs == 1
    real = run(ToyJob(elements), session(now("old"), now("new")), False)
    assert checked.changed is real.changed is True
    assert checked.values == real.values == {"toy": "new"}
    assert make_diff("x", checked.plan.changes) == make_diff("x", real.plan.changes)
    assert [one[:2] for one in shape(checked.actions)] == [one[:2] for one in shape(real.actions)]
    assert {one[2] for one in shape(checked.actions)} == {"planned"}


def test_check_mode_of_what_is_there_shows_what_is_there() -> None:
    outcome = run(ToyJob(changed=False), session(now("as it is")), True)
    assert (outcome.changed, outcome.values) == (False, {"toy": "as it is"})


def test_waiting_alone_is_no_change() -> None:
    talk = session(now("old"), now("new", **{"be there": Reply(value="UP", seconds=2.5)}))
    outcome = run(ToyJob(waits=[WAIT], changed=False), talk, False)
    assert (outcome.changed, outcome.duration, outcome.actions[1:], talk.runs) == (False, 2.5, [], 2)
    assert run(ToyJob(waits=[WAIT], changed=False), session(now("old")), True).changed is False


def test_one_of_three_items_fails() -> None:
    script = {("all", "mount", 1): failed(60, text="nope secret")}
    exchange = Exchange({"state": Reply(value={"now": "half"}), **script})
    outcome = run(ToyJob([LOOP]), session(now("old"), exchange, secrets=["secret"]), False)
    assert outcome.changed, "two items were changed"
    assert outcome.values == {"toy": "half"}
    assert shape(outcome.actions)[1:] == [
        ("mount", "A", "ok"),
        ("mount", "B", "failed"),
        ("mount", "C", "ok"),
        ("add", "A", "ok"),
        ("add", "C", "ok"),
        ("catch up", "", "ok"),
    ]
    assert isinstance(outcome.error, StatusError)
    assert (outcome.error.code, outcome.error.numbers) == ("database_mounted", [60])
    assert outcome.error.message == "failed to mount (B): nope ********"
    assert "secret" not in repr(outcome.actions)


def test_an_item_that_needs_nothing_is_no_action() -> None:
    script = {("all", "mount", 0): Reply(skipped=True)}
    exchange = Exchange({"state": Reply(value={"now": "new"}), **script})
    outcome = run(ToyJob([LOOP]), session(now("old"), exchange), False)
    assert shape(outcome.actions)[1:3] == [("mount", "B", "ok"), ("mount", "C", "ok")]


@pytest.mark.parametrize(
    ("elements", "waits", "script", "kind", "code", "text"),
    [
        ([ONE], [], {"create it": failed(2066)}, StatusError, "service_disabled", "failed to create it: it failed"),
        ([ONE], [], {"create it": failed(2065, 2086)}, StatusError, "agent_unreachable", "failed to create it"),
        ([ONE], [], {"create it": failed(9999)}, StatusError, "iris_error", "failed to create it"),
        (
            [GUARD, ONE],
            [],
            {"check the role": Reply(False, "0", text="gone")},
            StatusError,
            "state_changed",
            "found '0'",
        ),
        ([ONE], [WAIT], {"be there": Reply(False, "DOWN", seconds=9)}, WaitTimeout, "wait_timeout", "last seen 'DOWN'"),
        (
            [Reach("reach", "arbiter", 2188, "no answer"), ONE],
            [],
            {"reach": Reply(False, text="no answer")},
            PreconditionError,
            "arbiter_unreachable",
            "no answer",
        ),
    ],
)
def test_errors_by_cause(
    elements: list[t.Any],
    waits: list[t.Any],
    script: dict[str, Reply],
    kind: type[IrisError],
    code: str,
    text: str,
) -> None:
    outcome = run(ToyJob(elements, waits), session(now("old"), now("seen", **script)), False)
    assert isinstance(outcome.error, kind)
    assert outcome.error.code == code
    assert text in outcome.error.message
    assert outcome.error.remedy
    assert outcome.error.node == "mirrorA"
    assert outcome.values == {"toy": "seen"}, "the object as last seen comes with the error"


def test_after_a_failed_step_nothing_is_done_but_reading() -> None:
    exchange = now("old", **{"check the role": Reply(False, "0")})
    job = ToyJob([GUARD, ONE], [WAIT])
    outcome = run(job, session(now("old"), exchange), False)
    assert [name for name, _target, _status in shape(outcome.actions)] == ["prepare"]
    assert outcome.values == {"toy": "old"}
    assert job.calls == ["prepare", "finish"]


def test_a_step_that_failed_alone_has_changed_nothing() -> None:
    job = ToyJob()
    job.prepare = lambda session, state, plan: []  # type: ignore[method-assign]
    outcome = run(job, session(now("old"), now("old", **{"create it": failed(2066)})), False)
    assert outcome.changed is False


@pytest.mark.parametrize("where", ["prepare", "session"])
def test_cleaning_up_happens_and_hides_no_failure(where: str) -> None:
    job = ToyJob()
    job.finished = IrisError("cleanup", "cleaning up failed")
    if where == "prepare":
        job.prepared = IrisError("copy", "copying failed")
        talk = session(now("old"))
    else:
        talk = session(now("old"), Exchange(output="%SYS>"))
    with pytest.raises(IrisError) as raised:
        run(job, talk, False)
    assert raised.value.code == ("copy" if where == "prepare" else "session_failed")
    assert job.calls == ["prepare", "finish"]


def test_a_failed_cleanup_after_good_work_is_a_warning() -> None:
    job = ToyJob()
    job.finished = SessionError("session_failed", "the source is gone")
    outcome = run(job, session(now("old"), now("new")), False)
    assert (outcome.changed, outcome.error) == (True, None)
    assert "the source is gone" in outcome.plan.warnings[0]

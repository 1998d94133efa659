# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A probe between members that stop, hang and take over, and its module."""

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._engine import prober
from ansible_collections.irisops.mirror.plugins.module_utils._errors import SessionError, TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.conversation import Conversation
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Version
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.probing import Wish
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import ExecResult
from ansible_collections.irisops.mirror.tests.unit.support.fakes import (
    Exchange,
    FakePipe,
    FakeTransport,
    Reply,
    failed,
    transcript,
)
from ansible_collections.irisops.mirror.tests.unit.support.modules import Runner

LIMIT = 10.0
WISH = Wish("COMPANY", "IrisMirrorProbe", "L", 0.005, LIMIT, True, 3)
PRIMARY = Reply(value="1")
NO_PRIMARY = Reply(False, value="0", text="the node is not the primary")


class Member(FakeTransport):
    """A member of a mirror in memory. `writes` counts what it committed; it dies with the answer to `dies_after`."""

    def __init__(self, name: str, is_primary: bool = False, dies_after: int = 0, hangs: bool = False) -> None:
        super().__init__(name=name)
        self.is_primary = is_primary
        self.dies_after = dies_after
        self.hangs = hangs
        self.is_dead = False
        self.writes = 0
        self.partner: Member | None = None
        self.opened: list[FakePipe] = []
        self.released = threading.Event()

    def open_pipe(self, argv: t.Sequence[str]) -> FakePipe:
        if self.is_dead:
            raise TransportError("container_not_running", "it is dead", node=self.name)
        self.opened.append(FakePipe(self._reply))
        return self.opened[-1]

    def execute(self, argv: t.Sequence[str], stdin: str, limit: float) -> ExecResult:
        if self.is_dead:
            raise TransportError("container_not_running", "it is dead", node=self.name)
        return super().execute(argv, stdin, limit)

    def _reply(self, program: Program) -> str | None:
        if self.is_dead:
            return None
        script = {"is it the primary": PRIMARY if self.is_primary else NO_PRIMARY}
        is_write = any(step.name == "write" for _group, step in program.index.values())
        if is_write and self.is_primary:
            if self.writes == self.dies_after > 0:
                assert self.partner is not None
                self.partner.is_primary = True
                if self.hangs:
                    self.released.wait(LIMIT)
                self.is_dead = True
                return None
            self.writes += 1
        return transcript(program, script)


def connect(member: Member) -> t.Callable[[], Session]:
    return lambda: Session(member, "IRIS", "iris")


def pair(**first: t.Any) -> tuple[Member, Member]:
    a, b = Member("A", True, **first), Member("B")
    a.partner = b
    return a, b


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prober, "PAUSE", 0.005)
    monkeypatch.setattr(prober, "GRACE", 0.2)


def run(a: Member, b: Member, *exchanges: Exchange) -> dict[str, t.Any]:
    b.exchanges = list(exchanges)
    return prober.Prober(WISH, {"A": connect(a), "B": connect(b)}, 0.0).run()


def back(a: str, b: str) -> Exchange:
    return Exchange({"records 0": Reply(value=a), "records 1": Reply(value=b)}, contains=["kill ^|"])


@pytest.mark.parametrize("hangs", [False, True])
def test_it_follows_the_primary(hangs: bool) -> None:
    a, b = pair(dies_after=4, hangs=hangs)
    result = run(a, b, back("1:4,", "1:500,"))
    a.released.set()
    assert (result["primary_before"], result["primary_after"], result["lost"]) == ("A", "B", 0)
    assert [stretch["member"] for stretch in result["timeline"]] == ["A", "B"]
    assert result["timeline"][0]["acknowledged"] == 4
    assert result["timeline"][1]["acknowledged"] == WISH.further
    assert all(pipe.is_closed for pipe in [*a.opened, *b.opened])
    assert b.opened[0].sent[-1] == "halt\n", "a session ends by its own word"


def test_it_finds_what_is_lost() -> None:
    a, b = pair(dies_after=4)
    result = run(a, b, back("1:2,4:4,", "1:500,"))
    assert (result["lost"], [one["number"] for one in result["lost_records"]]) == (1, [3])


def test_a_number_is_used_once() -> None:
    """The record on its way when a member died may be there or not; it must not stand for another one."""
    a, b = pair(dies_after=2)
    run(a, b, back("1:2,", "1:500,"))
    written = [text for pipe in a.opened for text in pipe.sent if "tstart" in text]
    assert len(written) == len(set(written)) == 3
    assert sum('"A","3")' in text for text in written) == 1


def test_nobody_can_be_asked_at_the_end() -> None:
    a, b = pair(dies_after=2)
    result = run(a, b, Exchange({"is it the primary": NO_PRIMARY}))
    assert result["lost"] is None


def test_a_conversation_that_breaks() -> None:
    transport = FakeTransport()
    transport.pipes = [FakePipe(lambda program: "Node: x\r\n%SYS>")]
    talk = Conversation(Session(transport))
    with pytest.raises(SessionError) as raised:
        talk.ask(Program(Read("it", {"v": Version()})))
    assert (raised.value.code, "Node: x" in raised.value.message) == ("session_lost", True)


# The module

PARAMS = {"namespace": "COMPANY", "members": [{"container": "mirrorA"}, {"container": "mirrorB"}]}
SURVEY = Exchange({"role": Reply(value={"primary": 1}), "place": Reply(value={"mirrored": 1})}, lacks=["tstart"])
NOT_PRIMARY = Exchange({"role": Reply(value={"primary": 0}), "place": Reply(value={"mirrored": 1})})


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(monkeypatch, capsys)


def test_check_mode_writes_nothing(module: Runner) -> None:
    done = module(
        "iris_mirror_probe", PARAMS, FakeTransport(SURVEY), FakeTransport(NOT_PRIMARY, name="mirrorB"), check=True
    )
    assert (done["changed"], done["probe"], done["sessions"]) == (False, {"primary_before": "mirrorA"}, 2)


def test_a_namespace_that_is_not_there(module: Runner) -> None:
    missing = Exchange({"role": Reply(value={"primary": 1}), "place": failed(text="<NAMESPACE>")})
    done = module("iris_mirror_probe", {**PARAMS, "members": None}, FakeTransport(missing))
    assert (done.failed, done["error"]["code"]) == (True, "namespace_not_mirrored")


def test_members_need_names(module: Runner) -> None:
    twice = {**PARAMS, "members": [{"container": "mirrorA"}, {"container": "mirrorA"}]}
    assert module("iris_mirror_probe", twice)["error"]["code"] == "probe_invalid"


def test_a_probe(module: Runner) -> None:
    transport = FakeTransport(SURVEY, back("1:100,", ""))
    transport.exchanges[1] = Exchange({"records 0": Reply(value="1:100,")})
    transport.pipes = [FakePipe(lambda program: transcript(program, {"is it the primary": PRIMARY}))]
    done = module(
        "iris_mirror_probe", {**PARAMS, "members": None, "duration": 0.2, "interval": 0.02, "label": "mine"}, transport
    )
    assert (done["changed"], done["probe"]["label"], done["probe"]["lost"]) == (False, "mine", 0)
    assert done["probe"]["acknowledged"] > 1
    assert done["sessions"] == 3


def test_nobody_can_write(module: Runner) -> None:
    transport = FakeTransport(SURVEY, Exchange({"is it the primary": PRIMARY, "records 0": Reply(value="")}))
    transport.pipes = [FakePipe(lambda program: transcript(program, {"write": failed(text="<PROTECT>")}))]
    done = module("iris_mirror_probe", {**PARAMS, "members": None, "duration": 0.1}, transport)
    assert (done.failed, done["error"]["code"]) == (True, "not_writable")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions that work, that are refused, and that break off."""

from __future__ import annotations

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import SessionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array, Call, Version
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Read, Wait
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeClock, FakeTransport, Reply

READ = Read("it", {"v": Version()})
NOT_READY = Exchange(rc=239, output="Sign-on inhibited: Startup or Installation in progress")
NO_UNIT = Exchange(rc=1, output="\r\n<LICENSE LIMIT EXCEEDED>\r\n")


def make(transport: FakeTransport, **options: object) -> tuple[Session, FakeClock]:
    clock = FakeClock()
    return Session(transport, clock=clock, sleep=clock.sleep, **options), clock  # type: ignore[arg-type]


def test_one_program_is_one_run_of_the_instance() -> None:
    transport = FakeTransport(Exchange({"it": Reply(value={"v": "x"})}, contains=["$zversion", "\nhalt\n"]))
    session, _clock = make(transport, instance="LIVE", executable="/usr/bin/iris", limit=20.0)
    answers = session.run(Program(READ, Wait("w", Version(), ("1",), limit=100.0, interval=1.0)))
    assert answers.value("it", "v") == "x"
    assert transport.arguments == [["/usr/bin/iris", "session", "LIVE", "-U", "%SYS"]]
    assert transport.limits == [121.0], "what the program waits for comes on top of the limit"
    assert session.runs == 1
    transport.assert_is_done()


@pytest.mark.parametrize("refused", [NOT_READY, NO_UNIT], ids=["sign-on inhibited", "no licence unit"])
def test_a_session_that_is_not_let_in_is_tried_again(refused: Exchange) -> None:
    transport = FakeTransport(refused, refused, Exchange())
    session, clock = make(transport)
    assert session.run(Program(READ)).complete
    assert clock.pauses == pytest.approx([0.2, 0.3])
    assert session.runs == 3
    transport.assert_is_done()


@pytest.mark.parametrize(("refused", "code"), [(NOT_READY, "instance_not_ready"), (NO_UNIT, "licence_limit")])
def test_a_session_is_not_tried_for_ever(refused: Exchange, code: str) -> None:
    transport = FakeTransport(*[refused] * 50)
    session, clock = make(transport, ready_limit=10.0)
    with pytest.raises(SessionError) as raised:
        session.run(Program(READ))
    assert raised.value.code == code
    assert raised.value.node == "mirrorA"
    assert "ready_timeout" in raised.value.remedy
    assert 10.0 <= clock.now - 1000.0 <= 12.0
    assert max(clock.pauses) <= 2.0


@pytest.mark.parametrize(
    ("exchange", "code", "text"),
    [
        (Exchange(output="%SYS>\r\n\x02{\"id\":1}\x03<LICENSE LIMIT EXCEEDED>"), "session_failed", "LIMIT"),
        (Exchange(rc=1, output="", stderr="Instance 'NOPE' not found"), "instance_not_found", "NOPE"),
        (Exchange(rc=1, output=""), "instance_not_found", "no output"),
        (Exchange(rc=0, output=""), "session_failed", "nothing"),
        (Exchange(rc=0, output="%SYS>\r\n<SYNTAX>"), "session_failed", "<SYNTAX>"),
        (Exchange(rc=1, output="%SYS>\r\n<DISCONNECT>"), "session_failed", "exit code 1"),
    ],
)
def test_without_the_end_mark_nothing_counts(exchange: Exchange, code: str, text: str) -> None:
    session, _clock = make(FakeTransport(exchange))
    with pytest.raises(SessionError) as raised:
        session.run(Program(READ))
    assert raised.value.code == code
    assert text in raised.value.sentence()
    assert raised.value.node == "mirrorA"


@pytest.mark.parametrize("secret", ["hunter2", 'hun"ter"2', "h\u00fcnter2", "hunter2" * 30])
def test_a_broken_session_shows_no_secret_and_no_endless_text(secret: str) -> None:
    """The terminal prints the line in which it found an error, so the secret comes back as it was sent."""
    call = Call("SYS.Mirror", "CreateNewMirrorSet", "M", "A", Array({}), Array({"PrivateKeyPassword": secret}))
    program = Program(Do("create", call))
    sent = next(line for line in program.lines() if "PrivateKeyPassword" in line)
    session, _clock = make(FakeTransport(Exchange(output="x" * 5000 + sent + "<SYNTAX>")), secrets=[secret, ""])
    with pytest.raises(SessionError) as raised:
        session.run(program)
    sentence = raised.value.sentence()
    assert "PrivateKeyPassword" in sentence
    assert "********" in sentence
    assert "nter2" not in sentence
    assert 'ter""2' not in sentence
    assert len(sentence) < 1500

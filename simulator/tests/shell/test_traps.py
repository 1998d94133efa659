# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `IRISSIM_TRAPS` switches on, and that without it nothing of it happens."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.patience import PATIENCE

from irissim.engine import traps
from irissim.engine.mirror.types import DatabaseState, FailoverStatus, MemberKind, MirrorState
from irissim.engine.traps import licence_units, sign_on, words
from irissim.engine.traps.flicker import Flicker
from irissim.engine.traps.licence_units import LicenceUnits
from irissim.shell import settings
from irissim.values.status import make_status, text

REFUSED_SIGN_ON = 239
KEY = Path(__file__).resolve().parents[2] / "licence" / "iris-simulator-licence.txt"


def test_the_list_of_names() -> None:
    assert traps.parse("") == frozenset()
    assert traps.parse(" Words, noise ,") == {"words", "noise"}
    assert traps.parse("all") == set(traps.NAMES)
    with pytest.raises(traps.UnknownTrap, match=r"flikker.*flicker"):
        traps.parse("flikker,words")


def test_a_container_takes_them_from_its_environment(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRISSIM_TRAPS", "noise")
    assert settings.load(tmp_path).traps == "noise"


def test_a_node_refuses_a_trap_it_does_not_know(make_node: Callable[..., Any]) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        make_node("mirrorA", "--traps", "nosie")
    assert "nosie" in failed.value.stderr


def test_no_display_word_stays_english() -> None:
    say = words.Words(True).say
    shown = [item.value for kind in (DatabaseState, FailoverStatus, MemberKind, MirrorState) for item in kind]
    for word in [*shown, "Caught up", "N/A", "12 seconds behind", "Disconnected on 01/02/2026 10:00:00", "Brand new"]:
        assert say(word) != word
        assert words.Words(False).say(word) == word
    assert not [word for word in shown if word not in words.WORDS], "words without a translation"
    assert say("") == ""


def test_an_error_text_keeps_only_number_and_arguments() -> None:
    bad = make_status(2063, "/data/")
    assert text(bad) == "ERROR #2063: Database '/data/' is already being mirrored"
    localised = text(bad, words.JAPANESE)
    assert "2063" in localised
    assert "/data/" in localised
    assert not {"ERROR", "already", "Database"} & set(localised.replace("#", " ").split())


def test_caught_up_comes_goes_and_comes_to_stay() -> None:
    flicker = Flicker(True)
    readings = [flicker.unsteady("a", caught_up) for caught_up in (False, True, True, True, True)]
    assert readings == [False, False, True, False, False]
    assert [flicker.unsteady("b", True) for _ in range(2)] == [False, True], "every figure by itself"
    flicker.unsteady("a", False)
    assert [flicker.unsteady("a", True) for _ in range(3)] == [False, True, False], "again after a bad time"
    assert not any(Flicker(False).unsteady("a", True) for _ in range(5))


def test_units_come_back_later_than_their_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(licence_units, "time", SimpleNamespace(monotonic=lambda: clock.now))
    units = LicenceUnits(True)
    assert [units.take() for _ in range(licence_units.UNITS + 1)] == [True] * licence_units.UNITS + [False]
    units.give_back()
    assert not units.take()
    clock.now += licence_units.HELD_SECONDS + 0.01
    assert units.take()
    assert not units.take()
    free = LicenceUnits(False)
    assert all(free.take() for _ in range(100))


CREATE = (
    'set on("Enabled")=1 do ##class(Security.Services).Modify("%Service_Mirror",.on)',
    'set info("ECPAddress")="127.0.0.1"',
    'write ##class(SYS.Mirror).CreateNewMirrorSet("TRAPS","MEMBERA",.info)',
)


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory, node_class: Any) -> Any:
    """The primary of a mirror of its own, with every trap but the two that refuse sessions."""
    names = "words,device,flicker,banner,noise"
    made = node_class(tmp_path_factory.mktemp("trapped") / "mirrorA", "mirrorA", "--traps", names, "--key", str(KEY))
    made.tool("start")
    made.session(*CREATE, "for i=1:1:300 { quit:$system.Mirror.IsPrimary()  hang .1 }")
    assert made.value("$system.Mirror.GetStatus()") == "PRIMARY"
    yield made
    made.tool("destroy")


def test_banner_and_noise_stand_before_the_first_prompt(trapped: Any) -> None:
    output = trapped.session("write 1")
    head = output.partition("%SYS>")[0]
    assert head.startswith("\nノード: mirrorA インスタンス: IRIS\n")
    assert "Node:" not in output
    assert "USER>write 1" in head
    assert '"end":1' in head


def test_noise_stands_before_the_output_of_a_command_as_well(trapped: Any) -> None:
    output = trapped.iris("session", "IRIS", "-U", "%SYS", "##class(%SYSTEM.Mirror).IsMember()").stdout
    assert output.startswith("\x1b[1m***")
    assert "ノード" not in output


def test_the_current_device_is_another_one_after_become_primary(trapped: Any) -> None:
    line = "set io=$io write ##class(SYS.Mirror).BecomePrimary()"
    output = trapped.session(line, 'write "<lost>",io=$io use io write "<again>"', 'write "<kept>"')
    assert "<lost>" not in output
    assert "<again>" in output
    assert "<kept>" in output


def test_what_people_read_is_localised_and_what_programs_read_is_not(trapped: Any) -> None:
    query = 'set r=##class(%ResultSet).%New("SYS.Mirror:MemberStatusList"),sc=r.Execute("TRAPS"),ok=r.Next()'
    shown = trapped.session(query, 'write "<<",r.Get("CurrentRole"),",",r.Get("DisplayStatus"),">>"')
    assert "<<プライマリ,プライマリ>>" in shown
    assert trapped.value('$system.Mirror.GetStatus("TRAPS")') == "PRIMARY"
    assert trapped.value("$system.Mirror.GetMemberType()") == "Failover"
    assert trapped.value("$list($system.Mirror.GetMemberStatus(),1)") == "Primary"


def test_error_texts_of_the_instance_are_localised(trapped: Any, shared_node: Any) -> None:
    show = "set sc=##class(SYS.Mirror).StopMirror() write $system.Status.GetErrorCodes(sc),!"
    line = show + ",$system.Status.GetErrorText(sc)"
    assert "\nERROR #2074: This" in shared_node.session(line)
    output = trapped.session(line)
    assert "2022\n" in output
    assert "ERROR #2" not in output
    assert "ERROR #2022: Cannot" in trapped.session(show + ',$system.Status.GetErrorText(sc,"en")')


def test_sign_on_is_inhibited_although_the_instance_runs(
    make_node: Callable[..., Any], wait_for: Callable[..., None]
) -> None:
    node = make_node("mirrorA", "--traps", "sign-on")
    node.tool("start")
    started = time.monotonic()
    first = node.iris("session", "IRIS", given="halt\n")
    if time.monotonic() - started < sign_on.HELD_SECONDS / 2:  # a loaded machine may be too late to see it
        assert first.returncode == REFUSED_SIGN_ON
        assert first.stdout == "Sign-on inhibited: Startup or Installation in progress\n"
    assert "^running, since " in node.iris("qlist", "IRIS").stdout
    wait_for(lambda: node.iris("session", "IRIS", given="halt\n").returncode == 0)


def test_a_burst_of_sessions_exhausts_the_units(make_node: Callable[..., Any], wait_for: Callable[..., None]) -> None:
    node = make_node("mirrorA", "--traps", "licence")
    node.tool("start")
    held = [
        subprocess.Popen([str(node.home / "bin" / "iris"), "session", "IRIS"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
        for _ in range(licence_units.UNITS)
    ]  # fmt: skip
    try:
        for session in held:
            assert session.stdin is not None
            assert session.stdout is not None
            session.stdin.write("write 7\n")
            session.stdin.flush()
            while ">7" not in session.stdout.readline():
                pass
        refused = node.iris("session", "IRIS", given="write 7\nhalt\n")
        assert refused.stdout.strip() == licence_units.REFUSED
        assert ">7" not in refused.stdout
    finally:
        for session in held:
            session.communicate("halt\n", timeout=PATIENCE)
    wait_for(lambda: ">7" in node.iris("session", "IRIS", given="write 7\nhalt\n").stdout)

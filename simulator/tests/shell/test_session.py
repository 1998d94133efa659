# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`iris session` against a running node: what comes out, exit codes, many at once, going away."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.patience import PATIENCE


@pytest.fixture
def node(shared_node: Any) -> Any:
    """These tests share one node."""
    return shared_node


def popen(node: Any, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(node.home / "bin" / "iris"), "session", "IRIS", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_banner_prompts_and_no_echo(node: Any) -> None:
    result = node.iris("session", "IRIS", "-U", "%SYS", given='write 1\nset x=2\nzn "USER"\nwrite x+1\nhalt\n')
    assert result.stdout == "\nNode: mirrorA, Instance: IRIS\n\n%SYS>1\n%SYS>\n%SYS>\nUSER>3\nUSER>"
    assert result.stderr == ""
    assert result.returncode == 0


def test_errors_are_shown_and_change_nothing_about_the_exit_code(node: Any) -> None:
    result = node.iris("session", "IRIS", given="write x\nwirte 1\nwrite 5\nhalt\n")
    assert "\n<UNDEFINED> *x\nUSER>" in result.stdout
    assert "\n<SYNTAX>" in result.stdout
    assert "USER>5\n" in result.stdout
    assert result.returncode == 0


def test_a_system_class_is_unknown_outside_its_namespace(node: Any) -> None:
    assert "<CLASS DOES NOT EXIST> *SYS.Mirror" in node.session(
        'write ##class(SYS.Mirror).DefaultSystemName()', namespace="USER"
    )


def test_an_unknown_namespace_is_refused(node: Any) -> None:
    result = node.iris("session", "IRIS", "-U", "NOWHERE", given="halt\n")
    assert "<NAMESPACE> *NOWHERE" in result.stdout
    assert result.returncode == 1


def test_the_exit_code_is_what_terminate_says(node: Any) -> None:
    assert node.iris("session", "IRIS", given="do $SYSTEM.Process.Terminate($JOB,7)\n").returncode == 7


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("##class(Backup.General).IsWDSuspendedExt()", 3),
        ("##class(Backup.General).ExternalFreeze()", 5),
        ("##class(Backup.General).ExternalThaw()", 5),
        ("##class(SYS.Mirror).DefaultSystemName()", 0),
        ("##class(No.Such).Method()", 0),
        ("NoSuchRoutine", 0),
    ],
)
def test_one_command_as_argument(node: Any, command: str, code: int) -> None:
    result = node.iris("session", "IRIS", "-U%SYS", command)
    assert result.returncode == code
    assert "Node:" not in result.stdout


def test_a_frozen_node_refuses_a_second_freeze(node: Any) -> None:
    freeze = ("session", "IRIS", "-U%SYS", "##class(Backup.General).ExternalFreeze()")
    assert [node.iris(*freeze).returncode, node.iris(*freeze).returncode] == [5, 3]
    assert node.iris("thaw", "IRIS").returncode == 0
    assert node.iris("freeze", "IRIS", "timeout=5").returncode == 0
    assert node.iris("freeze", "IRIS").returncode == 1
    assert node.iris("thaw", "IRIS").returncode == 0


def test_text_of_all_scripts_survives(node: Any) -> None:
    node.session('set ^Text("größe")="另一家公司 – “naïve”"')
    assert node.value('^Text("größe")') == "另一家公司 – “naïve”"


def test_much_output_and_much_input_at_once(node: Any) -> None:
    lines = [f'write "{"x" * 400}",{number},!' for number in range(2000)]
    output = node.session(*lines)
    assert output.count("x" * 400) == 2000
    assert "x1999\n" in output


def test_sessions_run_side_by_side(node: Any) -> None:
    def work(number: int) -> str:
        return node.session(f"for i=1:1:50 set ^Side({number},i)=i", f'write "sum:",$order(^Side({number},""),-1)')

    with ThreadPoolExecutor(8) as pool:
        assert all("sum:50" in output for output in pool.map(work, range(16)))
    assert node.value('$order(^Side(""),-1)') == "15"


def test_input_that_ends_without_halt_leaves_the_session_waiting(node: Any, wait_for: Callable[..., None]) -> None:
    lingering = popen(node)
    assert lingering.stdin is not None
    lingering.stdin.write("set ^Lingers=1\n")
    lingering.stdin.close()
    wait_for(lambda: node.value("$get(^Lingers)", "USER") == "1")
    assert lingering.poll() is None
    lingering.kill()
    lingering.wait(PATIENCE)


def test_a_killed_session_ends_its_process(node: Any, wait_for: Callable[..., None]) -> None:
    hanging = popen(node)
    assert hanging.stdin is not None
    hanging.stdin.write("lock ^Held set ^Held=1 hang 1000\n")
    hanging.stdin.flush()
    wait_for(lambda: node.value("$get(^Held)", "USER") == "1")
    hanging.kill()
    hanging.wait(PATIENCE)
    assert "got:1" in node.session('lock ^Held:10 write "got:",$test', namespace="USER")


@pytest.fixture
def heeded_interrupts() -> Iterator[None]:
    """A shell that runs the tests in the background makes its children ignore Ctrl-C, and they theirs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded_interrupts")
def test_ctrl_c_interrupts_the_line_and_not_the_session(node: Any, wait_for: Callable[..., None]) -> None:
    session = popen(node)
    assert session.stdin is not None
    session.stdin.write("set ^Busy=1 hang 1000\n")
    session.stdin.flush()
    wait_for(lambda: node.value("$get(^Busy)", "USER") == "1")
    os.kill(session.pid, signal.SIGINT)
    output = session.communicate('write "still here"\nhalt\n', timeout=PATIENCE)[0]
    assert "<INTERRUPT>" in output
    assert "still here" in output
    assert session.returncode == 0


def test_another_process_can_be_terminated(node: Any, wait_for: Callable[..., None]) -> None:
    victim = popen(node)
    assert victim.stdin is not None
    victim.stdin.write("set ^Victim=$job hang 1000\n")
    victim.stdin.flush()
    wait_for(lambda: node.value("$get(^Victim)", "USER") != "")
    node.session("do $system.Process.Terminate(^Victim,9)", namespace="USER")
    assert victim.wait(PATIENCE) == 9


def test_a_file_device_takes_output_and_gives_it_back(node: Any, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    output = node.session(
        f'set file="{file}" open file:"NW" use file write "one",!,"two",! close file write "written"',
        'open file:"R" use file read a,b close file write "read:",a,"+",b',
        f'open "{tmp_path}/none/x":"NW":0 write "test:",$test',
        'use "nowhere"',
    )
    assert file.read_text(encoding="utf-8") == "one\ntwo\n"
    assert "written" in output
    assert "read:one+two" in output
    assert "test:0" in output
    assert "<NOTOPEN>" in output


def test_a_job_works_in_the_background(node: Any) -> None:
    output = node.session(
        'job ##class(%Library.File).CreateDirectory("from_a_job") set child=$zchild write "child:",child>0',
        'for i=1:1:100 quit:##class(%Library.File).DirectoryExists("from_a_job")  hang .1',
        'write "done:",##class(%Library.File).DirectoryExists("from_a_job")',
    )
    assert "child:1" in output
    assert "done:1" in output


def test_a_round_trip_is_fast(node: Any, wait_for: Callable[..., None]) -> None:
    """On a machine that is busy with other things, one of many."""
    wait_for(lambda: _timed(lambda: node.iris("session", "IRIS", given="halt\n")) < 0.15)


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("session",), "an instance name is needed"),
        (("session", "OTHER"), "instance 'OTHER' not found"),
        (("session", "IRIS", "-U"), "-U needs a value"),
        (("session", "IRIS", "one", "two"), "only one routine"),
        (("merge", "IRIS"), "no merge file is given"),
        (("start", "IRIS", "slowly"), "unknown argument"),
        (("dance", "IRIS"), "unknown command"),
    ],
)
def test_bad_command_lines(node: Any, arguments: tuple[str, ...], text: str) -> None:
    result = node.iris(*arguments)
    assert result.returncode == 1
    assert text in result.stderr

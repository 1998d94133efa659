# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner of stages must never call a failure a success."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from devtools import stages
from devtools.stages import Counts, Result, Shell, Skipped, Stage, StageFailed, run_stages, summarise
from devtools.testing import with_needed

REPORT = '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10"/></testsuites>'


@pytest.fixture(autouse=True)
def _logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "LOGS", tmp_path)
    monkeypatch.setattr(stages, "ROOT", tmp_path)


def good(_shell: Shell) -> None:
    return None


def bad(_shell: Shell) -> None:
    raise StageFailed


def verdicts(results: list[Result]) -> dict[str, str]:
    return {result.stage.name: result.verdict for result in results}


def test_a_program_that_fails_fails_the_stage(capsys: pytest.CaptureFixture[str]) -> None:
    def action(shell: Shell) -> None:
        shell.run(sys.executable, "-c", "print('the reason'); raise SystemExit(3)")

    (result,) = run_stages([Stage("one", "One", action)], 1)
    assert result.verdict == "FAILED"
    assert "the reason" in capsys.readouterr().out


def test_a_success_that_tested_nothing_fails_the_stage() -> None:
    def action(shell: Shell) -> None:
        shell.run(sys.executable, "-c", "print('WARNING: All targets skipped.')", refuse="All targets skipped")

    assert verdicts(run_stages([Stage("one", "One", action)], 1)) == {"one": "FAILED"}


def test_a_program_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "LIMIT", 0.2)

    def action(shell: Shell) -> None:
        shell.run(sys.executable, "-c", "import threading; threading.Event().wait()")

    assert verdicts(run_stages([Stage("one", "One", action)], 1)) == {"one": "FAILED"}


def test_a_stage_whose_need_failed_is_not_run() -> None:
    results = run_stages([Stage("use", "Use", good, after=("make",)), Stage("make", "Make", bad)], 2)
    assert verdicts(results) == {"use": "FAILED", "make": "FAILED"}


def test_stages_with_the_same_resource_never_overlap() -> None:
    inside = threading.Semaphore(1)
    overlaps = []

    def action(_shell: Shell) -> None:
        if not inside.acquire(blocking=False):
            overlaps.append(True)
            return
        threading.Event().wait(0.05)
        inside.release()

    run_stages([Stage(f"s{number}", "S", action, uses=frozenset({"docker"})) for number in range(4)], 4)
    assert not overlaps


def test_independent_stages_do_overlap() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def action(_shell: Shell) -> None:
        meeting.wait()

    assert set(verdicts(run_stages([Stage("a", "A", action), Stage("b", "B", action)], 2)).values()) == {"PASSED"}


def test_reports_are_counted(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(REPORT, encoding="utf-8")
    assert stages.count_report(tmp_path / "r.xml") == Counts(passed=4, failed=3, skipped=3)


def test_the_last_line_counts_tests_and_stages(capsys: pytest.CaptureFixture[str]) -> None:
    def skip(_shell: Shell) -> None:
        raise Skipped("no Docker engine")

    results = [
        Result(Stage("tests", "Tests", good), "FAILED", 1.0, Counts(10, 2)),
        Result(Stage("lint", "Lint", good), "PASSED", 1.0),
        Result(Stage("docs", "Docs", bad), "FAILED", 1.0),
        Result(Stage("molecule", "Molecule", skip), "SKIPPED", 0.0, reason="no Docker engine"),
    ]
    assert not summarise(results, 60)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "11 passed, 3 failed"
    assert "SKIPPED: Molecule: no Docker engine" in lines


def test_all_good_is_good() -> None:
    assert summarise([Result(Stage("lint", "Lint", good), "PASSED", 1.0)], 1)


def test_a_crashed_pytest_is_a_failure_although_no_test_failed() -> None:
    assert not summarise([Result(Stage("tests", "Tests", good), "FAILED", 1.0, Counts(10, 0))], 1)


def test_the_reason_is_not_hidden_by_what_pip_says(capsys: pytest.CaptureFixture[str]) -> None:
    def action(shell: Shell) -> None:
        noise = "print('Collecting a==1\\n  Downloading a-1.whl (1 kB)\\n' * 100)"
        shell.run(sys.executable, "-c", f"print('the reason'); {noise}; raise SystemExit(1)")

    run_stages([Stage("one", "One", action)], 1)
    assert "the reason" in capsys.readouterr().out


def test_a_stage_brings_those_that_it_needs() -> None:
    """Named alone it must not build on what an earlier run happened to leave."""

    def action(_shell: Shell) -> None:
        return

    known = [
        Stage("base", "Base", action),
        Stage("other", "Other", action),
        Stage("middle", "Middle", action, after=("base",), thorough=True),
        Stage("top", "Top", action, after=("middle",)),
    ]
    assert [stage.name for stage in with_needed(known, ["top"])] == ["base", "middle", "top"]


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (["fatal: ignored", "...", "fatal: this one", *["removed"] * 200], "fatal: this one"),
        ([*["."] * 200, "=== FAILURES ===", "E   assert 0", *["captured"] * 200, "fatal: captured"], "E   assert 0"),
        ([*["installed"] * 200, "no space left"], "no space left"),
    ],
)
def test_a_failed_stage_shows_why(
    lines: list[str], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def action(shell: Shell) -> None:
        shell.note("\n".join(lines))
        raise StageFailed

    run_stages([Stage("one", "One", action)], 1)
    output = capsys.readouterr().out
    assert shown in output
    assert len(output.splitlines()) < 70

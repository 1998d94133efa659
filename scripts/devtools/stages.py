# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs stages, two at a time where they do not disturb each other, and tells what came of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from devtools.console import Failure, say
from devtools.paths import LOGS, ROOT, VENV, tool_environment, venv_bin

LIMIT = 20 * 60  # seconds for one program: a hanging test must not hold up the machine for ever
SHOWN = 60  # lines of a failed stage's log
# How pytest and Ansible begin to say what failed; much may follow, such as the removal of a scenario.
PYTEST_REASON = re.compile(r"=+ (FAILURES|ERRORS) =+")
ANSIBLE_REASON = re.compile(r"\W*(\[ERROR\]|fatal: )")
# What pip says while ansible-test installs things; it would push the reason out of sight.
NOISE = re.compile(r"\s*(Collecting|Downloading|Installing|Successfully installed|Using cached|Requirement already|━)")


class StageFailed(Exception):
    """The stage is over; its log says why."""


class Skipped(Exception):
    """The stage has no subject on this machine."""


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __iadd__(self, other: Counts) -> Counts:
        self.passed, self.failed = self.passed + other.passed, self.failed + other.failed
        self.skipped += other.skipped
        return self


class Shell:
    """What a stage works with: programs whose output goes to the stage's log."""

    def __init__(self, name: str) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = LOGS / f"{name}.log"
        self.log.write_text("", encoding="utf-8")
        self.counts = Counts()

    def run(
        self, *command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None, refuse: str = ""
    ) -> str:
        """Runs a program; fails the stage when it fails, hangs, or prints what `refuse` names. Returns its output."""
        arguments = [str(part) for part in command]
        environment = tool_environment() if env is None else dict(env)
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(arguments)}\n".encode())
            log.flush()
            start = log.tell()
            process = subprocess.Popen(
                arguments,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                status = process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                self.note(f"stopped after {LIMIT} seconds")
                raise StageFailed from None
        output = self.log.read_bytes()[start:].decode(errors="replace")
        if status:
            self.note(f"exit code {status}")
            raise StageFailed
        if refuse and refuse in output:
            self.note(f"this must not happen: {refuse}")
            raise StageFailed
        return output

    def pytest(self, *arguments: str | Path) -> None:
        report = LOGS / f"{self.name}.xml"
        report.unlink(missing_ok=True)
        options = ["-q", "--color=no", f"--junitxml={report}"]
        try:
            self.run(venv_bin(VENV, "python"), "-m", "pytest", *options, *arguments)
        finally:
            self.count([report])

    def count(self, reports: Iterable[Path]) -> None:
        for report in reports:
            if report.is_file():
                self.counts += count_report(report)

    def note(self, text: str) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")


def count_report(report: Path) -> Counts:
    """The figures of a JUnit report."""
    counts = Counts()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        figures = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = figures["failures"] + figures["errors"]
        counts += Counts(figures["tests"] - failed - figures["skipped"], failed, figures["skipped"])
    return counts


@dataclass(frozen=True)
class Stage:
    name: str
    title: str
    action: Callable[[Shell], None]
    uses: frozenset[str] = frozenset()  # what it needs alone: "docker", "addresses"
    after: tuple[str, ...] = ()  # stages that must be over (and good) before
    thorough: bool = False  # only with --all, or by its name: it would make every run too long


@dataclass
class Result:
    stage: Stage
    verdict: str  # PASSED, FAILED, SKIPPED
    seconds: float
    counts: Counts = field(default_factory=Counts)
    reason: str = ""


def run_stages(stages: Sequence[Stage], jobs: int) -> list[Result]:
    waiting = list(stages)
    names = {stage.name for stage in stages}
    results: dict[str, Result] = {}
    running: dict[Future[Result], Stage] = {}
    with ThreadPoolExecutor(jobs) as pool:
        while waiting or running:
            for stage in list(waiting):
                blocked_by = [name for name in stage.after if name in names]
                if any(name in results and results[name].verdict != "PASSED" for name in blocked_by):
                    waiting.remove(stage)
                    results[stage.name] = Result(stage, "FAILED", 0.0, reason=f"needs {', '.join(blocked_by)}")
                    _tell(results[stage.name])
                    continue
                busy = {name for other in running.values() for name in other.uses}
                if len(running) < jobs and not stage.uses & busy and all(name in results for name in blocked_by):
                    waiting.remove(stage)
                    running[pool.submit(_run_stage, stage)] = stage
            if not running:
                continue
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                stage = running.pop(future)
                results[stage.name] = future.result()
                _tell(results[stage.name])
    return [results[stage.name] for stage in stages]


def _run_stage(stage: Stage) -> Result:
    say(f"        {stage.name}: {stage.title}")
    shell = Shell(stage.name)
    started = time.monotonic()
    verdict, reason = "PASSED", ""
    try:
        stage.action(shell)
    except Skipped as skipped:
        verdict, reason = "SKIPPED", str(skipped)
    except StageFailed:
        verdict = "FAILED"
    except (Failure, OSError) as failure:
        verdict = "FAILED"
        shell.note(f"error: {failure}")
    return Result(stage, verdict, time.monotonic() - started, shell.counts, reason)


_output = threading.Lock()


def _tell(result: Result) -> None:
    counts = result.counts
    tests = f"  {counts.passed} passed, {counts.failed} failed" if counts.passed or counts.failed else ""
    tests += f", {counts.skipped} skipped" if counts.skipped else ""
    reason = f": {result.reason}" if result.reason else ""
    with _output:
        say(f"{result.verdict:<7} {result.stage.name:<18} {result.seconds:6.1f} s{tests}{reason}")
        log = LOGS / f"{result.stage.name}.log"
        if result.verdict == "FAILED" and not result.reason and log.is_file():
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            lines = _telling([line for line in lines if line and not NOISE.match(line)])
            say("\n".join(f"    | {line}" for line in lines))
            say(f"    (all of it: {log.relative_to(ROOT)})")


def _telling(lines: list[str]) -> list[str]:
    """The part of a log that says why: the first failure of pytest, the last one of Ansible, else the end."""
    failures = [number for number, line in enumerate(lines) if PYTEST_REASON.match(line)][:1]
    failures = failures or [number for number, line in enumerate(lines) if ANSIBLE_REASON.match(line)][-1:]
    end = max(len(lines) - SHOWN, 0)
    begin = min(max(failures[0] - SHOWN // 3, 0), end) if failures else end
    return lines[begin : begin + SHOWN]


def summarise(results: Sequence[Result], seconds: float) -> bool:
    """Prints the end of the run; True when nothing failed. A stage without counted tests counts as one."""
    total = Counts()
    for result in results:
        total += result.counts
        if not result.counts.passed and not result.counts.failed:
            total += Counts(passed=int(result.verdict == "PASSED"))
        if result.verdict == "FAILED" and not result.counts.failed:
            total += Counts(failed=1)
    say(f"\n{len(results)} stages in {seconds / 60:.1f} minutes")
    for result in results:
        if result.verdict != "PASSED":
            say(f"{result.verdict}: {result.stage.title}{f': {result.reason}' if result.reason else ''}")
    say(f"{total.passed} passed, {total.failed} failed")
    return total.failed == 0

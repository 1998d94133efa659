# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transcripts of tests/conformance against simulated nodes of every release, and the tool that runs them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from devtools import conformance, transcripts
from devtools.conformance import TRANSCRIPTS, Answer, Node, run_case
from devtools.console import Failure
from devtools.paths import ROOT, SIMULATOR
from irissim.engine.profiles import PROFILES

KEY = SIMULATOR / "licence" / "iris-simulator-licence.txt"
TAGS = (ROOT / "scripts" / "devtools" / "fidelity_sources.toml").read_text(encoding="utf-8")


def tool(verb: str, home: Path, *options: str) -> None:
    command = [sys.executable, "-m", "irissim.shell.node", verb, str(home), *options]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(SIMULATOR)}, check=True, timeout=120)


def free_ports() -> list[str]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [str(one.getsockname()[1]) for one in sockets]


@pytest.mark.parametrize("release", PROFILES)
def test_a_simulated_node_agrees(tmp_path: Path, release: str) -> None:
    home = tmp_path / "node"
    ports = [f"--{kind}-port={port}" for kind, port in zip(("superserver", "web", "agent"), free_ports(), strict=True)]
    # "localhost" so that the default addresses of a member can be resolved, as in a container.
    options = ("--name", "localhost", "--bind", "127.0.0.1", "--key", str(KEY), "--profile", release, "--traps", "")
    tool("create", home, *options, *ports)
    told: list[str] = []
    try:
        tool("start", home)
        counts = conformance.check(Node.parse(str(home / "bin" / "iris")), TRANSCRIPTS, True, told.append)
    finally:
        tool("destroy", home)
    assert counts["DIFFER"] == 0, "\n".join(text for text in told if not text.startswith("agree"))
    assert counts["agree"] > 100
    skipped = [text for text in told if text.startswith("skipped")]
    assert all("for releases" in text for text in skipped), skipped


def test_every_case_names_sources_that_are_known() -> None:
    known = set(re.findall(r"^([A-Z][A-Z0-9-]+) = ", TAGS, re.MULTILINE))
    for case in transcripts.read_all(TRANSCRIPTS):
        for source in re.sub(r"\(.*?\)", "", case.source).split(","):
            tag = source.split()[0]
            assert tag in known or tag.isdigit() or "." in tag, f"{case.file.name}: {case.title}: {tag}"


def test_the_calls_that_iris_does_not_have_are_all_tried() -> None:
    reference = json.loads((ROOT / "tests" / "contract" / "iris-api.json").read_text(encoding="utf-8"))["classes"]
    names = {name.split(" ")[0] for name in reference["SYS.Mirror"]["not_existing"]}
    tried = re.findall(r"do ##class\(SYS\.Mirror\)\.(\w+)\(", (TRANSCRIPTS / "40-not-existing.txt").read_text("utf-8"))
    assert set(tried) == names


class Fake(Node):
    """A node that answers what it is told."""

    def __init__(self, output: str, code: int = 0) -> None:
        super().__init__([])
        self.answer = Answer(code, output)

    def run(self, arguments: object, given: str = "") -> Answer:
        return self.answer


@pytest.fixture
def verdicts(tmp_path: Path) -> Callable[..., list[str]]:
    def judge(text: str, output: str, code: int = 0) -> list[str]:
        path = tmp_path / "case.txt"
        path.write_text("source: LIVE\n== Case\n" + text, encoding="utf-8")
        (case,) = transcripts.read(path)
        return [line.verdict for line in run_case(Fake(output, code), case)]

    return judge


BANNER = "\nNode: a, Instance: IRIS\n\n"


@pytest.mark.parametrize(
    ("text", "output", "expected"),
    [
        ("> write 1\n  1\n> halt\n", BANNER + "%SYS>1\n%SYS>\n", ["agree"]),
        ("> write 1\n  1\n> halt\n", BANNER + "%SYS>2\n%SYS>\n", ["DIFFER"]),
        ("> write 1\n  1\n> halt\n", BANNER + "%SYS>1\n1\n%SYS>\n", ["DIFFER"]),
        ("> set x=1\n  (nothing)\n> halt\n", BANNER + "%SYS>oops\n%SYS>\n", ["DIFFER"]),
        ("> write 1\n~ <SYNTAX>\n! other\n", BANNER + "USER>\nwrite 1\n^\n<SYNTAX>\nUSER>\n", ["agree", "agree"]),
        ("> write 1\n~ <SYNTAX>\n! other\n", BANNER + "USER>other\nUSER>\n", ["DIFFER", "DIFFER"]),
        ("> write 1\n  {number} of {word}\n", BANNER + "TL1:%SYS>12 of x.y\n%SYS>", ["agree"]),
        ("> write 1\n  a.b\n", BANNER + "%SYS>axb\n%SYS>", ["DIFFER"]),
        ("  Node: {any}, Instance: {word}\n> halt\n", BANNER + "%SYS>\n", ["agree"]),
        ("  Node: {any}, Instance: {word}\n> halt\n", "\nノード: a\n%SYS>\n", ["DIFFER"]),
        ("> write 1\n  1\n> write 2\n  2\n", BANNER + "%SYS>1\n", ["agree", "DIFFER"]),
        ("> halt\nexit 0\n> halt\n~ x\n", BANNER + "%SYS>x\n%SYS>x", ["agree", "agree"]),
        ("$ iris list\n~ state: {word}\nexit 0\n", "state: ok\n", ["agree", "agree"]),
        ("$ iris list\nexit 3\n", "", ["DIFFER"]),
    ],
)
def test_what_agrees_and_what_does_not(
    verdicts: Callable[..., list[str]], text: str, output: str, expected: list[str]
) -> None:
    assert verdicts(text, output) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("> write 1\n  1\n", "belongs to no case"),
        ("== A\n> write 1\n  1\n", "names no source"),
        ("source: X\n== A\n> write 1\n", "expects nothing"),
        ("source: X\n== A\nneeds: money\n> write 1\n  1\n", "unknown condition money"),
        ("source: X\n== A\nreleases: 2025.1\n> write 1\n  1\n", ">=2025.1"),
        ("source: X\n== A\n> write 1\n1\n", "a line begins with"),
    ],
)
def test_a_transcript_that_says_nothing_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Failure, match=re.escape(complaint)):
        transcripts.read(path)


@pytest.mark.parametrize(
    ("node", "prefix", "instance"),
    [
        ("iris1", ["docker", "exec", "-i", "iris1", "iris"], "IRIS"),
        ("local:LIVE", ["iris"], "LIVE"),
        ("/x/bin/iris", ["/x/bin/iris"], "IRIS"),
    ],
)
def test_the_ways_to_a_node(node: str, prefix: list[str], instance: str) -> None:
    parsed = Node.parse(node)
    assert (parsed.prefix, parsed.instance) == (prefix, instance)


def test_conditions() -> None:
    conditions = transcripts.Conditions(needs=("primary",), releases=((">=", "2025.1"), ("<", "2026.1")))
    assert transcripts.holds(conditions, "2025.2", frozenset({"primary"})) == ""
    assert "primary" in transcripts.holds(conditions, "2025.2", frozenset())
    assert transcripts.holds(conditions, "2024.1", frozenset({"primary"})) == "for releases >=2025.1"
    assert transcripts.holds(conditions, "2026.1", frozenset({"primary"})) == "for releases <2026.1"

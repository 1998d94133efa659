# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the transcripts of tests/conformance against a node, simulated or licensed, and prints what agrees."""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from devtools import transcripts
from devtools.console import Failure, say
from devtools.paths import ROOT
from devtools.transcripts import Case, Exchange, pattern

TRANSCRIPTS = ROOT / "tests" / "conformance"
LIMIT = 120
SIGN_ON_INHIBITED = 239
NO_UNIT = "<LICENSE LIMIT EXCEEDED>"
# Level of the transaction, namespace, ">": at the beginning of a line.
PROMPT = re.compile(r"^(?:TL\d+:)?%?[A-Z][A-Z0-9_-]*>", re.MULTILINE)


class Answer(NamedTuple):
    code: int
    output: str


@dataclass
class Node:
    """A way to run `iris` where the instance is."""

    prefix: list[str]
    instance: str = "IRIS"

    @classmethod
    def parse(cls, text: str) -> Node:
        """A path to `bin/iris`, `local:INSTANCE`, or the name of a container."""
        if text.startswith("local:"):
            return cls(["iris"], text.removeprefix("local:") or "IRIS")
        if "/" in text:
            return cls([str(Path(text).absolute())])
        return cls(["docker", "exec", "-i", text, "iris"])

    def run(self, arguments: Sequence[str], given: str = "") -> Answer:
        """Run `iris`; a session that is not let in is tried again."""
        end = time.monotonic() + LIMIT
        while True:
            try:
                done = subprocess.run(
                    [*self.prefix, *arguments],
                    input=given.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False,
                )  # fmt: skip
            except (OSError, subprocess.TimeoutExpired) as error:
                raise Failure(f"cannot run {shlex.join([*self.prefix, *arguments])}: {error}") from error
            answer = Answer(done.returncode, done.stdout.decode(errors="replace").replace("\r", ""))
            refused = answer.code == SIGN_ON_INHIBITED or NO_UNIT in answer.output
            if not refused or time.monotonic() > end:
                return answer
            time.sleep(0.5)

    def session(self, lines: Sequence[str], namespace: str) -> Answer:
        given = "".join(f"{line}\n" for line in lines)
        return self.run(["session", self.instance, "-U", namespace], given)

    def command(self, text: str) -> Answer:
        """A line such as `iris qlist IRIS`; the instance has the name that it has."""
        words = [self.instance if word == "IRIS" else word for word in shlex.split(text)]
        if words[0] != "iris":
            raise Failure(f"only iris can be run on a node, not {words[0]}")
        return self.run(words[1:])


class Line(NamedTuple):
    """One expectation and what became of it."""

    verdict: str
    where: str
    what: str
    source: str
    seen: str = ""


def facts(node: Node) -> tuple[str, frozenset[str], str]:
    """Release, conditions met, $ZVERSION."""
    asked = 'write "<<",$zversion,"^",$system.Mirror.GetMemberType(),"^",$system.Mirror.IsPrimary(),"^",'
    key = '$length($system.License.KeyCustomerName())>0,">>"'
    answer = node.session([asked + key, "halt"], "%SYS")
    found = re.search(r"<<(.*)\^(.*)\^(\d)\^(\d)>>", answer.output)
    if found is None:
        raise Failure(f"the node does not answer in a session (exit code {answer.code}):\n{answer.output[-600:]}")
    release = re.search(r"\b(20\d\d\.\d+)", found[1])
    met = {"non-member" if found[2] == "Not Member" else "member"}
    met |= {"primary"} if found[3] == "1" else set()
    met |= {"licence"} if found[4] == "1" else set()
    return (release[1] if release else "0", frozenset(met), found[1])


def run_case(node: Node, case: Case) -> Iterator[Line]:
    commands = [exchange for exchange in case.exchanges if exchange.command]
    for exchange in commands:
        yield from _compare(case, exchange, node.command(exchange.sent))
    typed = [exchange for exchange in case.exchanges if not exchange.command]
    if not typed:
        return
    lines = [exchange.sent for exchange in typed]
    answer = node.session(lines if lines[-1].split()[0].lower() in ("halt", "h") else [*lines, "halt"], case.namespace)
    starts = list(PROMPT.finditer(answer.output))
    if case.banner:
        head = answer.output[: starts[0].start()] if starts else answer.output
        yield _whole(case, case.exchanges[0].line, case.banner, head, "what stands before the first prompt")
    for number, exchange in enumerate(typed):
        if number >= len(starts):
            yield Line("DIFFER", _where(case, exchange.line), "a prompt for: " + exchange.sent, case.source,
                       answer.output[-300:])  # fmt: skip
            return
        end = starts[number + 1].start() if number + 1 < len(starts) else len(answer.output)
        yield from _compare(case, exchange, Answer(answer.code, answer.output[starts[number].end() : end]))
    if case.code is not None:
        verdict = "agree" if answer.code == case.code else "DIFFER"
        yield Line(verdict, _where(case, typed[-1].line), f"exit code {case.code}", case.source, str(answer.code))


def _compare(case: Case, exchange: Exchange, answer: Answer) -> Iterator[Line]:
    if exchange.code is not None:
        verdict = "agree" if answer.code == exchange.code else "DIFFER"
        what = f"{exchange.sent} => exit code {exchange.code}"
        yield Line(verdict, _where(case, exchange.line), what, case.source, str(answer.code))
    if exchange.whole or exchange.empty:
        yield _whole(case, exchange.line, exchange.whole, answer.output, exchange.sent)
    for texts, wanted in ((exchange.parts, True), (exchange.absent, False)):
        for text in texts:
            found = any(pattern(text).search(line) for line in answer.output.splitlines())
            what = f"{exchange.sent} => {'' if wanted else 'not '}{text}"
            verdict = "agree" if found == wanted else "DIFFER"
            yield Line(verdict, _where(case, exchange.line), what, case.source, answer.output)


def _whole(case: Case, line: int, expected: Sequence[str], output: str, what: str) -> Line:
    seen = [text.strip() for text in output.splitlines() if text.strip()]
    same = len(seen) == len(expected) and all(
        pattern(wanted).fullmatch(text) for wanted, text in zip(expected, seen, strict=True)
    )
    verdict = "agree" if same else "DIFFER"
    return Line(verdict, _where(case, line), f"{what} => {' | '.join(expected) or 'nothing'}", case.source, output)


def _where(case: Case, line: int) -> str:
    return f"{case.file.stem}:{line}"


def check(node: Node, directory: Path, changes: bool, tell: Callable[[str], None]) -> dict[str, int]:
    """Run everything that can run on the node, print line by line, and count."""
    release, met, zversion = facts(node)
    tell(f"{zversion}\nplayed as release {release}; the node is {', '.join(sorted(met))}\n")
    counts = {"agree": 0, "DIFFER": 0, "skipped": 0}
    for case in transcripts.read_all(directory):
        if case.conditions.changes:
            met = facts(node)[1] if changes else met
        reason = transcripts.holds(case.conditions, release, met)
        if case.conditions.changes and not changes:
            reason = "changes the node (CHANGES=yes lets it)"
        if reason:
            counts["skipped"] += 1
            tell(f"skipped  {case.file.stem}: {case.title} ({reason})")
            continue
        for line in run_case(node, case):
            counts[line.verdict] += 1
            tell(f"{line.verdict:<8} {line.where:<22} {line.what}   [{line.source}]")
            if line.verdict == "DIFFER":
                tell("".join(f"         | {text}\n" for text in line.seen.strip().splitlines() or ["(nothing)"])[:1500])
    tell(f"\n{counts['agree']} agree, {counts['DIFFER']} differ, {counts['skipped']} cases skipped")
    return counts


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/dev conformance", description=__doc__)
    parser.add_argument("node", help="container, path to a node's bin/iris, or local:INSTANCE")
    parser.add_argument("--changes", action="store_true", help="also what changes the node; take a throw-away one")
    options = parser.parse_args(arguments)
    counts = check(Node.parse(options.node), TRANSCRIPTS, options.changes, say)
    return 1 if counts["DIFFER"] else 0

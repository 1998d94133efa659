# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the model, or many: `python -m tests.model.run --help`."""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.model.cluster import DATABASE, Cluster, Violation
from tests.model.history import History
from tests.model.oracle import Watcher, check
from tests.model.steps import FAULTS, Step, draw, take
from tests.model.workload import Writers

_LOOK = 0.1
_EVERY = 10


@dataclass
class Figures:
    """Over many runs."""

    runs: int = 0
    steps: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)

    def add(self, history: History, steps: int) -> None:
        self.runs += 1
        self.steps += steps
        self.counts += history.counts
        self.writes += Counter(write.outcome.value for write in history.writes)

    def __str__(self) -> str:
        faults = {kind: number for kind, number in sorted(self.counts.items()) if kind in FAULTS}
        writes = ", ".join(f"{number} {outcome}" for outcome, number in sorted(self.writes.items()))
        return (
            f"model: {self.runs} runs, {self.steps} steps, {sum(faults.values())} faults "
            f"({', '.join(f'{number} {kind}' for kind, number in faults.items())}), "
            f"{self.counts['takeover']} takeovers, writes: {writes}"
        )


def play(cluster: Cluster, steps: list[Step]) -> None:
    """Restore the mirror, write, do the steps, judge. Raises Violation."""
    cluster.restore()
    writers = Writers(cluster.nodes, cluster.history, lambda node: node.directory(DATABASE))
    watcher = Watcher(cluster)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_LOOK):
            watcher.look()

    eyes = threading.Thread(target=watch, daemon=True)
    stuck: Violation | None = None
    try:
        cluster.settle()
        eyes.start()
        writers.start()
        for step in steps:
            take(cluster, step, cluster.arbiter is not None)
        cluster.settle()
    except Violation as violation:
        stuck = violation
    finally:
        ended.set()
        writers.stop()
        if eyes.is_alive():
            eyes.join()
    check(cluster)
    if stuck is not None:
        raise stuck
    if watcher.violation:
        raise Violation(watcher.violation)
    if writers.problems:
        raise Violation("; ".join(writers.problems[:5]))


def report(cluster: Cluster, name: str, steps: list[Step], violation: Violation) -> str:
    """What people need to understand a violation and to see it again."""
    logs = "\n".join(f"--- messages.log of {node.name}\n{node.log()}" for node in cluster.nodes)
    return (
        f"{name}: {violation}\n\nto see it again, in simulator/: python -m tests.model.run {name} "
        f"--steps '{' '.join(map(str, steps))}'\n\n{cluster.history.tell()}\n\n{logs}"
    )


class Campaign:
    """Many runs, several at a time, each lane with a mirror of its own."""

    def __init__(self, root: Path, with_arbiter: bool, options: tuple[str, ...] = ()) -> None:
        self.figures = Figures()
        self.reports: list[str] = []
        self.played: Callable[[str], None] = lambda _text: None
        """Called after each run with its report, "" when all was well."""
        self._root = root
        self._with_arbiter = with_arbiter
        self._options = options
        self._lock = threading.Lock()

    def run(self, runs: Iterable[tuple[int, list[Step]]], lanes: int, until_found: bool = False) -> None:
        """Play the steps of each seed; with `until_found` no more than needed for one violation."""
        todo = itertools.takewhile(lambda _: not (until_found and self.reports), runs)
        with ThreadPoolExecutor(lanes) as pool:
            for lane in [pool.submit(self._lane, number, todo) for number in range(lanes)]:
                lane.result()

    def _lane(self, number: int, todo: Iterator[tuple[int, list[Step]]]) -> None:
        place = number + 10 * self._with_arbiter
        cluster = Cluster(self._root / f"lane{number}", place, self._with_arbiter, self._options)
        try:
            while True:
                with self._lock:
                    following = next(todo, None)
                if following is None:
                    return
                self._play(cluster, *following)
        finally:
            cluster.close()

    def _play(self, cluster: Cluster, seed: int, steps: list[Step]) -> None:
        text = ""
        try:
            play(cluster, steps)
        except Violation as violation:
            name = f"--seed {seed}" + ("" if self._with_arbiter else " --no-arbiter")
            text = report(cluster, name, steps, violation)
        with self._lock:
            self.figures.add(cluster.history, len(steps))
            if text:
                self.reports.append(text)
            self.played(text)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.model.run", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the first run; the next ones count on")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--length", type=int, default=15, help="steps of a run")
    parser.add_argument("--lanes", type=int, default=1, help="runs at a time")
    parser.add_argument("--no-arbiter", action="store_true")
    parser.add_argument("--without-acknowledgement", action="store_true", help="break the mirror on purpose")
    parser.add_argument("--steps", help="these instead of drawn ones, as a report shows them")
    parser.add_argument("--keep", type=Path, default=Path("model-reports"), help="directory for reports")
    options = parser.parse_args()
    broken = ("--without-acknowledgement",) if options.without_acknowledgement else ()
    given = [Step.parse(text) for text in options.steps.split()] if options.steps else None
    seeds = range(options.seed, options.seed + options.runs)
    runs = ((seed, given or draw(seed, options.length, not options.no_arbiter)) for seed in seeds)
    def played(text: str) -> None:
        if text:
            options.keep.mkdir(parents=True, exist_ok=True)
            head = text.splitlines()[0]
            path = options.keep / f"{head.partition(':')[0].replace('--', '').replace(' ', '-')}.txt"
            path.write_text(text, encoding="utf-8")
            print(f"{head}\n    see {path}", flush=True)
        elif campaign.figures.runs % _EVERY == 0:
            print(campaign.figures, flush=True)

    with tempfile.TemporaryDirectory(prefix="model-") as scratch:
        campaign = Campaign(Path(scratch), not options.no_arbiter, broken)
        campaign.played = played
        campaign.run(runs, options.lanes)
    print(campaign.figures, f"{len(campaign.reports)} violations", flush=True)
    return 1 if campaign.reports else 0


if __name__ == "__main__":
    sys.exit(main())

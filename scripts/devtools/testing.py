# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every test. Stages run two at a time; a stage's output is shown when it fails, and kept in .work/logs."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from devtools import ansible_test, checks, engine, nodes_checks
from devtools.console import Failure, say
from devtools.stages import Shell, Stage, run_stages, summarise

MAIN_CORE = ansible_test.CORES[0]


def _pytest(*arguments: str) -> Callable[[Shell], None]:
    return lambda shell: shell.pytest(*arguments)


def all_stages(chosen: str) -> list[Stage]:
    """The long ones first, so that no stage is left running alone at the end."""
    sanity = [
        Stage(
            f"sanity-{core.series}",
            f"ansible-test sanity, ansible-core {core.series}",
            partial(ansible_test.sanity, core=core),
        )
        for core in ansible_test.CORES
    ]
    units = [
        Stage(
            f"units-{core.series}",
            f"ansible-test units, ansible-core {core.series}",
            partial(ansible_test.units, core=core),
        )
        for core in ansible_test.CORES
    ]
    oldest = partial(ansible_test.units_on_oldest_target, core=MAIN_CORE)
    return [
        *nodes_checks.stages(chosen),
        Stage(
            "simulator",
            "tests of the simulator",
            # One at a time: beside another stage, two of them at once leave the processes of a mirror too little time.
            _pytest("simulator/tests", "-m", "not docker"),
            uses=frozenset({"addresses"}),
        ),
        *sanity,
        *units,
        Stage("units-oldest", "ansible-test units on the oldest Python here", oldest),
        Stage("contract", "rendered ObjectScript against grammar and API reference", _pytest("tests/contract")),
        Stage("examples", "examples and statements of the documentation", _pytest("tests/docs", "-m", "not docker")),
        Stage("tooling", "tests of the tools", _pytest("tests/tooling")),
        checks.ARTIFACT,
        *checks.LINT,
    ]


def run(stages: Sequence[Stage], jobs: int) -> int:
    started = time.monotonic()
    return 0 if summarise(run_stages(stages, jobs), time.monotonic() - started) else 1


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/test", description=__doc__)
    engine.add_option(parser)
    parser.add_argument("--jobs", type=int, default=2, help="stages at a time (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="also the stages that only run on request")
    parser.add_argument("--list", action="store_true", help="list the stages and stop")
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="run only these")
    options = parser.parse_args(arguments)
    chosen = "embedded" if options.list else engine.resolve(options.engine)
    stages = all_stages(chosen)
    if options.list:
        for stage in stages:
            say(f"{stage.name:<24} {stage.title}{' (on request)' if stage.thorough else ''}")
        return 0
    unknown = set(options.stages) - {stage.name for stage in stages}
    if unknown:
        raise Failure(f"there is no stage {', '.join(sorted(unknown))}; scripts/test --list lists them")
    names = options.stages or [stage.name for stage in stages if options.all or not stage.thorough]
    return run(with_needed(stages, names), options.jobs)


def with_needed(stages: Sequence[Stage], names: Iterable[str]) -> list[Stage]:
    """The named stages and those that must be over before them."""
    by_name = {stage.name: stage for stage in stages}
    needed: set[str] = set()
    missing = list(names)
    while missing:
        name = missing.pop()
        needed.add(name)
        missing += set(by_name[name].after) - needed
    return [stage for stage in stages if stage.name in needed]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures the demonstration and the simulator, and writes benchmarks/results.json and the table in its README."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from devtools import base_image, demo, down, embedded, engine, image, replication
from devtools.console import Failure, capture, say, step
from devtools.paths import ROOT, SIMULATOR, VENV, WORK, tool_environment, venv_bin
from irissim.shell.locks import AGENT_LOCK, INSTANCE_LOCK, holder

DIRECTORY = ROOT / "benchmarks"
SCRATCH = WORK / "bench"
SESSIONS = 30
KILLS = 50
#: Seconds until the health check of a container (every 60 s, as in the licensed image) has seen a good node.
SETTLED = 150
PLAY = f".venv/bin/ansible-playbook -i {demo.INVENTORY} {demo.PLAYBOOKS[0]}"


class Figure(NamedTuple):
    name: str
    value: float
    unit: str
    aim: str
    command: str


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/dev bench", description=__doc__)
    engine.add_option(parser)
    chosen = engine.resolve(parser.parse_args(arguments).engine)
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    down.main([])
    try:
        figures = [*_playbook(chosen), *_demonstration(chosen), *_simulator(), _replication(), *_takeovers()]
    finally:
        down.main([])
    _write(figures, chosen)
    return 0


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return round(time.perf_counter() - started, 3)


def _playbook(chosen: str) -> list[Figure]:
    figures = []
    demo.prepare(chosen)
    for run, name, session_aim, module_aim in (
        ("first", "from nothing", "", ""),
        ("second", "unchanged", "at most 2", "at most 8"),
    ):
        if run == "second" and chosen == "docker":
            _settle()
        counts = SCRATCH / f"{run}.json"
        environment = tool_environment(
            IRISOPS_COUNT_FILE=str(counts),
            ANSIBLE_CALLBACKS_ENABLED="irisops_count",
            ANSIBLE_CALLBACK_PLUGINS=str(DIRECTORY / "callback_plugins"),
            **{engine.VARIABLE: chosen},
        )
        command: list[str | Path] = [venv_bin(VENV, "ansible-playbook"), "-i", demo.INVENTORY, demo.PLAYBOOKS[0]]
        with step(f"site.yml, {name}"):
            seconds = _timed(partial(capture, command, cwd=ROOT, env=environment))
        figures.append(Figure(f"`site.yml`, {name}", seconds, "s", "", PLAY))
        for host, cost in json.loads(counts.read_text(encoding="utf-8")).items():
            if host in {node.name for node in embedded.TOPOLOGY if not node.arbiter}:
                figures.append(Figure(f"sessions on {host}, {name}", cost["sessions"], "", session_aim, PLAY))
                figures.append(Figure(f"modules on {host}, {name}", cost["modules"], "", module_aim, PLAY))
            if run == "second" and cost["changed"]:
                raise Failure(f"the second run of site.yml changed something on {host}")
    return figures


def _settle() -> None:
    """Wait until the engine calls the nodes healthy: in their first minute a run asks them once more."""
    client = engine.connect()
    deadline = time.monotonic() + SETTLED
    with step("waiting until the containers are healthy"):
        while any(one.health != "healthy" for one in client.containers.list(filters={"label": down.LABEL})):
            if time.monotonic() > deadline:
                raise Failure(f"the containers of the demonstration are not healthy after {SETTLED} seconds")
            time.sleep(1)
    client.close()


def _demonstration(chosen: str) -> list[Figure]:
    """The command of the first screen of the README, in a clone of its own."""
    clone = SCRATCH / "clone"
    capture(["git", "clone", "--quiet", ROOT, clone])
    command: list[str | Path] = ["make", "-C", clone, "demo", f"ENGINE={chosen}"]
    figures = []
    for name in ("from nothing", "with environment and image"):
        down.main([])
        if chosen == "docker" and name == "from nothing":
            _remove_images()
        with step(f"make demo, {name}"):
            seconds = _timed(lambda: capture(command, env=_outside()))
        capture(["make", "-C", clone, "down"], env=_outside())
        figures.append(Figure(f"`make demo`, {name}", seconds, "s", "", "make demo"))
    return figures


def _outside() -> dict[str, str]:
    """The environment as it is without this clone's tools in it."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS")}


def _remove_images() -> None:
    client = engine.connect()
    names = {*image.REPOSITORY.values(), base_image.OWN.partition(":")[0]}
    for found in client.images.list():
        for tag in found.tags:
            if tag.rpartition(":")[0] in names:
                client.images.remove(tag)
    client.close()


def _simulator() -> list[Figure]:
    home = SCRATCH / "node"
    manage: list[str | Path] = [venv_bin(VENV, "python"), "-m", "irissim.shell.node"]
    capture([*manage, "create", home, "--name", "bench", "--bind", "127.0.0.20"], env=tool_environment())
    try:
        started = _timed(lambda: capture([*manage, "start", home], env=tool_environment()))
        command: list[str | Path] = [home / "bin" / "iris", "session", "IRIS", "-U", "%SYS"]

        def session() -> None:
            subprocess.run(command, input="write 1\nhalt\n", text=True, check=True, capture_output=True)

        trips = [_timed(session) for _ in range(SESSIONS)]
        processes = [holder(home / "irissys" / lock) for lock in (AGENT_LOCK, INSTANCE_LOCK)]
        memory = sum(_proportional_set(process) for process in processes if process)
        capture([*manage, "stop", home], env=tool_environment())
    finally:
        capture([*manage, "destroy", home], env=tool_environment())
    start_command = "python -m irissim.shell.node start DIR"
    return [
        Figure("start of a node", started, "s", "about 1", start_command),
        Figure("memory of a node (agent and instance)", round(memory, 1), "MiB", "under 60", start_command),
        Figure(
            f"session round trip, median of {SESSIONS}",
            round(statistics.median(trips) * 1000),
            "ms",
            "under 150",
            "iris session IRIS -U %SYS",
        ),
    ]


def _replication() -> Figure:
    with step("updates on a primary with an active backup"):
        rate = replication.measure(SCRATCH)
    return Figure("journaled sets with an active backup", rate, "a second", "5000", replication.LOOP)


def _takeovers() -> list[Figure]:
    """How long the mirror has no primary: a distribution over many kills, in multiples of the QoS timeout."""
    program = DIRECTORY / "takeover.py"
    with step(f"killing {KILLS} primaries four times"):
        output = capture(
            [venv_bin(VENV, "python"), program, "--kills", str(KILLS)],
            cwd=SIMULATOR,
            env=tool_environment(PYTHONPATH=str(SIMULATOR)),
        )
    what = {
        "instance": "killed instance, its agent answers",
        "host": "lost host, an arbiter decides",
    }
    return [
        Figure(
            f"takeover, {what[case['kind']]}, QoS {case['qos']} ms, {KILLS} kills: {name}",
            case[name],
            "x QoS",
            "",
            f"benchmarks/takeover.py --kills {KILLS}",
        )
        for case in json.loads(output.strip().splitlines()[-1])
        for name in ("min", "median", "p95", "max")
    ]


def _proportional_set(process: int) -> float:
    """MiB of memory of a process, where each shared page is divided among those who share it."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


def _write(figures: Sequence[Figure], chosen: str) -> None:
    machine = (
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
    date = datetime.date.today().isoformat()
    results = {"date": date, "engine": chosen, "machine": machine, "figures": [figure._asdict() for figure in figures]}
    (DIRECTORY / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    rows = [
        f"| {figure.name} | {figure.value:g} {figure.unit} | {figure.aim} | `{figure.command}` |".replace("  ", " ")
        for figure in figures
    ]
    template = (DIRECTORY / "README.template.md").read_text(encoding="utf-8")
    page = template.format(table="\n".join(rows), date=date, engine=chosen, machine=machine)
    (DIRECTORY / "README.md").write_text(page, encoding="utf-8")
    say(f"\n{page}")

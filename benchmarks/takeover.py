# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a simulated mirror has no primary after the primary was killed, as multiples of the QoS timeout.

Run in the directory `simulator` with it on PYTHONPATH; `scripts/dev bench` does. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from tests.mirror.lab import Lab, Node, wait_active
from tests.mirror.switchboard import Switchboard

LIMIT = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--qos", type=int, nargs="+", default=[1000, 2000], help="QoS timeouts in milliseconds")
    options = parser.parse_args()
    results = []
    for qos in options.qos:
        for kind in ("instance", "host"):
            seconds = sorted(takeovers(options.kills, qos, kind == "host"))
            results.append({"kind": kind, "qos": qos, "kills": len(seconds), **distribution(seconds, qos)})
    print(json.dumps(results))


def distribution(seconds: list[float], qos: int) -> dict[str, float]:
    ratios = [value * 1000 / qos for value in seconds]
    p95 = statistics.quantiles(ratios, n=20, method="inclusive")[-1] if len(ratios) > 1 else ratios[0]
    figures = {"min": ratios[0], "median": statistics.median(ratios), "p95": p95, "max": ratios[-1]}
    return {name: round(value, 2) for name, value in figures.items()}


def takeovers(kills: int, qos: int, host: bool) -> list[float]:
    """Kill the primary, again and again: the instance beside its agent, or the whole host where an arbiter decides."""
    with tempfile.TemporaryDirectory(prefix="takeover-") as root:
        lab = Lab(Path(root))
        board = lab.switchboard()
        try:
            pair = lab.pair_with_arbiter(qos_timeout=qos)[:2] if host else lab.pair(qos_timeout=qos)
            return [_kill(board, *(pair if number % 2 == 0 else pair[::-1]), host) for number in range(kills)]
        finally:
            lab.close()


def _kill(board: Switchboard, primary: Node, backup: Node, host: bool) -> float:
    """Seconds from the death of the primary to the first answer of the new one that it is primary."""
    if host:
        # A dead host closes no connection: only silence tells the others.
        board.isolate(primary.name)
    primary.lose_host() if host else primary.kill()
    began = time.monotonic()
    backup.wait_status("PRIMARY", LIMIT)
    seconds = time.monotonic() - began
    board.heal()
    if host:
        primary.agent.start()
    primary.start()
    wait_active(backup, primary)
    if host:
        for node in (primary, backup):
            node.wait_mode("ARBITER")
    return seconds


if __name__ == "__main__":
    main()

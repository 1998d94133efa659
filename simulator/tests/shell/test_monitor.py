# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics, alerts, system state and container health: what monitoring sees from outside."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.patience import PATIENCE

from irissim.engine import system_monitor
from irissim.engine.messages import Messages
from irissim.engine.system_monitor import DECAY_SECONDS, GREEN, RED, YELLOW, SystemMonitor

KEY = Path(__file__).resolve().parents[2] / "licence" / "iris-simulator-licence.txt"
CREATE = (
    'set on("Enabled")=1 do ##class(Security.Services).Modify("%Service_Mirror",.on)',
    'set info("ECPAddress")="127.0.0.1" write ##class(SYS.Mirror).CreateNewMirrorSet("SET","MEMBERA",.info)',
    "for i=1:1:300 { quit:$system.Mirror.IsPrimary()  hang .1 }",
)


def get(node: Any, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{node.web_port}{path}", timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metrics(node: Any) -> dict[str, float]:
    lines = [line for line in get(node, "/api/monitor/metrics")[1].splitlines() if not line.startswith("#")]
    assert all(line.count(" ") == 1 for line in lines), "one space between name and value"
    return {line.split(" ")[0]: float(line.split(" ")[1]) for line in lines}


def health(node: Any) -> int:
    return subprocess.run([str(node.home / "bin" / "irisHealth.sh")], check=False, capture_output=True).returncode


def state(node: Any) -> str:
    return str(node.iris("qlist", "IRIS").stdout.split("^")[8])


@pytest.fixture(scope="module", params=["2022.1", "2026.1"])
def outside(request: Any, tmp_path_factory: pytest.TempPathFactory, node_class: Any) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("outside") / "mirrorA"
    made = node_class(home, "mirrorA", "--profile", request.param, "--key", str(KEY))
    made.tool("start")
    made.profile = request.param
    yield made
    made.tool("destroy")


def test_alerts_are_given_once_and_the_state_follows(outside: Any) -> None:
    newer = outside.profile == "2026.1"
    assert (state(outside), health(outside)) == ("ok", 0)
    assert json.loads(get(outside, "/api/monitor/alerts")[1]) == []
    before = metrics(outside)
    assert not [name for name in before if name.startswith("iris_mirror")], "not a member"
    outside.session('do ##class(%SYS.System).WriteToConsoleLog("Severe ""x""",,2)')
    after = metrics(outside)
    assert after["iris_system_alerts"] == before["iris_system_alerts"] + 1
    assert (after["iris_system_alerts_log"], after["iris_system_alerts_new"]) == (1, 1)
    assert after["iris_system_state"] == (RED if newer else YELLOW)
    code, text = get(outside, "/api/monitor/alerts")
    (alert,) = json.loads(text)
    assert code == 200
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", alert.pop("time"))
    assert alert == {"severity": "2", "message": 'Severe "x"'}
    assert json.loads(get(outside, "/api/monitor/alerts")[1]) == []
    assert metrics(outside)["iris_system_alerts_new"] == 0
    assert (state(outside), health(outside)) == (("alert", 1) if newer else ("warn", 1))
    counted = 'write $system.Monitor.Alerts(),","  do $system.Monitor.ClearAlerts() write $system.Monitor.Alerts()'
    assert "%SYS>1,0" in outside.session(counted)
    outside.session("do ##class(SYS.Container).SetMonitorStateOK()")
    assert (state(outside), health(outside)) == ("ok", 0)


def test_get_alerts_goes_on_where_it_ended(outside: Any) -> None:
    ask = 'set sc=$system.Monitor.GetAlerts(.n,.m,.last) write "<",n,":",$get(m(1)),">"'
    post = 'do ##class(%SYS.System).WriteToConsoleLog("Second",,2)'
    output = outside.session("do $system.Monitor.GetAlerts(.n,.m,.last)", post, ask, ask, "do $system.Monitor.Clear()")
    assert re.search(r"<1:[^>]* 2 \[Utility\.Event\] Second>", output)
    assert "<0:>" in output
    assert state(outside) == "ok"


def test_the_newer_release_explains_its_metrics(outside: Any) -> None:
    text = get(outside, "/api/monitor/metrics")[1]
    explained = "# TYPE iris_system_state gauge\niris_system_state 0\n"
    assert (explained in text) == (outside.profile == "2026.1")
    assert f'iris_db_size_mb{{id="USER",dir="{outside.home}/mgr/user/"}} 1\n' in text


def test_a_primary_shows_what_it_is(outside: Any) -> None:
    outside.session(*CREATE)
    assert [get(outside, path) for path in ("/csp/mirror_status.cxw", "/csp/bin/mirror_status.cxw")] == [
        (200, "SUCCESS"), (200, "SUCCESS")
    ]  # fmt: skip
    assert get(outside, "/csp/user/mirror_status.cxw") == (200, "SUCCESS")
    shown = {name: value for name, value in metrics(outside).items() if name.startswith("iris_mirror")}
    assert shown == {
        "iris_mirror_failover_ready": 0,
        "iris_mirror_member_type": 3,
        "iris_mirror_missing_databases": 0,
        "iris_mirror_status": 2,
    }
    alerts = [alert["message"] for alert in json.loads(get(outside, "/api/monitor/alerts")[1])]
    assert "Becoming primary mirror server" in alerts
    assert state(outside) == "ok", "of severity 1, it alerts people but does not raise the state"
    fields = outside.iris("qlist", "IRIS").stdout.rstrip("\n").split("^")
    assert fields[10:12] == ["Failover", "Primary"]
    assert "    mirroring:    Member Type = Failover; Status = Primary\n" in outside.iris("list").stdout


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The time of the monitor; the lines have it as well."""
    clock = SimpleNamespace(now=1_800_000_000.0)
    monkeypatch.setattr(system_monitor, "time", SimpleNamespace(time=lambda: clock.now))
    monkeypatch.setattr("irissim.engine.messages.time.time", lambda: clock.now)
    return clock


def monitored(tmp_path: Path, profile: str, *severities: int) -> tuple[Messages, SystemMonitor]:
    log = Messages(tmp_path / "messages.log")
    log.write("left by an earlier run", 3)
    monitor = SystemMonitor(log.path, profile)
    for severity in severities:
        log.write("while starting", severity)
    monitor.started()
    return log, monitor


@pytest.mark.parametrize(("alerts", "expected"), [(0, GREEN), (1, YELLOW), (4, YELLOW), (5, RED)])
@pytest.mark.usefixtures("clock")
def test_alerts_while_starting_decide_the_first_state(tmp_path: Path, alerts: int, expected: int) -> None:
    assert monitored(tmp_path, "2026.1", *[2] * alerts, 1, 0)[1].state() == expected


@pytest.mark.parametrize(("profile", "states"), [("2024.1", [YELLOW, RED, RED]), ("2026.1", [RED, RED, RED])])
def test_each_alert_raises_the_state(tmp_path: Path, clock: SimpleNamespace, profile: str, states: list[int]) -> None:
    log, monitor = monitored(tmp_path, profile)
    seen = []
    for severity in (2, 3, 2):
        log.write("severe", severity)
        seen.append(monitor.state())
    log.write("a warning", 1)
    assert seen == states
    clock.now += DECAY_SECONDS - 1
    assert monitor.state() == RED
    clock.now += 2
    assert monitor.state() == YELLOW
    clock.now += DECAY_SECONDS
    assert monitor.state() == GREEN


def test_the_state_sinks_while_nobody_looks(tmp_path: Path, clock: SimpleNamespace) -> None:
    log, monitor = monitored(tmp_path, "2026.1")
    log.write("severe", 2)
    clock.now += 2 * DECAY_SECONDS + 1
    assert monitor.state() == GREEN
    log.write("severe again", 2)
    clock.now += DECAY_SECONDS + 1
    assert monitor.state() == YELLOW


def test_alerts_log_outlives_the_run(tmp_path: Path, make_node: Callable[..., Any]) -> None:
    node = make_node("mirrorA", home=tmp_path / "n")
    node.tool("start")
    node.session('do ##class(%SYS.System).WriteToConsoleLog("kept",,2)')
    assert metrics(node)["iris_system_alerts_log"] == 1
    node.iris("restart", "IRIS", "quietly")
    again = metrics(node)
    assert (again["iris_system_alerts_log"], again["iris_system_alerts"], again["iris_system_state"]) == (1, 0, 0)

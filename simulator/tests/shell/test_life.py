# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start, stop and sudden death of a node."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.patience import PATIENCE

from irissim.shell import settings
from irissim.shell.daemon import Daemon
from irissim.shell.locks import INSTANCE_LOCK, holder


def pid(node: Any) -> int:
    return holder(node.home / "irissys" / INSTANCE_LOCK)


def test_start_and_stop_can_be_repeated(node: Any) -> None:
    again = node.iris("start", "IRIS", "quietly")
    assert (again.returncode, again.stdout) == (0, "IRIS is already up!\n")
    assert node.iris("qlist", "IRIS").stdout.split("^")[3].startswith("running, since ")
    assert node.iris("stop", "IRIS", "quietly").returncode == 0
    quiet = node.iris("stop", "IRIS", "quietly")
    assert (quiet.returncode, quiet.stdout) == (0, "")
    assert node.iris("qlist", "IRIS").stdout.split("^")[3].startswith("down, last used ")
    assert node.iris("session", "IRIS", given="halt\n").returncode == 1
    assert node.iris("start", "IRIS").returncode == 0
    assert node.value("1+1") == "2"


def test_stop_asks_unless_it_is_told_to_be_quiet(node: Any) -> None:
    assert node.iris("stop", "IRIS").returncode == 1
    assert node.iris("stop", "IRIS", given="no\n").returncode == 1
    assert pid(node)
    assert node.iris("stop", "IRIS", given="yes\n").returncode == 0
    assert not pid(node)


def test_a_stop_ends_sessions_that_wait(node: Any) -> None:
    waiting = subprocess.Popen([str(node.home / "bin" / "iris"), "session", "IRIS"], stdin=subprocess.PIPE)
    assert node.value("1+1") == "2"
    assert node.iris("stop", "IRIS", "quietly").returncode == 0
    assert waiting.wait(PATIENCE) == 0


def test_data_settings_and_log_survive_a_restart(node: Any) -> None:
    node.session('set ^Kept=1,s("Enabled")=1 do ##class(Security.Services).Modify("%Service_Mirror",.s)')
    before = pid(node)
    assert node.iris("restart", "IRIS", "quietly").returncode == 0
    assert pid(node) not in (0, before)
    assert node.value("^Kept") == "1"
    assert "on:1" in node.session('do ##class(Security.Services).Get("%Service_Mirror",.p) write "on:",p("Enabled")')
    assert node.messages.count("*** Starting IRIS") == 2


def test_a_killed_node_starts_again_with_everything(node: Any, wait_for: Callable[..., None]) -> None:
    node.session("set ^Safe=42")
    os.kill(pid(node), signal.SIGKILL)
    wait_for(lambda: pid(node) == 0)
    assert (node.home / "irissys" / "iris.sock").exists()
    assert node.iris("qlist", "IRIS").stdout.split("^")[3].startswith("down")
    assert "is down" in node.iris("session", "IRIS", given="halt\n").stderr
    assert node.iris("start", "IRIS", "quietly").returncode == 0
    assert node.value("^Safe") == "42"


def test_force_kills(node: Any, wait_for: Callable[..., None]) -> None:
    assert node.iris("force", "IRIS").returncode == 0
    wait_for(lambda: pid(node) == 0)


def test_a_termination_signal_stops_gracefully(node: Any, wait_for: Callable[..., None]) -> None:
    os.kill(pid(node), signal.SIGTERM)
    wait_for(lambda: pid(node) == 0)
    assert "IRIS is down" in node.messages


def test_the_instance_outlives_the_terminal_that_started_it(make_node: Callable[..., Any]) -> None:
    made = make_node("mirrorA")
    starter = subprocess.Popen(
        ["/bin/sh", "-c", f"{made.home}/bin/iris start IRIS quietly; kill -HUP 0"], start_new_session=True
    )
    starter.wait(PATIENCE)
    assert made.value("1+1") == "2"


def test_a_node_may_live_in_a_deep_directory(make_node: Callable[..., Any], tmp_path: Path) -> None:
    made = make_node("deep", home=tmp_path / ("d" * 100) / ("e" * 100))
    made.tool("start")
    assert made.value("1+1") == "2"


def test_a_session_that_comes_too_early_is_refused(make_node: Callable[..., Any]) -> None:
    made = make_node("mirrorA")
    starting = Daemon(settings.load(made.home), io.StringIO())
    try:
        result = made.iris("session", "IRIS", given="halt\n")
        assert result.returncode == 239
        assert result.stdout == "Sign-on inhibited: Startup or Installation in progress\n"
        assert made.iris("qlist", "IRIS").stdout.split("^")[3] == "sign-on inhibited"
    finally:
        starting.close()


def test_a_start_that_fails_says_so(make_node: Callable[..., Any]) -> None:
    first, second = make_node("first"), make_node("second")
    first.tool("start")
    file = second.home / settings.NODE_FILE
    values = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**values, "superserver_port": first.superserver_port}), encoding="utf-8")
    result = second.iris("start", "IRIS", "quietly")
    assert result.returncode == 1
    assert "** Startup aborted **" in result.stdout


def test_without_a_licence_mirroring_is_refused(make_node: Callable[..., Any]) -> None:
    made = make_node("mirrorA")
    made.tool("start")
    output = made.session(
        'set s("Enabled")=1 do ##class(Security.Services).Modify("%Service_Mirror",.s)',
        'set sc=##class(SYS.Mirror).CreateNewMirrorSet("MIRRORSET","MIRRORA",.i)',
        'write $system.Status.GetErrorCodes(sc)',
    )
    assert "2099" in output
    assert "Local license key file not found" in made.messages


def test_creating_a_node_again_keeps_its_data(node: Any) -> None:
    node.session("set ^Mine=1")
    node.tool("stop")
    node.tool("create", "--name", "renamed", "--bind", "127.0.0.1")
    assert settings.load(node.home).node_name == "renamed"
    node.tool("create", "--name", "mirrorA", "--superserver-port", str(node.superserver_port),
              "--web-port", str(node.web_port), "--agent-port", str(node.agent_port))  # fmt: skip
    node.tool("start")
    assert node.value("^Mine") == "1"


def test_a_directory_with_other_things_is_not_taken(make_node: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(subprocess.CalledProcessError) as caught:
        make_node("mirrorA", home=tmp_path / "full")
    assert "no node of this simulator" in caught.value.stderr


def test_an_arbiter_node_is_an_agent_alone(make_node: Callable[..., Any]) -> None:
    arbiter = make_node("arbiter", "--arbiter")
    check = [str(arbiter.home / "bin" / "irisHealth.sh")]
    assert subprocess.run(check, check=False).returncode == 1
    arbiter.tool("start")
    arbiter.tool("start")
    assert subprocess.run(check, check=False).returncode == 0
    assert arbiter.tool("status") == "arbiter (arbiter, 127.0.0.1) agent: running\n"
    arbiter.tool("stop")
    assert subprocess.run(check, check=False).returncode == 1

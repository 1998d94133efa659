# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent as a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.mirror.lab import ENVIRONMENT, Agent
from tests.patience import PATIENCE

from irissim.agent.registry import InstanceRecord, Registration, Registry
from irissim.engine.mirror.wire import request


def test_it_announces_itself_and_ends_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "irissim.agent", "--port", "0", "--bind", "127.0.0.1", "--registry", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    pid = f"ISCAgent[{process.pid}]"
    assert lines[0] == "Reading configuration from file: /etc/iscagent/iscagent.conf"
    assert lines[1] == f"{pid}: Starting"
    assert lines[2].startswith(f"{pid}: Starting ApplicationServer on 127.0.0.1:")


def test_a_used_port_ends_it(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "irissim.agent", "--port", port, "--bind", "127.0.0.1"]
        done = subprocess.run(
            [*command, "--registry", str(tmp_path)], capture_output=True, text=True, env=ENVIRONMENT, check=False
        )
    assert done.returncode == 1
    assert "Failed to start ApplicationServer" in done.stderr


def test_it_survives_nonsense(tmp_path: Path) -> None:
    agent = Agent("127.0.0.1", tmp_path)
    agent.start()
    try:
        for noise in (b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 64, b"\0\0\0\2\0\0\0\0[]"):
            with socket.create_connection(("127.0.0.1", agent.port), PATIENCE) as connection:
                connection.sendall(noise)
        assert request("127.0.0.1", agent.port, "NOSUCH", PATIENCE).kind == "ERROR"
        assert request("127.0.0.1", agent.port, "VERSION", PATIENCE).kind == "VERSION"
    finally:
        agent.kill()


def test_the_registry_knows_the_dead_from_the_living(tmp_path: Path) -> None:
    record = InstanceRecord("IRIS", "GUID", "2026.1", "/usr/irissys", "/m", "/c", "/j", "127.0.0.1", 1972, os.getpid())
    registration = Registration(tmp_path, record)
    registry = Registry(tmp_path)
    assert registry.find("iris") == record
    assert registry.find(guid="GUID") == record
    assert registry.find("OTHER") is None
    assert registry.alive("IRIS") is True
    registration.release()
    assert registry.alive("IRIS") is False
    assert registry.find("IRIS") == record

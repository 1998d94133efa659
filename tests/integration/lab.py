# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes of the simulator as processes with addresses and directories of their own, and what works on them."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
LICENCE = ROOT / "simulator" / "licence" / "iris-simulator-licence.txt"
COLLECTIONS = os.environ.get("ANSIBLE_COLLECTIONS_PATH") or str(ROOT / ".work" / "collections")
LIMIT = 300
# What chance and locale do to a licensed instance happens to every node here, unless IRISSIM_TRAPS says otherwise.
TRAPS = {"IRISSIM_TRAPS": os.environ.get("IRISSIM_TRAPS", "all")}
NOT_LET_IN = (239, 1)

MODULE = """
import json, runpy, sys
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": json.load(sys.stdin)}).encode()
basic._ANSIBLE_PROFILE = "legacy"
runpy.run_module("ansible_collections.irisops.mirror.plugins.modules." + sys.argv[1], run_name="__main__")
"""


def environment(**extra: str) -> dict[str, str]:
    """The environment of a user in a clone of the repository, with every task announced when it starts."""
    values = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": COLLECTIONS, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    values.pop("PYTHONPATH", None)
    values.update(PYTHONDONTWRITEBYTECODE="1", ANSIBLE_NOCOLOR="1", ANSIBLE_DISPLAY_SKIPPED_HOSTS="true")
    return {**values, **extra}


def run_module(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A module of the collection as Ansible runs it on the target; its result."""
    done = subprocess.run(
        [sys.executable, "-c", MODULE, name],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env=environment(PYTHONPATH=COLLECTIONS),
        check=False,
    )
    assert done.stdout.strip(), done.stderr
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def kill_tree(process: subprocess.Popen[str]) -> None:
    """SIGKILL for a process and all that it started, as when the machine that runs Ansible goes away."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    doomed = [process.pid]
    for pid in doomed:
        doomed.extend(children.get(pid, []))
    for pid in doomed:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(LIMIT)


def kill_in(process: subprocess.Popen[str], task: str, delay: float) -> None:
    """Kill a run `delay` seconds after it announced `task`, or leave it at its end if that comes first."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("TASK [") and task in line:
            break
    end = time.monotonic() + delay
    while process.poll() is None and time.monotonic() < end:
        select.select([], [], [], 0.01)
    kill_tree(process)
    process.stdout.close()


def playbook(command: list[str], **extra: str) -> subprocess.Popen[str]:
    """Start ansible-playbook with its output in a pipe."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(**extra),
    )


class Play:
    """The end of a run of ansible-playbook."""

    def __init__(self, code: int, output: str) -> None:
        self.code = code
        self.output = output

    @classmethod
    def finish(cls, process: subprocess.Popen[str]) -> Play:
        output, _ = process.communicate(timeout=LIMIT)
        return cls(process.returncode, output)

    def recap(self, figure: str) -> dict[str, int]:
        """A figure of the recap (changed, failed) by host."""
        found = re.findall(rf"^(\S+)\s+: ok=.*\b{figure}=(\d+)", self.output, re.M)
        assert found, self.output
        return {host: int(number) for host, number in found}

    @property
    def changed(self) -> int:
        return sum(self.recap("changed").values())


def free_network() -> tuple[int, socket.socket]:
    """An x of 127.0.x that no other lab on this machine has; it is taken as long as the socket is open."""
    for net in range(64, 255):
        holder = socket.socket()
        try:
            holder.bind((f"127.0.{net}.1", 1972))
        except OSError:
            holder.close()
            continue
        return net, holder
    raise RuntimeError("no network for a lab is free")


class Lab:
    """An arbiter and nodes in `home`, on a network 127.0.x of their own, reached through the inventory of the
    demonstration."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.net, self._holder = free_network()
        self.addresses: dict[str, str] = {}
        self.variables: dict[str, dict[str, Any]] = {}
        home.mkdir(parents=True, exist_ok=True)

    def directory(self, name: str) -> Path:
        return self.home / "nodes" / name

    def add(self, name: str, *options: str, licence: bool = True) -> None:
        """Lays out a node and starts it."""
        address = f"127.0.{self.net}.{10 + len(self.addresses)}"
        key = ["--key", str(LICENCE)] if licence and "--arbiter" not in options else []
        self.addresses[name] = address
        self._node("create", name, "--name", name, "--bind", address, *key, *options)
        self._node("start", name)

    def stop(self, name: str) -> None:
        self._node("stop", name)

    def start_node(self, name: str) -> None:
        self._node("start", name)

    def host(self, name: str, **variables: Any) -> None:
        """Variables of one host in the inventory."""
        self.variables.setdefault(name, {}).update(variables)

    def close(self) -> None:
        for name in self.addresses:
            self._node("destroy", name)
        self._holder.close()

    def _node(self, verb: str, name: str, *options: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "irissim.shell.node", verb, str(self.directory(name)), *options],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
            env=environment(PYTHONPATH=str(ROOT / "simulator"), **TRAPS),
        )

    def iris(self, name: str) -> str:
        return str(self.directory(name) / "bin" / "iris")

    def session(self, name: str, *lines: str, namespace: str = "%SYS") -> str:
        """What a terminal session prints; no part of the collection is involved."""
        end = time.monotonic() + 60
        while True:
            done = subprocess.run(
                [self.iris(name), "session", "IRIS", "-U", namespace],
                input="\n".join([*lines, "halt", ""]),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            if done.returncode not in NOT_LET_IN or time.monotonic() > end:
                return done.stdout
            time.sleep(0.1)

    def wait_for(self, name: str, expected: str, *lines: str, namespace: str = "%SYS", limit: float = 60) -> None:
        """Polls a terminal session until it prints what is expected."""
        end = time.monotonic() + limit
        while expected not in (printed := self.session(name, *lines, namespace=namespace)):
            assert time.monotonic() < end, f"{name} did not print {expected!r}, but {printed!r}"
            # Others need licence units, too.
            time.sleep(0.1)

    def module(self, module: str, node: str, **arguments: Any) -> dict[str, Any]:
        return run_module(module, {"executable": self.iris(node), "ready_timeout": 20, **arguments})

    def command(self, name: str, *options: str) -> list[str]:
        """ansible-playbook as for the demonstration, with the nodes of this lab instead."""
        hosts = {
            "iris_arbiters": {"hosts": {name: None for name in self.addresses if name == "arbiter"}},
            "iris_nodes": {"hosts": {name: None for name in self.addresses if name != "arbiter"}},
        }
        for group in hosts.values():
            group["hosts"] = {
                name: {"demo_address": self.addresses[name], **self.variables.get(name, {})} for name in group["hosts"]
            }
        (self.home / "hosts.json").write_text(json.dumps(hosts), encoding="utf-8")
        place = json.dumps({"demo_node": f"{self.home}/nodes/{{{{ inventory_hostname }}}}", "iris_wait_timeout": 60})
        inventories = ["-i", str(ROOT / "inventories" / "demo"), "-i", str(self.home / "hosts.json")]
        return [str(PLAYBOOK), *inventories, "-e", place, *options, str(ROOT / "playbooks" / f"{name}.yml")]

    def start(self, name: str, *options: str) -> subprocess.Popen[str]:
        return playbook(self.command(name, *options), IRISOPS_DEMO_ENGINE="embedded")

    def play(self, name: str, *options: str) -> Play:
        return Play.finish(self.start(name, *options))

    def fingerprint(self, name: str) -> dict[str, Any]:
        """What must be the same before and after a request that was refused."""
        manager = self.directory(name) / "mgr"
        files = sorted(str(path.relative_to(manager)) for path in manager.rglob("*") if "journal" not in path.parts)
        lasting = [file for file in files if not file.endswith((".log", ".lck", "-wal", "-shm", "-journal"))]
        return {
            "configuration": (self.directory(name) / "iris.cpf").read_text(encoding="utf-8"),
            # The primary notes there what its members have received when it first looks for journals to purge, a minute
            # after its start, whether anybody asks it for something or not.
            "files": [file for file in lasting if not file.startswith("mirrorpurge-")],
            "service": self.module("iris_mirror_info", name)["service"],
        }

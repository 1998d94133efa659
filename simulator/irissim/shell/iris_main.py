# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`iris-main`: the entry point of a container, also of one that is an arbiter."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from pathlib import Path

from irissim.shell import settings
from irissim.shell.agent_script import agent_command
from irissim.shell.main_options import arbiter_port, parser
from irissim.shell.settings import NodeSettings
from irissim.shell.supervisor import LogTail, Supervisor

BANNER = """\
[WARN] This is irissim, a SIMULATOR of InterSystems IRIS for tests and trials of the collection irisops.mirror.
[WARN] It is not an InterSystems product and must never hold data that matters."""
CAPABILITIES = {"CAP_SETGID": 6, "CAP_SETUID": 7}
AGENT_SCRIPT = "/usr/local/etc/irissys/startISCAgent.sh"
ARBITER_FILE = "arbiter"
SENTINEL = ".done"


class Fatal(Exception):
    """The container cannot go on."""


def say(level: str, text: str) -> None:
    """One line of the container's log."""
    print(f"[{level}] {text}", flush=True)


class KeyFile:
    """Keeps the licence key of the instance equal to the given file."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source = source
        self._target = target
        self._seen = 0

    def copy_if_changed(self) -> None:
        """Copy the file when it is new or was changed."""
        # FIDELITY(documented; ADOCK 5.3): the key file is copied to mgr and watched for changes
        try:
            changed = self._source.stat().st_mtime_ns
            if changed != self._seen:
                self._target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self._source, self._target)
                self._seen = changed
        except FileNotFoundError:
            return


class IrisMain:
    """One life of an IRIS container."""

    def __init__(self, node: NodeSettings, options: argparse.Namespace) -> None:
        self._node = node
        self._options = options
        self._iris = [str(node.home / "bin" / "iris")]
        self._agent = 0
        tail = LogTail(options.log or node.manager_dir / "messages.log")
        self._ticks = [tail.copy]
        self._supervisor = Supervisor(self._ticks)

    def run(self) -> int:
        """Start everything, wait for the end, stop everything."""
        code = 0
        try:
            self._start()
            self._supervisor.wait_for_stop()
        except (Fatal, OSError) as error:
            say("ERROR", str(error))
            code = 1
        self._stop()
        return code

    def _start(self) -> None:
        options = self._options
        if options.check_caps:
            _check_capabilities()
        _check_durable(self._node.instance_dir)
        self._script(options.create)
        if options.ISCAgent:
            # FIDELITY(documented; ADOCK 5.3, LSC): the agent is started before the instance
            port = options.ISCAgentPort or self._node.agent_port
            # The instance finds its agent by the port of the node
            os.environ["IRISSIM_AGENT_PORT"] = str(port)
            self._agent = _spawn_agent(self._supervisor, self._node, port)
        if options.key:
            self._install_key(options.key)
        self._script(options.before)
        if options.up:
            say("INFO", f"Starting InterSystems IRIS instance {options.instance}...")
            self._command([*self._iris, "start", options.instance, "quietly"])
            if options.password_file:
                self._change_password(options.password_file)
        # FIDELITY(observed; DUR): a command after the start that fails ends the container
        self._script(options.after)

    def _change_password(self, file: Path) -> None:
        # FIDELITY(documented; ADOCK): the file gives the predefined users their password, is deleted, and leaves a
        #   sentinel behind so that another start changes nothing
        # FIDELITY(assumed): name and place of the sentinel; a file that cannot be used or deleted ends the container
        sentinel = file.with_name(file.name + SENTINEL)
        if sentinel.exists():
            say("INFO", f"{sentinel} exists, the password was changed before")
            return
        name = str(file.absolute()).replace('"', '""')
        method = f'##class(SYS.Container).ChangePassword("{name}")'
        if self._supervisor.run([*self._iris, "session", self._options.instance, "-U", "%SYS", method]):
            raise Fatal(f"the password could not be changed with {file}")
        file.unlink()
        sentinel.touch()

    def _install_key(self, key: Path) -> None:
        if not key.is_file():
            raise Fatal(f"license key file {key} not found")
        watcher = KeyFile(key, self._node.key_path)
        watcher.copy_if_changed()
        self._ticks.append(watcher.copy_if_changed)

    def _stop(self) -> None:
        # FIDELITY(documented; ADOCK 5.3): SIGTERM and SIGINT lead to a graceful `iris stop INSTANCE quietly`
        if self._options.down:
            self._supervisor.run([*self._iris, "stop", self._options.instance, "quietly"], even_when_stopping=True)
        for script in (self._options.exit, self._options.terminate):
            if script:
                self._supervisor.run(["/bin/sh", "-c", script], even_when_stopping=True)
        if self._agent and not self._supervisor.has_ended(self._agent):
            os.kill(self._agent, signal.SIGTERM)
            self._supervisor.wait_for_end_of(self._agent)

    def _script(self, text: str | None) -> None:
        if text:
            say("INFO", f"Executing command {text}...")
            self._command(["/bin/sh", "-c", text], text)

    def _command(self, command: list[str], shown: str = "") -> None:
        if self._supervisor.stop_requested:
            return
        status = self._supervisor.run(command)
        if status:
            raise Fatal(f'Command "{shown or " ".join(["iris", *command[1:]])}" exited with status {status}')


def run_arbiter(node: NodeSettings, port: int) -> int:
    """An arbiter: nothing but the agent."""
    node.registry.mkdir(parents=True, exist_ok=True)
    (node.registry / ARBITER_FILE).write_text(f"{node.address} {port}\n", encoding="ascii")
    supervisor = Supervisor()
    agent = _spawn_agent(supervisor, node, port)
    while not supervisor.stop_requested and not supervisor.has_ended(agent):
        supervisor.wait_for_a_change()
    if supervisor.has_ended(agent):
        say("ERROR", "the ISCAgent has ended")
        return 1
    os.kill(agent, signal.SIGTERM)
    supervisor.wait_for_end_of(agent)
    return 0


def _spawn_agent(supervisor: Supervisor, node: NodeSettings, port: int) -> int:
    say("INFO", f"Executing command {AGENT_SCRIPT} {port}...")
    return supervisor.spawn(agent_command(node, port))


def _check_durable(directory: Path) -> None:
    # FIDELITY(observed; LIVE): a data directory that the owner of the instance cannot write ends the start so
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise Fatal(f"ERROR #5001: Cannot create target: {directory}") from None
    if not os.access(directory, os.W_OK):
        raise Fatal(f"ERROR #5001: Cannot create target: {directory}")
    # FIDELITY(documented; ADOCK): the durable directory must be empty or hold a durable %SYS
    if not (directory / "iris.cpf").exists() and "ISC_DATA_DIRECTORY" in os.environ:
        foreign = sorted(entry.name for entry in directory.iterdir() if entry.name != "mgr")
        if foreign:
            raise Fatal(f"{directory} is neither empty nor a durable %SYS directory (it holds {foreign[0]})")


def _check_capabilities() -> None:
    # FIDELITY(documented; ADOCK 5.3): --check-caps (on by default) ends the container when capabilities are missing
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("CapBnd:"):
            bits = int(line.split()[1], 16)
            missing = [name for name, bit in CAPABILITIES.items() if not bits >> bit & 1]
            if missing:
                raise Fatal(f"required capabilities are missing: {', '.join(missing)} (see --check-caps)")


def main(arguments: list[str]) -> int:
    """Be an arbiter or an IRIS node."""
    print(BANNER, flush=True)
    node = settings.current()
    port = arbiter_port(arguments, os.environ.get("IRISSIM_ROLE", "iris"))
    if port is not None:
        return run_arbiter(node, port)
    (node.registry / ARBITER_FILE).unlink(missing_ok=True)
    return IrisMain(node, parser().parse_args(arguments)).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m irissim.shell.node`: nodes without containers, each in a directory of its own, for any user.

    create DIR --name mirrorA --bind 127.0.0.11 [--data-dir DIR] [--key FILE] [--profile 2022.1] [--traps NAMES]
        [--arbiter]
    start DIR | stop DIR | status DIR | destroy DIR
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from irissim.engine import traps
from irissim.shell import settings
from irissim.shell.agent_check import can_connect
from irissim.shell.layout import Layout
from irissim.shell.locks import AGENT_LOCK, INSTANCE_LOCK, acquire, holder, name_holder
from irissim.shell.settings import NODE_FILE, NodeSettings

ARBITER = "arbiter"
AGENT_SCRIPT = "startISCAgent.sh"
ARBITER_FILE = "arbiter"
LIMIT_SECONDS = 30.0
POLL_SECONDS = 0.02


class NodeError(Exception):
    """The node cannot be handled as asked; the text says why."""


def create(home: Path, options: argparse.Namespace) -> NodeSettings:
    """Lay out a node; one that is there already keeps its data and gets the new settings."""
    if home.exists() and not (home / NODE_FILE).exists() and any(home.iterdir()):
        raise NodeError(f"{home} is not empty and no node of this simulator")
    node = NodeSettings(
        home=home,
        registry=home / "irissys",
        node_name=options.name,
        kind=ARBITER if options.arbiter else "iris",
        bind=options.bind,
        superserver_port=options.superserver_port,
        web_port=options.web_port,
        agent_port=options.agent_port,
        data_dir=Path(options.data_dir).absolute() if options.data_dir else None,
        profile=options.profile,
        traps=",".join(sorted(traps.parse(options.traps))),
        merge_file=Path(options.merge_file).absolute() if options.merge_file else None,
    )
    node.registry.mkdir(parents=True, exist_ok=True)
    node.save()
    layout = Layout(home, node.registry, node.profile)
    layout.write_commands(home / "bin")
    layout.write_agent_scripts(home / "bin" / AGENT_SCRIPT)
    layout.write_health_script(home / "bin" / "irisHealth.sh", home / "bin")
    if node.kind == ARBITER:
        (node.registry / ARBITER_FILE).write_text(f"{node.address} {node.agent_port}\n", encoding="ascii")
    elif options.key:
        node.manager_dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(options.key, node.key_path)
    return node


def start(node: NodeSettings) -> None:
    """Start agent and instance, as far as they do not run."""
    _start_agent(node)
    if node.kind == ARBITER:
        return
    if subprocess.run([_iris(node), "start", node.instance, "quietly"], check=False).returncode:
        raise NodeError(f"the instance of {node.home} did not start")


def stop(node: NodeSettings) -> None:
    """Stop instance and agent gracefully."""
    if node.kind != ARBITER:
        subprocess.run([_iris(node), "stop", node.instance, "quietly"], check=True)
    _end(node, AGENT_LOCK)


def destroy(home: Path) -> None:
    """Stop the node and remove its directory; a data directory elsewhere stays."""
    if not home.exists():
        return
    node = _existing(home)
    stop(node)
    _end(node, INSTANCE_LOCK)
    shutil.rmtree(home)


def status(node: NodeSettings) -> str:
    """One line about agent and instance."""
    words = [f"{lock.removesuffix('.lock')}: {'running' if holder(node.registry / lock) else 'down'}"
             for lock in ((AGENT_LOCK,) if node.kind == ARBITER else (AGENT_LOCK, INSTANCE_LOCK))]
    return f"{node.node_name} ({node.kind}, {node.bind}) " + ", ".join(words)


def _start_agent(node: NodeSettings) -> None:
    lock = acquire(node.registry / AGENT_LOCK)
    if lock is None:
        return
    with open(node.registry / "agent.log", "ab") as log:
        # The agent inherits the lock and so holds it for as long as it lives.
        agent = subprocess.Popen(
            [str(node.home / "bin" / AGENT_SCRIPT)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
        )
    name_holder(lock, agent.pid)
    os.close(lock)
    limit = time.monotonic() + LIMIT_SECONDS
    while not can_connect(node.address, node.agent_port):
        if agent.poll() is not None or time.monotonic() > limit:
            raise NodeError(f"the agent did not start; see {node.registry / 'agent.log'}")
        time.sleep(POLL_SECONDS)


def _end(node: NodeSettings, lock: str) -> None:
    limit = time.monotonic() + LIMIT_SECONDS
    while process := holder(node.registry / lock):
        try:
            os.kill(process, signal.SIGTERM if time.monotonic() < limit else signal.SIGKILL)
        except ProcessLookupError:
            return
        time.sleep(POLL_SECONDS)


def _iris(node: NodeSettings) -> str:
    return str(node.home / "bin" / "iris")


def _existing(home: Path) -> NodeSettings:
    if not (home / NODE_FILE).exists():
        raise NodeError(f"{home} is no node of this simulator")
    return settings.load(home)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="irissim.shell.node", description="Nodes without containers.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    making = verbs.add_parser("create")
    making.add_argument("directory", type=Path)
    making.add_argument("--name", required=True, help="host name the node believes it has")
    making.add_argument("--bind", default="127.0.0.1", help="address of all ports of the node")
    making.add_argument("--data-dir", help="durable directory (ISC_DATA_DIRECTORY)")
    making.add_argument("--key", help="licence key file")
    making.add_argument("--profile", default=settings.DEFAULT_PROFILE)
    making.add_argument(
        "--traps",
        default=os.environ.get(traps.VARIABLE, ""),
        help="comma separated behaviours that tests should meet, or all (default: $IRISSIM_TRAPS)",
    )
    making.add_argument("--merge-file", help="configuration merge file (ISC_CPF_MERGE_FILE)")
    making.add_argument("--arbiter", action="store_true", help="an arbiter: the agent alone")
    making.add_argument("--superserver-port", type=int, default=1972)
    making.add_argument("--web-port", type=int, default=52773)
    making.add_argument("--agent-port", type=int, default=settings.AGENT_PORT)
    for verb in ("start", "stop", "status", "destroy"):
        verbs.add_parser(verb).add_argument("directory", type=Path)
    return parser


def main(arguments: list[str]) -> int:
    """Run one verb."""
    options = _parser().parse_args(arguments)
    home = options.directory.absolute()
    try:
        if options.verb == "create":
            create(home, options)
        elif options.verb == "start":
            start(_existing(home))
        elif options.verb == "stop":
            stop(_existing(home))
        elif options.verb == "status":
            print(status(_existing(home)))
        else:
            destroy(home)
    except (NodeError, OSError, subprocess.SubprocessError, traps.UnknownTrap) as error:
        print(f"irissim node: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

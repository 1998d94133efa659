# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `iris` command except sessions: start, stop, list and so on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from irissim.engine.install import CPF_NAME
from irissim.shell import control, listing, settings
from irissim.shell.client import INSTANCE
from irissim.shell.launch import launch
from irissim.shell.locks import INSTANCE_LOCK, holder
from irissim.shell.settings import NodeSettings

USAGE = """\
usage: iris start INSTANCE [quietly]
       iris stop INSTANCE [quietly] [nofailover] [restart]
       iris restart INSTANCE [quietly] [nofailover]
       iris force INSTANCE
       iris list [INSTANCE]
       iris qlist [INSTANCE]
       iris session INSTANCE [-U namespace] [routine | "##class(Package.Class).Method()"]
       iris terminal INSTANCE [-U namespace] [routine | "##class(Package.Class).Method()"]
       iris freeze INSTANCE [timeout=seconds]
       iris thaw INSTANCE
       iris merge INSTANCE [merge-file] [target-CPF]
       iris version
       iris help
This is a simulator for tests and trials, not InterSystems IRIS."""

CONFIRMATION = "Do you want to shut down InterSystems IRIS instance '%s'? (Yes/No) "


class CommandError(Exception):
    """The command cannot be run; the text says why."""


def _start(node: NodeSettings, words: list[str]) -> int:
    _only(words, "quietly")
    if holder(node.registry / INSTANCE_LOCK):
        # FIDELITY(observed; MURR): starting a started instance says so and is no failure
        print("IRIS is already up!")
        return 0
    return launch(node, quietly="quietly" in words)


def _stop(node: NodeSettings, words: list[str]) -> int:
    _only(words, "quietly", "nofailover", "restart", "/nofailover")
    # FIDELITY(observed; GSA, MURR): stopping a stopped instance exits 0 without a word
    if not holder(node.registry / INSTANCE_LOCK):
        return 0
    # FIDELITY(documented; GSA): without `quietly` the command asks, which hangs automation
    if "quietly" not in words and not _confirmed(node.instance):
        return 1
    nofailover = "1" if {"nofailover", "/nofailover"} & set(words) else "0"
    try:
        code = control.ask(node.registry, "stop", {"nofailover": nofailover})[0]
    except OSError:
        code = 0
    if code == 0 and "restart" in words:
        return launch(node, quietly="quietly" in words)
    return code


def _restart(node: NodeSettings, words: list[str]) -> int:
    _only(words, "quietly", "nofailover", "/nofailover")
    stopped = _stop(node, [*dict.fromkeys([*words, "quietly"])])
    return stopped or launch(node, quietly="quietly" in words)


def _force(node: NodeSettings, words: list[str]) -> int:
    _only(words)
    pid = holder(node.registry / INSTANCE_LOCK)
    if pid:
        os.kill(pid, signal.SIGKILL)
    return 0


def _freeze(node: NodeSettings, words: list[str]) -> int:
    # FIDELITY(documented; CR24, DI): `iris freeze INST [timeout=s]` and `iris thaw INST` exit 0 or 1
    fields = dict(word.split("=", 1) for word in words if "=" in word)
    _only([word for word in words if not word.startswith("timeout=")])
    return control.ask(node.registry, "freeze", fields)[0]


def _thaw(node: NodeSettings, words: list[str]) -> int:
    _only(words)
    return control.ask(node.registry, "thaw")[0]


def _merge(node: NodeSettings, words: list[str]) -> int:
    # FIDELITY(documented; ACMF 3.1): `iris merge instance [merge-file] [target-CPF]`; the file of ISC_CPF_MERGE_FILE by
    #   default; relative paths are allowed
    if len(words) > 2:
        raise CommandError(f"unknown argument: {' '.join(words[2:])}")
    file = Path(words[0]).absolute() if words else node.merge_file
    if file is None:
        raise CommandError("no merge file is given and ISC_CPF_MERGE_FILE is not set")
    active = node.instance_dir / CPF_NAME
    target = Path(words[1]).absolute() if len(words) > 1 else active
    if not target.is_file():
        raise CommandError(f"there is no CPF {target}")
    if not target.samefile(active):
        raise CommandError(f"{target} is not the active CPF of the instance")
    if not holder(node.registry / INSTANCE_LOCK):
        raise CommandError("a merge needs a running instance")
    code, output = control.ask(node.registry, "merge", {"file": str(file)})
    sys.stdout.write(output)
    return code


def record_of(node: NodeSettings) -> listing.InstanceRecord | None:
    """What is known about the instance, running or not."""
    try:
        return listing.decode(control.ask(node.registry, "status")[1])
    except OSError:
        return listing.last_known(node.registry)


def _list(node: NodeSettings, words: list[str]) -> int:
    record = _wanted_record(node, words)
    if record is not None:
        print(listing.long_lines(record))
    return 0 if record is not None or not words else 1


def _quick_list(node: NodeSettings, words: list[str]) -> int:
    record = _wanted_record(node, words)
    if record is not None:
        print(listing.quick_line(record))
    return 0 if record is not None or not words else 1


def _wanted_record(node: NodeSettings, words: list[str]) -> listing.InstanceRecord | None:
    if words and words[0].upper() != node.instance:
        return None
    return record_of(node)


def _confirmed(instance: str) -> bool:
    sys.stdout.write(CONFIRMATION % instance)
    sys.stdout.flush()
    answer = sys.stdin.readline()
    return answer.strip().lower() in ("", "y", "yes") and answer != ""


def _only(words: list[str], *known: str) -> None:
    unknown = [word for word in words if word.lower() not in known]
    if unknown:
        raise CommandError(f"unknown argument: {' '.join(unknown)}")


INSTANCE_COMMANDS: dict[str, Callable[[NodeSettings, list[str]], int]] = {
    "start": _start,
    "stop": _stop,
    "restart": _restart,
    "force": _force,
    "freeze": _freeze,
    "thaw": _thaw,
    "merge": _merge,
}
LISTS: dict[str, Callable[[NodeSettings, list[str]], int]] = {
    "list": _list,
    "all": _list,
    "qlist": _quick_list,
    "qall": _quick_list,
}


def main(arguments: list[str]) -> int:
    """Run one command."""
    verb, *words = arguments or ["help"]
    if verb in ("help", "-h", "--help"):
        print(USAGE)
        return 0
    node = settings.current()
    if verb in ("version", "--version"):
        print(f"irissim, simulator of InterSystems IRIS, profile {node.profile}")
        return 0
    if verb in LISTS:
        return LISTS[verb](node, words)
    try:
        command = INSTANCE_COMMANDS.get(verb)
        if command is None:
            raise CommandError(f"unknown command '{verb}'; see iris help")
        if not words or words[0].upper() != INSTANCE:
            raise CommandError(f"instance '{words[0] if words else ''}' not found")
        return command(node, words[1:])
    except (CommandError, subprocess.SubprocessError, OSError) as error:
        print(f"iris {verb}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$ZF(-1), $ZF(-2) and $ZF(-100): commands of the operating system, run on the node by the user of the instance."""

from __future__ import annotations

import codecs
import os
import re
import select
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from irissim.objectscript.calls import argument_list, function_arguments
from irissim.objectscript.compiler import Expression, on_function
from irissim.objectscript.locals import LocalArray
from irissim.objectscript.parser import Node
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import unsupported
from irissim.objectscript.signatures import Argument
from irissim.values.errors import OsError
from irissim.values.value import Value, to_int, to_string

NOT_STARTED = -1
_FLAG = re.compile(r'/(\w+)(?:(\+?=)("(?:[^"]|"")*"|\S+))?(?:\s+|$)')
_POLL_SECONDS = 0.2


@dataclass
class Flags:
    """The keyword flags of $ZF(-100)."""

    asynchronous: bool = False
    shell: bool = False
    stdin: str = ""
    stdout: tuple[str, str] = ("", "")
    stderr: tuple[str, str] = ("", "")


@on_function("zf")
def _zf(node: Node) -> Expression:
    arguments = argument_list(function_arguments(node))

    def run(runtime: Runtime) -> Value:
        number, *rest = arguments(runtime) or [None]
        code = to_string(_plain(number))
        if code == "-1":
            # FIDELITY(documented; RCOS): waits, and gives the exit status of the command, -1 if it could not be started
            return _wait(runtime, _shell(rest), Flags(shell=True))
        if code == "-2":
            # FIDELITY(documented; RCOS): does not wait, the devices of the command are the null device
            return _start(runtime, _shell(rest), Flags(asynchronous=True))
        if code == "-100":
            return _program(runtime, rest)
        raise unsupported(f"$ZF({code})")

    return run


def _plain(argument: Argument) -> Value:
    value = argument.value if isinstance(argument, LocalArray) else argument
    return "" if value is None else value


def _shell(rest: Sequence[Argument]) -> list[str]:
    command = to_string(_plain(rest[0])) if rest else ""
    if not command:
        raise unsupported("$ZF without a command, an interactive shell,")
    return ["/bin/sh", "-c", command]


def _program(runtime: Runtime, rest: Sequence[Argument]) -> Value:
    # FIDELITY(documented; RCOS): $ZF(-100,flags,program,args): the exit status of the program; with /ASYNC 0 at once;
    #   -1 when it could not be started. Without /SHELL no shell interprets program and arguments
    if len(rest) < 2:
        raise OsError("<FUNCTION>")
    flags = parse_flags(to_string(_plain(rest[0])))
    words = [to_string(_plain(rest[1]))]
    for argument in rest[2:]:
        if isinstance(argument, LocalArray):
            words += [to_string(argument.get(index + 1)) for index in range(to_int(argument.get()))]
        else:
            words.append(to_string(_plain(argument)))
    if flags.shell:
        quoted = [words[0], *(f'"{_escaped(word)}"' if word else "" for word in words[1:])]
        words = ["/bin/sh", "-c", " ".join(quoted)]
    return _start(runtime, words, flags) if flags.asynchronous else _wait(runtime, words, flags)


def _escaped(word: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", word)


def parse_flags(text: str) -> Flags:
    """Read the flags; one that the simulator does not have is refused by its name."""
    flags, position, text = Flags(), 0, text.strip()
    while position < len(text):
        match = _FLAG.match(text, position)
        if match is None:
            raise OsError("<FUNCTION>", "*" + text[position:])
        position = match.end()
        name, sign, value = match[1].upper(), match[2] or "", (match[3] or "").strip('"')
        if name == "ASYNC":
            flags.asynchronous = True
        elif name == "SHELL":
            flags.shell = True
        elif name == "STDIN" and value:
            flags.stdin = value
        elif name in ("STDOUT", "STDERR") and value:
            setattr(flags, name.lower(), (value, sign))
        else:
            raise unsupported(f"the flag /{name} of $ZF(-100)")
    return flags


def _open(runtime: Runtime, target: tuple[str, str]) -> IO[bytes]:
    return Path(_directory(runtime) or ".", target[0]).open("ab" if target[1] == "+=" else "wb")


def _directory(runtime: Runtime) -> str | None:
    # FIDELITY(assumed): a command starts in the current directory of the process
    return runtime.directory or None


def _spawn(runtime: Runtime, words: list[str], flags: Flags, default: int) -> subprocess.Popen[bytes] | None:
    streams: list[IO[bytes]] = []

    def output(target: tuple[str, str], other: int) -> IO[bytes] | int:
        if not target[0]:
            return other
        streams.append(_open(runtime, target))
        return streams[-1]

    try:
        # FIDELITY(assumed): a command reads nothing of what the session was given as input
        given: IO[bytes] | int = subprocess.DEVNULL
        if flags.stdin:
            given = Path(_directory(runtime) or ".", flags.stdin).open("rb")  # noqa: SIM115 - closed with the others
            streams.append(given)
        joined = default == subprocess.PIPE and not flags.stdout[0]
        return subprocess.Popen(
            words,
            stdin=given,
            stdout=output(flags.stdout, default),
            stderr=output(flags.stderr, subprocess.STDOUT if joined else default),
            cwd=_directory(runtime),
            env=runtime.session.environment,
        )
    except OSError:
        return None
    finally:
        for stream in streams:
            stream.close()


def _start(runtime: Runtime, words: list[str], flags: Flags) -> Value:
    child = _spawn(runtime, words, flags, subprocess.DEVNULL)
    if child is None:
        return NOT_STARTED
    runtime.zchild = child.pid
    _children.append(child)
    # Those that have ended are reaped here, so that they do not stay as zombies.
    _children[:] = [other for other in _children if other.poll() is None]
    return 0


_children: list[subprocess.Popen[bytes]] = []


def _wait(runtime: Runtime, words: list[str], flags: Flags) -> Value:
    child = _spawn(runtime, words, flags, subprocess.PIPE)
    if child is None:
        return NOT_STARTED
    runtime.zchild = child.pid
    try:
        for stream in (child.stdout, child.stderr):
            if stream is not None:
                _relay(runtime, stream)
        code = child.wait()
    except BaseException:
        child.kill()
        child.wait()
        raise
    finally:
        for stream in (child.stdout, child.stderr):
            if stream is not None:
                stream.close()
    # What a signal ended has the status that a shell would give.
    return code if code >= 0 else 128 - code


def _relay(runtime: Runtime, stream: IO[bytes]) -> None:
    """Show what the command writes, and notice meanwhile when the process is told to end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        if not select.select([stream], [], [], _POLL_SECONDS)[0]:
            runtime.session.check()
            continue
        data = os.read(stream.fileno(), 65536)
        if not data:
            return
        runtime.session.write(decoder.decode(data))

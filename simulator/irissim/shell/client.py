# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `iris` command. Sessions are served here with as few imports as possible; commands.py does everything else.

Started by path with `python -I -S`, therefore it finds its package by its own place.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

import select
import socket

from irissim.shell import wire

SESSION_VERBS = ("session", "terminal")
INSTANCE = "IRIS"


class UsageError(Exception):
    """The command line cannot be understood."""


def parse_session(arguments: list[str]) -> tuple[str, dict[str, str]]:
    """`INSTANCE [-U namespace] [-B] [-b size] [routine | ##class(..).M()]`; also `-U%SYS` in one word."""
    if not arguments:
        raise UsageError("an instance name is needed")
    instance, rest = arguments[0], list(arguments[1:])
    fields: dict[str, str] = {}
    while rest:
        word = rest.pop(0)
        if word == "-B":
            fields["emergency"] = "1"
        elif word[:2] in ("-U", "-b"):
            value = word[2:] or (rest.pop(0) if rest else "")
            if not value:
                raise UsageError(word + " needs a value")
            fields["namespace" if word[1] == "U" else "size"] = value
        elif "command" in fields:
            raise UsageError("only one routine can be run")
        else:
            fields["command"] = word
    return instance, fields


def converse(connection: socket.socket) -> int:
    """Copy input and output until the daemon gives the exit code."""
    watched: list[int] = [connection.fileno(), 0]
    try:
        os.fstat(0)
    except OSError:
        watched = watched[:1]
        wire.send(connection, wire.END_OF_INPUT)
    while True:
        try:
            ready = select.select(watched, [], [])[0]
        except KeyboardInterrupt:
            wire.send(connection, wire.INTERRUPT)
            continue
        if connection.fileno() in ready:
            kind, payload = wire.receive(connection)
            if kind == wire.EXIT:
                return int(payload)
            _write(payload)
        elif 0 in ready:
            chunk = os.read(0, 65536)
            if chunk:
                wire.send(connection, wire.INPUT, chunk)
            else:
                watched = watched[:1]
                wire.send(connection, wire.END_OF_INPUT)


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data):]


def session(arguments: list[str]) -> int:
    """Open a session and stay until it ends."""
    try:
        instance, fields = parse_session(arguments)
    except UsageError as error:
        return fail(f"iris session: {error}")
    if instance.upper() != INSTANCE:
        return fail(f"iris: instance '{instance}' not found")
    registry = os.environ.get("IRISSYS") or os.path.join(os.environ["IRISSIM_HOME"], "irissys")
    try:
        connection = wire.connect(registry)
    except OSError:
        return fail(f"iris: instance '{INSTANCE}' is down")
    try:
        fields.update((wire.ENVIRONMENT + name, value) for name, value in os.environ.items())
        wire.send(connection, wire.HEADER, wire.pack_header("session", fields))
        return converse(connection)
    except wire.Closed:
        return fail("iris: the session was ended by the instance")
    except BrokenPipeError:
        return 1


def fail(message: str) -> int:
    """Say why nothing was done."""
    sys.stderr.write(message + "\n")
    return 1


def main(arguments: list[str]) -> int:
    """Serve a session, or become the process that serves any other command."""
    if arguments and arguments[0] in SESSION_VERBS:
        return session(arguments[1:])
    return os.execv(sys.executable, [sys.executable, "-P", "-m", "irissim.shell.commands", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

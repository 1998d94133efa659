# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`iris session`: banner, prompt, one command after another, or a single routine or method given as argument."""

from __future__ import annotations

import pwd
from dataclasses import dataclass

from irissim.engine.instance import Instance
from irissim.objectscript.interpreter import Interpreter
from irissim.objectscript.registry import ClassRegistry
from irissim.objectscript.signals import Halt
from irissim.shell.conversation import Conversation
from irissim.shell.session import Jobs, ProcessSession, Terminated
from irissim.values.errors import OsError

DEFAULT_NAMESPACE = "USER"


@dataclass(frozen=True)
class SessionRequest:
    """What a session needs to begin."""

    instance: Instance
    classes: ClassRegistry
    jobs: Jobs
    conversation: Conversation
    fields: dict[str, str]


def serve(request: SessionRequest) -> int:
    """Run a session to its end and give its exit code."""
    try:
        session = ProcessSession(
            request.instance,
            request.classes,
            request.jobs,
            namespace=request.fields.get("namespace", DEFAULT_NAMESPACE),
            username=_user_name(request.conversation.peer_uid()),
            conversation=request.conversation,
        )
    except OsError as error:
        request.conversation.write(f"\n{error}\n")
        return 1
    interpreter = Interpreter(session)
    with session:
        try:
            command = request.fields.get("command")
            if command is None:
                _interact(session, interpreter)
            else:
                _run(session, interpreter, command)
            code = 0
        except Halt as halt:
            code = halt.code
        except Terminated as ended:
            return ended.code
        finally:
            interpreter.close()
        # FIDELITY(observed; LIVE): the exit code is 0 whatever the lines did, unless the process ended itself with
        #   $SYSTEM.Process.Terminate(,code)
        return _flushed(session, code)


def _flushed(session: ProcessSession, code: int) -> int:
    try:
        session.flush()
    except Terminated as ended:
        return ended.code
    return code


def _interact(session: ProcessSession, interpreter: Interpreter) -> None:
    # FIDELITY(observed; LIVE, DUR, ANS): blank line, node and instance, blank line, prompt; input is not echoed
    session.write(f"\nNode: {session.instance.addresses.host_name}, Instance: {session.instance.name}\n")
    while True:
        session.prompt(f"\n{_prompt(session.namespace, interpreter.runtime.transaction.level)}")
        line = session.read_command()
        try:
            interpreter.execute(line)
        except OsError as error:
            _show(session, error)


def _prompt(namespace: str, level: int) -> str:
    # FIDELITY(assumed): in a transaction the prompt begins with its level
    return f"TL{level}:{namespace}>" if level else f"{namespace}>"


def _run(session: ProcessSession, interpreter: Interpreter, command: str) -> None:
    session.is_command_argument = True
    try:
        interpreter.execute("do " + _callable(command))
    except OsError as error:
        _show(session, error)


def _callable(command: str) -> str:
    # FIDELITY(documented; GSA): the argument is a routine, an entry point or a class method call
    return command if command.startswith("#") or "^" in command or "$" in command else "^" + command


def _show(session: ProcessSession, error: OsError) -> None:
    session.use("0", ())
    session.write(f"\n{error}\n" if session.is_command_argument else f"\n{error}")


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

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
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import Halt
from irissim.shell import wire
from irissim.shell.conversation import Conversation, Gone
from irissim.shell.login import user_of
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
    instance, conversation = request.instance, request.conversation
    if "command" not in request.fields:
        # FIDELITY(observed; LIVE, DUR, ANS): blank line, node and instance, blank line, prompt; input is not echoed
        conversation.write(f"\n{instance.traps.greeting.banner(instance.addresses.host_name, instance.name)}\n")
    try:
        username = user_of(instance, conversation, _user_name(conversation.peer_uid()))
    except Gone:
        return 1
    if username is None:
        return 1
    try:
        session = ProcessSession(
            request.instance,
            request.classes,
            request.jobs,
            namespace=request.fields.get("namespace", DEFAULT_NAMESPACE),
            username=username,
            conversation=request.conversation,
            environment=_environment(request.fields),
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


def _environment(fields: dict[str, str]) -> dict[str, str]:
    # FIDELITY(observed; R-IM): the process has the environment of the command that began the session
    prefix = wire.ENVIRONMENT
    return {name.removeprefix(prefix): value for name, value in fields.items() if name.startswith(prefix)}


def _interact(session: ProcessSession, interpreter: Interpreter) -> None:
    session.write(session.instance.traps.greeting.noise)
    while True:
        session.prompt(f"\n{_prompt(session.namespace, interpreter.runtime)}")
        line = session.read_command()
        try:
            interpreter.execute(line)
        except OsError as error:
            _show(session, error)
            interpreter.runtime.stop_at(error)


def _prompt(namespace: str, runtime: Runtime) -> str:
    # FIDELITY(documented; GCOS): in a transaction the prompt begins with its level
    level = runtime.transaction.level
    return f"{f'TL{level}:' if level else ''}{namespace}{runtime.debug_prompt}>"


def _run(session: ProcessSession, interpreter: Interpreter, command: str) -> None:
    session.is_command_argument = True
    session.write(session.instance.traps.greeting.noise)
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

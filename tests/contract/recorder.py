# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ruff: noqa: N802, N803, N805 - classes written as the simulator wants them, with the names that IRIS documents

"""Classes that only write down their calls and answer as told, and a terminal that runs programs with them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers, parse
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method, field, query
from irissim.objectscript.signals import Halt
from irissim.values import oslist
from irissim.values.value import Value, to_string

#: The terminal in memory of the simulator's own tests; two directories called tests cannot both be packages.
_FAKES = Path(__file__).resolve().parents[2] / "simulator" / "tests" / "objectscript" / "fakes.py"


class Script:
    """What the classes answer, by name of the method (and its first argument), and what they were asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {}
        self.calls: list[str] = []
        self.array: dict[str, str] = {}

    def take(self, name: str, *arguments: Value) -> Any:
        call = " ".join([name, *(to_string(argument) for argument in arguments)])
        self.calls.append(call)
        for key in (call, name):
            if key in self.answers:
                found = self.answers[key]
                answer = found.pop(0) if len(found) > 1 else found[0]
                if isinstance(answer, Exception):
                    raise answer
                return answer
        return 1


SCRIPT = Script()


class Work(SystemClass):
    """Calls with a status, a boolean, any value; arrays by reference."""

    NAME = "Test.Work"

    @class_method(name="Do")
    def Perform(ctx: Context, Name: Value = "") -> Status:
        SCRIPT.take("do", Name)
        return 1

    @class_method()
    def Ask(ctx: Context, Name: Value = "") -> Value:
        answer: Value = SCRIPT.take("ask", Name)
        return answer

    @class_method()
    def Echo(ctx: Context, Text: Value = "") -> Value:
        return Text

    @class_method(byref=("Info",))
    def Fill(ctx: Context, Info: LocalArray = ...) -> Status:  # type: ignore[assignment]
        SCRIPT.array.update({to_string(path[0]): to_string(value) for path, value in Info.items() if path})
        return 1


    @query(columns=("Name", "DN"))
    def People(ctx: Context) -> Iterable[Sequence[Value]]:
        yield from SCRIPT.take("people")


class General(SystemClass):
    """Backup.General as far as a copy needs it."""

    NAME = "Backup.General"

    @class_method()
    def IsWDSuspended(ctx: Context) -> Value:
        answer: Value = SCRIPT.take("suspended")
        return answer

    @class_method()
    def ExternalFreeze(ctx: Context, *args: Value) -> Status:
        SCRIPT.take("freeze")
        return 1

    @class_method()
    def ExternalThaw(ctx: Context) -> Status:
        SCRIPT.take("thaw")
        return 1


class Database(SystemClass):
    """SYS.Database as far as a copy needs it."""

    NAME = "SYS.Database"
    Mounted = field(1)

    @class_method(name="%OpenId")
    def OpenId(ctx: Context, Directory: Value) -> Value:
        """Only a database that was mounted is known."""
        mounted = f"mounted {to_string(Directory)}" in SCRIPT.answers or f"mount {to_string(Directory)}" in SCRIPT.calls
        return Database(ctx) if mounted else ""

    @class_method()
    def DismountDatabase(ctx: Context, Directory: Value) -> Status:
        SCRIPT.take("dismount", Directory)
        return 1

    @class_method()
    def MountDatabase(ctx: Context, Directory: Value, *flags: Value) -> Status:
        SCRIPT.take("mount", Directory)
        return 1


class File(SystemClass):
    """%Library.File as far as a copy needs it."""

    NAME = "%Library.File"

    @class_method()
    def CopyFile(ctx: Context, From: Value, To: Value, Replace: Value) -> Value:
        assert to_string(To) == to_string(From) + ".irisops-clone"
        answer: Value = SCRIPT.take("copy", From)
        return answer

    @class_method()
    def Rename(ctx: Context, From: Value, To: Value) -> Value:
        answer: Value = SCRIPT.take("rename", From, To)
        return answer

    @class_method()
    def CreateDirectoryChain(ctx: Context, Name: Value) -> Value:
        answer: Value = SCRIPT.take("create", Name)
        return answer

    @class_method()
    def RemoveDirectory(ctx: Context, Name: Value) -> Value:
        answer: Value = SCRIPT.take("remove", Name)
        return answer

    @class_method()
    def DirectoryExists(ctx: Context, Name: Value) -> Value:
        """A directory is there after it was made."""
        made = f"create {to_string(Name)}" in SCRIPT.calls
        return made and f"remove {to_string(Name)}" not in SCRIPT.calls


class Mirror(SystemClass):
    """SYS.Mirror as far as placing a copy needs it."""

    NAME = "SYS.Mirror"

    @class_method()
    def ActivateMirroredDatabase(ctx: Context, Directory: Value) -> Status:
        SCRIPT.take("activate", Directory)
        return 1

    @class_method(byref=("Behind",))
    def CatchupDB(ctx: Context, Numbers: Value, Journals: Value = "", Behind: LocalArray = ...) -> Value:  # type: ignore[assignment]
        answer: Value = SCRIPT.take("catch up", len(oslist.list_items(to_string(Numbers))))
        return answer


class Entries(SystemClass):
    """Config.Databases as far as placing a copy needs it."""

    NAME = "Config.Databases"

    @class_method()
    def Exists(ctx: Context, Name: Value) -> Value:
        return 0

    @class_method(byref=("Properties",))
    def Create(ctx: Context, Name: Value, Properties: LocalArray = ...) -> Status:  # type: ignore[assignment]
        SCRIPT.take("register", Name, Properties.get("Directory"))
        return 1


def terminal() -> Any:
    spec = importlib.util.spec_from_file_location("simulator_fakes", _FAKES)
    assert spec is not None
    assert spec.loader is not None
    fakes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fakes)
    made = fakes.Terminal()
    for kind in (Work, General, Database, File, Mirror, Entries):
        made.session.classes.register(kind)
    made.session.classes.register_zutil(49, lambda ctx, directory: f"{len(to_string(directory))},1")
    return made


def execute(program: Program, **answers: Any) -> Answers:
    """Run every line as a terminal does, and read what was printed."""
    shell = terminal()
    SCRIPT.calls, SCRIPT.array = [], {}
    SCRIPT.answers = {name: value if isinstance(value, list) else [value] for name, value in answers.items()}
    lines = program.lines()
    written = shell.run(*lines[:-1])
    with pytest.raises(Halt):
        shell.interpreter.execute(lines[-1])
    found = parse(program, written)
    assert found.complete, written
    return found

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.OBJ, also called $SYSTEM.OBJ: loading and compiling classes and routines."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from irissim.library.arrays import OMITTED
from irissim.library.engine_access import path_of, sources
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method
from irissim.objectscript.commands.newline import NEW_LINE
from irissim.objectscript.loading.udl import parse_classes
from irissim.objectscript.registry import full_class_name
from irissim.objectscript.runtime import runtime_of
from irissim.values import status
from irissim.values.errors import OsError, StatusError
from irissim.values.value import Value, to_bool, to_string

_SUFFIXES = (".cls", ".mac", ".int", ".inc")
_HEADER = re.compile(r"ROUTINE\s+([%\w.]+)\s*(?:\[[^\]]*Type\s*=\s*(\w+)[^\]]*\])?", re.IGNORECASE)


class OBJ(SystemClass):
    """Sources are .cls, .mac, .int and .inc files; XML exports are refused."""

    NAME = "%SYSTEM.OBJ"

    @class_method()
    def DisplayError(ctx: Context, err: Value = "") -> Status:
        # FIDELITY(documented; CR24): without an argument it shows %objlasterror
        found = err if err != "" else runtime_of(ctx.session).local_value("%objlasterror") or ""
        return ctx.classes.call(ctx.session, "%SYSTEM.Status", "DisplayError", [found])

    @class_method(byref=("errorlog", "loadedlist", "description"))
    def Load(
        ctx: Context,
        file: Value = "",
        qspec: Value = "",
        errorlog: LocalArray = OMITTED,
        loadedlist: LocalArray = OMITTED,
        listonly: Value = 0,
        selecteditems: Value = "",
        displayname: Value = "",
        charset: Value = "",
        description: LocalArray = OMITTED,
    ) -> Status:
        _refuse(listonly=listonly, selecteditems=selecteditems)
        return _load(ctx, [path_of(ctx, file)], qspec, errorlog, loadedlist)

    @class_method(byref=("errorlog", "loadedlist"))
    def LoadStream(
        ctx: Context,
        stream: Value,
        qspec: Value = "",
        errorlog: LocalArray = OMITTED,
        loadedlist: LocalArray = OMITTED,
        listonly: Value = 0,
        selecteditems: Value = "",
        displayname: Value = "",
        charset: Value = "",
    ) -> Status:
        raise StatusError(5001, "LoadStream is not supported by the simulator")

    @class_method(byref=("errorlog", "loadedlist"))
    def LoadDir(
        ctx: Context,
        dir: Value = "",
        qspec: Value = "",
        errorlog: LocalArray = OMITTED,
        recurse: Value = 0,
        loadedlist: LocalArray = OMITTED,
    ) -> Status:
        directory = path_of(ctx, dir)
        if not directory.is_dir():
            # FIDELITY(documented; ERR 5007): a directory that is not there
            raise StatusError(5007, str(directory))
        return _load(ctx, _sources_in(directory, to_bool(recurse), _SUFFIXES), qspec, errorlog, loadedlist)

    @class_method(byref=("errorlog", "imported", "selectedlist"))
    def ImportDir(
        ctx: Context,
        dir: Value = "",
        wildcards: Value = "",
        qspec: Value = "",
        errorlog: LocalArray = OMITTED,
        recurse: Value = 0,
        imported: LocalArray = OMITTED,
        listonly: Value = 0,
        selectedlist: LocalArray = OMITTED,
    ) -> Status:
        _refuse(listonly=listonly)
        directory = path_of(ctx, dir)
        if not directory.is_dir():
            raise StatusError(5007, str(directory))
        patterns = [word.removeprefix("*") for word in re.split("[;,]", to_string(wildcards)) if word] or [*_SUFFIXES]
        found = _sources_in(directory, to_bool(recurse), tuple(patterns))
        return _load(ctx, found, qspec, errorlog, imported)

    @class_method(byref=("classes", "errorlog"))
    def Compile(
        ctx: Context, classes: LocalArray, qspec: Value = "", errorlog: LocalArray = OMITTED, recurse: Value = 0
    ) -> Status:
        return _compile_all(ctx, _named(classes), qspec, errorlog)

    @class_method(byref=("list", "errorlog", "updatedlist"))
    def CompileList(
        ctx: Context,
        list: LocalArray,
        qspec: Value = "",
        errorlog: LocalArray = OMITTED,
        updatedlist: LocalArray = OMITTED,
    ) -> Status:
        return _compile_all(ctx, _named(list), qspec, errorlog)

    @class_method(byref=("errorlog",))
    def CompilePackage(
        ctx: Context, package: Value = "", qspec: Value = "", errorlog: LocalArray = OMITTED
    ) -> Status:
        return _compile_all(ctx, _in_package(ctx, package), qspec, errorlog)

    @class_method(byref=("classes", "errorlog"))
    def Delete(
        ctx: Context, classes: LocalArray, qspec: Value = "", errorlog: LocalArray = OMITTED
    ) -> Status:
        for name in _named(classes):
            if not sources(ctx).delete(ctx.session, "cls", full_class_name(name)):
                # FIDELITY(documented; ERR 5351): a class that is not there
                raise StatusError(5351, full_class_name(name))
        return status.OK

    @class_method()
    def DeletePackage(ctx: Context, package: Value = "", qspec: Value = "") -> Status:
        for name in _in_package(ctx, package):
            sources(ctx).delete(ctx.session, "cls", name)
        return status.OK

    @class_method()
    def IsValidClassname(ctx: Context, class_: Value) -> Status:
        if re.fullmatch(r"%?[A-Za-z]\w*(\.[A-Za-z]\w*)*", to_string(class_)) is None:
            # FIDELITY(documented; ERR 5053): a class name that is not valid
            raise StatusError(5053, to_string(class_))
        return status.OK


class _Work:
    """One load: what it says on the current device, what failed."""

    def __init__(self, ctx: Context, qualifiers: Value) -> None:
        self.ctx = ctx
        flags = to_string(qualifiers).lower().split("/")[0]
        self.compiles = "c" in flags
        # FIDELITY(documented; CR24): the flag "d" is on unless "-d" switches the display off
        self.shows = "-d" not in flags and "/nodisplay" not in to_string(qualifiers).lower()
        self.failed: list[StatusError] = []

    def say(self, text: str) -> None:
        """A line of the log."""
        if self.shows:
            self.ctx.session.write(NEW_LINE + text)

    def fail(self, error: StatusError) -> None:
        """An error of one source; the others go on."""
        self.failed.append(error)
        self.ctx.session.write(NEW_LINE + status.text(status.status_of(error)))

    def result(self, errorlog: LocalArray) -> Value:
        """The status of the whole."""
        errorlog.set(len(self.failed))
        result: Value = status.OK
        for number, error in enumerate(self.failed, 1):
            one = status.status_of(error)
            errorlog.set(status.text(one), number)
            result = status.append_status(result, one)
        return result


def _load(ctx: Context, files: list[Path], qspec: Value, errorlog: LocalArray, loaded: LocalArray) -> Value:
    # FIDELITY(observed; R-CD, R-MS): what a load writes; times are those of the node
    work = _Work(ctx, qspec)
    work.say(time.strftime("Load started on %m/%d/%Y %H:%M:%S"))
    classes: list[str] = []
    routines: list[tuple[str, str]] = []
    for path in files:
        _load_file(work, path, classes, routines)
    for kind, name in routines:
        loaded.set("", f"{name}.{kind}")
    for name in classes:
        loaded.set("", name + ".cls")
    if work.compiles:
        _compile_routines(work, routines)
        _compile_classes(work, classes)
    count = len(work.failed)
    work.say(f"Detected {count} errors during load." if count else "Load finished successfully.")
    work.say("")
    return work.result(errorlog)


def _load_file(work: _Work, path: Path, classes: list[str], routines: list[tuple[str, str]]) -> None:
    if not path.is_file():
        # FIDELITY(documented; ERR 5012): a file that is not there
        work.fail(StatusError(5012, str(path)))
        return
    kind = path.suffix.lower()
    text = path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n")
    if kind == ".xml" or text.lstrip().startswith("<"):
        work.fail(StatusError(5001, f"{path}: XML exports are not supported by the simulator"))
    elif kind not in _SUFFIXES:
        work.fail(StatusError(5840, str(path)))
    else:
        work.say(f"Loading file {path} as udl")
        _keep(work, path, kind[1:], text, classes, routines)


def _keep(work: _Work, path: Path, kind: str, text: str, classes: list[str], routines: list[tuple[str, str]]) -> None:
    ctx = work.ctx
    try:
        if kind == "cls":
            for definition in parse_classes(text):
                sources(ctx).save(ctx.session, kind, definition.name, text)
                classes.append(definition.name)
            return
        match = _HEADER.match(text)
        name = match[1] if match else path.stem
        found = (match[2] or kind).lower() if match else kind
        sources(ctx).save(ctx.session, found, name, text)
        if found != "inc":
            routines.append((found, name))
    except OsError as error:
        if error.name != "<SYNTAX>":
            raise
        work.fail(StatusError(5559, path.stem, str(error)))


def _compile_all(ctx: Context, names: list[str], qspec: Value, errorlog: LocalArray) -> Value:
    work = _Work(ctx, qspec)
    work.say(time.strftime("Compilation started on %m/%d/%Y %H:%M:%S"))
    _compile_classes(work, [full_class_name(name.removesuffix(".cls").removesuffix(".CLS")) for name in names])
    count = len(work.failed)
    ending = "Compilation finished successfully in" if not count else f"Detected {count} errors during compilation in"
    work.say(f"{ending} 0.0s.")
    work.say("")
    return work.result(errorlog)


def _compile_classes(work: _Work, names: list[str]) -> None:
    for name in _parents_first(work.ctx, names):
        work.say(f"Compiling class {name}")
        try:
            built = sources(work.ctx).compile_class(work.ctx.session, name)
        except StatusError as error:
            work.fail(error)
            continue
        work.say(f"Compiling routine {name}.1")
        for notice in dict.fromkeys(built.notices):
            work.ctx.session.write(f"{NEW_LINE}Simulator: {name}: {notice}")


def _compile_routines(work: _Work, routines: list[tuple[str, str]]) -> None:
    for kind, name in routines:
        work.say(f"Compiling routine : {name}.{kind}")
        try:
            code = sources(work.ctx).compile_routine(work.ctx.session, kind, name)
        except StatusError as error:
            work.fail(error)
            continue
        for refusal in code.refused:
            work.ctx.session.write(f"{NEW_LINE}Simulator: {name}: {refusal.removeprefix('*')}")


def _parents_first(ctx: Context, names: list[str]) -> Iterator[str]:
    """The classes in an order in which each comes after those it extends."""
    left = list(dict.fromkeys(names))
    while left:
        ready = []
        for name in left:
            definition = sources(ctx).definition(ctx.session, name)
            if definition is None or not set(definition.parents) & set(left):
                ready.append(name)
        for name in ready or left:
            yield name
        left = [name for name in left if name not in ready] if ready else []


def _in_package(ctx: Context, package: Value) -> list[str]:
    stem = to_string(package) + "."
    return [name for name in sources(ctx).names(ctx.session, "cls") if name.startswith(stem)]


def _named(given: LocalArray) -> list[str]:
    """Names between commas, or the subscripts of an array."""
    subscripts = [to_string(key) for key in given.as_dict()]
    return subscripts or [name.strip() for name in to_string(given.get()).split(",") if name.strip()]


def _sources_in(directory: Path, recurse: bool, suffixes: tuple[str, ...]) -> list[Path]:
    found = directory.rglob("*") if recurse else directory.glob("*")
    return sorted(path for path in found if path.is_file() and path.name.lower().endswith(suffixes))


def _refuse(**options: Value) -> None:
    for name, value in options.items():
        if value not in ("", 0):
            raise StatusError(5001, f"the argument {name} is not supported by the simulator")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration merge of a node: at its start, while its merge file is watched, and by `iris merge`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from irissim.engine.config import Cpf
from irissim.engine.install import CPF_NAME
from irissim.engine.instance import Instance
from irissim.merge.calls import EVENT
from irissim.merge.patience import Patience
from irissim.merge.runner import Merge
from irissim.merge.settings import apply_settings
from irissim.merge.source import MergeError, parse
from irissim.objectscript.registry import ClassRegistry
from irissim.objectscript.signals import Halt
from irissim.shell.session import Jobs, ProcessSession, Terminated
from irissim.shell.settings import NodeSettings

WATCH_SECONDS = 0.5
_USER = "irisowner"
_SUCCESS = "IRIS Merge completed successfully"

Say = Callable[[str], None]


class Merging:
    """The merges of one run of an instance."""

    def __init__(self, node: NodeSettings, say: Say, stopping: threading.Event) -> None:
        """`say` shows a line to whoever starts the instance."""
        self._node = node
        self._say = say
        self._stopping = stopping
        self._patience = Patience(stopping=stopping.is_set)
        self._one = threading.Lock()
        self._pending: Merge | None = None
        self._seen: object = None

    @property
    def cpf(self) -> Path:
        """The active iris.cpf."""
        return self._node.instance_dir / CPF_NAME

    def before_start(self) -> None:
        """Merge the settings of the merge file into iris.cpf; raises MergeError for a file that cannot be used."""
        # FIDELITY(documented; ACMF 2, 6): the file of ISC_CPF_MERGE_FILE is applied at each start; one that is not
        #   there is told about, and the startup goes on; an empty one does nothing
        # FIDELITY(assumed): a file with an error in it aborts the startup, before anything of it is applied
        file = self._node.merge_file
        self._seen = _stamp(file)
        if file is None:
            return
        if not file.is_file():
            self._say(f"IRIS Merge: {file} does not exist, the startup continues without it")
            return
        try:
            self._pending = Merge(parse(_read(file)))
        except MergeError as error:
            raise MergeError(f"{_beginning(file, self.cpf)}\n{_failure(file, error)}") from None
        apply_settings(Cpf.load(self.cpf), self._pending.settings)

    def after_start(self, instance: Instance, classes: ClassRegistry, jobs: Jobs) -> None:
        """Carry out the actions of the merge file, and watch it from now on."""
        file, merge = self._node.merge_file, self._pending
        if file is None:
            return

        if merge is not None and (merge.settings or merge.actions):
            self._unattended(file, merge, instance, classes, jobs, self._say)
        watch = threading.Thread(target=self._watch, args=(file, instance, classes, jobs), name="merge", daemon=True)
        watch.start()

    def _unattended(
        self, file: Path, merge: Merge, instance: Instance, classes: ClassRegistry, jobs: Jobs, say: Say
    ) -> None:
        """A merge that nobody waits for: how it went is in messages.log."""

        def tell(line: str, severity: int = 0) -> None:
            say(line)
            instance.log.write(line.replace("\n", ". "), severity, EVENT)

        # FIDELITY(assumed): an action that fails at startup is reported, and the instance stays up
        tell(_beginning(file, self.cpf))
        try:
            self._run(merge, instance, classes, jobs)
        except MergeError as error:
            tell(_failure(file, error), 2)
        else:
            tell(_SUCCESS)

    def command(self, instance: Instance, classes: ClassRegistry, jobs: Jobs, file: Path, say: Say) -> int:
        """`iris merge`: the exit code."""
        # FIDELITY(observed; DUR, ANS): the two lines of `iris merge`
        # FIDELITY(documented; ACMF 3.1): exit code 0 for success; a failure names the line
        say(_beginning(file, self.cpf))
        try:
            if not file.is_file():
                # FIDELITY(documented; ACMF 3.1): without the file no merge is performed
                # FIDELITY(assumed): that is a failure (IRIS 2022 was seen to call it a success)
                raise MergeError("there is no such merge file")
            merge = Merge(parse(_read(file)))
            apply_settings(instance.config, merge.settings)
            self._run(merge, instance, classes, jobs)
        except MergeError as error:
            say(_failure(file, error))
            instance.log.write(_failure(file, error).replace("\n", ". "), 1, EVENT)
            return 1
        say(_SUCCESS)
        return 0

    def _run(self, merge: Merge, instance: Instance, classes: ClassRegistry, jobs: Jobs) -> None:
        with self._one:
            session = ProcessSession(instance, classes, jobs, namespace="%SYS", username=_USER)
            with session:
                try:
                    merge.run(instance, session, self._patience, lambda line: instance.log.write(line, event=EVENT))
                except (Halt, Terminated):
                    raise MergeError("the merge was ended by what it executed") from None

    def _watch(self, file: Path, instance: Instance, classes: ClassRegistry, jobs: Jobs) -> None:
        # FIDELITY(documented; ACMF 3.1): the file is watched and merged again at once when it changes; emptying or
        #   removing it does nothing
        while not self._stopping.wait(WATCH_SECONDS):
            stamp = _stamp(file)
            if stamp == self._seen:
                continue
            self._seen = stamp
            try:
                merge = Merge(parse(_read(file)))
            except MergeError as error:
                instance.log.write(_failure(file, error).replace("\n", ". "), 2, EVENT)
                continue
            if merge.settings or merge.actions:
                apply_settings(instance.config, merge.settings)
                self._unattended(file, merge, instance, classes, jobs, lambda _line: None)


def _beginning(file: Path, cpf: Path) -> str:
    return f"IRIS Merge of {file} into {cpf}"


def _failure(file: Path, error: MergeError) -> str:
    return f"{file}: {error}\nIRIS Merge failed"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise MergeError(f"the file cannot be read: {error}") from None


def _stamp(file: Path | None) -> tuple[int, int, int] | None:
    """Changes with the content; None without a file."""
    try:
        status = file.stat() if file is not None else None
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if status is not None else None

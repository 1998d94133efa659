# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices a session writes to and reads from: its terminal, sequential files, nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Protocol

from irissim.shell.conversation import Conversation, EndOfInput, InputTimeout
from irissim.values.errors import OsError
from irissim.values.value import Value, to_string

FLUSH_CHARACTERS = 8192


class Device(Protocol):
    """What OPEN, USE, WRITE, READ and CLOSE need."""

    name: str
    column: int

    def write(self, text: str) -> None:
        """Put text out."""

    def read_line(self, timeout: float | None) -> str | None:
        """The next line; None at a timeout or at the end."""

    def close(self) -> None:
        """Give the device back."""


def column_after(column: int, text: str) -> int:
    """$X after some output."""
    newline = max(text.rfind("\n"), text.rfind("\r"), text.rfind("\f"))
    return column + len(text) if newline < 0 else len(text) - newline - 1


class Terminal:
    """The principal device of a session that a command opened."""

    def __init__(self, conversation: Conversation, name: str, before_output: Callable[[], None]) -> None:
        self.name = name
        self.column = 0
        self._conversation = conversation
        self._before_output = before_output
        self._pending: list[str] = []
        self._pending_length = 0

    def write(self, text: str) -> None:
        """Collect output; nothing is shown before the updates it may tell about are safe."""
        self.column = column_after(self.column, text)
        self._pending.append(text)
        self._pending_length += len(text)
        if self._pending_length >= FLUSH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Show what was collected."""
        self._before_output()
        if self._pending:
            text = "".join(self._pending)
            self._pending.clear()
            self._pending_length = 0
            self._conversation.write(text)

    def read_line(self, timeout: float | None) -> str | None:
        """A line of input; asking shows the output before it."""
        self.flush()
        try:
            return self._conversation.read_line(timeout)
        except (EndOfInput, InputTimeout):
            return None

    def close(self) -> None:
        """The terminal stays."""


class Nothing:
    """The principal device of a background process."""

    def __init__(self, name: str = "/dev/null") -> None:
        self.name = name
        self.column = 0

    def write(self, text: str) -> None:
        """Goes nowhere."""
        self.column = column_after(self.column, text)

    def flush(self) -> None:
        """There is nothing to show."""

    def read_line(self, timeout: float | None) -> str | None:
        """There is nothing to read."""
        return None

    def close(self) -> None:
        """Nothing to give back."""


class SequentialFile:
    """A file opened with OPEN; mode letters N (new), W (write), R (read), A (append)."""

    def __init__(self, path: Path, mode: str) -> None:
        self.name = str(path)
        self.column = 0
        letters = mode.upper()
        writing = "W" in letters or "N" in letters or "A" in letters
        python_mode = "r" if not writing else "a" if "A" in letters and "N" not in letters else "w"
        self._stream: IO[str] = path.open(python_mode, encoding="utf-8", newline="")

    def write(self, text: str) -> None:
        """Write into the file."""
        try:
            self._stream.write(text)
        except OSError as error:
            raise OsError("<WRITE>") from error
        self.column = column_after(self.column, text)

    def read_line(self, timeout: float | None) -> str | None:
        """The next line of the file."""
        line = self._stream.readline()
        if not line:
            # FIDELITY(documented; DUR): reading behind the end of a sequential file is an <ENDOFFILE> error
            raise OsError("<ENDOFFILE>")
        return line.rstrip("\r\n")

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def open_file(name: str, parameters: Sequence[Value]) -> SequentialFile | None:
    """The file for an OPEN, None if it cannot be opened so."""
    mode = to_string(parameters[0]) if parameters else "R"
    try:
        return SequentialFile(Path(name), mode)
    except OSError:
        return None

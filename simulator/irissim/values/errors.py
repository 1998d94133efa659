# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ways in which a call can fail: a run-time error and a bad status."""

from __future__ import annotations


class OsError(Exception):
    """An ObjectScript run-time error such as ``<UNDEFINED>zRun+3^My.Class.1 *x``."""

    def __init__(self, name: str, detail: str = "", location: str = "") -> None:
        super().__init__(name, detail, location)
        self.name = name
        self.detail = detail
        self.location = location

    def __str__(self) -> str:
        head = self.name + self.location
        return f"{head} {self.detail}" if self.detail else head


class StatusError(Exception):
    """A failure that the class library reports as a %Status, for example #2063 with a directory."""

    def __init__(self, code: int, *args: str | int) -> None:
        super().__init__(code, *args)
        self.code = code
        self.arguments = args
        self.causes: tuple[StatusError, ...] = ()

    def because(self, *causes: StatusError) -> StatusError:
        """Stack further errors below this one, as IRIS does with #70, #60, #73."""
        self.causes = (*self.causes, *causes)
        return self

    def __str__(self) -> str:
        words = ", ".join(str(argument) for argument in self.arguments)
        return f"#{self.code}({words})"

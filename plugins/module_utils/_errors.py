# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Everything that can go wrong, one class per cause. A leaf: it imports nothing of the collection."""

from __future__ import annotations

import typing as t


class IrisError(Exception):
    """A failure that the user can read and a program can match.

    ``code`` is stable and documented; ``message`` says what was asked and what came back; ``remedy`` says what to do
    next; ``node`` names the member; ``numbers`` are the IRIS error numbers (C(ERROR #n)).
    """

    def __init__(
        self,
        code: str,
        message: str,
        remedy: str = "",
        node: str = "",
        numbers: t.Sequence[int] = (),
        state: dict[str, t.Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.node = node
        self.numbers = list(numbers)
        self.state = state or {}

    def sentence(self) -> str:
        """The text for ``msg``: where, what and what next."""
        where = "%s: " % self.node if self.node else ""
        what = self.message if self.message.endswith((".", "!", "?")) else self.message + "."
        return (where + what + (" " + self.remedy if self.remedy else "")).strip()

    def as_result(self) -> dict[str, t.Any]:
        """The documented return value ``error``."""
        return {
            "code": self.code,
            "numbers": self.numbers,
            "text": self.message,
            "remedy": self.remedy,
            "member": self.node,
        }


class TransportError(IrisError):
    """The node cannot be reached or cannot run a command: engine, container, executable."""


class SessionError(IrisError):
    """`iris session` did not run the program to its end."""


class StatusError(IrisError):
    """An IRIS call answered with an error status."""


class ConflictError(IrisError):
    """What is there contradicts what was asked, and changing it could lose something."""


class PreconditionError(IrisError):
    """Something that must be done first is missing."""


class InputError(IrisError):
    """An option has a value that IRIS would refuse; nothing was sent."""


class WaitTimeout(IrisError):
    """The state that was waited for did not come, or can no longer come."""

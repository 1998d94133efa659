# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Several programs in one `iris session`: for clients that go on asking and take one licence unit."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError, SessionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers, parse

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session

#: The last line of a program.
HALT = "halt\n"


class Conversation:
    """A session that stays open. It never waits for a limit: whoever has waited enough calls :meth:`close`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pipe = session.transport.open_pipe(session.command())

    def ask(self, program: Program) -> Answers:
        """Send a program and wait for its end; SessionError when the session ends before."""
        # The session has to stay
        self._pipe.send(program.text()[: -len(HALT)])
        output = ""
        while True:
            part = self._pipe.receive()
            output += part
            answers = parse(program, output)
            if answers.complete:
                return answers
            if not part:
                raise SessionError(
                    "session_lost",
                    "the session ended while it was used: %s" % (self._session.tail(output) or "it printed nothing"),
                    "The instance stopped, was killed, or lost its role.",
                    node=self._session.node,
                )

    def close(self) -> None:
        """End the session. One that hangs finds the word when it goes on."""
        with contextlib.suppress(IrisError):
            self._pipe.send(HALT)
        self._pipe.close()

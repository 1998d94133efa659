# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Run a program in `iris session` and judge what came back."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import SessionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers, parse
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import literal
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program, pieces
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import FRAME_START
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import ExecResult, Transport

#: Exit code of `iris session` while the instance starts ("Sign-on inhibited"), observed on IRIS containers.
SIGN_ON_INHIBITED = 239
#: What a session prints that gets no licence unit. The names of ObjectScript errors are the same in every language.
NO_UNIT = "<LICENSE LIMIT EXCEEDED>"
#: How much of a transcript an error shows.
TRANSCRIPT = 1200


class Session:
    """One instance reached through a transport. Counts its runs: sessions cost licence units."""

    def __init__(
        self,
        transport: Transport,
        instance: str = "IRIS",
        executable: str = "iris",
        limit: float = 60.0,
        ready_limit: float = 60.0,
        secrets: t.Sequence[str] = (),
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self.transport = transport
        self.instance = instance
        self.executable = executable
        self.limit = limit
        self.ready_limit = ready_limit
        self.secrets: list[str] = []
        self.hide(*secrets)
        self.clock = clock
        self.sleep = sleep
        self.runs = 0

    @property
    def node(self) -> str:
        return self.transport.name

    def command(self) -> list[str]:
        return [self.executable, "session", self.instance, "-U", "%SYS"]

    def run(self, program: Program) -> Answers:
        """Send the program; retry while the session is not let in. Raises SessionError unless the end mark arrived."""
        text = program.text()
        limit = self.limit + program.seconds()
        deadline = self.clock() + self.ready_limit
        pause = 0.2
        while True:
            self.runs += 1
            result = self.transport.execute(self.command(), text, limit)
            refusal = self._refusal(result)
            if refusal is None:
                break
            if self.clock() >= deadline:
                raise refusal
            self.sleep(pause)
            pause = min(pause * 1.5, 2.0)
        answers = parse(program, result.stdout)
        if not answers.complete:
            raise self._broken(result)
        return answers

    def _refusal(self, result: ExecResult) -> SessionError | None:
        """Why the session did not begin although a later one may. A session that sent a frame did begin."""
        if result.rc == SIGN_ON_INHIBITED:
            return SessionError(
                "instance_not_ready",
                "instance %s still refuses sign-on after %d seconds" % (self.instance, self.ready_limit),
                "It is starting, stopping or recovering; look at messages.log. 'ready_timeout' sets the limit.",
                node=self.node,
            )
        if NO_UNIT in result.stdout + result.stderr and FRAME_START not in result.stdout:
            return SessionError(
                "licence_limit",
                "no licence unit was free for a session within %d seconds" % (self.ready_limit,),
                "Wait until sessions end, or lower the forks. 'ready_timeout' sets the limit.",
                self.node,
            )
        return None

    def _broken(self, result: ExecResult) -> SessionError:
        transcript = self.tail(result.stdout + result.stderr)
        if result.rc != 0 and not transcript.count(">"):
            return SessionError(
                "instance_not_found",
                "'%s session %s' failed with exit code %d: %s"
                % (self.executable, self.instance, result.rc, transcript or "no output"),
                "Check 'instance' ('iris list' shows the names) and that it is running.",
                node=self.node,
            )
        return SessionError(
            "session_failed",
            "the session ended before the program did (exit code %d). It printed: %s"
            % (result.rc, transcript or "nothing"),
            node=self.node,
        )

    def tail(self, output: str) -> str:
        """As much of a transcript as an error shows, without secrets."""
        return self.mask(output.strip())[-TRANSCRIPT:]

    def hide(self, *secrets: str) -> None:
        """Mask these values, too."""
        forms = {form for secret in secrets for form in _forms(secret)}
        self.secrets = sorted(forms.union(self.secrets), key=len, reverse=True)

    def mask(self, text: str) -> str:
        """Replace every secret; a terminal prints the line in which it found a syntax error."""
        for secret in self.secrets:
            text = text.replace(secret, "********")
        return text


def _forms(secret: str) -> list[str]:
    """How a secret can stand in a transcript: as it is, and as the literals that carry it."""
    return [secret, *(literal(piece) for piece in pieces(secret))] if secret else []

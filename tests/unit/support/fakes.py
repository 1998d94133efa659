# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Doubles for everything below a module: a scripted transport, answers made of frames, a clock that runs when told.

The rendered program says nothing of the names of its steps, so programs are remembered when they are rendered
(`conftest.py`), and an exchange answers each step by name, as the session would: a failed step stops what follows.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Guard, Rows, Step, Wait
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import (
    ExecResult,
    FileStream,
    Pipe,
    Transport,
)

RENDERED: dict[str, Program] = {}

BANNER = "\r\nNode: mirrora, Instance: IRIS\r\n\r\n%SYS>"
PROMPT = "\r\n%SYS>"


@dataclasses.dataclass
class Reply:
    """What one step answers."""

    ok: bool = True
    value: t.Any = None
    codes: t.Sequence[int] = ()
    text: str = ""
    rows: t.Sequence[t.Sequence[t.Any]] = ()
    skipped: bool = False
    seconds: float = 0.01


def failed(*codes: int, text: str = "it failed") -> Reply:
    return Reply(False, codes=codes, text=text)


#: By the name of a step, by (group, name), or by (group, name, number of the item).
Script = t.Mapping[t.Any, Reply]


def transcript(program: Program, script: Script | None = None, end: bool = True) -> str:
    """The output of a session that ran the program."""
    script = script or {}
    output = [BANNER]
    going = True
    numbers = {(group, step.name): number for number, (group, step) in program.index.items()}
    for element in program.elements:
        if isinstance(element, Each):
            alive = [True] * len(element.items)
            for step in element.steps:
                for item in [-1] if step.once else range(len(element.items)):
                    if not (step.always or (going and (step.once or alive[item]))):
                        continue
                    reply = _reply(script, element.name, step, item)
                    output.append(_frames(numbers[element.name, step.name], item, reply))
                    if step.stops and not reply.ok:
                        if step.once:
                            going = False
                        else:
                            alive[item] = False
        elif going or element.always:
            reply = _reply(script, "", element, -1)
            output.append(_frames(numbers["", element.name], -1, reply))
            going = going and (reply.ok or not element.stops)
    if end:
        output.append(_frame({"end": 1}))
    return PROMPT.join(output) + PROMPT


def _reply(script: Script, group: str, step: Step, item: int) -> Reply:
    for key in ((group, step.name, item), (group, step.name), step.name):
        if key in script:
            return script[key]
    if isinstance(step, Wait):
        return Reply(value=step.good[0])
    if isinstance(step, Guard):
        return Reply(value=step.allowed[0])
    return Reply(value=None if isinstance(step, Rows) or step.acts else {})


def _frames(number: int, item: int, reply: Reply) -> str:
    rows = [_frame({"id": number, "item": item + 1, "row": list(row)}) for row in reply.rows]
    frame: dict[str, t.Any] = {} if reply.value is None else {"value": reply.value}
    if reply.codes:
        frame["codes"] = ",".join(str(code) for code in reply.codes)
    if reply.text:
        frame["text"] = reply.text
    if reply.skipped:
        frame["skipped"] = 1
    frame.update(id=number, item=item + 1, ok=int(reply.ok), seconds=reply.seconds)
    return "".join([*rows, _frame(frame)])


def _frame(content: t.Mapping[str, t.Any]) -> str:
    return "\x02" + json.dumps(content, ensure_ascii=False) + "\x03"


@dataclasses.dataclass
class Exchange:
    """One run of a command: what its program must contain, and what comes back."""

    script: Script = dataclasses.field(default_factory=dict)
    contains: t.Sequence[str] = ()
    lacks: t.Sequence[str] = ()
    rc: int = 0
    output: str | None = None
    stderr: str = ""
    error: Exception | None = None

    def answer(self, stdin: str) -> ExecResult:
        for fragment in self.contains:
            assert fragment in stdin, f"{fragment!r} is not in the program"
        for fragment in self.lacks:
            assert fragment not in stdin, f"{fragment!r} is in the program"
        if self.error is not None:
            raise self.error
        output = self.output if self.output is not None else transcript(RENDERED[stdin], self.script)
        return ExecResult(self.rc, output, self.stderr, 0.1)


class FakePipe(Pipe):
    """A session that answers each program by `reply`: the text to print, or None when it ends there."""

    def __init__(self, reply: t.Callable[[Program], str | None]) -> None:
        self._reply = reply
        self._output: list[str] = []
        self.sent: list[str] = []
        self.is_closed = False

    def send(self, text: str) -> None:
        self.sent.append(text)
        program = RENDERED.get(text + "halt\n")
        if program is not None:
            answer = self._reply(program)
            # In two pieces, torn in the middle of a frame, as streams may be
            self._output.extend([] if answer is None else [answer[:-9], answer[-9:]])

    def receive(self) -> str:
        return self._output.pop(0) if self._output else ""

    def close(self) -> None:
        self.is_closed = True


class FakeTransport(Transport):
    """Answers the expected exchanges in order; `files` holds what `open_file` finds."""

    def __init__(self, *exchanges: Exchange, name: str = "mirrorA") -> None:
        self.name = name
        self.exchanges = list(exchanges)
        self.programs: list[str] = []
        self.arguments: list[list[str]] = []
        self.limits: list[float] = []
        self.files: dict[str, bytes] = {}
        self.on_write: Exception | None = None
        self.pipes: list[FakePipe] = []

    def execute(self, argv: t.Sequence[str], stdin: str, limit: float) -> ExecResult:
        assert self.exchanges, f"nobody expected this run:\n{stdin}"
        self.programs.append(stdin)
        self.arguments.append(list(argv))
        self.limits.append(limit)
        return self.exchanges.pop(0).answer(stdin)

    def open_pipe(self, argv: t.Sequence[str]) -> Pipe:
        self.arguments.append(list(argv))
        return self.pipes.pop(0)

    def open_file(self, path: str) -> FileStream:
        content = self.files[path]
        return FileStream(len(content), 0o640, iter([content]))

    def write_file(self, path: str, source: FileStream) -> None:
        if self.on_write is not None:
            raise self.on_write
        self.files[path] = b"".join(source.chunks)

    def assert_is_done(self) -> None:
        assert not self.exchanges, f"{len(self.exchanges)} expected runs did not happen"


class FakeClock:
    """A clock that runs only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""From the bytes that a session printed to typed answers. Nothing here reads words that can be localised."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import SessionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import NO_ITEM, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import FRAME_END, FRAME_START, Step

_FRAME = re.compile("%s(.*?)%s" % (FRAME_START, FRAME_END), re.S)


@dataclasses.dataclass
class Answer:
    """What one step answered. ``value`` is a dict for reads, a string for waits and guards, None where nothing was."""

    step: Step
    ok: bool
    value: t.Any = None
    codes: list[int] = dataclasses.field(default_factory=list)
    text: str = ""
    seconds: float = 0.0
    rows: list[list[str]] = dataclasses.field(default_factory=list)
    skipped: bool = False


class Answers:
    """The answers of one run, by step name and (in an Each) by the number of the item, counted from 0."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.order: list[tuple[str, int, Answer]] = []
        self._by_key: dict[tuple[str, str, int], Answer] = {}
        self.complete = False

    def find(self, name: str, group: str = "", item: int = NO_ITEM) -> Answer | None:
        """The answer of a step, or None when the step was skipped."""
        return self._by_key.get((group, name, item))

    def get(self, name: str, group: str = "", item: int = NO_ITEM) -> Answer:
        answer = self.find(name, group, item)
        if answer is None:
            raise SessionError("session_failed", "The session gave no answer to the step %s" % (name,))
        return answer

    def value(self, name: str, key: str, group: str = "", item: int = NO_ITEM, default: str = "") -> str:
        """One value of a Read or Object step as text; the default where the step found nothing."""
        answer = self.find(name, group, item)
        if answer is None or not isinstance(answer.value, dict):
            return default
        found = answer.value.get(key)
        return default if found is None else as_text(found)

    def rows(self, name: str, columns: t.Sequence[str], group: str = "", item: int = NO_ITEM) -> list[dict[str, str]]:
        answer = self.get(name, group, item)
        return [dict(zip(columns, row + [""] * len(columns))) for row in answer.rows]

    def failures(self) -> list[tuple[str, int, Answer]]:
        """Failed steps that count, in order: those that stop the program or their item."""
        return [entry for entry in self.order if not entry[2].ok and entry[2].step.stops]

    def acted(self) -> list[tuple[str, int, Answer]]:
        """Every call that was made to change something, in order."""
        return [entry for entry in self.order if entry[2].step.acts and not entry[2].skipped]

    def add(self, identity: int, frame: dict[str, t.Any], rows: list[list[str]]) -> None:
        group, step = self.program.index[identity]
        item = int(frame.get("item") or 0) - 1
        answer = Answer(
            step=step,
            ok=bool(frame.get("ok")),
            value=frame.get("value"),
            codes=[int(code) for code in str(frame.get("codes") or "").split(",") if code.strip().isdigit()],
            text=str(frame.get("text") or ""),
            seconds=max(0.0, round(float(frame.get("seconds") or 0), 3)),
            rows=rows,
            skipped=bool(frame.get("skipped")),
        )
        self.order.append((group, item, answer))
        self._by_key[(group, step.name, item)] = answer


def as_text(value: t.Any) -> str:
    """A JSON scalar as IRIS would print it; 1.0 and 1 are the same number."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def parse(program: Program, output: str) -> Answers:
    """Read the frames of a run. Whatever stands between frames (banner, prompts, noise) is not looked at."""
    answers = Answers(program)
    rows: dict[tuple[int, int], list[list[str]]] = {}
    for match in _FRAME.finditer(output):
        try:
            frame = json.loads(match.group(1), strict=False)
        except ValueError as error:
            raise SessionError(
                "session_failed", "A frame of the session is no JSON (%s): %.200s" % (error, match.group(1))
            ) from error
        if frame.get("end"):
            answers.complete = True
            continue
        identity, item = int(frame["id"]), int(frame.get("item") or 0)
        if "row" in frame:
            rows.setdefault((identity, item), []).append(
                ["" if cell is None else as_text(cell) for cell in frame["row"]]
            )
        else:
            answers.add(identity, frame, rows.pop((identity, item), []))
    return answers

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Read, plan, apply, wait, read again: the one state machine behind every module."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import (
    IrisError,
    PreconditionError,
    StatusError,
    WaitTimeout,
)
from ansible_collections.irisops.mirror.plugins.module_utils._iris.finding import Find
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import NO_ITEM, Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Guard, Reach, Succeed, Wait
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.remedies import lookup

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answer, Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

S = t.TypeVar("S")


class Job(abc.ABC, t.Generic[S]):
    """What a module wants. ``noun`` names its result key. Only :meth:`consult` and :meth:`prepare` do I/O."""

    noun: str

    @abc.abstractmethod
    def observe(self) -> list[Element]:
        """Steps that read what the plan needs."""

    @abc.abstractmethod
    def read(self, answers: Answers) -> S:
        """The state in the answers."""

    def consult(self, session: Session, state: S) -> None:
        """Ask other nodes what the plan must know of them. Only reads, in check mode too."""

    @abc.abstractmethod
    def plan(self, state: S, check_mode: bool) -> Plan:
        """Compare and decide; raise ConflictError or PreconditionError instead of guessing."""

    @abc.abstractmethod
    def result(self, state: S) -> t.Any:
        """The value of the noun."""

    def extras(self, state: S) -> dict[str, t.Any]:
        """Further result keys."""
        return {}

    def projected(self, state: S, plan: Plan) -> t.Any:
        """The value of the noun in check mode."""
        return self.result(state)

    def prepare(self, session: Session, state: S, plan: Plan) -> list[dict[str, t.Any]]:
        """Work outside the node's own program, between plan and apply (copying files); returns its actions."""
        return []

    def announce(self, plan: Plan) -> list[dict[str, t.Any]]:
        """The actions of :meth:`prepare` as check mode shows them."""
        return []

    def finish(self) -> None:
        """Clean up after :meth:`prepare`, whatever happened."""

    def item_label(self, group: str, item: int) -> str:
        """How an item of an Each is called in actions and errors."""
        return ""


@dataclasses.dataclass
class Outcome:
    """What a run comes to; ``error`` is set when it failed after it began to act."""

    changed: bool
    values: dict[str, t.Any]
    plan: Plan
    actions: list[dict[str, t.Any]]
    duration: float = 0.0
    error: IrisError | None = None


def run(job: Job[S], session: Session, check_mode: bool) -> Outcome:
    """One session when nothing is to be done, two when something is."""
    answers = session.run(Program(*job.observe()))
    state = job.read(answers)
    job.consult(session, state)
    plan = job.plan(state, check_mode)
    if check_mode:
        values = {job.noun: job.projected(state, plan) if plan.changed else job.result(state), **job.extras(state)}
        return Outcome(plan.changed, values, plan, job.announce(plan) + _planned(job, plan.elements))
    if not plan.changed and not plan.waits:
        return Outcome(False, {job.noun: job.result(state), **job.extras(state)}, plan, [])
    try:
        actions = job.prepare(session, state, plan)
        answers = session.run(Program(*plan.elements).add(*plan.waits).add(*job.observe()))
    except BaseException:
        # What follows from a failure must not hide it
        with contextlib.suppress(IrisError):
            job.finish()
        raise
    try:
        job.finish()
    except IrisError as trouble:
        plan.warnings.append("the work is done, cleaning up after it failed: %s" % trouble.message)
    state = job.read(answers)
    actions.extend(_action(job, session, entry) for entry in answers.acted())
    waited = sum(answer.seconds for _group, _item, answer in answers.order if isinstance(answer.step, Wait))
    error = failure(job, session, answers)
    # With several items the ones that worked have changed the node even though one failed
    changed = plan.changed and (error is None or any(action["status"] == "ok" for action in actions))
    return Outcome(changed, {job.noun: job.result(state), **job.extras(state)}, plan, actions, round(waited, 3), error)


def _planned(job: Job[S], elements: t.Sequence[Element]) -> list[dict[str, t.Any]]:
    actions: list[dict[str, t.Any]] = []
    for element in elements:
        if isinstance(element, Each):
            for step in element.steps:
                # As in a program: a step for all items, then the next one
                items = [NO_ITEM] if step.once else range(len(element.items))
                actions.extend(
                    {"step": step.name, "target": _target(job, element.name, item), "status": "planned"}
                    for item in items
                    if step.acts
                )
        elif element.acts:
            actions.append({"step": element.name, "target": "", "status": "planned"})
    return actions


def _target(job: Job[S], group: str, item: int) -> str:
    return job.item_label(group, item) if group and item != NO_ITEM else ""


def _action(job: Job[S], session: Session, entry: tuple[str, int, Answer]) -> dict[str, t.Any]:
    group, item, answer = entry
    call = getattr(answer.step, "call", None)
    return {
        "step": answer.step.name,
        "call": call.label if call is not None else "",
        "target": _target(job, group, item),
        "status": "ok" if answer.ok else "failed",
        "codes": answer.codes,
        "text": session.mask(answer.text),
        "seconds": answer.seconds,
    }


def failure(job: Job[S], session: Session, answers: Answers) -> IrisError | None:
    """The first failure as an error; when several items failed, all of them in its text."""
    failures = answers.failures()
    if not failures:
        return None
    described = []
    for group, item, answer in failures:
        target = _target(job, group, item)
        described.append("%s%s: %s" % (answer.step.name, " (%s)" % target if target else "", _reason(session, answer)))
    first = failures[0][2]
    numbers = [number for _group, _item, answer in failures for number in answer.codes]
    text = "failed to " + "; ".join(described)
    if isinstance(first.step, Wait):
        return WaitTimeout(
            "wait_timeout",
            text,
            "messages.log of the node says why; 'wait_timeout' sets the limit.",
            session.node,
            numbers,
        )
    if isinstance(first.step, Guard):
        return StatusError(
            "state_changed", text, "The node changed since it was read; run again.", session.node, numbers
        )
    if isinstance(first.step, Find):
        return PreconditionError(
            "not_pending",
            text,
            "Has the member joined, and with that certificate? messages.log of both nodes says more.",
            session.node,
        )
    if isinstance(first.step, Reach):
        return PreconditionError(
            "arbiter_unreachable",
            text,
            "Is its ISCAgent running, and can this node resolve and reach the address? Nothing was changed.",
            session.node,
        )
    if isinstance(first.step, Succeed) and first.step.failure is not None and not numbers:
        error = first.step.failure
        error.message, error.node = text, session.node
        return error
    code, remedy = lookup(first.codes, first.text)
    return StatusError(code, text, remedy, session.node, numbers)


def _reason(session: Session, answer: Answer) -> str:
    if isinstance(answer.step, Wait):
        return "not reached within %g seconds, last seen %r, wanted %s" % (
            round(answer.seconds, 1),
            answer.value,
            " or ".join(repr(value) for value in answer.step.good),
        )
    text = session.mask(answer.text)
    if isinstance(answer.step, Guard):
        return "%s (found %r)" % (text, answer.value)
    return text

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Moves copies of database files from a source member to a target member, as streams."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError, SessionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call, Item, Joined
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader, seeding
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.databases import make_directory
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.mirrored import Fields
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.placing import PARTIAL

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session

#: How the actions are called.
CLONE = "copy on the source"
MOVE = "move the copy"


class Seeder:
    """One seeding run. ``method`` is frozen_copy or cold_copy, ``freeze_limit`` in seconds."""

    def __init__(self, source: Session, target: Session, mirror: str, method: str, freeze_limit: int) -> None:
        self.source = source
        self.target = target
        self.mirror = mirror
        self.method = method
        self.freeze_limit = freeze_limit
        self._clones: list[str] = []

    def copy(self, items: t.Sequence[Fields]) -> list[dict[str, t.Any]]:
        """Leave a whole copy of each database beside its place on the target; returns the actions."""
        answers = self.source.run(Program(*reader.membership_steps(self.mirror), *reader.mirrored_steps(self.mirror)))
        node = reader.read_node(answers)
        names = [str(item["mirror_name"]) for item in items]
        databases = seeding.sources(self.mirror, names, node, self.source.node)
        directories = [database.directory for database in databases]
        self._make_directories(items)
        actions = [self._clone(directories)]
        sizes = []
        for item, directory in zip(items, directories):
            started = time.monotonic()
            stream = self.source.transport.open_file(directory + seeding.CLONE)
            self.target.transport.write_file("%s%s" % (item["directory"], PARTIAL), stream)
            sizes.append(stream.size)
            action = _action(MOVE, str(item["mirror_name"]), time.monotonic() - started)
            actions.append({**action, "bytes": stream.size})
        self._compare(items, sizes)
        return actions

    def clean(self) -> None:
        """Remove the copies from the source; the seeding has come to its end, well or not."""
        if self._clones:
            clones, self._clones = self._clones, []
            self.source.run(seeding.remove_clones(clones))

    def _make_directories(self, items: t.Sequence[Fields]) -> None:
        _expect(self.target, self.target.run(Program(Each("directories", items, [make_directory()]))), items)

    def _clone(self, directories: t.Sequence[str]) -> dict[str, t.Any]:
        started = time.monotonic()
        program = (
            seeding.cold_copy(directories)
            if self.method == "cold_copy"
            else seeding.frozen_copy(directories, self.freeze_limit)
        )
        self._clones = list(directories)
        labels: list[Fields] = [{"name": directory} for directory in directories]
        _expect(self.source, self.source.run(program), labels, "seed_failed")
        return _action(CLONE, "", time.monotonic() - started)

    def _compare(self, items: t.Sequence[Fields], sizes: t.Sequence[int]) -> None:
        """A copy is only taken as whole when the target sees as many bytes as the source sent."""
        path = Joined(Item("directory"), PARTIAL)
        read = Read("size", {"bytes": Call("%Library.File", "GetFileSize", path)})
        answers = self.target.run(Program(Each("sizes", items, [read])))
        for number, (item, size) in enumerate(zip(items, sizes)):
            arrived = answers.value("size", "bytes", "sizes", number)
            if arrived != str(size):
                raise SessionError(
                    "copy_incomplete",
                    "the copy of %s has %s bytes, the source has %d" % (item["mirror_name"], arrived or "no", size),
                    "Is the disk of the node full? Run again: the copy starts anew.",
                    node=self.target.node,
                )


def announce(items: t.Sequence[Fields]) -> list[dict[str, t.Any]]:
    """The actions of :meth:`Seeder.copy` as check mode shows them."""
    if not items:
        return []
    targets = [(MOVE, str(item["mirror_name"])) for item in items]
    return [{"step": step, "target": target, "status": "planned"} for step, target in [(CLONE, ""), *targets]]


def _action(step: str, target: str, seconds: float) -> dict[str, t.Any]:
    return {
        "step": step,
        "call": "",
        "target": target,
        "status": "ok",
        "codes": [],
        "text": "",
        "seconds": round(seconds, 3),
    }


def _expect(session: Session, answers: Answers, items: t.Sequence[Fields], code: str = "directory_missing") -> None:
    failures = answers.failures()
    if failures:
        group, item, answer = failures[0]
        target = " (%s)" % items[item]["name"] if group and 0 <= item < len(items) else ""
        raise IrisError(
            code,
            "failed to %s%s: %s" % (answer.step.name, target, session.mask(answer.text) or "found %r" % answer.value),
            "Nothing was changed on the target.",
            session.node,
            answer.codes,
        )

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Takes a backup of mirrored databases on one member, verifies it, and writes its manifest last."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError, SessionError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import backup
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.databases import FILE
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import FileStream

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session

FREEZE, VERIFY, DESCRIBE = "copy the files in one freeze", "verify the copies", "write the manifest"
MODE = 0o640


class BackupTaker:
    """One backup. ``head`` is what the manifest says beside the databases."""

    def __init__(self, session: Session, mirror: str, place: str, limit: int, checksum: bool) -> None:
        self.session = session
        self.mirror = mirror
        self.place = place
        self.limit = limit
        self.checksum = checksum
        self.manifest: dict[str, t.Any] = {}

    def take(self, copies: t.Sequence[backup.Fields], head: dict[str, t.Any]) -> list[dict[str, t.Any]]:
        """Copy, verify, describe; returns the actions. What it has copied is removed when it fails."""
        self._expect(self.session.run(backup.make_directories(copies)), copies, "directory_missing")
        started = time.monotonic()
        answers = self.session.run(backup.copy(self.mirror, copies, self.limit))
        try:
            self._expect(answers, copies, "backup_failed")
        except IrisError:
            self._remove([copy for number, copy in enumerate(copies) if _was_copied(answers, number)])
            raise
        actions = [_action(FREEZE, started)]
        try:
            started = time.monotonic()
            databases = self._verified(copies, answers)
            actions.append(_action(VERIFY, started))
            started = time.monotonic()
            self.manifest = {
                **head,
                "journal_position": answers.value("position", "value"),
                "databases": databases,
            }
            text = (json.dumps(self.manifest, indent=2, sort_keys=True) + "\n").encode()
            self.session.transport.write_file(self.place + backup.MANIFEST, FileStream(len(text), MODE, iter([text])))
            actions.append(_action(DESCRIBE, started))
        except IrisError:
            self._remove(copies)
            raise
        return actions

    def _verified(self, copies: t.Sequence[backup.Fields], answers: Answers) -> list[dict[str, t.Any]]:
        labels = self.session.run(backup.labels(copies))
        databases = []
        for number, copy in enumerate(copies):
            size = answers.value("sizes", "copy", backup.COPIES, number)
            wanted = answers.value("sizes", "file", backup.COPIES, number)
            label = labels.value("label", "name", backup.LABELS, number).upper()
            if size != wanted or not size.isdigit():
                raise self._damaged(copy, "has %s bytes, the file had %s" % (size or "no", wanted or "no"))
            if label != copy["name"]:
                raise self._damaged(copy, "has a label that IRIS reads as %r" % label)
            databases.append(
                {
                    "name": copy["name"],
                    "directory": copy["directory"],
                    "file": "%s/%s" % (copy["name"], FILE),
                    "size": int(size),
                    "sha256": self._sha256(copy, int(size)) if self.checksum else "",
                }
            )
        return databases

    def _sha256(self, copy: backup.Fields, size: int) -> str:
        stream = self.session.transport.open_file("%s%s" % (copy["target"], FILE))
        digest = hashlib.sha256()
        try:
            if stream.size != size:
                raise OSError("it has %d bytes" % stream.size)
            for chunk in stream.whole():
                digest.update(chunk)
        except OSError as error:
            raise self._damaged(copy, "cannot be read whole: %s" % error) from error
        return digest.hexdigest()

    def _damaged(self, copy: backup.Fields, what: str) -> SessionError:
        return SessionError(
            "backup_damaged",
            "the copy of %s %s" % (copy["name"], what),
            "The copies were removed. Is the disk full or failing? Run again.",
            node=self.session.node,
        )

    def _expect(self, answers: Answers, copies: t.Sequence[backup.Fields], code: str) -> None:
        for _group, item, answer in answers.failures()[:1]:
            raise IrisError(
                code,
                "failed to %s%s: %s"
                % (
                    answer.step.name,
                    " (%s)" % copies[item]["name"] if 0 <= item < len(copies) else "",
                    self.session.mask(answer.text) or "found %r" % answer.value,
                ),
                "What was copied was removed, and IRIS writes again.",
                self.session.node,
                answer.codes,
            )

    def _remove(self, copies: t.Sequence[backup.Fields]) -> None:
        # What follows from a failure must not hide it
        with contextlib.suppress(IrisError):
            self.session.run(backup.remove(copies))


def _was_copied(answers: Answers, number: int) -> bool:
    """Whether the file is ours; what was there before is not."""
    answer = answers.find("copy the file", backup.COPIES, number)
    return answer is not None and answer.ok


def announce() -> list[dict[str, t.Any]]:
    """The actions as check mode shows them."""
    return [{"step": step, "target": "", "status": "planned"} for step in (FREEZE, VERIFY, DESCRIBE)]


def _action(step: str, started: float) -> dict[str, t.Any]:
    return {
        "step": step,
        "call": "",
        "target": "",
        "status": "ok",
        "codes": [],
        "text": "",
        "seconds": round(time.monotonic() - started, 3),
    }

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""What a module decided to do. Plans are made by pure functions and carried out by ``_engine/runner.py``."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element


@dataclasses.dataclass
class Change:
    """One thing that differs: where (a path for people), and both values."""

    name: str
    before: t.Any
    after: t.Any


@dataclasses.dataclass
class Plan:
    """Steps to take. ``changes`` alone decides ``changed`` and ``diff``; ``waits`` run also when nothing changes.

    A plan that is ``reported`` only shows its changes, and no run carries it out.
    """

    elements: list[Element] = dataclasses.field(default_factory=list)
    waits: list[Element] = dataclasses.field(default_factory=list)
    changes: list[Change] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    reported: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.changes) and not self.reported

    def change(self, name: str, before: t.Any, after: t.Any) -> None:
        self.changes.append(Change(name, before, after))

    def drift(self, setting: str, actual: t.Any, wanted: t.Any, remedy: str) -> None:
        """A difference that the public API cannot repair."""
        self.warnings.append("%s is %r, not %r. %s" % (setting, actual, wanted, remedy))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""What another member said when it was asked, and what must never be true of two of them."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node


@dataclasses.dataclass
class Peer:
    """``node`` is None for one that did not answer, ``error`` tells why."""

    name: str
    role: str = "silent"
    node: t.Optional[Node] = None
    error: str = ""

    @property
    def member(self) -> str:
        return self.node.member_name if self.node is not None else ""

    def describe(self) -> dict[str, t.Any]:
        """One element of the documented value ``peers``."""
        return {
            "name": self.name,
            "answered": self.node is not None,
            "member": self.member,
            "role": self.role,
            "status": self.node.status if self.node is not None else "",
            "error": self.error,
        }


def role_in(mirror: str, node: Node) -> str:
    """What a node is in a mirror: primary, backup, dr, reporting, async, indeterminate, or outside."""
    if mirror not in (name.upper() for name in node.mirrors):
        return "outside"
    if node.is_primary:
        return "primary"
    if node.is_backup:
        return "backup"
    kinds = {"dr": "dr", "reporting_ro": "reporting", "reporting_rw": "reporting", "async": "async"}
    return kinds.get(node.member_type, "indeterminate")


def refuse_two_primaries(own: Node, peers: t.Sequence[Peer]) -> None:
    """Nothing is done in a mirror in which two members say that they are primary."""
    claimed = [own.member_name] if own.is_primary else []
    claimed.extend(peer.member for peer in peers if peer.role == "primary")
    if len(claimed) > 1:
        raise ConflictError(
            "two_primaries",
            "more than one member says that it is primary: %s" % ", ".join(claimed),
            "Nothing was changed. Find out which one has the valid data and stop the other one, before anything else.",
        )

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""The other members of a mirror, asked before something is done that could lose data or make two primaries.

They are only read. One that does not answer is listed as silent, and whoever plans decides what that means.
"""

from __future__ import annotations

import concurrent.futures
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.peer import Peer, role_in

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node

#: Seconds that a peer may take: to let a session in, to answer, to be reached at all.
READY_LIMIT = 5
SESSION_LIMIT = 20
ENGINE_LIMIT = 10
#: How many are asked at the same time.
_WORKERS = 16


class Opener(t.NamedTuple):
    """A peer that is not connected yet; connecting can fail, too."""

    name: str
    open: t.Callable[[], Session]


def ask(openers: t.Sequence[Opener], mirror: str, own: Node) -> list[Peer]:
    """Ask all of them at once, in the order given. A peer that turns out to be the node itself is left out."""
    found = [_peer(opener, answer, mirror, own) for opener, answer in zip(openers, read_all(openers, mirror))]
    return [peer for peer in found if peer is not None]


def read_all(openers: t.Sequence[Opener], mirror: str | None) -> list[Node | IrisError]:
    """What each of them says of itself, or why it says nothing. Without a mirror, each speaks of its first one."""
    if not openers:
        return []
    with concurrent.futures.ThreadPoolExecutor(min(len(openers), _WORKERS)) as pool:
        return list(pool.map(lambda opener: _read(opener, mirror), openers))


def _read(opener: Opener, mirror: str | None) -> Node | IrisError:
    try:
        return reader.read_node(opener.open().run(Program(*reader.membership_steps(mirror))))
    except IrisError as error:
        return error


def _peer(opener: Opener, node: Node | IrisError, mirror: str, own: Node) -> Peer | None:
    if isinstance(node, IrisError):
        return Peer(opener.name, error=node.sentence())
    role = role_in(mirror, node)
    if role != "outside" and own.settings is not None and node.settings is not None:
        if node.settings.guid != own.settings.guid:
            # A mirror of the same name that was created elsewhere
            role = "outside"
        elif node.member_name == own.member_name:
            return None
    return Peer(opener.name, role, node)

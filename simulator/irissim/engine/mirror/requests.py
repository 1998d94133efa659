# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other members and agents ask of this instance at its superserver port."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from irissim.engine.mirror import journals
from irissim.engine.mirror.listener import Handler
from irissim.engine.mirror.settings import MemberEntry
from irissim.engine.mirror.wire import Connection, Message
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.master import Membership


class Requests:
    """Answers; every question names its mirror."""

    def __init__(self, instance: Instance, find: Callable[[str], Membership | None]) -> None:
        self._instance = instance
        self._find = find

    def handlers(self) -> dict[str, Handler]:
        return {
            "STATUS": self._status,
            "CLAIM": self._claim,
            "YIELD": self._yield,
            "DATA": self._data,
            "POSITION": self._position,
            "REGISTER": self._register,
        }

    def _membership(self, message: Message) -> Membership | None:
        return self._find(message.text("mirror"))

    def _status(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        fields: dict[str, Any] = {"guid": self._instance.guid}
        if membership is not None:
            member = membership.member
            fields |= {
                "member": member.name,
                "state": member.state.name,
                "claiming": member.claiming,
                "standing": list(journals.standing(member.series)),
            }
        connection.send("STATUS", **fields)

    def _claim(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        connection.send("CLAIM", granted=membership is not None and membership.member.promise())

    def _yield(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        connection.send("YIELD", granted=membership is not None and membership.yield_role())

    def _data(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        role = membership.primary if membership is not None else None
        if role is None or not role.serving:
            connection.send("REFUSED", reason="not the primary")
            return
        role.attach(connection, message)

    def _position(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        if membership is None or membership.primary is None:
            connection.send("POSITION", position="")
            return
        connection.send("POSITION", position=current_position(membership))

    def _register(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        try:
            if membership is None:
                raise StatusError(2032, message.text("mirror"))
            register_member(membership, MemberEntry.parse(message.text("member"), message.text("line")))
        except StatusError as error:
            connection.send("ERROR", code=error.code, arguments=list(error.arguments))
            return
        connection.send("REGISTERED", config=membership.member.config.to_wire())


def current_position(membership: Membership) -> str:
    """count^offset^timestamp of the primary's journal."""
    # FIDELITY(documented; CLS): GetPrimaryJournalPosition answers fileCount^offset^timestamp
    # FIDELITY(assumed): the timestamp is UTC in ODBC form
    end = membership.member.series.end()
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    return f"{end.file_count}^{end.offset}^{stamp}"


def register_member(membership: Membership, entry: MemberEntry) -> None:
    """A new failover member asks the primary to add it."""
    # FIDELITY(documented; CR24): without TLS the joining member is added by the primary without further approval
    member = membership.member
    role = membership.primary
    if role is None:
        raise StatusError(2082)
    with member.changed:
        config = member.config
        # The same instance again: an earlier join was interrupted after this point.
        others = {name: other for name, other in config.members.items() if other.guid != entry.guid}
        if entry.name in others:
            # FIDELITY(documented; ERR 2033): member names are unique over all members
            raise StatusError(2033, member.mirror, entry.name)
        if entry.is_failover and sum(other.is_failover for other in others.values()) > 1:
            # FIDELITY(observed; R-AD): a third failover member is refused with 2137
            raise StatusError(2137)
        member.change_config(config.with_members({**others, entry.name: entry}))
    member.log(f"{entry.name} was added to mirror {member.mirror}")
    role.broadcast_config()

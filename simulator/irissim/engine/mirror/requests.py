# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other members and agents ask of this instance at its superserver port."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from irissim.engine.mirror import (
    admission,
    arbiter_setting,
    download,
    journals,
    members,
    no_failover,
    registration,
    role_change,
    status,
    tls,
    verification,
)
from irissim.engine.mirror.listener import Handler
from irissim.engine.mirror.settings import MemberEntry, MirrorConfig
from irissim.engine.mirror.wire import Connection, Message
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.master import Membership


# Who asks this is no member yet, or not yet with TLS; each of them looks itself whom it has before it.
_OPEN = ("REGISTER", "APPLY", "VERIFY")


class Requests:
    """Answers; every question names its mirror."""

    def __init__(self, instance: Instance, find: Callable[[str], Membership | None]) -> None:
        self._instance = instance
        self._find = find

    def handlers(self) -> dict[str, Handler]:
        handlers = {
            "STATUS": self._status,
            "CLAIM": self._claim,
            "YIELD": self._yield,
            no_failover.REQUEST: self._no_failover,
            "DATA": self._data,
            "POSITION": self._position,
            "MEMBERS": self._members,
            "REGISTER": self._register,
            "RETAIN": self._retain,
            role_change.UNREGISTER: self._unregister,
            role_change.PROMOTE: self._promote,
            role_change.DEMOTE: self._demote,
            role_change.CONFIGURE: self._configure,
            "CONFIG": self._config,
            "SOURCE": self._source,
            "DOWNLOAD": self._download,
            "ARBITER": self._arbiter,
            "APPLY": self._apply,
            "VERIFY": self._verify,
        }
        return {kind: handler if kind in _OPEN else self._admitted(handler) for kind, handler in handlers.items()}

    def _admitted(self, handler: Handler) -> Handler:
        """The handler behind the check that a mirror with TLS asks for."""

        def guarded(connection: Connection, message: Message) -> None:
            membership = self._membership(message)
            refusal = None
            if membership is not None:
                leads = membership.primary is not None
                refusal = admission.refusal(membership.member, connection, message.text("asker"), leads)
            if refusal is None:
                handler(connection, message)
            else:
                connection.send("REFUSED", **refusal)

        return guarded

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

    def _no_failover(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        if membership is None:
            connection.send("ERROR", text="not a member")
            return
        no_failover.mark(membership, message.text("primary"))
        connection.send(no_failover.REQUEST)

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
        connection.send("POSITION", position=status.current_position(membership))

    def _members(self, connection: Connection, message: Message) -> None:
        connection.send("MEMBERS", rows=members.rows_for_others(self._membership(message)))

    def _retain(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        if membership is not None:
            needed = membership.retention.needed_by_others(message.text("asker"), message.number("days"))
            connection.send("RETAIN", file=needed)

    def _source(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        if membership is not None:
            download.answer_source(membership, connection, message)

    def _download(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        if membership is not None:
            download.serve(membership, connection, message)

    def _promote(self, connection: Connection, message: Message) -> None:
        self._change_roles(connection, message, role_change.promote_here)

    def _demote(self, connection: Connection, message: Message) -> None:
        self._change_roles(connection, message, role_change.demote_here)

    def _change_roles(
        self, connection: Connection, message: Message, change: Callable[[Membership, str], MirrorConfig]
    ) -> None:
        membership = self._membership(message)
        try:
            if membership is None:
                raise StatusError(2032, message.text("mirror"))
            config = change(membership, message.text("name"))
        except StatusError as error:
            connection.send("ERROR", code=error.code, arguments=[str(item) for item in error.arguments])
            return
        connection.send(message.kind, config=config.to_wire())

    def _configure(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        adopted = membership is not None and membership.primary is None
        if membership is not None and adopted:
            role_change.adopt(membership, MirrorConfig.from_wire(message.fields["config"]))
        connection.send(role_change.CONFIGURE, adopted=adopted)

    def _config(self, connection: Connection, message: Message) -> None:
        """A member that lost track asks the primary what it is."""
        membership = self._membership(message)
        if membership is None or membership.primary is None:
            connection.send("CONFIG")
        else:
            connection.send("CONFIG", config=membership.member.config.to_wire())

    def _unregister(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        done = membership is not None and role_change.unregister(membership, message.text("guid"))
        connection.send(role_change.UNREGISTER, done=done)

    def _apply(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        if membership is None or membership.primary is None:
            connection.send("REFUSED", reason="not the primary")
            return
        kind, fields = admission.apply(membership.member, connection, message)
        connection.send(kind, **fields)

    def _verify(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        if membership is None or not tls.peer_name(connection):
            connection.send("REFUSED", reason="not a member of that mirror")
            return
        errors = verification.against_others(membership.member, message.text("asker"))
        connection.send("ERRORS", errors=[[error.code, *error.arguments] for error in errors])

    def _register(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        try:
            if membership is None:
                raise StatusError(2032, message.text("mirror"))
            if membership.member.config.settings.use_ssl:
                raise StatusError(2095)
            register_member(membership, MemberEntry.parse(message.text("member"), message.text("line")))
        except StatusError as error:
            connection.send("ERROR", code=error.code, arguments=list(error.arguments))
            return
        connection.send("REGISTERED", config=membership.member.config.to_wire())

    def _arbiter(self, connection: Connection, message: Message) -> None:
        membership = self._membership(message)
        added = membership is not None and arbiter_setting.add_here(membership, message.text("node"))
        connection.send("ARBITER", added=added)


def register_member(membership: Membership, entry: MemberEntry) -> None:
    """A new member asks the primary to add it."""
    # FIDELITY(documented; CR24): without TLS the joining member is added by the primary without further approval
    member = membership.member
    role = membership.primary
    if entry.is_failover and role_change.lonely_without_failover(member.config):
        # FIDELITY(documented; ERR 2177): no failover member joins in the state "No Partner In No Failover"
        raise StatusError(2177)
    if role is None:
        raise StatusError(registration.NOT_PRIMARY)
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
        if len(others) >= registration.MEMBER_LIMIT:
            # FIDELITY(documented; HA 3.1.2): a mirror has at most 16 members
            # FIDELITY(assumed): one more is refused with 5001
            raise StatusError(5001, f"Mirror {member.mirror} has {registration.MEMBER_LIMIT} members already")
        member.change_config(config.with_members({**others, entry.name: entry}))
    member.log(f"{entry.name} was added to mirror {member.mirror}")
    role.broadcast_config()

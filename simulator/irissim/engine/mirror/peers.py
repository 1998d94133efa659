# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to other members: to the instance itself, and to the agent of its host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from irissim.engine.mirror import tls
from irissim.engine.mirror.admission import learn
from irissim.engine.mirror.journals import FileHead, Standing
from irissim.engine.mirror.settings import MemberEntry
from irissim.engine.mirror.types import MirrorState
from irissim.engine.mirror.wire import ConnectionLost, Message
from irissim.engine.positions import Position

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member


@dataclass(frozen=True)
class PeerView:
    """What another member says of itself."""

    name: str
    guid: str
    state: MirrorState
    claiming: bool
    standing: Standing

    @property
    def is_primary(self) -> bool:
        return self.state is MirrorState.PRIMARY

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> PeerView | None:
        """None when the instance answered, but not as a member of this mirror."""
        if not fields.get("member"):
            return None
        return cls(
            name=str(fields["member"]),
            guid=str(fields["guid"]),
            state=MirrorState[str(fields["state"])],
            claiming=bool(fields["claiming"]),
            standing=Standing(*fields["standing"]),
        )


class NoView(Exception):
    """An instance answers, but does not show a view of the mirror."""


class NotThatMember(NoView):
    """Somebody answers at the address of a member, but it is not that member."""


class NoLongerMember(NoView):
    """The instance of a member answers that it is not in this mirror any more."""


class Refused(NoView):
    """The instance of a member does not want to talk to this one, whose DN it may not have authorized."""


def ask_member(member: Member, peer: MemberEntry, timeout: float) -> PeerView | None:
    """The answer of the instance, None when it cannot be reached."""
    answer = _ask(member, peer, "STATUS", timeout)
    if answer is None:
        return None
    if answer.kind == "REFUSED":
        raise Refused(peer.name)
    if answer.text("guid") != peer.guid:
        raise NotThatMember(peer.name)
    view = PeerView.from_fields(answer.fields)
    if view is None:
        raise NoLongerMember(peer.name)
    return view


def ask_instance(member: Member, peer: MemberEntry, kind: str, timeout: float, **fields: Any) -> Message | None:
    """One question to the superserver of a member; None when it cannot be reached or refuses to answer."""
    answer = _ask(member, peer, kind, timeout, **fields)
    return answer if answer is not None and answer.kind != "REFUSED" else None


def _ask(member: Member, peer: MemberEntry, kind: str, timeout: float, **fields: Any) -> Message | None:
    refusal = None
    for address in dict.fromkeys((peer.mirror_address, peer.ecp_address)):
        try:
            answer = tls.ask(member, peer, address, peer.superserver_port, kind, timeout, **fields)
        except ConnectionLost:
            continue
        if answer.kind != "REFUSED":
            return answer
        learn(member, peer, answer)
        refusal = answer
    return refusal


@dataclass(frozen=True)
class AgentView:
    """What the agent of a host says about an instance there."""

    agent: Agent
    alive: bool
    hung: bool


class Agent:
    """The ISCAgent of another member's host."""

    def __init__(self, member: Member, peer: MemberEntry, address: str) -> None:
        self._member = member
        self._peer = peer
        self._address = address

    def _ask(self, kind: str, timeout: float, **fields: Any) -> Message:
        peer = self._peer
        answer = tls.ask(
            self._member, peer, self._address, peer.agent_port, kind, timeout, guid=peer.guid, **fields
        )
        if answer.kind == "REFUSED":
            raise ConnectionLost(answer.text("reason"))
        return answer

    def look(self, timeout: float) -> AgentView:
        answer = self._ask("INSTANCE", timeout, patience=timeout / 2)
        if not answer.flag("found"):
            raise ConnectionLost("the agent does not know the instance")
        return AgentView(self, answer.flag("alive"), answer.flag("hung"))

    def force_down(self, timeout: float) -> bool:
        return self._ask("FORCE_DOWN", timeout).flag("down")

    def invalidate(self, timeout: float) -> bool:
        """Set ValidatedMember=0 in the configuration of an instance that is down."""
        return self._ask("INVALIDATE", timeout).flag("done")

    def journals(self, timeout: float) -> tuple[Standing, list[FileHead]]:
        """How far the journal of an instance that is down goes, and of which files it consists."""
        answer = self._ask("JOURNALS", timeout)
        return Standing(*answer.fields["standing"]), [FileHead(*head) for head in answer.fields["heads"]]

    def fetch(self, start: Position, timeout: float) -> Iterator[tuple[Position, str, bytes]]:
        """The journal from `start` on: position, file name, bytes."""
        while True:
            answer = self._ask("FETCH", timeout, count=start.file_count, offset=start.offset)
            if not answer.payload:
                return
            begin = Position(answer.number("count"), answer.number("offset"))
            yield begin, answer.text("file"), answer.payload
            start = Position(begin.file_count, begin.offset + len(answer.payload))


def find_agent(member: Member, peer: MemberEntry, timeout: float) -> AgentView | None:
    """The agent of a member's host, None when it is unreachable."""
    # FIDELITY(documented; HA 3.5.4): the agent is tried at its own address, then at the member's other two
    for address in dict.fromkeys((peer.agent_address, peer.mirror_address, peer.ecp_address)):
        try:
            return Agent(member, peer, address).look(timeout)
        except ConnectionLost:
            continue
    return None

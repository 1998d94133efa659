# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VerifyMirrorSSLCertificates: would TLS work between the members?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irissim.engine.mirror import tls
from irissim.engine.mirror.settings import MemberEntry
from irissim.engine.mirror.wire import ConnectionLost
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member

_TIMEOUT = 5.0


def verify_peer(member: Member, peer: MemberEntry) -> None:
    """A TLS connection to another member works, whatever the names."""
    # FIDELITY(documented; ERR 735, 737, 739): no TLS configuration there, unreachable, not valid
    try:
        tls.verify(member, peer, _TIMEOUT)
    except tls.MissingConfiguration:
        raise StatusError(735, peer.name) from None
    except tls.Unreachable as error:
        raise StatusError(737, peer.name, str(error)) from None
    except ConnectionLost as error:
        raise StatusError(739, peer.name, str(error)) from None


def verify(member: Member, everyone: bool) -> list[StatusError]:
    """All errors."""
    # FIDELITY(documented; CLS VerifyMirrorSSLCertificates): this member against all others (an async member: against
    #   failover members), or every pair except two async members; all errors are returned
    own = tls.check_own(member.instance.ssl_configs)
    if own:
        return own
    return against_others(member, "", everyone)


def against_others(member: Member, besides: str, everyone: bool = False) -> list[StatusError]:
    """What this member finds wrong with all others but the one that asks for it."""
    errors = []
    for peer in member.config.members.values():
        if peer.name in (member.name, besides) or not (peer.is_failover or member.entry.is_failover):
            continue
        try:
            verify_peer(member, peer)
            errors += _findings(member, peer) if everyone else []
        except StatusError as error:
            errors.append(error)
    return errors


def _findings(member: Member, peer: MemberEntry) -> list[StatusError]:
    """What another member says of the rest."""
    try:
        answer = tls.verify(member, peer, 2 * _TIMEOUT, "VERIFY", mirror=member.mirror, asker=member.name)
    except ConnectionLost as error:
        return [StatusError(737, peer.name, str(error))]
    return [StatusError(int(code), *arguments) for code, *arguments in answer.fields.get("errors", [])]

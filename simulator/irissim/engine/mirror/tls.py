# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS between members: the two configurations of a member, when a connection needs TLS, and the handshake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from irissim.engine.certificates import BadCertificate, Certificate
from irissim.engine.mirror.wire import Connection, ConnectionLost, Message, connect
from irissim.engine.ssl_configs import CLIENT, SERVER, SSLConfig, SslConfigs
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

if TYPE_CHECKING:
    from irissim.engine.mirror.member import Member
    from irissim.engine.mirror.settings import MemberEntry, MirrorConfig

CLIENT_NAME, SERVER_NAME = "%MirrorClient", "%MirrorServer"
NAME_LIMIT = 1024
_OUTGOING, _INCOMING = 1, 2
_CIPHERS = "ALL:!aNULL:!eNULL:!SSLv2"


class MissingConfiguration(ConnectionLost):
    """The other member cannot do TLS."""


class Unreachable(ConnectionLost):
    """Nobody accepts the connection."""


# The pair of configurations ----------------------------------------------------------------------------------------


def update_pair(configs: SslConfigs, changes: Mapping[str, Any]) -> None:
    """UpdateMirrorSSL: create or modify %MirrorClient and %MirrorServer together."""
    # FIDELITY(documented; CLS UpdateMirrorSSL): what is not given keeps its value, or gets its default on creation; the
    #   CA file is mandatory
    # FIDELITY(assumed; ERR 740, 741): a missing CA or certificate file is refused at once, because both configurations
    #   need a certificate (SEC)
    pair = []
    for name, kind in ((CLIENT_NAME, CLIENT), (SERVER_NAME, SERVER)):
        new = SSLConfig(name, type=kind, cipher_list=_CIPHERS, verify_peer=3 if kind == SERVER else 1)
        values = {**(configs.find(name) or new).__dict__, "enabled": True, **changes}
        if not values["ca_file"]:
            raise StatusError(741)
        pair.append(SSLConfig(**values))
    if not pair[0].certificate_file and not pair[0].private_key_file:
        raise StatusError(740)
    configs.save(*pair)


def prepare(configs: SslConfigs, ssl_info: Mapping[str, Any] | None) -> None:
    """What creating and joining a mirror with TLS begin with: SSLInfo, if given, then both configurations."""
    # FIDELITY(documented; CLS CreateNewMirrorSet): SSLInfo is needed only where TLS is not
    #   configured yet, and ignored by a mirror without TLS
    if ssl_info:
        update_pair(configs, ssl_info)
    require_pair(configs)


def delete_pair(configs: SslConfigs) -> None:
    """What CleanSSL of RemoveMirrorConfiguration asks for."""
    for name in (CLIENT_NAME, SERVER_NAME):
        if configs.find(name) is not None:
            configs.delete(name)


def require_pair(configs: SslConfigs) -> str:
    """Both configurations can be used; answers the distinguished name of their certificate."""
    # FIDELITY(documented; ERR 2067, 2068, 2069): both configurations exist, are enabled and name the same certificate
    own, other = (_usable(configs, name) for name in (CLIENT_NAME, SERVER_NAME))
    name = configs.certificate(own).name
    if configs.certificate(other).name != name:
        raise StatusError(2069, SERVER_NAME, CLIENT_NAME)
    if not name:
        raise StatusError(2027)
    if len(name) > NAME_LIMIT:
        raise StatusError(2175)
    return name


def distinguished_name(configs: SslConfigs) -> str:
    """That of this member's certificate; "" if there is none that could be used."""
    try:
        return require_pair(configs)
    except StatusError:
        return ""


def _usable(configs: SslConfigs, name: str) -> SSLConfig:
    config = configs.find(name)
    if config is None:
        raise StatusError(2067, name)
    if not config.enabled:
        raise StatusError(2068, name)
    if not config.certificate_file:
        raise StatusError(740)
    return config


# When a connection needs TLS ---------------------------------------------------------------------------------------


def outgoing(config: MirrorConfig, own: MemberEntry | None, peer: MemberEntry) -> bool:
    """Must a connection of this member to another use TLS?"""
    # FIDELITY(documented; CLS Config.MapMirrors): with UseSSL every connection uses TLS; without it those of a member
    #   with EncryptCommunication 1 or 3, and those to a member with 2 or 3
    mine = own is not None and bool(own.encrypt_communication & _OUTGOING)
    return config.settings.use_ssl or mine or bool(peer.encrypt_communication & _INCOMING)


def incoming(config: MirrorConfig, own: MemberEntry) -> bool:
    """Must a connection to this member use TLS?"""
    return config.settings.use_ssl or bool(own.encrypt_communication & _INCOMING)


# Handshakes --------------------------------------------------------------------------------------------------------


def dial(member: Member, peer: MemberEntry, address: str, port: int, timeout: float) -> Connection:
    """Connect to the superserver or agent of another member, with TLS where the mirror wants it."""
    connection = connect(address, port, timeout, member.source)
    if peer.guid == member.instance.guid or not outgoing(member.config, member.entry, peer):
        return connection
    # FIDELITY(documented; SEC, CLS Config.MapMirrors): the client drops a server whose DN is not the one that the
    #   configuration of the mirror has for it
    try:
        name = secure_client(connection, member.instance.ssl_configs, peer.guid, timeout)
    except ConnectionLost as error:
        member.tell_once(f"TLS {peer.name}", f"MirrorClient: TLS connection to {peer.name} failed: {error}", 2)
        raise
    if name != peer.distinguished_name:
        connection.close()
        note_update(member, peer, name)
        raise ConnectionLost(f"the DN '{name}' of {peer.name} is not authorized")
    return connection


def note_update(member: Member, entry: MemberEntry, name: str) -> None:
    """A known member has a certificate with another name."""
    # FIDELITY(documented; HA 5.4): the changed DN of another member stands in the list of the primary when it connects,
    #   that of the primary in the list of a member that connects to it; until it is authorized there is no connection
    if member.instance.pending.add_update(member.mirror, entry.guid, name):
        member.log(f"MirrorServer: DN update of {entry.name} is pending: {name}", 1)


def ask(
    member: Member, peer: MemberEntry, address: str, port: int, kind: str, timeout: float, /, **fields: Any
) -> Message:
    """One question, one answer, on a connection of its own."""
    connection = dial(member, peer, address, port, timeout)
    try:
        connection.send(kind, mirror=member.mirror, asker=member.name, **fields)
        return connection.receive(timeout)
    finally:
        connection.close()


def verify(member: Member, peer: MemberEntry, timeout: float, kind: str = "", **fields: Any) -> Message:
    """Try TLS with another member whatever its DN, and put a question if there is one."""
    try:
        connection = connect(peer.mirror_address, peer.superserver_port, timeout, member.source)
    except ConnectionLost as error:
        raise Unreachable(str(error)) from None
    try:
        secure_client(connection, member.instance.ssl_configs, peer.guid, timeout)
        if not kind:
            return Message("SECURED")
        connection.send(kind, **fields)
        return connection.receive(timeout)
    finally:
        connection.close()


def secure_client(connection: Connection, configs: SslConfigs, guid: str, timeout: float) -> str:
    """Turn a fresh connection into a TLS one; answers the DN of the peer."""
    # FIDELITY(assumed): one superserver or agent port serves both, a member says first that it wants TLS
    try:
        context = configs.context(_usable(configs, CLIENT_NAME))
        connection.send("TLS", guid=guid)
        answer = connection.receive(timeout)
        if answer.kind != "TLS":
            raise MissingConfiguration(answer.text("text", "the other side does not do TLS"))
        connection.start_tls(context, server=False, timeout=timeout)
        name = _peer_name(connection)
        if connection.receive(timeout).kind != "SECURED":
            raise ConnectionLost("TLS handshake failed")
    except StatusError as error:
        connection.close()
        raise ConnectionLost(f"{CLIENT_NAME} cannot be used: {text(status_of(error))}") from None
    except ConnectionLost:
        connection.close()
        raise
    return name


class Doorman:
    """The server's half, for the listeners of superserver and agent."""

    def __init__(self, find: Callable[[str], SslConfigs | None], log: Callable[[str], None]) -> None:
        """`find` gives the configurations of the instance with a GUID; `log` takes refusals, each once in a row."""
        self._find = find
        self._log = log
        self._last = ""

    def __call__(self, connection: Connection, message: Message, timeout: float) -> None:
        """Answer a wish for TLS; ConnectionLost ends the connection."""
        try:
            configs = self._find(message.text("guid"))
            if configs is None:
                raise StatusError(2067, SERVER_NAME)
            context = configs.context(_usable(configs, SERVER_NAME))
        except StatusError as error:
            connection.send("ERROR", code=error.code, text=f"{SERVER_NAME} cannot be used: {text(status_of(error))}")
            raise ConnectionLost("no TLS here") from None
        connection.send("TLS")
        try:
            connection.start_tls(context, server=True, timeout=timeout)
            peer_name(connection)
        except ConnectionLost as error:
            self._report(f"MirrorServer: TLS connection refused: {error}")
            raise
        connection.send("SECURED")

    def _report(self, words: str) -> None:
        if words != self._last:
            self._last = words
            self._log(words)


def _peer_name(connection: Connection) -> str:
    """The DN of the peer, whose certificate must serve clients and servers alike."""
    try:
        certificate = Certificate.parse(connection.peer_certificate)
    except BadCertificate as error:
        raise ConnectionLost(f"certificate of the peer: {error}") from None
    # FIDELITY(documented; SEC): a certificate whose usages name only the client or only the server fails
    if not (certificate.client and certificate.server):
        raise ConnectionLost("unsupported certificate: it must serve TLS clients and TLS servers")
    return certificate.name


def peer_name(connection: Connection) -> str:
    """The DN of the other side; "" on a plain connection."""
    return _peer_name(connection) if connection.peer_certificate else ""


# Checking a certificate before it is used ----------------------------------------------------------------------------


def check_own(configs: SslConfigs) -> list[StatusError]:
    """What is wrong with the certificate of this member."""
    try:
        require_pair(configs)
        config = _usable(configs, SERVER_NAME)
        certificate = configs.certificate(config)
        configs.context(config)
    except StatusError as error:
        return [error]
    file, now = config.certificate_file, datetime.now(UTC)
    found = []
    # FIDELITY(documented; ERR 728-730, 742): out of date, not for clients, not for servers
    if now > certificate.not_after:
        found.append(StatusError(728, file))
    if now < certificate.not_before:
        found.append(StatusError(742, file))
    if not certificate.client:
        found.append(StatusError(729, file))
    if not certificate.server:
        found.append(StatusError(730, file))
    return found

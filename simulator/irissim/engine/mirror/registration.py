# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating a mirror and joining one."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from irissim.engine.mirror import admission, names, store, tls
from irissim.engine.mirror.settings import MemberEntry, MirrorConfig, MirrorSettings
from irissim.engine.mirror.types import AsyncType, LocalInfo, MemberType, MirrorInfo
from irissim.engine.mirror.wire import ConnectionLost, request
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.instance import Instance

SERVICE = "%Service_Mirror"
NOT_PRIMARY = 2082
MEMBER_LIMIT = 16
_TIMEOUT = 5.0


def host_name(instance: Instance) -> str:
    return instance.addresses.host_name or socket.gethostname()


def own_address(instance: Instance) -> str:
    """Where this instance reaches what listens on its own node."""
    bind = instance.addresses.bind
    return "127.0.0.1" if bind == "0.0.0.0" else bind


def check_agent(instance: Instance) -> None:
    """The agent of this node must answer, and not be older than the instance."""
    # FIDELITY(documented; CLS CheckISCAgent, ERR 2118, 2136): create and join need the local ISCAgent, whose version
    #   must not be below that of the instance
    try:
        _check_version(instance, own_address(instance), instance.addresses.agent_port)
    except ConnectionLost:
        raise StatusError(2118) from None


def _check_version(instance: Instance, address: str, port: int) -> None:
    answer = request(address, port, "VERSION", _TIMEOUT, instance.addresses.bind)
    if _numbers(instance.version) > _numbers(answer.text("version")):
        raise StatusError(2136)


def _numbers(version: str) -> list[int]:
    return [int(piece) for piece in version.split(".") if piece.isdigit()]


def create(
    instance: Instance, name: str, member: str, info: MirrorInfo, ssl_info: Mapping[str, Any] | None = None
) -> MirrorConfig:
    """CreateNewMirrorSet: the configuration of a new mirror with this instance as its only member, saved."""
    stored = _prepare(instance, name)
    if info.use_ssl:
        tls.prepare(instance.ssl_configs, ssl_info)
    _check_virtual_address(info.virtual_address, info.virtual_address_interface)
    own_name = system_name(instance, member)
    check_leftovers(instance, stored)
    check_agent(instance)
    local = LocalInfo(
        virtual_address_interface=info.virtual_address_interface,
        ecp_address=info.ecp_address,
        mirror_address=info.mirror_address,
        agent_address=info.agent_address,
        agent_port=info.agent_port,
    )
    settings = MirrorSettings(
        name=stored,
        guid=str(uuid.uuid4()).upper(),
        qos_timeout=info.qos_timeout,
        use_ssl=info.use_ssl,
        virtual_address=info.virtual_address,
        arbiter_node=info.arbiter_node,
        compression_failover=info.compression_failover,
        compression_async=info.compression_async,
        allow_parallel_dejournaling=info.allow_parallel_dejournaling,
        compression_type_failover=info.compression_type_failover,
        compression_type_async=info.compression_type_async,
    )
    entry = own_entry(instance, own_name, local)
    config = MirrorConfig(settings, {entry.name: entry})
    save(instance, config, own_name, local)
    return config


def join_failover(
    instance: Instance, name: str, member: str, target: str, agent_address: str, agent_port: int, local: LocalInfo,
    ssl_info: Mapping[str, Any] | None = None,
) -> MirrorConfig:  # fmt: skip
    """JoinMirrorAsFailoverMember: registers with the primary; the configuration learned from it, saved."""
    stored = _prepare(instance, name)
    own_name = system_name(instance, member)
    check_leftovers(instance, stored)
    check_agent(instance)
    config = ask_target(instance, stored, Target(target, agent_address, agent_port))
    if config.settings.virtual_address and not local.virtual_address_interface:
        raise StatusError(2132)
    others = [other for other in config.failover_members() if other.guid != instance.guid]
    if len(others) > 1:
        # FIDELITY(documented; CR24, ERR 2137): the target must be the only failover member
        raise StatusError(2137)
    prepare_tls(instance, config, ssl_info)
    entry = own_entry(instance, own_name, local)
    joined = register(instance, config, others, entry)
    save(instance, joined, own_name, local)
    return joined


def check_service(instance: Instance) -> None:
    """The mirror service (2066), then the licence (2099)."""
    if not instance.security.is_enabled(SERVICE):
        raise StatusError(2066)
    instance.license.require_mirroring()


def _prepare(instance: Instance, name: str) -> str:
    """What both calls check first; answers the stored form of the mirror name."""
    # FIDELITY(assumed; ERR): the service (2066), the licence (2099), the name, then an existing mirror of the same
    #   (2101) or another name (2109) are checked in this order
    check_service(instance)
    stored = names.mirror_name(name)
    existing = store.mirror_names(instance.config)
    if stored in existing:
        raise StatusError(2101, stored)
    if existing:
        raise StatusError(2109, len(existing) + 1)
    return stored


def system_name(instance: Instance, member: str) -> str:
    """The stored form of the given name, or the default."""
    name = names.member_name(member) if member else names.default_member_name(host_name(instance), instance.name)
    if not name:
        raise StatusError(2148, names.MEMBER_LENGTH)
    return name


def _check_virtual_address(address: str, interface: str) -> None:
    # FIDELITY(documented; ERR 2085, 2090): a virtual address needs a CIDR mask and an interface
    if address and "/" not in address:
        raise StatusError(2085, address)
    if address and not interface:
        raise StatusError(2090)


def check_leftovers(instance: Instance, mirror: str) -> None:
    """CheckLeftOverJournalFile: journals of an earlier membership must be gone."""
    # FIDELITY(documented; ERR 2174, CLS): journals left over from a mirror of the same name block create and join
    if mirror in instance.journal.series_names():
        raise StatusError(2174, mirror, str(instance.journal.series(mirror).files()[-1].path))


def own_entry(
    instance: Instance,
    name: str,
    local: LocalInfo,
    member_type: MemberType = MemberType.FAILOVER,
    async_type: AsyncType = AsyncType.DISASTER_RECOVERY,
) -> MemberEntry:
    """The line of [MapMirrors.SET] for this instance."""
    # FIDELITY(documented; HA 3.5.4, CR24): the superserver address defaults to the local host name, the mirror
    #   private and agent address to the superserver address, the agent port to that of the installed agent
    ecp = local.ecp_address or host_name(instance)
    return MemberEntry(
        name=name,
        guid=instance.guid,
        agent_address=local.agent_address or ecp,
        agent_port=local.agent_port or instance.addresses.agent_port,
        ecp_address=ecp,
        mirror_address=local.mirror_address or ecp,
        superserver_port=instance.addresses.superserver_port,
        directory=str(instance.install_dir),
        member_type=member_type,
        async_type=async_type,
        distinguished_name=tls.distinguished_name(instance.ssl_configs),
        encrypt_communication=local.encrypt_communication,
    )


def save(instance: Instance, config: MirrorConfig, name: str, local: LocalInfo) -> None:
    """This instance is a failover member from now on."""
    store.save_mirror(instance.config, config)
    store.save_local(
        instance.config,
        store.LocalMember(
            system_name=name,
            join_mirror=True,
            validated=True,
            virtual_address_interface=local.virtual_address_interface,
        ),
    )


class Target(NamedTuple):
    """The failover member that a join names."""

    instance: str
    agent_address: str
    agent_port: int


def ask_target(instance: Instance, mirror: str, target: Target, no_failover_member: int = 2081) -> MirrorConfig:
    """The configuration of the mirror, from the agent of the target's host; `no_failover_member` is the error when the
    target is another kind of member."""
    # FIDELITY(assumed; ERR 2086, 2083, 2032, 2081, 2150): an agent that cannot be reached, an instance name it does not
    #   know, a mirror that the instance does not have, and a target that is no failover member of it
    address, port = target.agent_address, target.agent_port
    try:
        answer = request(
            address, port, "INSTANCE", _TIMEOUT, instance.addresses.bind, name=target.instance, mirror=mirror
        )
    except ConnectionLost as error:
        raise StatusError(2086, f"{address}|{port}", str(error)) from None
    # FIDELITY(documented; HA 5.11.1): failover members have the same version, except during an upgrade
    # FIDELITY(assumed; ERR 2136): an instance that is later than the agent of the member that it joins is refused
    _check_version(instance, address, port)
    if not answer.flag("found"):
        raise StatusError(2083, f"instance '{target.instance}' is not known to the ISCAgent at {address}|{port}")
    for fields in answer.fields["mirrors"]:
        config = MirrorConfig.from_wire(fields)
        if config.name == mirror:
            entry = config.members.get(answer.text("member"))
            if entry is None or not entry.is_failover:
                raise StatusError(no_failover_member)
            return config
    raise StatusError(2032, mirror)


def prepare_tls(instance: Instance, config: MirrorConfig, ssl_info: Mapping[str, Any] | None) -> None:
    """What a join needs before this member can say who it is."""
    if config.settings.use_ssl:
        tls.prepare(instance.ssl_configs, ssl_info)


def register(
    instance: Instance, config: MirrorConfig, others: list[MemberEntry], entry: MemberEntry
) -> MirrorConfig:
    """Ask the one of `others` that is primary to add this member; with TLS a person decides that later."""
    if config.settings.use_ssl:
        return admission.enter(instance, config, entry)
    failure = StatusError(2075)
    for other in others:
        try:
            answer = request(
                other.ecp_address, other.superserver_port, "REGISTER", _TIMEOUT, instance.addresses.bind,
                mirror=config.name, member=entry.name, line=entry.line(),
            )  # fmt: skip
        except ConnectionLost as error:
            failure = StatusError(2087, other.name, f"{other.ecp_address}|{other.superserver_port}: {error}")
            continue
        if answer.kind != "ERROR":
            return MirrorConfig.from_wire(answer.fields["config"])
        failure = _remote_error(answer.fields)
        if failure.code != NOT_PRIMARY:
            break
    raise failure


def _remote_error(fields: Any) -> StatusError:
    return StatusError(int(fields["code"]), *fields["arguments"])

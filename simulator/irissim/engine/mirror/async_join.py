# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Joining a mirror as async member, or one more mirror as reporting member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from irissim.engine.mirror import names, registration, store
from irissim.engine.mirror.settings import MirrorConfig
from irissim.engine.mirror.types import AsyncType, LocalInfo, MemberType
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.instance import Instance

MIRROR_LIMIT = 10


def join_async(
    instance: Instance,
    name: str,
    member: str,
    target: registration.Target,
    wanted: int | None,
    local: LocalInfo,
    ssl_info: Mapping[str, Any] | None = None,
) -> MirrorConfig:
    """JoinMirrorAsAsyncMember: registers with the primary; the configuration learned from it, saved."""
    registration.check_service(instance)
    stored = names.mirror_name(name)
    known = store.mirror_names(instance.config)
    if stored in known:
        raise StatusError(2101, stored)
    kind = _kind(instance, known, wanted)
    system_name = registration.system_name(instance, member)
    if known:
        # FIDELITY(documented; CLS): the name is that of the first join, another one is ignored
        system_name = store.load_local(instance.config).system_name
    registration.check_leftovers(instance, stored)
    if kind is AsyncType.DISASTER_RECOVERY:
        # FIDELITY(documented; HA 4.14): the ISCAgent must run before a disaster recovery member joins; reporting
        #   members do not use it
        registration.check_agent(instance)
    # FIDELITY(documented; CLS, ERR 2150): the target of a disaster recovery member must be a failover member
    no_failover_member = 2150 if kind is AsyncType.DISASTER_RECOVERY else 2081
    config = registration.ask_target(instance, stored, target, no_failover_member)
    if config.settings.virtual_address and kind is AsyncType.DISASTER_RECOVERY and not local.virtual_address_interface:
        raise StatusError(2132)
    _check_databases(instance, stored, kind)
    registration.prepare_tls(instance, config, ssl_info)
    entry = registration.own_entry(instance, system_name, local, MemberType.ASYNC, kind)
    joined = registration.register(instance, config, config.failover_members(), entry)
    _save(instance, joined, system_name, local, kind, first=not known)
    return joined


def _kind(instance: Instance, known: list[str], wanted: int | None) -> AsyncType:
    # FIDELITY(documented; ERR 2134, 2142, 2149, HA 4.7.5): a failover member cannot be in another mirror, a disaster
    #   recovery member in one only, a reporting member in ten, all as the same type
    # FIDELITY(assumed): a type that differs from that of the first join is 2142, although the class reference says that
    #   it is ignored; the eleventh mirror is 5001
    if wanted is not None and wanted not in tuple(AsyncType):
        raise StatusError(2142)
    if not known:
        return AsyncType(wanted or AsyncType.DISASTER_RECOVERY)
    local = store.load_local(instance.config)
    config = store.load_mirror(instance.config, known[0])
    if config is None or config.members[local.system_name].is_failover:
        raise StatusError(2134)
    current = AsyncType(local.async_type)
    if current is AsyncType.DISASTER_RECOVERY:
        raise StatusError(2149)
    if wanted is not None and wanted != current:
        raise StatusError(2142)
    if len(known) >= MIRROR_LIMIT:
        raise StatusError(5001, f"A reporting async member cannot belong to more than {MIRROR_LIMIT} mirrors")
    return current


def _check_databases(instance: Instance, mirror: str, kind: AsyncType) -> None:
    # FIDELITY(documented; ERR 2172, HA 4.10.1): a database whose FailoverDB flag is cleared cannot be in a disaster
    #   recovery member
    for database in instance.databases.mirrored(mirror):
        label = database.label.mirror
        if kind is AsyncType.DISASTER_RECOVERY and label is not None and not label.failover:
            raise StatusError(2172)


def _save(
    instance: Instance, config: MirrorConfig, name: str, local: LocalInfo, kind: AsyncType, *, first: bool
) -> None:
    store.save_mirror(instance.config, config)
    if not first:
        return
    store.save_local(
        instance.config,
        store.LocalMember(
            system_name=name,
            join_mirror=True,
            validated=True,
            virtual_address_interface=local.virtual_address_interface,
            async_type=kind,
            # FIDELITY(assumed): AsyncMemberGUID is the GUID that [MapMirrors.SET] has of this member
            async_guid=config.members[name].guid,
        ),
    )

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror: TLS between members and who may join."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from irissim.engine.mirror import approval, tls, verification
from irissim.library.arrays import read_record
from irissim.library.engine_access import engine
from irissim.library.security_sslconfigs import changes
from irissim.objectscript.classes import Context, LocalArray, Status, class_method, query
from irissim.values.errors import StatusError
from irissim.values.oslist import is_list, list_build, list_items
from irissim.values.status import OK, append_status, status_of
from irissim.values.value import Value, to_bool, to_int, to_string

# FIDELITY(documented; CLS UpdateMirrorSSL): the subscripts of SSLInfo; the suites of TLSv1.3 are CipherSuites here and
#   Ciphersuites in Security.SSLConfigs
_SSL_INFO = (
    "CAFile",
    "CRLFile",
    "CertificateFile",
    "CipherList",
    "CipherSuites",
    "PrivateKeyFile",
    "PrivateKeyPassword",
    "PrivateKeyType",
    "TLSMinVersion",
    "TLSMaxVersion",
)


def read_ssl_info(context: Context, array: LocalArray, where: str) -> dict[str, Any]:
    """SSLInfo as the engine takes it; empty when nothing is given."""
    given = read_record(context, array, _SSL_INFO, where)
    if "CipherSuites" in given:
        given["Ciphersuites"] = given.pop("CipherSuites")
    return changes(given)


class Tls:
    """Part of SYS.Mirror."""

    @class_method(byref=("SSLInfo",))
    def UpdateMirrorSSL(ctx: Context, SSLInfo: LocalArray) -> Status:
        instance = engine(ctx)
        tls.update_pair(instance.ssl_configs, read_ssl_info(ctx, SSLInfo, "SYS.Mirror.UpdateMirrorSSL"))
        # FIDELITY(assumed; HA 5.4): a certificate with another DN is made known to the mirror at once
        for membership in instance.mirror.tls_memberships():
            if membership.member.entry.distinguished_name:
                approval.update_own_name(membership)
        return OK

    @class_method()
    def UpdateDNinMirrorSetMember(ctx: Context) -> Status:
        memberships = engine(ctx).mirror.tls_memberships()
        if not memberships:
            raise StatusError(2074)
        for membership in memberships:
            approval.update_own_name(membership)
        return OK

    @class_method()
    def UpdateMirrorUseSSL(ctx: Context, MirrorSetName: Value = "", Enable: Value = 0) -> Status:
        approval.use_ssl(engine(ctx).mirror.tls_membership(to_string(MirrorSetName)), to_bool(Enable))
        return OK

    @class_method()
    def VerifyMirrorSSLCertificates(ctx: Context, MirrorSetName: Value = "", AllMembers: Value = 0) -> Status:
        membership = engine(ctx).mirror.tls_membership(to_string(MirrorSetName))
        status: Value = OK
        for error in verification.verify(membership.member, to_bool(AllMembers)):
            status = append_status(status, status_of(error))
        return status

    @class_method()
    def AuthorizePendingMembers(ctx: Context, DNList: Value) -> Value:
        # FIDELITY(documented; CLS AuthorizePendingMembers): one DN gives one status, a $LIST a $LIST of them
        text = to_string(DNList)
        if text and is_list(text):
            return list_build([_authorize(ctx, to_string(name or "")) for name in list_items(text)])
        return _authorize(ctx, text)

    @class_method()
    def RemoveFromApprovalList(ctx: Context, MemberName: Value, GUID: Value, MirrorSetName: Value = "") -> Status:
        membership = engine(ctx).mirror.tls_membership(to_string(MirrorSetName))
        approval.reject(membership, to_string(MemberName), to_string(GUID))
        return OK

    @class_method()
    def AddFailoverMember(
        ctx: Context, MirrorSetName: Value = "", InstanceName: Value = "", AgentAddress: Value = "",
        AgentPort: Value = 2188,
    ) -> Status:  # fmt: skip
        membership = engine(ctx).mirror.tls_membership(to_string(MirrorSetName))
        approval.add_failover(
            membership, to_string(InstanceName), to_string(AgentAddress), to_int(AgentPort) or 2188
        )
        return OK

    @query(
        columns=(
            "Name",
            "GUID",
            "InstanceDirectory",
            "AgentAddress",
            "MirrorAddress",
            "ECPAddress",
            "AgentPort",
            "MirrorSSPort",
            "MemberType",
            "MemberTypeDisplay",
            "SSLComputerName",
            "EncryptCommunication",
            "ConnectsTo",
        )
    )
    def PendingNewMembers(ctx: Context, MirrorSetName: Value = "") -> Iterable[Sequence[Value]]:
        # FIDELITY(assumed; CR16): MemberType is the number of [MapMirrors], the display column its words
        for entry in approval.pending_members(engine(ctx).mirror.tls_membership(to_string(MirrorSetName))):
            yield (
                entry.name, entry.guid, entry.directory, entry.agent_address, entry.mirror_address, entry.ecp_address,
                entry.agent_port, entry.superserver_port, int(entry.member_type), entry.kind.value,
                entry.distinguished_name, entry.encrypt_communication, entry.connects_to,
            )  # fmt: skip

    @query(columns=("Name", "GUID", "MemberType", "SSLComputerName"))
    def PendingDNUpdates(ctx: Context, MirrorSetName: Value = "") -> Iterable[Sequence[Value]]:
        for entry, name in approval.pending_updates(engine(ctx).mirror.tls_membership(to_string(MirrorSetName))):
            yield (entry.name, entry.guid, int(entry.member_type), name)


def _authorize(context: Context, name: str) -> Value:
    try:
        approval.authorize(engine(context).mirror.tls_memberships(), name)
    except StatusError as error:
        return status_of(error)
    return OK

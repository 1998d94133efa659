# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ConfigMirror: create a mirror, or join one."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from pathlib import Path

from irissim.engine.mirror import registration, store
from irissim.engine.mirror.names import mirror_name
from irissim.engine.mirror.types import MirrorState
from irissim.merge.calls import EVENT, Calls, Refusal, record
from irissim.merge.hostmap import DEFAULT_MAP, NoPlace, members_of, place_of
from irissim.merge.patience import Patience
from irissim.merge.source import Action, MergeError
from irissim.objectscript.locals import LocalArray
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

_LOCAL = ("ECPAddress", "MirrorAddress", "AgentAddress", "AgentPort", "VirtualAddressInterface")
# FIDELITY(documented; CPF ConfigMirror, CR24): every subscript of MirrorInfo of CreateNewMirrorSet is a property
_MIRROR_INFO = (
    *_LOCAL,
    "QOSTimeout",
    "UseSSL",
    "VirtualAddress",
    "CompressionForFailoverMembers",
    "CompressionForAsyncMembers",
    "CompressionTypeForFailoverMembers",
    "CompressionTypeForAsyncMembers",
    "AllowParallelDejournaling",
)
_OWN = ("Name", "Member", "Primary", "SystemName", "SSLDir", "ArbiterURL", "Map", "Ordinal")
# FIDELITY(documented; CR24, CPF ConfigMirror): types of async members
_ASYNC_TYPES = {"drasync": 0, "rorasync": 1, "rwrasync": 2}
_MEMBERS = ("primary", "backup", *_ASYNC_TYPES, "auto")
_TLS_FILES = {"CAFile": "CAFile.pem", "CertificateFile": "CertificateFile.pem", "PrivateKeyFile": "PrivateKeyFile.pem"}
# Agent or instance of the primary not up yet, no mirror there yet, no primary yet.
_PRIMARY_TO_COME = (2086, 2083, 2032, 2075, 2082, 2087)
_AGENT_PORT = 2188
_TWO_NUMBERS = re.compile(r"-([0-9]+)-[0-9]+$")

CLASS = "SYS.Mirror"


@dataclass(frozen=True)
class _Plan:
    mirror: str
    member: str
    primary: str
    arbiter: str
    tls: dict[str, str]


class MirrorAction:
    """ConfigMirror; False: nothing to do."""

    def __init__(self, calls: Calls, patience: Patience) -> None:
        self._calls = calls
        self._patience = patience
        self._instance = calls.instance

    def configure(self, action: Action) -> bool:
        """Do what is missing."""
        plan = self._plan(action)
        if plan.mirror in store.mirror_names(self._instance.config):
            # FIDELITY(documented; CPF ConfigMirror): an existing mirror is left alone, but for an arbiter where none is
            return self._add_arbiter(plan)
        # FIDELITY(assumed; HCM, ANS): ConfigMirror enables %Service_Mirror, as the published merge files never do
        if not self._instance.security.is_enabled(registration.SERVICE):
            self._calls.status("Security.Services", "Modify", registration.SERVICE, record({"Enabled": "1"}))
        if plan.member == "primary":
            self._create(plan, action)
        else:
            self._patience.until_done(lambda: self._join(plan, action), _PRIMARY_TO_COME)
        if self._instance.pending.applying(plan.mirror):
            # FIDELITY(documented; CPF ConfigMirror): with TLS AuthorizePendingMembers is called on the primary after
            #   the merge, which lets the other members in
            self._instance.log.write(
                f"Merge: {plan.mirror} waits for AuthorizePendingMembers() on the primary", 1, EVENT
            )
            return True
        state = self._patience.for_member(self._instance, plan.mirror)
        if state in (MirrorState.PRIMARY, MirrorState.BACKUP, MirrorState.CONNECTED):
            self._add_arbiter(plan)
        return True

    def _plan(self, action: Action) -> _Plan:
        name, member = action.require("Name", "Member")
        action.only(*_OWN, *_MIRROR_INFO)
        member = member.lower()
        # FIDELITY(observed; ANS): the primary can do without Primary
        primary = "localhost" if member == "primary" and "Primary" not in action.properties else ""
        primary = primary or action.require("Primary")[0]
        if member not in _MEMBERS:
            raise MergeError(f"ConfigMirror: Member must be one of {', '.join(_MEMBERS)}", action.line)
        if (member == "auto") != (primary.lower() == "auto"):
            raise MergeError("ConfigMirror: Member=auto and Primary=auto go together", action.line)
        given = [name for name in ("Map", "Ordinal") if name in action.properties]
        if given and member != "auto":
            # FIDELITY(documented; ACMF 5.6): Map is not used with separate merge files
            raise MergeError(f"ConfigMirror: {given[0]} is for Member=auto only", action.line)
        host = registration.host_name(self._instance)
        if member == "auto":
            member, primary = self._place(action, host)
        try:
            mirror = mirror_name(_numbered(name, host, action))
        except StatusError as error:
            raise MergeError(text(status_of(error)), action.line) from None
        if member == "primary" and not self._is_here(primary, host):
            # FIDELITY(assumed): a primary that names another host as the primary is a mistake
            raise MergeError(f"ConfigMirror: Member=primary, but Primary={primary} is another host", action.line)
        if member != "primary" and self._is_here(primary, host):
            raise MergeError(f"ConfigMirror: Member={member}, but Primary={primary} is this host", action.line)
        return _Plan(mirror, member, primary, _arbiter(action), _tls(action))

    def _place(self, action: Action, host: str) -> tuple[str, str]:
        ordinal = action.properties.get("Ordinal", "0")
        if not ordinal.isdecimal():
            raise MergeError("ConfigMirror: Ordinal must be a number", action.line)
        try:
            return place_of(host, members_of(action.properties.get("Map", DEFAULT_MAP)), int(ordinal))
        except NoPlace as reason:
            raise MergeError(f"ConfigMirror: {reason}", action.line) from None

    def _is_here(self, primary: str, host: str) -> bool:
        wanted, bind = _host_and_port(primary)[0].lower(), self._instance.addresses.bind
        if wanted in ("localhost", "127.0.0.1", host.lower()):
            return True
        try:
            address = socket.gethostbyname(wanted)
        except OSError:
            return False
        if bind != "0.0.0.0":
            return address == bind
        with socket.socket() as probe:
            try:
                probe.bind((address, 0))
            except OSError:
                return False
        return True

    def _create(self, plan: _Plan, action: Action) -> None:
        info = {name: value for name, value in action.properties.items() if name in _MIRROR_INFO}
        if plan.arbiter:
            info["ArbiterNode"] = plan.arbiter
        if plan.tls:
            info["UseSSL"] = "1"
        system_name = action.properties.get("SystemName", "")
        self._calls.status(CLASS, "CreateNewMirrorSet", plan.mirror, system_name, record(info), _array(plan.tls))

    def _join(self, plan: _Plan, action: Action) -> None:
        local = record({name: value for name, value in action.properties.items() if name in _LOCAL})
        address, port = _host_and_port(plan.primary)
        # FIDELITY(assumed): the instance of the primary has the name of this one
        target = (plan.mirror, action.properties.get("SystemName", ""), self._instance.name, address, port)
        if plan.member == "backup":
            self._calls.status(CLASS, "JoinMirrorAsFailoverMember", *target, local, _array(plan.tls))
        else:
            kind = _ASYNC_TYPES[plan.member]
            self._calls.status(CLASS, "JoinMirrorAsAsyncMember", *target, kind, local, _array(plan.tls))

    def _add_arbiter(self, plan: _Plan) -> bool:
        """Give the mirror an arbiter if it has none."""
        if not plan.arbiter:
            return False
        try:
            return self._instance.mirror.add_arbiter(plan.mirror, plan.arbiter)
        except StatusError as error:
            raise Refusal(text(status_of(error)), error.code) from None


def _numbered(name: str, host: str, action: Action) -> str:
    # FIDELITY(documented; CPF ConfigMirror): a # at the end of Name is the first number of a host name that ends in
    #   -number-number
    if not name.endswith("#"):
        return name
    found = _TWO_NUMBERS.search(host.partition(".")[0])
    if found is None:
        raise MergeError(f"ConfigMirror: Name={name} needs a host name -number-number, not {host}", action.line)
    return name[:-1] + found[1]


def _array(values: dict[str, str]) -> LocalArray | None:
    return record(values) if values else None


def _host_and_port(text: str) -> tuple[str, int]:
    # FIDELITY(documented; ACMF 5.5): Primary is a host; an example has a colon behind it
    # FIDELITY(assumed): behind the colon may be the port of the primary's ISCAgent
    host, _, port = text.partition(":")
    return host, int(port) if port.isdecimal() else _AGENT_PORT


def _arbiter(action: Action) -> str:
    """ArbiterURL as the mirror stores it."""
    url = action.properties.get("ArbiterURL", "")
    if not url:
        return ""
    # FIDELITY(documented; CPF ConfigMirror): ArbiterURL is host:port, which the mirror stores as host|port
    host, colon, port = url.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536 or "|" in host:
        raise MergeError("ConfigMirror: ArbiterURL must be host:port", action.line)
    return f"{host}|{port}"


def _tls(action: Action) -> dict[str, str]:
    """SSLInfo for the files in SSLDir."""
    directory = action.properties.get("SSLDir", "")
    if not directory:
        return {}
    # FIDELITY(assumed): a relative directory, which would be below no known one, is refused
    if not Path(directory).is_absolute():
        raise MergeError(f"ConfigMirror: SSLDir={directory} must be a full path", action.line)
    # FIDELITY(documented; CPF ConfigMirror): SSLDir holds CAFile.pem, CertificateFile.pem and PrivateKeyFile.pem
    files = {name: Path(directory, file) for name, file in _TLS_FILES.items()}
    for path in files.values():
        if not path.is_file():
            raise MergeError(f"ConfigMirror: there is no {path.name} in SSLDir={directory}", action.line)
    return {name: str(path) for name, path in files.items()}

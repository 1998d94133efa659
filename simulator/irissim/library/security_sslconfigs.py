# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security.SSLConfigs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from irissim.engine.ssl_configs import SSLConfig
from irissim.library.arrays import read_record, write_record
from irissim.library.engine_access import engine
from irissim.library.wildcards import matches
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method, field, query
from irissim.values.errors import StatusError
from irissim.values.status import OK, status_of
from irissim.values.value import Value, to_bool, to_int, to_string

_NUMBERS = {
    "PrivateKeyType": "private_key_type",
    "TLSMaxVersion": "tls_max_version",
    "TLSMinVersion": "tls_min_version",
    "Type": "type",
    "VerifyPeer": "verify_peer",
}
_TEXTS = {
    "CAFile": "ca_file",
    "CAPath": "ca_path",
    "CRLFile": "crl_file",
    "CertificateFile": "certificate_file",
    "CipherList": "cipher_list",
    "Ciphersuites": "ciphersuites",
    "Description": "description",
    "PrivateKeyFile": "private_key_file",
    "PrivateKeyPassword": "private_key_password",
}
_LENGTHS = {"CipherList": 4096, "Ciphersuites": 128, "Description": 256}
_LENGTH = 255
# What the simulator does not act on must be left as it is.
_FIXED: dict[str, Value] = {
    "AuthorizeCN": 0,
    "DiffieHellmanBits": 0,
    "OCSP": 0,
    "OCSPIssuerCert": "",
    "OCSPResponseFile": "",
    "OCSPURL": "",
    "Protocols": "",
    "SNIName": "",
    "VerifyDepth": 9,
}


class SSLConfigs(SystemClass):
    """The TLS configurations of an instance."""

    NAME = "Security.SSLConfigs"
    NAMESPACE = "%SYS"

    Name = field()
    CAFile = field()
    CAPath = field()
    CRLFile = field()
    CertificateFile = field()
    CipherList = field()
    Ciphersuites = field()
    Description = field()
    Enabled = field(1)
    PrivateKeyFile = field()
    PrivateKeyPassword = field()
    PrivateKeyType = field(2)
    TLSMaxVersion = field(32)
    TLSMinVersion = field(16)
    Type = field(0)
    VerifyPeer = field(0)

    @class_method(byref=("Properties",))
    def Create(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        engine(ctx).ssl_configs.create(to_string(Name), read_properties(ctx, Properties))
        return OK

    @class_method(byref=("Properties",))
    def Modify(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        engine(ctx).ssl_configs.modify(to_string(Name), read_properties(ctx, Properties))
        return OK

    @class_method(byref=("Properties",))
    def Get(ctx: Context, Name: Value, Properties: LocalArray) -> Status:
        # FIDELITY(documented; CR24 Security.SSLConfigs): Get gives all properties, the password of the key in the clear
        write_record(Properties, _properties(engine(ctx).ssl_configs.get(to_string(Name))))
        return OK

    @class_method()
    def Delete(ctx: Context, Name: Value) -> Status:
        engine(ctx).ssl_configs.delete(to_string(Name))
        return OK

    @class_method(byref=("SSLConfig", "Status"))
    def Exists(ctx: Context, Name: Value, SSLConfig: LocalArray, Status: LocalArray) -> Value:
        try:
            config = engine(ctx).ssl_configs.get(to_string(Name))
        except StatusError as error:
            SSLConfig.value, Status.value = "", status_of(error)
            return 0
        opened = SSLConfigs(ctx)
        for name, value in _properties(config).items():
            opened.set_property(name, value)
        SSLConfig.value, Status.value = opened, OK
        return 1

    @query(columns=("Name", "Description", "Enabled", "Type", "EnabledInternal", "TypeInternal"))
    def List(ctx: Context, Names: Value) -> Iterable[Sequence[Value]]:
        configs = engine(ctx).ssl_configs
        for name in configs.names():
            config = configs.get(name)
            if matches(name, to_string(Names)):
                enabled = "Yes" if config.enabled else "No"
                kind = "Server" if config.type else "Client"
                yield (name, config.description, enabled, kind, int(config.enabled), config.type)

    @query(columns=("Name",))
    def ListNames(ctx: Context) -> Iterable[Sequence[Value]]:
        for name in engine(ctx).ssl_configs.names():
            yield (name,)


def _properties(config: SSLConfig) -> dict[str, Value]:
    values: dict[str, Value] = {name: getattr(config, field) for name, field in (_NUMBERS | _TEXTS).items()}
    return {"Name": config.name, "Enabled": int(config.enabled), **values}


def read_properties(
    context: Context, array: LocalArray, names: Iterable[str] = (), where: str = SSLConfigs.NAME
) -> dict[str, Any]:
    """The fields of a configuration that an array gives; `names` limits them, as SSLInfo knows fewer."""
    allowed = list(names) or ["Enabled", *_NUMBERS, *_TEXTS, *_FIXED]
    return changes(read_record(context, array, allowed, where))


def changes(given: Mapping[str, Value]) -> dict[str, Any]:
    """By the names of the engine; 407 for values that cannot be."""
    result: dict[str, Any] = {}
    for name, value in given.items():
        text = to_string(value)
        if name in _FIXED:
            if text != to_string(_FIXED[name]):
                raise StatusError(5001, f"This simulator does not do {name} of a TLS configuration")
        elif name == "Enabled":
            result["enabled"] = to_bool(value)
        elif name in _NUMBERS:
            if text != str(to_int(value)):
                raise StatusError(407, name, text)
            result[_NUMBERS[name]] = to_int(value)
        elif len(text) > _LENGTHS.get(name, _LENGTH):
            # The text could be a password.
            raise StatusError(407, name, "too long")
        else:
            result[_TEXTS[name]] = text
    return result

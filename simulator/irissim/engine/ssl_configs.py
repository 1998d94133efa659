# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TLS configurations of an instance; they stay local to it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from irissim.engine.certificates import BadCertificate, Certificate
from irissim.engine.jsonstore import JsonStore
from irissim.values.errors import StatusError

OS_STORE = "%OSCertificateStore"
NAME_LENGTH = 64
CLIENT, SERVER = 0, 1
_SSL3, _TLS13 = 2, 32
_VERSIONS = {
    _SSL3: ssl.TLSVersion.MINIMUM_SUPPORTED,
    4: ssl.TLSVersion.TLSv1,
    8: ssl.TLSVersion.TLSv1_1,
    16: ssl.TLSVersion.TLSv1_2,
    _TLS13: ssl.TLSVersion.TLSv1_3,
}
_SUITES = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
_KNOWN_SUITES = {*_SUITES, "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"}


@dataclass(frozen=True)
class SSLConfig:
    """One configuration; the names of the properties of Security.SSLConfigs in lower case with underscores."""

    # FIDELITY(documented; CR24 Security.SSLConfigs): defaults of a configuration
    name: str
    type: int = CLIENT
    enabled: bool = True
    description: str = ""
    ca_file: str = ""
    ca_path: str = ""
    crl_file: str = ""
    certificate_file: str = ""
    private_key_file: str = ""
    private_key_password: str = ""
    private_key_type: int = 2
    cipher_list: str = "ALL:!aNULL:!eNULL:!EXP:!SSLv2"
    ciphersuites: str = ":".join(_SUITES)
    tls_min_version: int = 16
    tls_max_version: int = 32
    verify_peer: int = 0

    def __repr__(self) -> str:
        # It holds a password and must be safe in any message.
        return f"SSLConfig({self.name!r})"


class SslConfigs:
    """`instance.ssl_configs`. Thread-safe; names are case-sensitive."""

    def __init__(self, mgr: Path) -> None:
        self._mgr = mgr
        # FIDELITY(assumed): the simulator keeps the password of a private key in a file that only its owner can read
        self._store = JsonStore(mgr / "sslconfigs.json", private=True)

    def names(self) -> list[str]:
        return sorted(self._store.keys())

    def find(self, name: str) -> SSLConfig | None:
        stored = self._store.get(name)
        return SSLConfig(**stored) if stored else None

    def get(self, name: str) -> SSLConfig:
        """Raises 979."""
        config = self.find(name)
        if config is None:
            raise StatusError(979, name)
        return config

    def create(self, name: str, changes: Mapping[str, Any]) -> None:
        # FIDELITY(documented; CR24 Security.SSLConfigs, ERR 981, 898): a name has 1 to 64 characters, case matters
        if not 0 < len(name) <= NAME_LENGTH:
            raise StatusError(981, name)
        if self.find(name) is not None:
            raise StatusError(898, name)
        self.save(replace(SSLConfig(name), **changes))

    def modify(self, name: str, changes: Mapping[str, Any]) -> None:
        self.save(replace(self.get(name), **changes))

    def save(self, *configs: SSLConfig) -> None:
        """All of them or none."""
        for config in configs:
            _check_values(config)
            self._check_files(config)
        for config in configs:
            self._store.set(config.name, asdict(config))

    def delete(self, name: str) -> None:
        self._store.remove(self.get(name).name)

    def path(self, file: str) -> Path:
        # FIDELITY(documented; CR24 Security.SSLConfigs): a relative path begins in the manager's directory
        return self._mgr / file

    def certificate(self, config: SSLConfig) -> Certificate:
        """The certificate of a configuration; raises 742."""
        try:
            return Certificate.load(self.path(config.certificate_file))
        except (OSError, BadCertificate):
            raise StatusError(742, config.certificate_file) from None

    # Contexts --------------------------------------------------------------------------------------------------------

    def context(self, config: SSLConfig, authorities: bool = True) -> ssl.SSLContext:
        """A context that requires and checks the certificate of the peer; raises StatusError naming the bad file."""
        protocol = ssl.PROTOCOL_TLS_SERVER if config.type == SERVER else ssl.PROTOCOL_TLS_CLIENT
        context = ssl.SSLContext(protocol)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.minimum_version = _VERSIONS[config.tls_min_version]
        context.maximum_version = _VERSIONS[config.tls_max_version]
        if config.type == SERVER:
            context.num_tickets = 0
        try:
            context.set_ciphers(config.cipher_list)
        except ssl.SSLError:
            raise StatusError(407, "CipherList", config.cipher_list) from None
        if authorities:
            self._load_authorities(context, config)
        if config.certificate_file:
            self._load_certificate(context, config)
        return context

    def _load_authorities(self, context: ssl.SSLContext, config: SSLConfig) -> None:
        file = config.ca_file or config.ca_path
        try:
            if config.ca_file == OS_STORE:
                context.load_default_certs()
            elif file:
                context.load_verify_locations(
                    str(self.path(config.ca_file)) if config.ca_file else None,
                    str(self.path(config.ca_path)) if config.ca_path else None,
                )
            if config.crl_file:
                file = config.crl_file
                context.load_verify_locations(str(self.path(file)))
                context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        except OSError:
            raise StatusError(743, file) from None

    def _load_certificate(self, context: ssl.SSLContext, config: SSLConfig) -> None:
        self.certificate(config)
        # Without a callback OpenSSL would ask for the password at a terminal.
        try:
            context.load_cert_chain(
                self.path(config.certificate_file),
                self.path(config.private_key_file),
                lambda: config.private_key_password,
            )
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                raise StatusError(733, config.certificate_file, config.private_key_file) from None
            raise StatusError(732, config.private_key_file) from None
        except (OSError, ValueError):
            raise StatusError(732, config.private_key_file) from None

    def _check_files(self, config: SSLConfig) -> None:
        # FIDELITY(assumed; CR24 Security.SSLConfigs Import, ERR 732, 733, 742, 743): files that are missing or do not
        #   fit are refused when the configuration is saved; whether a certificate is in force and for what it may be
        #   used shows when it is used
        self.context(config)


def _check_values(config: SSLConfig) -> None:
    # FIDELITY(documented; CR24 Security.SSLConfigs, ERR 983-986): certificate and key come together, a password needs
    #   a key, verification and revocation list need a CA file or directory
    if config.certificate_file and not config.private_key_file:
        raise StatusError(983)
    if config.private_key_file and not config.certificate_file:
        raise StatusError(984)
    if config.private_key_password and not config.private_key_file:
        raise StatusError(985)
    if (config.verify_peer or config.crl_file) and not (config.ca_file or config.ca_path):
        raise StatusError(986)
    # FIDELITY(documented; CR24 Security.SSLConfigs, ERR 725): a client verifies with level 0 or 1, a server with 0, 1
    #   or 3
    if config.type == CLIENT and config.verify_peer not in (0, 1):
        raise StatusError(725)
    _one_of("VerifyPeer", config.verify_peer, (0, 1, 3))
    _one_of("Type", config.type, (CLIENT, SERVER))
    _one_of("PrivateKeyType", config.private_key_type, (1, 2))
    _one_of("TLSMinVersion", config.tls_min_version, tuple(_VERSIONS))
    _one_of("TLSMaxVersion", config.tls_max_version, tuple(_VERSIONS))
    if config.tls_min_version > config.tls_max_version:
        raise StatusError(407, "TLSMinVersion", config.tls_min_version)
    if config.tls_max_version == _SSL3:
        raise StatusError(5001, "This simulator cannot do SSLv3")
    suites = config.ciphersuites.split(":")
    for suite in suites:
        if suite not in _KNOWN_SUITES:
            raise StatusError(407, "Ciphersuites", suite)
    if config.tls_max_version == _TLS13 and _SUITES[0] not in suites:
        # Python cannot restrict them; two members would choose this one although it is not allowed.
        raise StatusError(5001, f"This simulator cannot do TLSv1.3 without {_SUITES[0]}")


def _one_of(name: str, value: int, allowed: tuple[int, ...]) -> None:
    if value not in allowed:
        raise StatusError(407, name, value)

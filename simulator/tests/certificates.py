# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority for tests: small keys, made anew each time, nothing is kept."""

from __future__ import annotations

import functools
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
DAY = timedelta(days=1)


@functools.cache
def _key(number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


_numbers = itertools.cycle(range(4))


def make_key() -> rsa.RSAPrivateKey:
    """One of a few that differ from the last ones; making them is slow."""
    return _key(next(_numbers))


def subject(common: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "FR"), (NameOID.ORGANIZATION_NAME, "Demo, Inc"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def dn(common: str) -> str:
    """The name of such a certificate as IRIS writes it."""
    return f"CN={common},O=Demo\\, Inc,C=FR"


def write_key(path: Path, key: rsa.RSAPrivateKey, password: str = "") -> None:
    encryption = (
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    )


class Authority:
    """One CA with its file."""

    def __init__(self, root: Path, name: str = "CA") -> None:
        self._root = root
        self._key = make_key()
        self._name = subject(name)
        self.file = root / f"{name}.pem"
        certificate = (
            self._builder(self._name, self._key, -DAY, 365 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(
        self, name: x509.Name, key: rsa.RSAPrivateKey, begin: timedelta, end: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begin)
            .not_valid_after(now + end)
        )

    def issue(
        self,
        common: str,
        file: str = "",
        *,
        begin: timedelta = -DAY,
        end: timedelta = 30 * DAY,
        uses: tuple[x509.ObjectIdentifier, ...] | None = (CLIENT, SERVER),
        encipherment: bool = True,
        password: str = "",
    ) -> dict[str, str]:
        """Certificate and key of a member; the subscripts of SSLInfo that name them."""
        key = make_key()
        builder = self._builder(subject(common), key, begin, end)
        if uses is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        usage = x509.KeyUsage(
            True, False, encipherment, False, False, False, False, False, False
        )  # fmt: skip
        certificate = builder.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        stem = self._root / (file or common)
        path, key_path = stem.with_suffix(".crt"), stem.with_suffix(".key")
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        write_key(key_path, key, password)
        named = {"CAFile": str(self.file), "CertificateFile": str(path), "PrivateKeyFile": str(key_path)}
        return {**named, "PrivateKeyPassword": password} if password else named

    def revoke(self, certificate: str) -> Path:
        """A revocation list with that certificate."""
        revoked = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
        now = datetime.now(UTC)
        entry = (
            x509.RevokedCertificateBuilder().serial_number(revoked.serial_number).revocation_date(now - DAY).build()
        )
        crl = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(now - DAY)
            .next_update(now + DAY)
            .add_revoked_certificate(entry)
            .sign(self._key, hashes.SHA256())
        )
        path = self._root / "revoked.crl"
        path.write_bytes(crl.public_bytes(serialization.Encoding.PEM))
        return path

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mirror needs to know of an X.509 certificate: its name, its time, and for what it may be used.

Python's `ssl` shows neither the usage extensions nor the name in the form of IRIS, hence this small DER reader.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.42": "GN",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
_KEY_USAGE, _EXTENDED_KEY_USAGE = "2.5.29.15", "2.5.29.37"
_SERVER_AUTH, _CLIENT_AUTH, _ANY_USAGE = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"
_DIGITAL_SIGNATURE, _KEY_ENCIPHERMENT = 0x80, 0x20
_TEXT = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}
_ESCAPED = frozenset(',+"\\<>;')
_UTC_TIME = 0x17
_BEGIN = "-----BEGIN CERTIFICATE-----"
_END = "-----END CERTIFICATE-----"


class BadCertificate(ValueError):
    """Not a certificate."""


@dataclass(frozen=True)
class Certificate:
    """The parts of a certificate that decide whether a member may use it."""

    name: str
    not_before: datetime
    not_after: datetime
    client: bool
    server: bool

    @classmethod
    def load(cls, path: Path) -> Certificate:
        """The first certificate of a PEM file."""
        text = path.read_text(encoding="ascii", errors="replace")
        start, end = text.find(_BEGIN), text.find(_END)
        if start < 0 or end < start:
            raise BadCertificate(str(path))
        try:
            return cls.parse(ssl.PEM_cert_to_DER_cert(text[start : end + len(_END)]))
        except ValueError as error:
            raise BadCertificate(str(path)) from error

    @classmethod
    def parse(cls, der: bytes) -> Certificate:
        try:
            return _certificate(der)
        except (IndexError, StopIteration, UnicodeDecodeError) as error:
            raise BadCertificate("damaged") from error


def _element(data: bytes, start: int) -> tuple[int, bytes, int]:
    """Tag, content, and where the next element begins."""
    tag, length, position = data[start], data[start + 1], start + 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[position : position + size], "big")
        position += size
    if position + length > len(data):
        raise BadCertificate("cut off")
    return tag, data[position : position + length], position + length


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        tag, content, position = _element(data, position)
        yield tag, content


def _certificate(der: bytes) -> Certificate:
    signed = next(_elements(_element(der, 0)[1]))[1]
    fields = list(_elements(signed))
    first = 1 if fields[0][0] == 0xA0 else 0  # the version is optional
    validity, subject = fields[first + 3][1], fields[first + 4][1]
    begin, end = (_time(tag, content) for tag, content in _elements(validity))
    signs, enciphers, client, server = True, True, True, True
    for oid, content in _extensions(fields):
        if oid == _KEY_USAGE:
            bits = _element(content, 0)[1][1:2] or b"\0"
            signs, enciphers = bool(bits[0] & _DIGITAL_SIGNATURE), bool(bits[0] & _KEY_ENCIPHERMENT)
        elif oid == _EXTENDED_KEY_USAGE:
            uses = {_oid(item) for _, item in _elements(_element(content, 0)[1])}
            client, server = bool(uses & {_CLIENT_AUTH, _ANY_USAGE}), bool(uses & {_SERVER_AUTH, _ANY_USAGE})
    # FIDELITY(documented; SEC): where the certificate of a member has key usages, digital signature is what a client
    #   needs and key encipherment what a server needs; where it has extended ones, client and server authentication
    return Certificate(_name(subject), begin, end, signs and client, enciphers and server)


def _extensions(fields: list[tuple[int, bytes]]) -> Iterator[tuple[str, bytes]]:
    for tag, content in fields:
        if tag != 0xA3:
            continue
        for _, extension in _elements(_element(content, 0)[1]):
            parts = list(_elements(extension))
            yield _oid(parts[0][1]), parts[-1][1]


def _time(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _oid(content: bytes) -> str:
    numbers, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))


def _name(subject: bytes) -> str:
    # FIDELITY(observed; R-SG): the DN of a member is written from its last part to its first, without spaces, as in
    #   CN=host,OU=unit,O=organisation,C=FR
    parts = []
    for _, relative in _elements(subject):
        pairs = []
        for _, attribute in _elements(relative):
            (_, oid), (tag, value) = _elements(attribute)
            kind = _oid(oid)
            pairs.append(f"{_NAMES.get(kind, kind)}={_escape(value.decode(_TEXT.get(tag, 'utf-8')))}")
        parts.append("+".join(pairs))
    return ",".join(reversed(parts))


def _escape(text: str) -> str:
    escaped = "".join("\\" + character if character in _ESCAPED else character for character in text)
    if escaped[:1] in ("#", " "):
        escaped = "\\" + escaped
    return escaped[:-1] + "\\ " if len(escaped) > 1 and escaped.endswith(" ") else escaped

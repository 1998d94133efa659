# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS in memory, for a connection that one thread reads while others write."""

from __future__ import annotations

import ssl
import threading


class TlsLayer:
    """TLS between two threads: one encrypts while another decrypts, which a socket of Python's ssl does not allow."""

    def __init__(self, context: ssl.SSLContext, server: bool) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server)
        self._lock = threading.Lock()

    def shake_hands(self) -> bool:
        """True when done, False when the peer has to say something first."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def arrived(self, data: bytes) -> None:
        self._incoming.write(data)

    @property
    def has_output(self) -> bool:
        return self._outgoing.pending > 0

    def take_output(self) -> bytes:
        with self._lock:
            return self._outgoing.read()

    def encrypt(self, data: bytes) -> bytes:
        with self._lock:
            self._tls.write(data)
            return self._outgoing.read()

    def decrypt(self, data: bytes) -> bytes:
        plain = bytearray()
        with self._lock:
            self._incoming.write(data)
            try:
                while piece := self._tls.read(1 << 16):
                    plain += piece
            except ssl.SSLWantReadError:
                pass
        return bytes(plain)

    def peer_certificate(self) -> bytes:
        with self._lock:
            return self._tls.getpeercert(True) or b""


def reason_of(error: ssl.SSLError) -> str:
    """In the words of OpenSSL, which people look for."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return (error.reason or str(error)).lower().replace("_", " ")

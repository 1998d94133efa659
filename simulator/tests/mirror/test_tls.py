# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS handshakes between two members' configurations over real sockets, and what is refused."""

from __future__ import annotations

import json
import queue
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.certificates import CLIENT, DAY, SERVER, Authority, dn
from tests.mirror.lab import eventually
from tests.patience import PATIENCE

from irissim.engine.certificates import Certificate
from irissim.engine.mirror import tls
from irissim.engine.mirror.listener import Listener
from irissim.engine.mirror.wire import Connection, ConnectionLost, Message, connect
from irissim.engine.ssl_configs import SslConfigs
from irissim.library.security_sslconfigs import changes
from irissim.values.errors import StatusError

GUID = "11111111-1111-1111-1111-111111111111"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def good(authority: Authority) -> dict[str, str]:
    return authority.issue("good")


def member(path: Path, info: dict[str, Any]) -> SslConfigs:
    path.mkdir()
    configs = SslConfigs(path)
    tls.update_pair(configs, changes(info))
    return configs


class Server:
    """A superserver that answers anything by the DN of who asks."""

    def __init__(self) -> None:
        self.configs: SslConfigs | None = None
        self.log: list[str] = []
        doorman = tls.Doorman(lambda guid: self.configs if guid == GUID else None, self.log.append)
        self._listener = Listener("Superserver", {"HELLO": self._hello, "STREAM": self._stream}, doorman)
        self._listener.start("127.0.24.1", 0)

    @staticmethod
    def _hello(connection: Connection, _message: Message) -> None:
        connection.send("HELLO", name=tls.peer_name(connection))

    @staticmethod
    def _stream(connection: Connection, message: Message) -> None:
        """Send and receive at the same time."""
        count = message.number("count")
        sender = threading.Thread(target=lambda: [connection.send("X", b"s" * 70000) for _ in range(count)])
        sender.start()
        total = sum(len(connection.receive(PATIENCE).payload) for _ in range(count))
        sender.join()
        connection.send("TOTAL", total=total)

    def connect(self, client: SslConfigs) -> tuple[Connection, str]:
        connection = connect("127.0.24.1", self._listener.port, PATIENCE)
        return connection, tls.secure_client(connection, client, GUID, PATIENCE)

    def refusal(self, client: SslConfigs) -> str:
        with pytest.raises(ConnectionLost) as caught:
            self.connect(client)[0].close()
        return str(caught.value)

    def wait_log(self, *reasons: str) -> None:
        """The client may hear of a refusal before the server has written it down."""
        eventually(
            lambda: any(word in text for word in reasons for text in self.log), lambda: f"{reasons} in {self.log}"
        )

    @property
    def port(self) -> int:
        return self._listener.port

    def stop(self) -> None:
        self._listener.stop()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


def test_both_sides_know_the_name_of_the_other(authority: Authority, server: Server, tmp_path: Path) -> None:
    server.configs = member(tmp_path / "a", authority.issue("a"))
    connection, name = server.connect(member(tmp_path / "b", authority.issue("b", password="secret")))
    assert name == dn("a")
    connection.send("HELLO")
    assert connection.receive(PATIENCE).text("name") == dn("b")
    connection.close()


def test_nothing_readable_is_on_the_wire(authority: Authority, server: Server, tmp_path: Path) -> None:
    server.configs = member(tmp_path / "a", authority.issue("a"))
    client = member(tmp_path / "b", authority.issue("b"))
    seen = bytearray()
    with socket.create_server(("127.0.24.1", 0)) as tap:
        copied: queue.Queue[None] = queue.Queue()

        def copy(source: socket.socket, target: socket.socket) -> None:
            while data := source.recv(65536):
                seen.extend(data)
                target.sendall(data)
            copied.put(None)

        def relay() -> None:
            near = tap.accept()[0]
            far = socket.create_connection(("127.0.24.1", server.port))
            threading.Thread(target=copy, args=(far, near), daemon=True).start()
            copy(near, far)

        threading.Thread(target=relay, daemon=True).start()
        connection = connect("127.0.24.1", tap.getsockname()[1], PATIENCE)
        tls.secure_client(connection, client, GUID, PATIENCE)
        connection.send("HELLO", b"a secret journal record")
        assert connection.receive(PATIENCE).kind == "HELLO"
        connection.close()
        copied.get(timeout=PATIENCE)
    assert len(seen) > 1000
    assert b"HELLO" not in seen
    assert b"secret" not in seen


def test_both_directions_at_once(authority: Authority, server: Server, tmp_path: Path) -> None:
    server.configs = member(tmp_path / "a", authority.issue("a"))
    connection, _ = server.connect(member(tmp_path / "b", authority.issue("b")))
    count = 60
    connection.send("STREAM", count=count)
    sender = threading.Thread(target=lambda: [connection.send("Y", b"c" * 70000) for _ in range(count)])
    sender.start()
    assert {connection.receive(PATIENCE).payload for _ in range(count)} == {b"s" * 70000}
    sender.join()
    assert connection.receive(PATIENCE).number("total") == count * 70000
    connection.close()


BAD = {
    "expired": ({"end": -DAY / 2}, "certificate has expired"),
    "not yet valid": ({"begin": DAY}, "certificate is not yet valid"),
    "client use only": ({"uses": (CLIENT,)}, "unsuitable certificate purpose"),
    "server use only": ({"uses": (SERVER,)}, "unsupported certificate"),
    "no key encipherment": ({"encipherment": False}, "unsupported certificate"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_client_refuses_a_bad_server(
    authority: Authority, good: dict[str, str], server: Server, tmp_path: Path, case: str
) -> None:
    options, reason = BAD[case]
    server.configs = member(tmp_path / "a", authority.issue("bad", **options))
    assert reason in server.refusal(member(tmp_path / "b", good))


BAD_CLIENT = {**BAD, "client use only": (BAD["client use only"][0], "unsupported certificate"),
              "server use only": (BAD["server use only"][0], "unsuitable certificate purpose")}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CLIENT)
def test_a_server_refuses_a_bad_client(
    authority: Authority, good: dict[str, str], server: Server, tmp_path: Path, case: str
) -> None:
    options, reason = BAD_CLIENT[case]
    server.configs = member(tmp_path / "a", good)
    server.refusal(member(tmp_path / "b", authority.issue("bad", **options)))
    server.wait_log(reason)


def test_certificates_without_usages_serve_both(authority: Authority, server: Server, tmp_path: Path) -> None:
    server.configs = member(tmp_path / "a", authority.issue("a", uses=None))
    assert server.connect(member(tmp_path / "b", authority.issue("b", uses=None)))[1] == dn("a")


# The second if the stranger sends its authority along.
STRANGE = ("unable to get local issuer certificate", "self-signed certificate in certificate chain")


@pytest.mark.parametrize("stranger", ["client", "server"])
def test_another_authority_is_refused(
    good: dict[str, str], server: Server, tmp_path: Path, stranger: str
) -> None:
    foreign = Authority(tmp_path, "Foreign").issue("x")
    server.configs = member(tmp_path / "a", foreign if stranger == "server" else good)
    reason = server.refusal(member(tmp_path / "b", foreign if stranger == "client" else good))
    # Both sides trust only their own authority; the client looks first.
    assert any(word in reason for word in STRANGE)
    foreign["CAFile"] = good["CAFile"]
    server.configs = member(tmp_path / "c", foreign if stranger == "server" else good)
    reason = server.refusal(member(tmp_path / "d", foreign if stranger == "client" else good))
    if stranger == "server":
        assert any(word in reason for word in STRANGE)
    else:
        server.wait_log(*STRANGE)


def test_a_revoked_certificate_is_refused(authority: Authority, server: Server, tmp_path: Path) -> None:
    bad = authority.issue("revoked")
    crl = str(authority.revoke(bad["CertificateFile"]))
    server.configs = member(tmp_path / "a", {**authority.issue("a"), "CRLFile": crl})
    server.refusal(member(tmp_path / "b", bad))
    server.wait_log("certificate revoked")
    assert server.connect(member(tmp_path / "c", authority.issue("c")))[1] == dn("a")


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ({"TLSMaxVersion": 16}, {"TLSMinVersion": 32}),
        ({"TLSMinVersion": 32}, {"TLSMaxVersion": 16}),
        ({"TLSMaxVersion": 16, "CipherList": "ECDHE-RSA-AES256-GCM-SHA384"},
         {"CipherList": "ECDHE-RSA-AES128-GCM-SHA256"}),
    ],
)  # fmt: skip
def test_versions_and_ciphers_without_overlap(
    good: dict[str, str], server: Server, tmp_path: Path, here: dict[str, Any], there: dict[str, Any]
) -> None:
    server.configs = member(tmp_path / "a", {**good, **here})
    server.refusal(member(tmp_path / "b", {**good, **there}))
    assert server.connect(member(tmp_path / "c", {**good, **here}))[1] == dn("good")


def test_a_server_without_configuration_says_so(good: dict[str, str], server: Server, tmp_path: Path) -> None:
    assert "2067" in server.refusal(member(tmp_path / "b", good))


def frame(**fields: str) -> bytes:
    head = json.dumps(fields).encode()
    return struct.pack(">II", len(head), 0) + head


def test_data_before_the_handshake_is_not_taken(good: dict[str, str], server: Server, tmp_path: Path) -> None:
    """Both messages arrive in one piece; what was said in the clear must not count as said by whom TLS names."""
    server.configs = member(tmp_path / "a", good)
    with socket.create_connection(("127.0.24.1", server.port), PATIENCE) as raw:
        raw.sendall(frame(kind="TLS", guid=GUID) + frame(kind="HELLO"))
        connection = Connection(raw)
        assert connection.receive(PATIENCE).kind == "TLS"
        with pytest.raises(ConnectionLost):
            connection.receive(PATIENCE)
    server.wait_log("data before the TLS handshake")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"CAFile": ""}, 741),
        ({"CAFile": "/nowhere/ca.pem"}, 743),
        ({"CertificateFile": "/nowhere/a.pem"}, 742),
        ({"CertificateFile": "", "PrivateKeyFile": ""}, 740),
        ({"PrivateKeyFile": ""}, 983),
        ({"CertificateFile": ""}, 984),
        ({"CRLFile": "/nowhere/list.crl"}, 743),
        ({"TLSMinVersion": 32, "TLSMaxVersion": 16}, 407),
        ({"TLSMinVersion": 3}, 407),
        ({"CipherList": "NO-SUCH-CIPHER"}, 407),
        ({"CipherSuites": "TLS_AES_128_GCM_SHA256"}, 5001),
        ({"PrivateKeyType": 3}, 407),
    ],
)
def test_a_pair_that_cannot_work_is_refused(
    good: dict[str, str], tmp_path: Path, change: dict[str, Any], code: int
) -> None:
    given = {**good, **change}
    if "CipherSuites" in given:
        given["Ciphersuites"] = given.pop("CipherSuites")
    with pytest.raises(StatusError) as caught:
        member(tmp_path / "a", given)
    assert caught.value.code == code
    assert SslConfigs(tmp_path / "a").names() == []


def test_the_error_names_the_file(authority: Authority, tmp_path: Path) -> None:
    good = authority.issue("one")
    other = authority.issue("other", password="hidden-word")
    for change, code in (
        ({"PrivateKeyFile": other["PrivateKeyFile"], "PrivateKeyPassword": "hidden-word"}, 733),
        ({"PrivateKeyFile": other["PrivateKeyFile"], "PrivateKeyPassword": "wrong-word"}, 732),
        ({"PrivateKeyFile": other["PrivateKeyFile"]}, 732),
    ):
        with pytest.raises(StatusError) as caught:
            member(tmp_path / f"{code}{len(change)}", {**good, **change})
        assert caught.value.code == code
        assert other["PrivateKeyFile"] in caught.value.arguments
        assert "word" not in str(caught.value)


def test_the_password_is_for_the_owner_only(authority: Authority, tmp_path: Path) -> None:
    configs = member(tmp_path / "a", authority.issue("p", password="hidden-word"))
    assert (tmp_path / "a" / "sslconfigs.json").stat().st_mode & 0o077 == 0
    assert "hidden-word" not in repr(configs.get("%MirrorServer"))


def test_what_an_update_leaves_out_stays(authority: Authority, tmp_path: Path) -> None:
    configs = member(tmp_path / "a", {**authority.issue("p", password="hidden-word"), "TLSMaxVersion": 16})
    tls.update_pair(configs, {"tls_min_version": 16})
    for name in ("%MirrorClient", "%MirrorServer"):
        assert configs.get(name).private_key_password == "hidden-word"
        assert configs.get(name).tls_max_version == 16


def test_relative_files_are_in_the_manager_directory(good: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    for name, path in good.items():
        (folder / name).write_bytes(Path(path).read_bytes())
    tls.update_pair(SslConfigs(folder), changes({name: name for name in good}))


def test_what_is_checked_before_a_certificate_is_used(authority: Authority, tmp_path: Path) -> None:
    def codes(name: str, info: dict[str, Any]) -> list[int]:
        return [error.code for error in tls.check_own(member(tmp_path / name, info))]

    assert codes("good", authority.issue("g")) == []
    assert codes("old", authority.issue("o", end=-DAY / 2)) == [728]
    assert codes("server", authority.issue("s", uses=(SERVER,))) == [729]
    assert codes("client", authority.issue("c", uses=(CLIENT,), end=-DAY / 2)) == [728, 730]
    (tmp_path / "none").mkdir()
    assert [error.code for error in tls.check_own(SslConfigs(tmp_path / "none"))] == [2067]


def test_both_configurations_must_be_usable(authority: Authority, tmp_path: Path) -> None:
    configs = member(tmp_path / "a", authority.issue("a"))
    assert tls.require_pair(configs) == dn("a")
    configs.modify("%MirrorClient", {"enabled": False})
    with pytest.raises(StatusError) as caught:
        tls.require_pair(configs)
    assert (caught.value.code, caught.value.arguments) == (2068, ("%MirrorClient",))
    other = authority.issue("b")
    changed = changes({name: other[name] for name in ("CertificateFile", "PrivateKeyFile")})
    configs.modify("%MirrorClient", {"enabled": True, **changed})
    with pytest.raises(StatusError) as caught:
        tls.require_pair(configs)
    assert caught.value.code == 2069


def test_the_dates_of_a_certificate(authority: Authority) -> None:
    certificate = Certificate.load(Path(authority.issue("d", begin=-3 * DAY, end=5 * DAY)["CertificateFile"]))
    assert (certificate.not_after - certificate.not_before).days == 8
    assert (certificate.client, certificate.server) == (True, True)

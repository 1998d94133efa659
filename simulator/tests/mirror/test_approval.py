# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrors with TLS between real processes: who is let in, what happens to those who are not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from tests.certificates import DAY, Authority, dn
from tests.mirror.lab import MIRROR, Lab, Node, add_database, eventually, seed_database, wait_active
from tests.patience import PATIENCE
from tests.ports import free_port

from irissim.engine.mirror.wire import connect, request


def literal(value: Any) -> str:
    return str(value) if isinstance(value, int) else '"' + str(value).replace('"', '""') + '"'


def assign(name: str, values: dict[str, Any]) -> list[str]:
    return [f"set {name}({literal(key)})={literal(value)}" for key, value in values.items()]


def codes(node: Node, call: str, lines: list[str] | None = None) -> str:
    return str(node.call("objectscript", *(lines or ()), f"$system.Status.GetErrorCodes({call})"))


def error(node: Node, call: str, lines: list[str] | None = None) -> str:
    return str(node.call("objectscript", *(lines or ()), f"$system.Status.GetErrorText({call})"))


def call(node: Node, method: str, *arguments: Any) -> str:
    """The error numbers of a method of SYS.Mirror."""
    return codes(node, f"##class(SYS.Mirror).{method}({','.join(literal(item) for item in arguments)})")


def update_ssl(node: Node, info: dict[str, Any]) -> str:
    return codes(node, "##class(SYS.Mirror).UpdateMirrorSSL(.s)", assign("s", info))


def create(node: Node, ssl_info: dict[str, Any] | None, **info: Any) -> str:
    node.call("enable_service", True)
    mirror = {"UseSSL": 1, "ECPAddress": node.bind, "AgentPort": node.agent.port, "QOSTimeout": 2000, **info}
    return codes(
        node, f'##class(SYS.Mirror).CreateNewMirrorSet("{MIRROR}","{node.name}",.i,.s)',
        [*assign("i", mirror), *assign("s", ssl_info or {})],
    )  # fmt: skip


def join(
    node: Node, target: Node, ssl_info: dict[str, Any] | None, async_type: str = "", **info: Any
) -> str:
    node.call("enable_service", True)
    local = {"ECPAddress": node.bind, **info}
    if not async_type:
        local["AgentPort"] = node.agent.port
    method = "JoinMirrorAsAsyncMember" if async_type else "JoinMirrorAsFailoverMember"
    middle = f"{async_type}," if async_type else ""
    arguments = f'"{MIRROR}","{node.name}","IRIS","{target.bind}",{target.agent.port},{middle}.l,.s'
    return codes(
        node, f"##class(SYS.Mirror).{method}({arguments})",
        [*assign("l", local), *assign("s", ssl_info or {})],
    )  # fmt: skip


def pending(node: Node, query: str = "PendingNewMembers") -> dict[str, str]:
    """Name and DN of what waits."""
    rows = node.call("rows", f"SYS.Mirror:{query}")
    return {row["Name"]: row["SSLComputerName"] for row in rows}


def wait_pending(node: Node, expected: dict[str, str], query: str = "PendingNewMembers") -> None:
    eventually(lambda: pending(node, query) == expected, lambda: f"{expected} in {query}\n{node.log()}")


def authorize(node: Node, name: str) -> str:
    return codes(node, f"##class(SYS.Mirror).AuthorizePendingMembers({literal(name)})")


def wait_log(node: Node, text: str) -> None:
    eventually(lambda: text in node.log(), lambda: f"{text!r} in the log of {node.name}\n{node.log()}")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def tls_primary(lab: Lab, authority: Authority) -> Node:
    node = lab.node("A")
    assert create(node, authority.issue("a")) == ""
    node.wait_status("PRIMARY")
    return node


def tls_pair(lab: Lab, authority: Authority) -> tuple[Node, Node]:
    first = tls_primary(lab, authority)
    second = lab.node("B")
    assert join(second, first, authority.issue("b")) == ""
    wait_pending(first, {"B": dn("b")})
    assert authorize(first, dn("b")) == ""
    wait_active(first, second)
    return first, second


def test_a_member_waits_until_it_is_authorized(lab: Lab, authority: Authority) -> None:
    first = tls_primary(lab, authority)
    second = lab.node("B")
    assert join(second, first, authority.issue("b")) == ""
    wait_pending(first, {"B": dn("b")})
    second.wait_status("WAITING")
    wait_log(second, "waiting to be authorized on A")
    wait_log(first, f"new member B is pending: {dn('b')}")
    assert list(first.member_states()) == ["A"]
    add_database(first, "DATA")
    first.call("set", first.directory("DATA"), "^x", "1", "before")
    assert not second.call("journal_files", MIRROR)
    assert authorize(first, "CN=nobody") == "5001"
    assert call(second, "AuthorizePendingMembers", dn("b")) == "5001"

    assert authorize(first, dn("b")) == ""
    wait_active(first, second)
    assert pending(first) == {}
    seed_database(first, second, "DATA")
    first.call("set", first.directory("DATA"), "^x", "2", "after")
    eventually(lambda: second.call("get", second.directory("DATA"), "^x", "2") == "after", "the write arrives")
    line = first.call("config.get", f"MapMirrors.{MIRROR}", "B")
    assert dn("b") not in line
    line = f'do ##class(Config.MapMirrors).Get("{MIRROR}","B",.p)'
    assert second.call("objectscript", line, 'p("SSLComputerName")') == dn("b")


def test_life_under_tls(lab: Lab, authority: Authority) -> None:
    first, second = tls_pair(lab, authority)
    # Without TLS nobody is answered, whoever it says it is.
    for kind in ("STATUS", "CLAIM", "YIELD", "POSITION", "MEMBERS", "DATA"):
        answer = request(first.bind, first.port, kind, 5.0, mirror=MIRROR, asker="B", member="B")
        assert (answer.kind, "TLS" in answer.text("reason")) == ("REFUSED", True), kind
    for kind in ("FORCE_DOWN", "JOURNALS", "FETCH"):
        answer = request(first.bind, first.agent.port, kind, 5.0, mirror=MIRROR, guid=guid_of(first))
        assert answer.kind == "REFUSED", kind
    assert first.alive
    assert call(first, "VerifyMirrorSSLCertificates", MIRROR, 1) == ""
    # A takeover needs the agent, which wants TLS too.
    first.kill()
    second.wait_status("PRIMARY")
    first.start()
    wait_active(second, first)
    assert call(first, "AddFailoverMember", MIRROR, "IRIS", second.bind, second.agent.port) == "2113"
    assert call(second, "AddFailoverMember", MIRROR, "IRIS", first.bind, first.agent.port) == "2137"


def guid_of(node: Node) -> str:
    for row in node.call("rows", "Config.MapMirrors:List", MIRROR):
        if row["Name"] == node.name:
            return row["GUID"]
    raise AssertionError(node.name)


def test_a_rejected_member_stays_out(lab: Lab, authority: Authority) -> None:
    first = tls_primary(lab, authority)
    second = lab.node("B")
    assert join(second, first, authority.issue("b")) == ""
    wait_pending(first, {"B": dn("b")})
    guid = first.call("rows", "SYS.Mirror:PendingNewMembers")[0]["GUID"]
    assert call(first, "RemoveFromApprovalList", "X", guid) == "5001"
    assert call(second, "RemoveFromApprovalList", "B", guid) == "2113"
    assert call(first, "RemoveFromApprovalList", "B", guid) == ""
    wait_log(second, "A has rejected this member")
    assert pending(first) == {}
    second.wait_status("WAITING")
    # A new start asks again, and the primary remembers over a restart of its own.
    second.stop()
    second.start()
    wait_pending(first, {"B": dn("b")})
    first.stop(nofailover=True)
    first.start()
    first.wait_status("PRIMARY")
    wait_pending(first, {"B": dn("b")})
    result = first.call(
        "objectscript",
        f"set r=##class(SYS.Mirror).AuthorizePendingMembers($listbuild({literal(dn('b'))},\"CN=x\"))",
        '$list(r,1)_"/"_$system.Status.GetErrorCodes($list(r,2))',
    )
    assert result == "1/5001"
    wait_active(first, second)


def test_add_failover_member_approves(lab: Lab, authority: Authority) -> None:
    first = tls_primary(lab, authority)
    second = lab.node("B")
    add = ("AddFailoverMember", "", "IRIS", second.bind, second.agent.port)
    assert call(first, *add) == "2042"
    assert call(first, "AddFailoverMember", "", "NOSUCH", second.bind, second.agent.port) == "2083"
    assert call(first, "AddFailoverMember", "", "IRIS", second.bind, free_port(second.bind)) == "2086"
    assert join(second, first, authority.issue("b", end=-DAY / 2)) == ""
    wait_log(second, "A cannot be asked for approval")
    # The certificate is verified before it is added.
    assert call(first, *add) == "739"
    assert pending(first) == {}
    assert update_ssl(second, authority.issue("b")) == ""
    wait_pending(first, {"B": dn("b")})
    assert call(first, *add) == ""
    assert pending(first) == {}
    wait_active(first, second)


def test_nobody_takes_the_name_of_another(lab: Lab, authority: Authority, tmp_path: Path) -> None:
    """A certificate of the right authority is not enough."""
    first, second = tls_pair(lab, authority)
    assert update_ssl(second, authority.issue("other")) == ""
    wait_pending(first, {"B": dn("other")}, "PendingDNUpdates")
    # The connection lives on; a new one is refused until the new DN is authorized.
    assert first.member_states()["B"] == ("Backup", "Active")
    second.stop()
    second.start()
    wait_log(second, f"its DN '{dn('other')}' is not authorized")
    second.wait_status("WAITING")
    stay = time.monotonic() + 1
    while time.monotonic() < stay:
        assert second.call("mirror.status") == "WAITING"
    assert first.member_states()["B"] != ("Backup", "Active")
    assert authorize(first, dn("other")) == ""
    wait_active(first, second)
    assert pending(first, "PendingDNUpdates") == {}


def test_a_new_certificate_of_the_primary(lab: Lab, authority: Authority) -> None:
    first, second = tls_pair(lab, authority)
    # Connected members take it at once ...
    assert update_ssl(first, authority.issue("a2")) == ""
    eventually(lambda: stored_name(second, "A") == dn("a2"), "B learns the new DN of A")
    assert pending(second, "PendingDNUpdates") == {}
    # ... others have to authorize it, and cannot reject it.
    second.stop()
    assert update_ssl(first, authority.issue("a3")) == ""
    second.start()
    wait_pending(second, {"A": dn("a3")}, "PendingDNUpdates")
    second.wait_status("WAITING")
    assert call(second, "RemoveFromApprovalList", "A", guid_of(first)) == "2113"
    assert authorize(second, dn("a3")) == ""
    wait_active(first, second)


def stored_name(node: Node, member: str) -> str:
    return next(row["SSLComputerName"] for row in node.call("rows", "Config.MapMirrors:List", MIRROR)
                if row["Name"] == member)  # fmt: skip


def test_tls_on_a_living_mirror(lab: Lab, authority: Authority) -> None:
    first, second = lab.pair()
    assert call(second, "UpdateMirrorUseSSL", MIRROR, 1) == "2113"
    assert call(first, "UpdateMirrorUseSSL", MIRROR, 1) == "2067"
    assert call(first, "VerifyMirrorSSLCertificates", MIRROR) == "2067"
    assert update_ssl(first, authority.issue("a")) == ""
    assert call(first, "VerifyMirrorSSLCertificates", MIRROR) == "735"
    assert update_ssl(second, authority.issue("b")) == ""
    assert call(first, "VerifyMirrorSSLCertificates", MIRROR, 1) == ""

    assert call(first, "UpdateMirrorUseSSL", MIRROR, 1) == ""
    wait_pending(first, {"B": dn("b")}, "PendingDNUpdates")
    eventually(lambda: first.member_states().get("B") != ("Backup", "Active"), "B is out until it is authorized")
    first.call("set", first.directory("DATA"), "^x", "1", "alone")
    assert authorize(first, dn("b")) == ""
    wait_active(first, second)
    eventually(lambda: second.call("get", second.directory("DATA"), "^x", "1") == "alone", "B catches up")
    answer = request(first.bind, first.port, "STATUS", 5.0, mirror=MIRROR, asker="B")
    assert answer.kind == "REFUSED"

    # Off again, while B is away: it learns that when it connects.
    second.stop()
    assert call(first, "UpdateMirrorUseSSL", MIRROR, 0) == ""
    second.start()
    wait_active(first, second)
    assert request(first.bind, first.port, "STATUS", 5.0, mirror=MIRROR, asker="B").kind == "STATUS"
    assert second.call("objectscript", f'do ##class(Config.Mirrors).Get("{MIRROR}",.p)', 'p("UseSSL")') in (0, "0")


def test_tls_turned_on_while_a_member_is_away(lab: Lab, authority: Authority) -> None:
    first, second = lab.pair()
    second.stop()
    assert update_ssl(first, authority.issue("a")) == ""
    assert call(first, "UpdateMirrorUseSSL", MIRROR, 1) == ""
    second.start()
    # It lacks its configurations; nothing goes over an open connection instead.
    wait_log(second, "%MirrorClient")
    assert second.call("mirror.status") != "BACKUP"
    assert update_ssl(second, authority.issue("b")) == ""
    wait_pending(first, {"B": dn("b")}, "PendingDNUpdates")
    assert authorize(first, dn("b")) == ""
    wait_active(first, second)


def test_what_creating_and_joining_need(lab: Lab, authority: Authority) -> None:
    first, second = lab.node("A"), lab.node("B")
    assert create(first, None) == "2067"
    assert create(first, {"CAFile": "/nowhere/ca.pem"}) == "740"
    assert "nowhere" in error(
        first, f'##class(SYS.Mirror).CreateNewMirrorSet("{MIRROR}","A",.i,.s)',
        [*assign("i", {"UseSSL": 1}), *assign("s", {**authority.issue("a"), "CAFile": "/nowhere/ca.pem"})],
    )  # fmt: skip
    assert update_ssl(first, authority.issue("a")) == ""
    assert create(first, None) == ""
    first.wait_status("PRIMARY")
    assert join(second, first, None) == "2067"
    assert second.call("mirror.names") == []
    # SSLInfo is ignored by a mirror without TLS.
    third = lab.node("C")
    assert create(third, {"CAFile": "/nowhere/ca.pem"}, UseSSL=0) == ""


@pytest.mark.parametrize("kind", ["0", "1"])
def test_an_async_member_waits_too(lab: Lab, authority: Authority, kind: str) -> None:
    first = tls_primary(lab, authority)
    member = lab.node("R")
    assert join(member, first, None, kind) == "2067"
    assert join(member, first, authority.issue("r"), kind) == ""
    wait_pending(first, {"R": dn("r")})
    row = first.call("rows", "SYS.Mirror:PendingNewMembers")[0]
    assert (row["MemberType"], row["ECPAddress"]) == ("2", member.bind)
    member.wait_status("WAITING")
    assert authorize(first, dn("r")) == ""
    member.wait_status("CONNECTED")
    # A new certificate: connected until the link ends, then refused until authorized.
    assert update_ssl(member, authority.issue("r2")) == ""
    wait_pending(first, {"R": dn("r2")}, "PendingDNUpdates")
    member.stop()
    member.start()
    wait_log(member, "is not authorized")
    assert authorize(first, dn("r2")) == ""
    member.wait_status("CONNECTED")


def test_a_member_may_want_tls_for_itself_alone(lab: Lab, authority: Authority, tmp_path: Path) -> None:
    first, member, other = lab.node("A"), lab.node("R"), lab.node("S")
    assert update_ssl(first, authority.issue("a")) == ""
    assert create(first, None, UseSSL=0) == ""
    first.wait_status("PRIMARY")
    for node, wish in ((member, 3), (other, 0)):
        assert update_ssl(node, authority.issue(node.name.lower())) == ""
        assert join(node, first, None, "0", EncryptCommunication=wish) == ""
        node.wait_status("CONNECTED")
        row = next(row for row in first.call("rows", "Config.MapMirrors:List", MIRROR) if row["Name"] == node.name)
        assert row["EncryptCommunication"] == str(wish)
    # To it without TLS: no; to the others: yes.
    kinds = [
        request(node.bind, node.port, "STATUS", 5.0, mirror=MIRROR, asker="A").kind for node in (member, other, first)
    ]
    assert kinds == ["REFUSED", "STATUS", "STATUS"]
    # From it with TLS: what its certificate is matters to it alone.
    foreign = Authority(tmp_path, "Foreign").issue("x")
    for node in (member, other):
        assert update_ssl(node, foreign) == ""
        node.stop()
        node.start()
    other.wait_status("CONNECTED")
    wait_log(member, "MirrorClient: TLS connection to A failed")
    assert member.call("mirror.status") != "CONNECTED"


def test_leaving_cleans_the_configurations_when_asked(lab: Lab, authority: Authority) -> None:
    first, second = tls_pair(lab, authority)
    assert call(second, "RemoveMirrorConfiguration", 0, 1, 1) == ""
    assert second.call("ssl_configs.names") == []
    assert first.call("ssl_configs.names") == ["%MirrorClient", "%MirrorServer"]


def test_the_password_of_a_key_is_nowhere(lab: Lab, authority: Authority) -> None:
    node = lab.node("A")
    secret = f"hidden-{time.time_ns()}"
    assert create(node, authority.issue("a", password=secret)) == ""
    node.wait_status("PRIMARY")
    assert update_ssl(node, {"PrivateKeyPassword": secret + "-wrong"}) == "732"
    for path in node.home.rglob("*"):
        if path.is_file() and path.name != "sslconfigs.json":
            assert secret.encode() not in path.read_bytes(), path


def test_a_stranger_cannot_flood_the_list(lab: Lab, authority: Authority) -> None:
    """Only a certificate of the authority is heard at all."""
    first = tls_primary(lab, authority)
    connection = connect(first.bind, first.port, PATIENCE)
    connection.send("APPLY", mirror=MIRROR, member="X", line="", first=True)
    assert connection.receive(PATIENCE).kind == "REFUSED"
    connection.close()
    assert pending(first) == {}

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The TLS of a member: what is set, when the mirror is told, when connections are made anew, and what is refused."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import tls
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.tls import CLIENT, SERVER, TlsState, TlsWish
from ansible_collections.irisops.mirror.tests.unit.support import nodes, plans

FILES = {"ca_file": "/ca", "certificate_file": "/cert", "private_key_file": "/key"}
SET, REFRESH = "set the TLS configurations", "tell the mirror the distinguished name"
STOP, START = "stop mirroring of MIRRORSET", "start mirroring of MIRRORSET"
WITH_TLS = nodes.settings(use_tls=True)


def configs(**values: str) -> dict[str, dict[str, str]]:
    one = {
        "Enabled": "1",
        "CAFile": "/ca",
        "CertificateFile": "/cert",
        "PrivateKeyFile": "/key",
        "CRLFile": "",
        **values,
    }
    return {CLIENT: dict(one), SERVER: dict(one)}


def state(node: Node, found: dict[str, dict[str, str]] | None = None, dn: str = "") -> TlsState:
    return TlsState(node, configs() if found is None else found, dn)


def plan(before: TlsState, wait: bool = True, check: bool = False, **wish: t.Any) -> Plan:
    return tls.plan(TlsWish(**wish), before, nodes.WAITING if wait else nodes.NO_WAITING, check)


def acting(result: Plan) -> list[str]:
    return [name for name in plans.steps(result.elements) if not name.startswith("check ")]


@pytest.mark.parametrize(
    ("found", "changed"),
    [
        ({}, ["ca_file", "certificate_file", "private_key_file"]),
        (configs(), []),
        (configs(CertificateFile="/old"), ["certificate_file"]),
        ({CLIENT: configs()[CLIENT]}, ["ca_file", "certificate_file", "private_key_file"]),
        ({**configs(), SERVER: configs(CAFile="/x")[SERVER]}, ["ca_file"]),
        (configs(Enabled="0"), ["enabled"]),
        (configs(CRLFile="/crl"), []),
    ],
    ids=["nothing", "as wanted", "another file", "half", "differing", "disabled", "not asked"],
)
def test_what_differs_is_set(found: dict[str, dict[str, str]], changed: list[str]) -> None:
    result = plan(state(nodes.outside(), found), files=FILES)
    assert [name for name, _before, _after in plans.changes(result)] == changed
    assert (SET in plans.steps(result.elements)) is bool(changed)


def test_everything_is_sent_together_and_an_old_password_does_not_stay() -> None:
    result = plan(state(nodes.outside(), {}), files={**FILES, "crl_file": ""})
    (info,) = plans.call(result.elements, "SYS.Mirror.UpdateMirrorSSL").arguments
    assert plans.plain(info) == {
        "CAFile": "/ca",
        "CertificateFile": "/cert",
        "PrivateKeyFile": "/key",
        "CRLFile": "",
        "PrivateKeyPassword": "",
    }


def test_a_password_alone_is_never_a_difference() -> None:
    assert not plan(state(nodes.outside()), files=FILES, password="new").changed
    assert plan(state(nodes.outside()), files=FILES, password="new", renewed=True).changed


@pytest.mark.parametrize(
    ("node", "known", "wish", "expected"),
    [
        (nodes.backup(settings=WITH_TLS), "CN=old", {"dn": "CN=new"}, [REFRESH]),
        (nodes.backup(settings=WITH_TLS), "CN=new", {"dn": "CN=new"}, []),
        (nodes.backup(settings=WITH_TLS), "", {"dn": "CN=new"}, [REFRESH]),
        (nodes.backup(), "", {"dn": "CN=new"}, []),
        (nodes.outside(), "", {"dn": "CN=new"}, []),
        (nodes.backup(settings=WITH_TLS), "CN=old", {"files": FILES, "renewed": True}, [SET, REFRESH]),
    ],
    ids=["renamed", "known", "unknown", "without TLS", "outside", "renewed"],
)
def test_the_mirror_is_told_another_name(node: Node, known: str, wish: dict[str, t.Any], expected: list[str]) -> None:
    result = plan(state(node, dn=known), **wish)
    assert acting(result) == expected
    assert result.changed is bool(expected)


@pytest.mark.parametrize(
    ("node", "wish", "expected"),
    [
        (nodes.backup(settings=WITH_TLS), {"reconnect": "always"}, [STOP, START]),
        (nodes.backup(settings=WITH_TLS), {"reconnect": "changed"}, []),
        (nodes.backup(settings=WITH_TLS), {"reconnect": "changed", "dn": "CN=b"}, [REFRESH, STOP, START]),
        (nodes.backup(settings=WITH_TLS), {"dn": "CN=b"}, [REFRESH]),
        (nodes.backup(), {"reconnect": "always"}, []),
        (nodes.inside(settings=WITH_TLS), {"reconnect": "always"}, []),
        (nodes.backup(settings=WITH_TLS, status="STOPPED"), {"reconnect": "always"}, []),
    ],
    ids=["always", "nothing changed", "changed", "never", "without TLS", "primary", "stopped by a person"],
)
def test_connections_are_made_anew_when_asked(node: Node, wish: dict[str, t.Any], expected: list[str]) -> None:
    result = plan(state(node, dn="CN=old"), **wish)
    assert acting(result) == expected


def test_it_comes_back_unless_somebody_must_let_it_in() -> None:
    before = state(nodes.backup(settings=WITH_TLS), dn="CN=b")
    assert len(plan(before, reconnect="always").waits) == 1
    assert plan(before, reconnect="always", wait=False).waits == []
    assert plan(before, reconnect="always", dn="CN=new").waits == []


def test_tls_is_required_after_all_certificates_were_verified() -> None:
    result = plan(state(nodes.inside()), require=True)
    assert plans.steps(result.elements) == [
        "check the role again",
        "check the certificates of all members",
        REFRESH,
        "require TLS",
    ]
    assert plans.call(result.elements, "SYS.Mirror.VerifyMirrorSSLCertificates").arguments == ("MIRRORSET", True)
    assert plans.call(result.elements, "SYS.Mirror.UpdateMirrorUseSSL").arguments == ("MIRRORSET", True)
    assert plans.changes(result) == [("required", False, True)]


def test_tls_goes_off_only_when_asked() -> None:
    before = state(nodes.inside(settings=WITH_TLS), dn="CN=a")
    assert not plan(before).changed
    assert not plan(before, require=True).changed
    off = plan(before, require=False)
    assert plans.changes(off) == [("required", True, False)]
    assert acting(off) == ["stop requiring TLS"]


def test_only_the_primary_changes_what_the_mirror_requires() -> None:
    with pytest.raises(PreconditionError) as caught:
        plan(state(nodes.backup()), require=True)
    assert caught.value.code == "not_primary"
    assert not plan(state(nodes.backup(settings=WITH_TLS)), require=True).changed


def test_verification_runs_although_nothing_changes() -> None:
    result = plan(state(nodes.backup(settings=WITH_TLS)), verify="member")
    assert not result.changed
    assert plans.call(result.waits, "SYS.Mirror.VerifyMirrorSSLCertificates").arguments == ("MIRRORSET", False)


def test_the_mirror_must_be_clear() -> None:
    several = nodes.backup(mirrors=["ONE", "TWO"])
    with pytest.raises(InputError) as ambiguous:
        plan(state(several), verify="all")
    assert ambiguous.value.code == "mirror_ambiguous"
    assert plan(state(several), verify="all", mirror="TWO").waits
    with pytest.raises(PreconditionError) as outside:
        plan(state(nodes.outside()), require=True)
    assert outside.value.code == "not_a_member"
    assert plan(state(nodes.outside()), require=True, check=True).warnings

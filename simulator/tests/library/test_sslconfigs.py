# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security.SSLConfigs and the mirror pair, through the language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.certificates import Authority

CLASS = "##class(Security.SSLConfigs)"


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return Authority(tmp_path_factory.mktemp("ca")).issue("m", password="hidden-word")


def give(terminal: Any, values: dict[str, Any]) -> None:
    terminal.do("kill p")
    for name, value in values.items():
        terminal.do(f'set p("{name}")="{value}"')


def test_create_get_modify_delete(terminal: Any, issued: dict[str, str]) -> None:
    give(terminal, {**issued, "Description": "mine", "VerifyPeer": 1})
    assert terminal.codes(f'{CLASS}.Create("Mine",.p)') == ""
    assert terminal.codes(f'{CLASS}.Create("Mine",.p)') == "898"
    assert terminal.codes(f'{CLASS}.Get("mine",.q)') == "979"
    assert terminal.codes(f'{CLASS}.Get("Mine",.q)') == ""
    assert terminal.value('q("Name")_q("Description")_q("Type")_q("VerifyPeer")_q("Enabled")') == "Minemine011"
    assert terminal.value('q("TLSMinVersion")_","_q("TLSMaxVersion")') == "16,32"
    assert terminal.value('q("CipherList")') == "ALL:!aNULL:!eNULL:!EXP:!SSLv2"
    give(terminal, {"Description": "other", "Enabled": 0})
    assert terminal.codes(f'{CLASS}.Modify("Mine",.p)') == ""
    assert terminal.codes(f'{CLASS}.Modify("None",.p)') == "979"
    assert terminal.value(f'{CLASS}.Exists("Mine",.o,.s)') == 1
    assert terminal.value('o.Description_o.Enabled_o.CAFile') == "other0" + issued["CAFile"]
    assert terminal.codes(f'{CLASS}.Delete("Mine")') == ""
    assert terminal.codes(f'{CLASS}.Delete("Mine")') == "979"
    assert terminal.value(f'{CLASS}.Exists("Mine",.o,.s)_$system.Status.GetErrorCodes(s)') == "0979"


def test_names(terminal: Any) -> None:
    give(terminal, {})
    assert terminal.codes(f'{CLASS}.Create("",.p)') == "981"
    assert terminal.codes(f'{CLASS}.Create("{"x" * 65}",.p)') == "981"
    assert terminal.codes(f'{CLASS}.Create("{"x" * 64}",.p)') == ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"PrivateKeyFile": ""}, "983"),
        ({"CertificateFile": ""}, "984"),
        ({"CertificateFile": "", "PrivateKeyFile": ""}, "985"),
        ({"CAFile": "", "VerifyPeer": 1}, "986"),
        ({"VerifyPeer": 3}, "725"),
        ({"VerifyPeer": 2, "Type": 1}, "407"),
        ({"Type": 2}, "407"),
        ({"TLSMaxVersion": "high"}, "407"),
        ({"TLSMaxVersion": 2, "TLSMinVersion": 2}, "5001"),
        ({"CertificateFile": "/nowhere"}, "742"),
        ({"CAFile": "/nowhere"}, "743"),
        ({"PrivateKeyPassword": "wrong"}, "732"),
        ({"OCSP": 1}, "5001"),
        ({"VerifyDepth": 2}, "5001"),
        ({"AuthorizeCN": 1}, "5001"),
        ({"Description": "x" * 257}, "407"),
    ],
)
def test_what_cannot_be(terminal: Any, issued: dict[str, str], change: dict[str, Any], code: str) -> None:
    give(terminal, {**issued, **change})
    assert terminal.codes(f'{CLASS}.Create("Bad",.p)') == code
    assert terminal.value(f'{CLASS}.Exists("Bad",.o,.s)') == 0


def test_the_mirror_pair(terminal: Any, issued: dict[str, str]) -> None:
    update = "##class(SYS.Mirror).UpdateMirrorSSL(.p)"
    give(terminal, {**issued, "TLSMinVersion": 32, "CipherSuites": "TLS_AES_256_GCM_SHA384"})
    assert terminal.codes(update) == ""
    rows = 'set r=##class(%ResultSet).%New("Security.SSLConfigs:List") do r.Execute("%Mirror*") set l=""'
    terminal.do(rows, 'while r.Next() { set l=l_r.Get("Name")_" "_r.Get("Type")_" "_r.Get("EnabledInternal")_"," }')
    assert terminal.value("l") == "%MirrorClient Client 1,%MirrorServer Server 1,"
    for name, peer in (("%MirrorClient", 1), ("%MirrorServer", 3)):
        terminal.do("kill q", f'do {CLASS}.Get("{name}",.q)')
        assert terminal.value('q("VerifyPeer")_q("TLSMinVersion")_q("PrivateKeyFile")') == (
            f"{peer}32" + issued["PrivateKeyFile"]
        )
        assert terminal.value('q("Ciphersuites")') == "TLS_AES_256_GCM_SHA384"
    give(terminal, {"CertificateFile": "/nowhere"})
    assert "/nowhere" in str(terminal.value(f"$system.Status.GetErrorText({update})"))
    assert terminal.value(f'{CLASS}.Exists("%MirrorClient",.o,.s)') == 1


def test_the_password_is_not_logged(terminal: Any, issued: dict[str, str], tmp_path: Path) -> None:
    for password in ("hidden-word", "hidden-wrong", "hidden" * 60):
        give(terminal, {**issued, "PrivateKeyPassword": password})
        assert "hidden" not in str(terminal.value(f'$system.Status.GetErrorText({CLASS}.Create("X",.p))'))
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "sslconfigs.json":
            assert b"hidden-word" not in path.read_bytes(), path


def test_tls_methods_outside_a_mirror(terminal: Any) -> None:
    for call in (
        "UpdateMirrorUseSSL(,1)",
        "VerifyMirrorSSLCertificates()",
        'RemoveFromApprovalList("A","G")',
        'AddFailoverMember(,"IRIS","127.0.0.1")',
        "UpdateDNinMirrorSetMember()",
    ):
        assert terminal.codes(f"##class(SYS.Mirror).{call}") == "2074", call
    assert terminal.codes('##class(SYS.Mirror).AuthorizePendingMembers("CN=a")') == "5001"

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answers of a session mean. The frames here are written by hand, as IRIS documents its values."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import parse
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import instance, reader, remedies, report
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import InstanceDatabase, Node
from ansible_collections.irisops.mirror.tests.unit.support import nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Reply, failed, transcript

NOBODY = {"type": "Not Member", "status": "NOTINIT", "primary": 0, "backup": 0, "mirrors": ""}
PRIMARY = {"type": "Failover", "status": "PRIMARY", "primary": 1, "backup": 0, "mirrors": "MirrorSet"}


def read(script: dict[t.Any, Reply]) -> Node:
    program = Program(*reader.membership_steps(), *reader.mirrored_steps())
    program.lines()
    return reader.read_node(parse(program, transcript(program, script)))


def test_a_fresh_instance() -> None:
    node = read(
        {
            "version": Reply(value={"zversion": nodes.ZVERSION}),
            "service": Reply(value={"enabled": 0}),
            "member": Reply(value=NOBODY),
            "own": failed(420),
            "settings": failed(420),
            "failover": failed(2074),
            "ready": failed(5002),
        }
    )
    assert node == Node(version=nodes.ZVERSION)
    assert (node.is_member, node.role, node.own()) == (False, "", None)


def test_a_service_that_cannot_be_read_counts_as_off() -> None:
    assert read({"service": failed(809), "member": Reply(value=NOBODY)}).service_enabled is False


def test_a_failover_member_with_partners_and_databases() -> None:
    node = read(
        {
            "service": Reply(value={"enabled": 1}),
            "member": Reply(value=PRIMARY),
            "own": Reply(value={"name": "mirrorA"}),
            "settings": Reply(
                value={
                    "name": "MirrorSet",
                    "GUID": "1-2-3",
                    "ArbiterNode": "arbiter|2188",
                    "QOSTimeout": 8000,
                    "UseSSL": 0,
                    "VirtualAddress": "",
                    "CompressionForFailoverMembers": 2,
                    "CompressionForAsyncMembers": "1",
                    "CompressionTypeForFailoverMembers": 1,
                    "CompressionTypeForAsyncMembers": "",
                    "AllowParallelDejournaling": 2,
                }
            ),
            # Name, AgentAddress, AgentPort, ECPAddress, MemberType, MirrorAddress, MirrorSSPort, AsyncMemberType
            "members": Reply(
                rows=[
                    ["mirrorA", "10.0.0.1", 2188, "10.0.0.1", 0, "10.1.0.1", 1972, ""],
                    ["MIRRORB", "10.0.0.2", 2189, "10.0.0.2", 0, "10.1.0.2", 1973, ""],
                    ["REPORT", "10.0.0.3", 2188, "10.0.0.3", 2, "10.1.0.3", 1972, 1],
                    ["ODD", "10.0.0.4", "", "10.0.0.4", 2, "10.1.0.4", "x", 7],
                ]
            ),
            "statuses": Reply(rows=[["MIRRORB", "Sicherung", "Aktiv", "Aktuell", "Aktuell", "Failover", "Backup"]]),
            "failover": Reply(
                value={"this": "MIRRORA\x1fG\x1fPrimary\x1fActive", "other": "MIRRORB\x1fG\x1fBackup\x1fActive"}
            ),
            "ready": Reply(value={"answer": "0\x1fBackup is not caught up"}),
            "mirrored": Reply(
                rows=[
                    ["COMPANY", "/a/", "MIRRORSET", "Normal", "", 1, 0, 0, 0, 0, 0, "COMPANY"],
                    ["Customer", "/b/", "MIRRORSET", "Dejournaling", "1 s", 1, 1, 0, 1, 0, 0, "customer"],
                    ["GONE", "/c/", "MIRRORSET", "", "", "", "", "", "", "", "", ""],
                    ["OLD", "/d/", "MIRRORSET", "Obsolete", "", 0, 1, 1, 0, 1, 1, "OLD"],
                ]
            ),
            "missing": Reply(rows=[["MIRRORSET:personal"], [""]]),
        }
    )
    assert (node.mirrors, node.member_name, node.role, node.status) == (["MirrorSet"], "MIRRORA", "primary", "PRIMARY")
    assert node.settings == nodes.settings(
        guid="1-2-3",
        compression_failover=2,
        compression_async=1,
        compression_type_failover=1,
        parallel_dejournaling=2,
    )
    assert [(one.name, one.type, one.role, one.status, one.agent_port) for one in node.members] == [
        ("MIRRORA", "failover", "primary", "Active", 2188),
        ("MIRRORB", "failover", "backup", "Active", 2189),
        ("REPORT", "reporting_ro", "async", "", 2188),
        ("ODD", "async", "async", "", 0),
    ]
    assert node.members[1].display["role"] == "Sicherung", "localised words are shown, never used"
    assert node.own() == node.members[0]
    assert (node.failover_ready, node.failover_reason) == (False, "Backup is not caught up")
    assert [(one.mirror_name, one.good, one.obsolete) for one in node.databases] == [
        ("COMPANY", True, False),
        ("CUSTOMER", False, False),
        ("GONE", False, False),
        ("OLD", False, True),
    ]
    assert node.missing_databases == ["PERSONAL"]


@pytest.mark.parametrize(
    ("member", "kind", "role"),
    [
        ({**PRIMARY, "primary": 0, "backup": 1, "status": "BACKUP"}, "failover", "backup"),
        ({**PRIMARY, "primary": 0, "status": "TRANSITION"}, "failover", ""),
        ({**PRIMARY, "primary": 0, "type": "Disaster Recovery", "status": "CONNECTED"}, "dr", "async"),
        ({**PRIMARY, "primary": 0, "type": "Read-Only Reporting"}, "reporting_ro", "async"),
        ({**PRIMARY, "primary": 0, "type": "Read-Write Reporting"}, "reporting_rw", "async"),
        ({**PRIMARY, "primary": 0, "type": "Something New"}, "indeterminate", ""),
    ],
)
def test_roles_come_from_programmatic_answers(member: dict[str, t.Any], kind: str, role: str) -> None:
    node = read({"member": Reply(value=member), "own": Reply(value={"name": "A"}), "settings": failed(420)})
    assert (node.member_type, node.role, node.settings) == (kind, role, None)


@pytest.mark.parametrize(
    "answer", [failed(5002), Reply(value={"answer": ""}), Reply(value={"answer": "0"}), Reply(value={})]
)
def test_an_unknown_readiness_is_not_ready(answer: Reply) -> None:
    assert read({"member": Reply(value=PRIMARY), "settings": failed(420), "ready": answer}).failover_ready is False


def test_databases_of_the_instance() -> None:
    program = Program(*reader.database_steps())
    program.lines()
    rows = [
        ["COMPANY", "/a/", "", 1, 0, 3, 11.0, 0, 0, "%DB_%DEFAULT", 1, "company"],
        ["remote", "/b/", "OTHER"],
        ["PLAIN", "/c/", "", 0, 1, 2, 1, 100, 5, "%DB_X", 0, ""],
    ]
    found = reader.read_databases(parse(program, transcript(program, {"databases": Reply(rows=rows)})))
    assert found == [
        InstanceDatabase(
            "COMPANY",
            "/a/",
            "",
            True,
            True,
            False,
            True,
            11,
            0,
            0,
            "%DB_%DEFAULT",
            mirrored=True,
            mirror_name="COMPANY",
        ),
        InstanceDatabase("REMOTE", "/b/", "OTHER"),
        InstanceDatabase("PLAIN", "/c/", "", True, False, True, False, 1, 100, 5, "%DB_X"),
    ]


@pytest.mark.parametrize(
    ("node", "databases"),
    [
        (nodes.outside(), []),
        (
            nodes.inside(databases=[nodes.mirrored("COMPANY")]),
            [nodes.entry("COMPANY", mirrored=True, mirror_name="COMPANY")],
        ),
        (nodes.backup(databases=[nodes.mirrored("A", caught_up=False, read_only=True)], missing_databases=["B"]), []),
        (
            nodes.backup(settings=nodes.settings(use_tls=True, virtual_address="192.0.2.1/24")),
            [nodes.entry("X", known=False, mounted=False, journaled=False, size=0, resource="")],
        ),
    ],
)
def test_the_nodes_of_the_other_tests_are_read_as_they_are(node: Node, databases: list[InstanceDatabase]) -> None:
    program = Program(*reader.membership_steps(), *reader.mirrored_steps(), *reader.database_steps())
    program.lines()
    answers = parse(program, transcript(program, nodes.answers(node, databases)))
    found = reader.read_node(answers)
    for member in found.members:
        member.display = {}
    assert found == node
    assert reader.read_databases(answers) == databases


@pytest.mark.parametrize(
    ("zversion", "version"),
    [
        (nodes.ZVERSION, "2024.1"),
        ("IRIS for UNIX 2022.1.2 (Build 574U)", "2022.1"),
        ("Cache for UNIX 5.0", ""),
        ("", ""),
    ],
)
def test_an_instance_tells_its_release_and_its_licence(zversion: str, version: str) -> None:
    program = Program(*instance.observe())
    program.lines()
    script = {
        "version": Reply(value={"zversion": zversion}),
        "member": Reply(value={"type": "Failover"}),
        "licence": Reply(value={"customer": "", "expires": "", "units": ""}),
    }
    found = instance.read("IRIS", parse(program, transcript(program, script)))
    assert (found.version, found.licence, found.member_type) == (version, {}, "failover")
    script["licence"] = Reply(value={"customer": "ACME", "expires": 67000, "units": 8})
    found = instance.read("IRIS", parse(program, transcript(program, script)))
    assert found.licence == {"customer": "ACME", "expires": "67000", "units": "8"}
    assert found.describe()["ready"] is True


@pytest.mark.parametrize(
    ("numbers", "text", "code"),
    [
        ([2066], "", "service_disabled"),
        ([2065, 2086], "", "agent_unreachable"),
        ([2084, 2137], "", "two_failover_members"),
        ([2086, 2084], "", "agent_unreachable"),
        ([2065], "", "create_failed"),
        ([9999, 2032], "", "mirror_not_found"),
        ([5002], "<PROTECT>x+1^y", "read_only"),
        ([5002, 2066], "<PROTECT>", "service_disabled"),
        ([9999], "", "iris_error"),
        ([], "", "iris_error"),
    ],
)
def test_the_innermost_known_cause_gives_code_and_remedy(numbers: list[int], text: str, code: str) -> None:
    found, remedy = remedies.lookup(numbers, text)
    assert found == code
    assert remedy.endswith((".", "?", ")")), "a remedy is a sentence"


def test_reports_of_a_member_and_of_nobody_have_the_same_shape() -> None:
    inside, outside = report.mirror(nodes.inside()), report.mirror(nodes.outside())
    assert set(inside) == set(outside)
    assert (outside["name"], outside["member"], outside["settings"], outside["members"]) == ("", "", {}, [])
    assert set(report.mirrored("A", "/a/", [])) == set(report.mirrored("A", "", [nodes.mirrored("A")]))

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Async members: disaster recovery and reporting."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mirror.lab import MIRROR, Lab, Node, Refused, eventually, seed_database, wait_active
from tests.patience import PATIENCE
from tests.ports import free_port

DR, READ_ONLY, READ_WRITE = 0, 1, 2


def trio(lab: Lab, kind: int = DR, **info: Any) -> tuple[Node, Node, Node]:
    """An active pair with DATA, and an async member that has it too."""
    first, second = lab.pair(**info)
    third = lab.node("C")
    third.join_as_async(second, kind)
    third.wait_status("CONNECTED")
    seed_database(first, third, "DATA")
    return first, second, third


def reads(node: Node, subscript: str, value: str, name: str = "DATA") -> None:
    eventually(lambda: node.call("get", node.directory(name), "a", subscript) == value, f"{node.name} has {value}")


def row(node: Node, member: str) -> dict[str, Any]:
    return next(row for row in node.call("mirror.member_rows") if row["name"] == member)


def test_a_disaster_recovery_member_follows_the_primary_wherever_it_goes(lab: Lab) -> None:
    first, second, third = trio(lab)
    assert third.call("mirror.member_type") == "Disaster Recovery"
    assert (third.call("mirror.is_member"), third.call("mirror.is_async_member")) == (2, True)
    assert (third.call("mirror.mirror_name"), third.call("mirror.names")) == ("", [MIRROR])
    assert third.call("mirror.member_status") == ["Connected", ""]
    assert third.refusal("mirror.failover_status") == 2081
    first.call("set", first.directory("DATA"), "a", "1", "before")
    reads(third, "1", "before")
    first.lose_host()
    # Nobody confirms that the primary is down: the backup must not take over, let alone the async member.
    eventually(lambda: "can't take over" in second.log(), "the backup is blocked")
    assert third.call("mirror.is_primary") is False
    eventually(lambda: third.call("mirror.status") == "WAITING", "it knows of no primary")
    assert third.call("mirror.become_primary") is False
    first.agent.start()
    second.wait_status("PRIMARY")
    third.wait_status("CONNECTED")
    second.call("set", second.directory("DATA"), "a", "1", "after")
    reads(third, "1", "after")
    first.start()
    wait_active(second, first)
    assert {member["name"] for member in first.call("mirror.member_rows")} == {"A", "B", "C"}


def test_the_primary_does_not_wait_for_an_async_member(lab: Lab) -> None:
    # Who waited for it would wait longer than this test does.
    first, _, third = trio(lab, qos_timeout=int(2 * PATIENCE * 1000))
    third.pause()
    for number in range(20):
        first.call("set", first.directory("DATA"), "a", "1", str(number))
    third.resume()
    reads(third, "1", "19")


def test_what_an_active_backup_does_not_have_never_reaches_an_async_member(lab: Lab) -> None:
    first, second, third = trio(lab)
    first.call("set", first.directory("DATA"), "a", "1", "acknowledged")
    reads(third, "1", "acknowledged")
    second.pause()
    first.begin("set", first.directory("DATA"), "a", "1", "in doubt")
    eventually(lambda: "entering trouble" in first.log(), "the primary misses its backup")
    assert third.call("get", third.directory("DATA"), "a", "1") == "acknowledged"
    second.resume()
    reads(third, "1", "in doubt")


def test_every_member_lists_all_members_with_true_latency(lab: Lab) -> None:
    first, second, third = trio(lab)
    first.call("set", first.directory("DATA"), "a", "1", "x")
    reads(third, "1", "x")
    for node in (first, second, third):
        rows = eventually(
            lambda node=node: [
                found for found in [node.call("mirror.member_rows")]
                if [r["database_time_latency"] for r in found] == ["N/A", "Caught up", "Caught up"]
            ],
            f"{node.name} shows that all are caught up",
        )[0]  # fmt: skip
        columns = ("role", "status", "journal_time_latency", "display_type", "display_status")
        assert [tuple(found[column] for column in columns) for found in rows] == [
            ("Primary", "Active", "N/A", "Failover", "Primary"),
            ("Backup", "Active", "Active", "Failover", "Backup"),
            ("Async", "Async", "Caught up", "Disaster Recovery", "Connected"),
        ], node.name
    assert (third.call("mirror.journal_distance"), third.call("mirror.journal_latency")) == (1, 0)
    assert (third.call("mirror.database_distance"), third.call("mirror.database_latency")) == (1, 0)
    assert first.call("mirror.connected_asyncs") == [
        {"name": "C", "kind": "Disaster Recovery", "distinguished_name": "", "status": "Connected"}
    ]
    tracked = third.call("mirror.tracked_mirrors")
    assert [(entry["name"], entry["async_type"], entry["status"], entry["connected"]) for entry in tracked] == [
        (MIRROR, 0, "Connected", 1)
    ]
    third.kill()
    eventually(lambda: row(first, "C")["display_status"] == "Down", "the primary misses it")
    assert row(first, "C")["status"] == "Down"
    assert row(second, "C")["journal_time_latency"].startswith("Disconnected on ")
    assert first.call("mirror.connected_asyncs") == []


def test_stopped_dejournaling_is_seen_and_lasts_over_a_restart(lab: Lab) -> None:
    first, _, third = trio(lab)
    assert third.call("mirror.dejournal_status") == "running"
    assert third.refusal("mirror.dejournal_start") == 2154
    third.call("mirror.dejournal_stop")
    assert third.call("mirror.dejournal_status") == "shut down"
    assert third.database_state("DATA") == "DEJOURNALING_STOPPED"
    first.call("set", first.directory("DATA"), "a", "1", "late")
    eventually(lambda: third.call("mirror.database_distance") != 1, "the journal arrives all the same")
    eventually(lambda: third.call("mirror.journal_distance") == 1, "the whole journal is there")
    eventually(lambda: third.call("mirror.database_latency") >= 2, "the databases fall behind")
    stopped = "Warning! Dejournaling is stopped."
    eventually(lambda: row(first, "C")["database_time_latency"] == stopped, "the primary shows it")
    assert row(third, "C")["database_time_latency"] == stopped
    third.stop()
    third.start()
    third.wait_status("CONNECTED")
    assert third.call("mirror.dejournal_status") == "shut down"
    assert third.call("get", third.directory("DATA"), "a", "1") is None
    eventually(lambda: third.call("mirror.database_distance") != 1, "the databases are still behind")
    third.call("mirror.dejournal_start")
    reads(third, "1", "late")
    eventually(lambda: third.call("mirror.database_distance") == 1, "caught up")
    assert third.database_state("DATA") == "DEJOURNALING"


def test_a_paused_database_falls_behind_alone(lab: Lab) -> None:
    first, _, third = trio(lab)
    third.call("mirror.pause_database", third.directory("DATA"))
    assert third.database_state("DATA") == "DEJOURNALING_STOPPED"
    assert third.call("mirror.dejournal_status") == "running"
    first.call("set", first.directory("DATA"), "a", "1", "x")
    eventually(lambda: third.call("mirror.database_distance") == 1, "the others go on")
    assert third.call("get", third.directory("DATA"), "a", "1") is None
    sfn = third.call("databases.sfn", third.directory("DATA"))
    assert third.call("mirror.catchup", [sfn]) == [[sfn], []]
    reads(third, "1", "x")


def test_dejournaling_calls_where_they_do_not_belong(lab: Lab) -> None:
    node = lab.node("A")
    assert node.refusal("mirror.dejournal_stop") == 2159
    assert node.call("mirror.dejournal_status") == ""
    node.create_mirror()
    assert node.refusal("mirror.dejournal_stop") == 2165
    assert node.call("mirror.dejournal_status") == ""
    other = lab.node("C")
    other.join_as_async(node)
    other.wait_status("CONNECTED")
    assert other.refusal("mirror.dejournal_start", "NOSUCH") == 2160
    assert other.call("mirror.dejournal_status", "NOSUCH") == "notmember"


def test_stop_and_start_of_mirroring(lab: Lab) -> None:
    first, _, third = trio(lab)
    third.call("mirror.stop")
    assert third.call("mirror.status") == "STOPPED"
    eventually(lambda: row(first, "C")["display_status"] == "Stopped", "it can still be asked")
    assert row(first, "C")["status"] == "Down"
    first.call("set", first.directory("DATA"), "a", "1", "x")
    third.stop()
    third.start()
    assert third.call("mirror.status") == "STOPPED"
    assert third.call("mirror.is_async_member") is False
    third.call("mirror.start")
    third.wait_status("CONNECTED")
    reads(third, "1", "x")


def test_join_mirror_0_keeps_a_member_out_until_it_is_1_again(lab: Lab) -> None:
    first, _, third = trio(lab)
    third.call("config.set", "MirrorMember", "JoinMirror", "0")
    third.call("config.save")
    third.stop()
    third.start()
    assert third.call("mirror.member_type") == "Not Member"
    assert (third.call("mirror.is_member"), third.call("mirror.status")) == (0, "NOTINIT")
    assert third.refusal("mirror.start") == 2074
    third.call("config.set", "MirrorMember", "JoinMirror", "1")
    third.call("config.save")
    first.call("set", first.directory("DATA"), "a", "1", "x")
    third.stop()
    third.start()
    third.wait_status("CONNECTED")
    reads(third, "1", "x")


def test_a_read_only_reporting_copy_is_writable_only_after_its_flag_is_cleared(lab: Lab) -> None:
    first, _, third = trio(lab, READ_ONLY)
    assert third.call("mirror.member_type") == "Read-Only Reporting"
    directory = third.directory("DATA")
    with pytest.raises(Exception, match="PROTECT"):
        third.call("set", directory, "b", "1", "local")
    assert third.call("label", directory)["mirror"]["failover"] is True
    assert first.refusal("mirror.clear_failover_flag", first.directory("DATA")) == 2115
    third.call("mirror.clear_failover_flag", directory)
    third.call("set", directory, "b", "1", "local")
    first.call("set", first.directory("DATA"), "a", "1", "mirrored")
    reads(third, "1", "mirrored")
    assert third.call("get", directory, "b", "1") == "local"


def test_a_read_write_reporting_copy_keeps_local_updates_over_a_crash(lab: Lab) -> None:
    first, _, third = trio(lab, READ_WRITE)
    directory = third.directory("DATA")
    assert third.call("mirror.member_type") == "Read-Write Reporting"
    assert third.call("label", directory)["mirror"]["failover"] is False
    third.call("set", directory, "b", "1", "local")
    first.call("set", first.directory("DATA"), "a", "1", "mirrored")
    reads(third, "1", "mirrored")
    third.kill()
    third.start()
    third.wait_status("CONNECTED")
    eventually(lambda: third.database_state("DATA") == "DEJOURNALING", "it is dejournaled again")
    assert third.call("get", directory, "b", "1") == "local"
    reads(third, "1", "mirrored")
    assert first.call("get", first.directory("DATA"), "b", "1") is None


def test_a_new_database_reaches_an_async_member(lab: Lab) -> None:
    first, _, third = trio(lab, READ_WRITE)
    first.call("adopt", first.directory("NEW"), "NEW", MIRROR)
    first.call("set", first.directory("NEW"), "a", "1", "x")
    eventually(lambda: third.call("mirror.missing_databases") == [f":mirror:{MIRROR}:NEW"], "it is missed")
    third.call("adopt", third.directory("NEW"), "NEW", MIRROR)
    reads(third, "1", "x", "NEW")
    third.call("set", third.directory("NEW"), "b", "1", "local")


def test_reporting_from_two_mirrors(lab: Lab) -> None:
    first, other, reporter = lab.node("A"), lab.node("B"), lab.node("C")
    first.create_mirror()
    other.create_mirror("SECOND")
    reporter.join_as_async(first, READ_ONLY)
    reporter.wait_status("CONNECTED")
    assert reporter.call("mirror.allows_new_mirror") is True
    target = ["IRIS", other.bind, other.agent.port]
    local = {"ecp_address": reporter.bind}
    assert reporter.refusal("join_async", "SECOND", "C", target, READ_WRITE, local) == 2142
    assert reporter.refusal("join_async", MIRROR, "C", target, READ_ONLY, local) == 2101
    # The member name is that of the first join.
    reporter.call("join_async", "SECOND", "IGNORED", target, None, local)
    reporter.wait_status("MULTIASYNC^2/2")
    assert reporter.call("mirror.member_status") == ["2/2 Connected", ""]
    assert reporter.call("mirror.status", "SECOND") == "CONNECTED"
    assert sorted(reporter.call("mirror.names")) == [MIRROR, "SECOND"]
    assert row(other, "C")["display_type"] == "Read-Only Reporting"
    for node, mirror in ((first, MIRROR), (other, "SECOND")):
        node.call("adopt", node.directory(mirror), mirror, mirror)
        missing = f":mirror:{mirror}:{mirror}"
        eventually(
            lambda mirror=mirror, missing=missing: missing in reporter.call("mirror.missing_databases", mirror), "known"
        )
        reporter.call("adopt", reporter.directory(mirror), mirror, mirror)
        node.call("set", node.directory(mirror), "a", "1", mirror)
        reads(reporter, "1", mirror, mirror)
    assert reporter.refusal("mirror.dejournal_stop") == 2161
    assert reporter.call("mirror.dejournal_status") == "missing mirror name"
    reporter.call("mirror.stop", "SECOND")
    assert reporter.call("mirror.status") == "MULTIASYNC^1/2"
    reporter.stop()
    reporter.start()
    reporter.wait_status("MULTIASYNC^1/2")
    assert reporter.call("mirror.status", "SECOND") == "STOPPED"
    # What is stopped says so everywhere, and the other members are not down because of that.
    assert reporter.call("mirror.dejournal_status", "SECOND") == "stopped"
    rows = {entry["name"]: entry for entry in reporter.call("mirror.database_rows")}
    assert (rows["SECOND"]["state"], rows["SECOND"]["latency"]) == ("DEJOURNALING_STOPPED", "N/A")
    assert (rows[MIRROR]["state"], rows[MIRROR]["latency"]) == ("DEJOURNALING", "Caught up")
    leader = reporter.call("mirror.member_rows", "SECOND")[0]
    assert (leader["role"], leader["status"], leader["display_status"]) == ("Primary", "Active", "Primary")
    reporter.call("mirror.start")
    reporter.wait_status("MULTIASYNC^2/2")


def test_ten_mirrors_are_the_limit_of_a_reporting_member(lab: Lab) -> None:
    leader, reporter = lab.node("A"), lab.node("B")
    leader.create_mirror()
    reporter.join_as_async(leader, READ_ONLY)
    reporter.wait_status("CONNECTED")
    reporter.stop()
    # Nine more, whose members are away.
    file = reporter.home / "iris.cpf"
    text = file.read_text(encoding="utf-8")
    mirrors = [line for line in text.splitlines() if line.startswith(f"{MIRROR}=")]
    _, _, members = text.partition(f"[MapMirrors.{MIRROR}]\n")
    members = members.partition("\n\n")[0]
    for number in range(2, 11):
        text = text.replace(mirrors[0], f"{mirrors[0]}\n{mirrors[0].replace(MIRROR, f'M{number}')}", 1)
        text += f"\n[MapMirrors.M{number}]\n{members}\n"
    file.write_text(text, encoding="utf-8")
    reporter.start()
    eventually(lambda: reporter.call("mirror.status") == "MULTIASYNC^1/10", reporter.log)
    assert reporter.call("mirror.allows_new_mirror") is False
    with pytest.raises(Refused) as caught:
        reporter.join_as_async(leader, READ_ONLY, "M11")
    assert caught.value.code == 5001
    assert "more than 10 mirrors" in caught.value.arguments[0]
    reporter.call("mirror.remove_one", "M10")
    assert reporter.call("mirror.allows_new_mirror") is True
    assert len(reporter.call("mirror.names")) == 9


def test_sixteen_members_are_the_limit_of_a_mirror(lab: Lab) -> None:
    leader, late = lab.node("A"), lab.node("B")
    leader.create_mirror()
    line = leader.call("config.section", f"MapMirrors.{MIRROR}")["A"].split(",")
    leader.stop()
    file = leader.home / "iris.cpf"
    text = file.read_text(encoding="utf-8")
    for number in range(2, 17):
        entry = ",".join([*line[:4], f"GUID{number}", "/nowhere/", "2", *line[7:]])
        text = text.replace(f"[MapMirrors.{MIRROR}]\n", f"[MapMirrors.{MIRROR}]\nM{number}={entry}\n")
    file.write_text(text, encoding="utf-8")
    leader.start()
    leader.wait_status("PRIMARY")
    for kind in (DR, READ_ONLY):
        with pytest.raises(Refused) as caught:
            late.join_as_async(leader, kind)
        assert caught.value.code == 5001
        assert "has 16 members already" in caught.value.arguments[0]
    target = ("IRIS", leader.bind, leader.agent.port)
    assert late.refusal("join", MIRROR, "B", *target, late.addresses()) == 5001


def test_who_may_join_as_async_member(lab: Lab) -> None:
    first, second, third = lab.node("A"), lab.node("B"), lab.node("C")
    first.create_mirror()
    second.create_mirror("SECOND")
    target = ["IRIS", first.bind, first.agent.port]
    elsewhere = ["IRIS", second.bind, second.agent.port]
    local = {"ecp_address": third.bind}
    assert third.refusal("join_async", MIRROR, "C", target, DR, local) == 2066
    third.call("enable_service", True)
    assert third.refusal("join_async", MIRROR, "C", target, 3, local) == 2142
    assert third.refusal("join_async", "NOSUCH", "C", target, DR, local) == 2032
    assert third.refusal("join_async", MIRROR, "A", target, DR, local) == 2033
    assert third.refusal("join_async", MIRROR, "C", ["IRIS", first.bind, free_port(first.bind)], DR, local) == 2086
    assert second.refusal("join_async", MIRROR, "B", target, READ_ONLY, local) == 2134
    third.agent.kill()
    assert third.refusal("join_async", MIRROR, "C", target, DR, local) == 2118
    # A reporting member does not use the agent.
    third.join_as_async(first, READ_ONLY)
    third.wait_status("CONNECTED")
    third.agent.start()
    fourth = lab.node("D")
    fourth.join_as_async(first, DR)
    assert fourth.call("mirror.allows_new_mirror") is False
    assert fourth.refusal("join_async", "SECOND", "D", elsewhere, DR, local) == 2149
    assert fourth.refusal("join", "SECOND", "D", *elsewhere, fourth.addresses()) == 2109
    fifth = lab.node("E")
    fifth.call("enable_service", True)
    through_async = ["IRIS", fourth.bind, fourth.agent.port]
    assert fifth.refusal("join_async", MIRROR, "E", through_async, DR, local) == 2150
    assert fifth.refusal("join_async", MIRROR, "E", through_async, READ_ONLY, local) == 2081
    assert fifth.call("config.section", "Mirrors") == {}

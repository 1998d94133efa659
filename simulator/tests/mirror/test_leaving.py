# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members and databases leave a mirror, and come back."""

from __future__ import annotations

from tests.mirror.lab import MIRROR, Lab, Node, eventually, seed_database, wait_active


def names(node: Node) -> list[str]:
    return sorted(node.call("config.section", f"MapMirrors.{MIRROR}"))


def restart(node: Node) -> None:
    node.stop()
    node.start()


def trio(lab: Lab, kind: int = 0) -> tuple[Node, Node, Node]:
    first, second = lab.pair()
    third = lab.node("C")
    third.join_as_async(first, kind)
    third.wait_status("CONNECTED")
    seed_database(first, third, "DATA")
    return first, second, third


def test_members_leave_one_by_one_and_the_others_no_longer_list_them(lab: Lab) -> None:
    first, second, third = trio(lab)
    third.call("mirror.remove_configuration", True)
    assert third.call("mirror.member_type") == "Not Member"
    assert third.call("journal.series_names") == []
    eventually(lambda: names(first) == names(second) == ["A", "B"], "C is gone everywhere")
    # The copy is an ordinary database now.
    third.call("set", third.directory("DATA"), "a", "1", "local")
    assert first.refusal("mirror.remove_configuration") == 2116
    assert first.refusal("mirror.remove_one", MIRROR) == 2116
    second.call("mirror.remove_one", MIRROR)
    assert second.call("config.get", "MirrorMember", "SystemName") == ""
    eventually(lambda: names(first) == ["A"], "B is gone")
    first.call("set", first.directory("DATA"), "a", "1", "alone")
    first.call("config.set", "MirrorMember", "JoinMirror", "0")
    first.call("config.save")
    restart(first)
    assert first.call("mirror.member_type") == "Not Member"
    first.call("mirror.remove_configuration", True)
    assert first.refusal("mirror.remove_configuration") == 2074
    assert first.refusal("create", MIRROR, "A", first.addresses()) == 2065
    restart(first)
    assert first.call("get", first.directory("DATA"), "a", "1") == "alone"
    first.call("set", first.directory("DATA"), "a", "1", "free")
    first.create_mirror()


def test_a_member_that_cannot_reach_the_primary_stays_on_its_list(lab: Lab) -> None:
    first, _, third = trio(lab)
    first.kill()
    third.call("mirror.remove_configuration")
    first.start()
    assert "C" in names(first)


def test_kept_databases_must_be_activated_after_the_member_joined_again(lab: Lab) -> None:
    first, second, third = trio(lab)
    directory = third.directory("DATA")
    third.call("mirror.remove_configuration", False)
    assert third.refusal("databases.delete", directory) == 318
    target = ["IRIS", first.bind, first.agent.port]
    assert third.refusal("join_async", MIRROR, "C", target, 0, {"ecp_address": third.bind}) == 2084
    restart(third)
    first.call("set", first.directory("DATA"), "a", "1", "meanwhile")
    third.join_as_async(second)
    third.wait_status("CONNECTED")
    assert third.database_state("DATA") == "NEEDS_ACTIVATION"
    eventually(
        lambda: next(row for row in first.call("mirror.member_rows") if row["name"] == "C")["database_time_latency"]
        == "Warning! Some databases need attention.",
        "the primary shows that something is to be done",
    )
    third.call("mirror.activate", directory)
    sfn = third.call("databases.sfn", directory)
    assert third.call("mirror.catchup", [sfn]) == [[sfn], []]
    eventually(lambda: third.call("get", directory, "a", "1") == "meanwhile", "caught up")


def test_left_over_journals_block_a_new_join(lab: Lab) -> None:
    first, _, third = trio(lab)
    assert third.refusal("mirror.check_leftovers", MIRROR) == 2174
    third.call("mirror.remove_configuration", True, False)
    restart(third)
    assert third.refusal("mirror.check_leftovers", "demo") == 2174
    target = ["IRIS", first.bind, first.agent.port]
    assert third.refusal("join_async", MIRROR, "C", target, 0, {"ecp_address": third.bind}) == 2174
    third.call("journal.forget_mirror", MIRROR)
    third.call("mirror.check_leftovers", MIRROR)
    third.join_as_async(first)
    third.wait_status("CONNECTED")


def test_a_reporting_member_leaves_one_of_two_mirrors(lab: Lab) -> None:
    first, other, reporter = lab.node("A"), lab.node("B"), lab.node("C")
    first.create_mirror()
    other.create_mirror("SECOND")
    reporter.join_as_async(first, 1)
    reporter.join_as_async(other, None, "SECOND")
    reporter.wait_status("MULTIASYNC^2/2")
    assert reporter.refusal("mirror.remove_one", "NOSUCH") == 2051
    reporter.call("mirror.remove_one", "SECOND")
    assert reporter.call("mirror.status") == "CONNECTED"
    assert reporter.call("config.get", "MirrorMember", "SystemName") == "C"
    eventually(lambda: list(other.call("config.section", "MapMirrors.SECOND")) == ["B"], "the other mirror knows")
    # Nothing was removed entirely, so no restart is needed.
    reporter.join_as_async(other, None, "SECOND")
    reporter.wait_status("MULTIASYNC^2/2")


def test_a_database_leaves_the_mirror_member_by_member(lab: Lab) -> None:
    first, second, third = trio(lab)
    third.call("mirror.remove_database", third.directory("DATA"))
    third.call("set", third.directory("DATA"), "a", "1", "local")
    assert third.refusal("mirror.remove_database", third.directory("DATA")) == 2064
    first.call("set", first.directory("DATA"), "a", "1", "mirrored")
    eventually(lambda: second.call("get", second.directory("DATA"), "a", "1") == "mirrored", "the pair is unaffected")
    assert third.call("get", third.directory("DATA"), "a", "1") == "local"
    first.call("mirror.remove_database", first.directory("DATA"))
    eventually(lambda: second.database_state("DATA") == "ORPHANED", "the backup sees that the primary has it no more")
    second.call("mirror.remove_database", second.directory("DATA"))
    second.call("set", second.directory("DATA"), "a", "1", "free")
    assert first.call("mirror.database_rows") == second.call("mirror.database_rows") == []
    first.call("mirror.add_database", first.directory("DATA"), "DATA")
    assert first.database_state("DATA") == "NORMAL"


def test_a_mirror_has_at_most_16_members(lab: Lab) -> None:
    first, other = lab.node("A"), lab.node("B")
    first.create_mirror()
    line = next(iter(first.call("config.section", f"MapMirrors.{MIRROR}").values()))
    first.stop()
    cpf = first.home / "iris.cpf"
    text = cpf.read_text(encoding="utf-8")
    guid = line.split(",")[4]
    more = "".join(f"X{number}=" + _as_async(line.replace(guid, f"GUID{number}")) + "\n" for number in range(15))
    cpf.write_text(text.replace(f"A={line}\n", f"A={line}\n{more}"), encoding="utf-8")
    first.start()
    first.wait_status("PRIMARY")
    other.call("enable_service", True)
    target = ["IRIS", first.bind, first.agent.port]
    assert other.refusal("join_async", MIRROR, "B", target, 1, {"ecp_address": other.bind}) == 5001
    assert len(names(first)) == 16


def _as_async(line: str) -> str:
    pieces = line.split(",")
    return ",".join([*pieces[:6], "2", *pieces[7:]])


def test_an_instance_that_is_later_than_the_agent_is_refused(lab: Lab) -> None:
    first, second = lab.node("A"), lab.node("B")
    first.create_mirror()
    second.agent.kill()
    second.agent.version = "2024.1.0.0.0"
    second.agent.start()
    second.call("enable_service", True)
    target = ("IRIS", first.bind, first.agent.port)
    assert second.refusal("join", MIRROR, "B", *target, second.addresses()) == 2136
    second.agent.kill()
    second.agent.version = ""
    second.agent.start()
    first.agent.kill()
    first.agent.version = "2024.1.0.0.0"
    first.agent.start()
    assert second.refusal("join", MIRROR, "B", *target, second.addresses()) == 2136
    first.agent.kill()
    first.agent.version = ""
    first.agent.start()
    second.join_mirror(first)
    wait_active(first, second)

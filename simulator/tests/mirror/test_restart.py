# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members stop, restart and find their roles again; nothing that was acknowledged is lost."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.mirror.lab import MIRROR, Lab, Node, eventually, wait_active


def _write(node: Node, subscript: str, value: str = "x") -> None:
    node.call("set", node.directory("DATA"), "a", subscript, value)


def _reads(node: Node, subscript: str) -> bool:
    return node.call("get", node.directory("DATA"), "a", subscript) is not None


def _roles(*nodes: Node) -> list[Node]:
    """The primary and the backup, as soon as there are both."""

    def found() -> list[Node]:
        by_status = {node.call("mirror.status"): node for node in nodes}
        return [by_status[status] for status in ("PRIMARY", "BACKUP") if status in by_status]

    eventually(lambda: len(found()) == len(nodes), lambda: "one leads, one follows" + "".join(n.log() for n in nodes))
    return found()


def _journals(node: Node) -> dict[str, bytes]:
    return {Path(name).name: Path(name).read_bytes() for name in node.call("journal_files", MIRROR)}


def test_the_backup_restarts_and_catches_up(lab: Lab) -> None:
    first, second = lab.pair()
    _write(first, "1")
    second.stop()
    _write(first, "2")
    second.start()
    wait_active(first, second)
    eventually(lambda: _reads(second, "2"), "caught up after the restart")
    assert _reads(second, "1")
    assert _journals(first) == _journals(second)
    assert any(name.startswith(f"MIRROR-{MIRROR}-") for name in _journals(second))


def test_a_graceful_stop_of_the_primary_hands_over_and_it_returns_as_backup(lab: Lab) -> None:
    first, second = lab.pair()
    _write(first, "1")
    first.stop()
    second.wait_status("PRIMARY")
    assert _reads(second, "1")
    assert second.member_states() == {"A": ("Backup", "Down"), "B": ("Primary", "Active")}
    _write(second, "2")
    first.start()
    wait_active(second, first)
    eventually(lambda: _reads(first, "2"), "the former primary follows")
    assert _reads(first, "1")
    assert _journals(first) == _journals(second)
    second.stop()
    first.wait_status("PRIMARY")


def test_both_members_restart_and_have_everything(lab: Lab) -> None:
    first, second = lab.pair()
    _write(first, "1")
    second.stop()
    _write(first, "2")
    first.stop()
    second.start()
    first.start()
    primary, backup = _roles(first, second)
    wait_active(primary, backup)
    for node in (first, second):
        eventually(partial(_reads, node, "2"), "everything is on both")
    _write(primary, "3")


def test_both_members_are_killed_and_negotiate(lab: Lab) -> None:
    first, second = lab.pair()
    _write(first, "1")
    first.kill()
    second.kill()
    second.start()
    first.start()
    _roles(first, second)
    for node in (first, second):
        eventually(partial(_reads, node, "1"), "nothing is lost")


def test_one_member_alone_gets_the_journals_of_the_other_from_its_agent(lab: Lab) -> None:
    first, second = lab.pair()
    second.stop()
    _write(first, "only on A")
    first.stop()
    second.start()
    second.wait_status("PRIMARY")
    assert _reads(second, "only on A")
    first.start()
    wait_active(second, first)


def test_a_primary_restarted_without_its_partner_does_not_lead(lab: Lab) -> None:
    first, second = lab.pair()
    first.kill()
    second.lose_host()
    first.start()
    first.wait_status("WAITING")
    eventually(lambda: "can't take over" in first.log(), "the reason is logged")
    first.wait_status("WAITING")
    second.agent.start()
    second.start()
    _roles(first, second)


def test_nofailover_keeps_the_role_until_the_primary_returns(lab: Lab) -> None:
    first, second = lab.pair()
    _write(first, "1")
    first.stop(nofailover=True)
    eventually(lambda: "nofailover" in second.log(), "the backup knows")
    second.wait_status("WAITING")
    first.start()
    wait_active(first, second)
    assert "nofailover" not in first.call("config.get", "Mirrors", MIRROR)
    first.stop()
    second.wait_status("PRIMARY")

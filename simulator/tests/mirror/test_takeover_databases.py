# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new primary has all updates in every database that users may write to."""

from __future__ import annotations

import pytest
from tests.mirror.lab import Lab, Node, eventually, wait_active


def _write(node: Node, subscript: str) -> None:
    node.call("set", node.directory("DATA"), "a", subscript, "x")


def _reads(node: Node, subscript: str) -> bool:
    return node.call("get", node.directory("DATA"), "a", subscript) is not None


def test_a_database_that_was_dismounted_during_the_takeover_is_complete_when_it_is_mounted(lab: Lab) -> None:
    first, second = lab.pair()
    second.call("databases.dismount", second.directory("DATA"))
    _write(first, "1")
    first.kill()
    second.wait_status("PRIMARY")
    second.call("mount", second.directory("DATA"))
    assert _reads(second, "1")
    _write(second, "2")
    assert second.database_state("DATA") == "NORMAL"
    first.start()
    wait_active(second, first)
    eventually(lambda: _reads(first, "2"), "the former primary follows")
    assert _reads(first, "1")


@pytest.mark.parametrize("way", ["without catchup", "paused"])
def test_a_database_that_was_not_kept_up_to_date_is_complete_after_the_takeover(lab: Lab, way: str) -> None:
    first, second = lab.pair()
    directory = second.directory("DATA")
    if way == "paused":
        second.call("mirror.pause_database", directory)
    else:
        second.call("databases.dismount", directory)
        second.call("mount", directory, False)
    _write(first, "1")
    first.kill()
    second.wait_status("PRIMARY")
    assert _reads(second, "1")
    _write(second, "2")

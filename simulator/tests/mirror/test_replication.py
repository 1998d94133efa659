# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written on the primary is on the backup, and nowhere else may it be written."""

from __future__ import annotations

import queue

import pytest
from tests.mirror.lab import Lab, RunTimeError, eventually


def test_a_value_written_on_the_primary_is_read_on_the_backup(lab: Lab) -> None:
    first, second = lab.pair()
    first.call("set", first.directory("DATA"), "a", "1", "hello")
    eventually(lambda: second.call("get", second.directory("DATA"), "a", "1") == "hello", "replicated")
    assert first.database_state("DATA") == "NORMAL"
    assert second.database_state("DATA") == "DEJOURNALING"
    with pytest.raises(RunTimeError, match=r"<PROTECT>"):
        second.call("set", second.directory("DATA"), "a", "1", "no")


def test_an_answer_waits_for_the_active_backup(lab: Lab) -> None:
    first, second = lab.pair()
    second.pause()
    writing = first.begin("set", first.directory("DATA"), "a", "1", "hello")
    with pytest.raises(queue.Empty):
        writing(0.7)
    second.resume()
    writing()


def test_kills_and_long_values_are_replicated(lab: Lab) -> None:
    first, second = lab.pair()
    source, target = first.directory("DATA"), second.directory("DATA")
    first.call("set", source, "a", "long", "x" * 200_000)
    first.call("set_many", source, "many", 5000)
    eventually(lambda: second.call("get", target, "many", "4999") is not None, "all of them")
    assert second.call("get", target, "a", "long") == "x" * 200_000
    first.call("kill", source, "many")
    eventually(lambda: second.call("get", target, "many", "4999") is None, "killed")
    assert second.call("get", target, "a", "long") is not None

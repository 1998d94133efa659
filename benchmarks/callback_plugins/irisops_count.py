# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counts, for the benchmarks, what a play costs each host: executed modules and `iris session` runs."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: irisops_count
type: aggregate
short_description: Count modules and IRIS sessions per host
description:
  - Writes a JSON object of host to counts into the file that the environment variable E(IRISOPS_COUNT_FILE) names.
"""

# These run in the controller and never start a module.
FREE = {
    "add_host", "assert", "debug", "fail", "group_by", "import_role", "import_tasks", "include_role", "include_tasks",
    "include_vars", "meta", "set_fact", "set_stats", "validate_argument_spec",
}  # fmt: skip


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "irisops_count"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._hosts: dict[str, dict[str, int]] = defaultdict(lambda: {"modules": 0, "sessions": 0, "changed": 0})

    def v2_runner_on_ok(self, result: Any) -> None:
        self._count(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._count(result)

    def _count(self, result: Any) -> None:
        if result.task.action.rpartition(".")[2] in FREE:
            return
        counts = self._hosts[result.host.get_name()]
        for one in result.result.get("results") or [result.result]:
            if isinstance(one, dict) and not one.get("skipped"):
                counts["modules"] += 1
                counts["sessions"] += int(one.get("sessions", 0))
                counts["changed"] += int(bool(one.get("changed")))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        target = os.environ.get("IRISOPS_COUNT_FILE")
        if target:
            Path(target).write_text(json.dumps(self._hosts, indent=2, sort_keys=True), encoding="utf-8")

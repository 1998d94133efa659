# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a run of ansible-playbook between two tasks, as if its machine had gone away; else counts the tasks."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: boundary
type: aggregate
short_description: End a run between two tasks
description: For the tests of this collection.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "boundary"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.last = int(os.environ.get("BOUNDARY_AFTER", "0"))
        self.tasks = 0

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """All workers of the task before have ended here, in the strategy `linear`."""
        if self.last and self.tasks == self.last:
            os.killpg(os.getpid(), signal.SIGKILL)
        self.tasks += 1

    def v2_playbook_on_stats(self, stats: Any) -> None:
        Path(os.environ["BOUNDARY_COUNT"]).write_text(str(self.tasks), encoding="utf-8")

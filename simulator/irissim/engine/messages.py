# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""messages.log."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Messages:
    """`instance.log`; thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def write(self, text: str, severity: int = 0, event: str = "Utility.Event") -> None:
        """Severity 0 information, 1 warning, 2 severe, 3 fatal."""
        # FIDELITY(observed; LIVE, LSC): a line is MM/DD/YY-HH:MM:SS:mmm (pid) severity [Event] text
        now = time.time()
        stamp = time.strftime("%m/%d/%y-%H:%M:%S", time.localtime(now)) + f":{int(now * 1000) % 1000:03d}"
        line = f"{stamp} ({os.getpid()}) {severity} [{event}] {' '.join(text.splitlines())}\n"
        with self._lock, self.path.open("a", encoding="utf-8", errors="surrogatepass") as stream:
            stream.write(line)

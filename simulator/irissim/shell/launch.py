# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the daemon of an instance and waits until it is up."""

from __future__ import annotations

import os
import subprocess
import sys

from irissim.shell.settings import NodeSettings

OUTPUT_FILE = "iris-daemon.log"
READY_VARIABLE = "IRISSIM_READY_FD"
READY = "ready"
DETAIL_MARK = "- "


def launch(node: NodeSettings, quietly: bool) -> int:
    """Start the daemon and print what it reports until it is up."""
    read_end, write_end = os.pipe()
    with open(node.registry / OUTPUT_FILE, "ab") as output:
        daemon = subprocess.Popen(
            [sys.executable, "-P", "-m", "irissim.shell.daemon"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=(write_end,),
            env={**os.environ, "IRISSIM_HOME": str(node.home), READY_VARIABLE: str(write_end)},
        )
    os.close(write_end)
    ready = False
    with open(read_end, encoding="utf-8") as progress:
        for line in progress:
            text = line.rstrip("\n")
            ready = ready or text == READY
            if text != READY and not (quietly and text.startswith(DETAIL_MARK)):
                print(text.removeprefix(DETAIL_MARK), flush=True)
    if not ready:
        daemon.wait()
        # FIDELITY(observed; DUR): a start that fails ends with these two lines
        print("An error was detected during InterSystems IRIS startup.\n** Startup aborted **")
    return 0 if ready else 1

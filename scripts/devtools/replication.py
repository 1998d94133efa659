# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many journaled updates a second a simulated primary takes whose active backup acknowledges them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from devtools.console import Failure, capture
from devtools.paths import ROOT, VENV, tool_environment, venv_bin

MIRROR = "BENCH"
SETS = 50_000
#: What a session does in the measured time: all sets, and the wait for the backup before it prints.
LOOP = f'set began=$zhorolog for i=1:1:{SETS} {{ set ^|"^^DIR"|Bench(i)="an update" }} write i,! write $zhorolog-began'
_LICENCE = ROOT / "simulator" / "licence" / "iris-simulator-licence.txt"
_SECONDS = 30


class _Node:
    """A node of the simulator in a directory."""

    def __init__(self, home: Path, bind: str) -> None:
        self.home = home
        self.bind = bind
        self._manage: list[str | Path] = [venv_bin(VENV, "python"), "-m", "irissim.shell.node"]
        self._run("create", home, "--name", home.name, "--bind", bind, "--key", _LICENCE)
        self._run("start", home)

    def _run(self, *arguments: str | Path) -> None:
        capture([*self._manage, *arguments], env=tool_environment())

    def session(self, *lines: str) -> str:
        command: list[str | Path] = [self.home / "bin" / "iris", "session", "IRIS", "-U", "%SYS"]
        text = "\n".join((*lines, "halt", ""))
        return subprocess.run(command, input=text, text=True, check=True, capture_output=True).stdout

    def enroll(self, call: str) -> None:
        output = self.session(
            'set s("Enabled")=1 set sc=##class(Security.Services).Modify("%Service_Mirror",.s)',
            f'set i("ECPAddress")="{self.bind}",i("MirrorAddress")="{self.bind}",i("AgentAddress")="{self.bind}"',
            f'set sc=##class(SYS.Mirror).{call} write "done:",sc,$system.Status.GetErrorText(sc)',
        )
        if "done:1" not in output:
            raise Failure(output)

    def wait(self, expression: str) -> None:
        limit = time.monotonic() + _SECONDS
        while "reached" not in self.session(f'write:{expression} "reached"'):
            if time.monotonic() > limit:
                raise Failure(f"{self.home.name}: not {expression} within {_SECONDS} seconds")

    def database(self) -> str:
        directory = f"{self.home}/bench/"
        output = self.session(
            f'set sc=##class(%File).CreateDirectoryChain("{directory}")',
            f'set sc=##class(SYS.Database).CreateDatabase("{directory}",,,,,,"BENCH","{MIRROR}") write "done:",sc',
        )
        if "done:1" not in output:
            raise Failure(output)
        return directory

    def destroy(self) -> None:
        self._run("stop", self.home)
        self._run("destroy", self.home)


def measure(scratch: Path) -> int:
    """Sets a second."""
    nodes: list[_Node] = []
    try:
        nodes.append(_Node(scratch / "replicationA", "127.0.0.21"))
        nodes.append(_Node(scratch / "replicationB", "127.0.0.22"))
        first, second = nodes
        first.enroll(f'CreateNewMirrorSet("{MIRROR}","A",.i)')
        first.wait("$system.Mirror.IsPrimary()")
        second.enroll(f'JoinMirrorAsFailoverMember("{MIRROR}","B","IRIS","{first.bind}",2188,.i)')
        directory = first.database()
        second.wait("$system.Mirror.IsBackup()")
        second.database()
        first.wait("$list(##class(SYS.Mirror).IsFailoverReady())")
        output = first.session(LOOP.replace("DIR", directory))
        words = output.replace("%SYS>", " ").split()
        seconds = float(words[words.index(str(SETS)) + 1])
        second.wait(f'$data(^|"^^{second.home}/bench/"|Bench({SETS}))')
        return round(SETS / seconds)
    finally:
        for node in nodes:
            node.destroy()


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    print(f"{measure(place)} sets a second")
    shutil.rmtree(place)

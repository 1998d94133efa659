# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mirror of three containers, each pair of them on a network of its own, so that every link can be cut alone."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.errors import DockerException, NotFound
from tests.containers.engine import REPOSITORY, answer, eventually

IMAGE = f"{REPOSITORY}:2022.1"
PREFIX = "failover-"
MIRROR = "FAILOVER"
QOS = 1.5
MEMBERS = ("a", "b")
ARBITER = "arbiter"
A_B, A_ARBITER, B_ARBITER = ("a", "b"), ("a", ARBITER), ("b", ARBITER)
LINKS = (A_B, A_ARBITER, B_ARBITER)
DIRECTORY = "/home/irisowner/data/"

ASK = (
    'do ##class(SYS.Mirror).GetFailoverMemberStatus(.t,.o) write "<<",$system.Mirror.GetStatus(),"|",'
    '$listget($system.Mirror.GetMemberStatus(),2),"|",$listget(t,3)," ",$listget(t,4),"|",$listget(o,3)," ",'
    '$listget(o,4),"|",$listget(##class(SYS.Mirror).IsFailoverReady()),">>"'
)


@dataclass(frozen=True)
class Picture:
    """GetStatus, trouble, own role and status, the other's, IsFailoverReady (which needs arbiter controlled mode)."""

    status: str
    trouble: str
    this: str
    other: str
    ready: str


def leads(ready: bool = False) -> Picture:
    return Picture("PRIMARY", "", "Primary Active", "Backup Active", str(int(ready)))


def follows(ready: bool = False) -> Picture:
    return Picture("BACKUP", "", "Backup Active", "Primary Active", str(int(ready)))


ALONE = Picture("PRIMARY", "", "Primary Active", "Backup Down", "0")
IN_TROUBLE = Picture("PRIMARY", "Trouble", "Primary Trouble", "Backup Down", "0")
CUT_OFF = Picture("WAITING", "", "Backup Trouble", "Primary Down", "0")


@dataclass
class Cluster:
    client: docker.DockerClient
    containers: dict[str, Any] = field(default_factory=dict)
    networks: dict[tuple[str, str], Any] = field(default_factory=dict)
    cut_links: set[tuple[str, str]] = field(default_factory=set)

    # Making ----------------------------------------------------------------------------------------------------------

    def make(self) -> None:
        for one, other in LINKS:
            # Internal: the engine's name service then answers at once that a host it cannot see does not exist.
            self.networks[one, other] = self.client.networks.create(f"{PREFIX}{one}-{other}", internal=True)
        commands = {
            ARBITER: ["/usr/local/etc/irissys/startISCAgent.sh", "2188"],
            **{
                name: ["--check-caps", "false", "--key", "/usr/irissys/licence/iris-simulator-licence.txt"]
                for name in MEMBERS
            },
        }
        for name, command in commands.items():
            mine = [network for link, network in self.networks.items() if name in link]
            self.containers[name] = self.client.containers.create(
                IMAGE, command, name=PREFIX + name, hostname=PREFIX + name, network=mine[0].name,
                environment={"IRISSIM_TROUBLE_MINIMUM": "1"},
            )  # fmt: skip
            for network in mine[1:]:
                network.connect(self.containers[name])
            self.containers[name].start()
        for name in MEMBERS:
            self.wait_up(name)
            self.ok(
                name,
                'do ##class(Security.Services).Get("%Service_Mirror",.p)',
                'set p("Enabled")=1 write "<<",##class(Security.Services).Modify("%Service_Mirror",.p),">>"',
            )
        self.ok(
            "a",
            f'set i("ArbiterNode")="{PREFIX}{ARBITER}|2188",i("QOSTimeout")={int(QOS * 1000)},'
            f'i("ECPAddress")="{PREFIX}a"',
            f'write "<<",##class(SYS.Mirror).CreateNewMirrorSet("{MIRROR}","A",.i),">>"',
        )
        eventually(lambda: self.picture("a").status == "PRIMARY", lambda: self.log("a"))
        self.ok(
            "b",
            f'set l("ECPAddress")="{PREFIX}b"',
            f'write "<<",##class(SYS.Mirror).JoinMirrorAsFailoverMember("{MIRROR}","B","IRIS","{PREFIX}a",,.l),">>"',
        )
        self.shows("b", follows(ready=True))
        for name in MEMBERS:
            self.containers[name].exec_run(["mkdir", "-p", DIRECTORY])
            self.ok(
                name,
                f'write "<<",##class(SYS.Database).CreateDatabase("{DIRECTORY}",,,,,,"DATA","{MIRROR}"),">>"',
            )

    def remove_leftovers(self) -> None:
        """What a run left that was killed."""
        for container in self.client.containers.list(all=True, filters={"name": PREFIX}):
            if container.name in {PREFIX + name for name in (*MEMBERS, ARBITER)}:
                container.remove(force=True, v=True)
        for network in self.client.networks.list(names=[f"{PREFIX}{one}-{other}" for one, other in LINKS]):
            network.remove()

    def remove(self) -> None:
        for container in self.containers.values():
            with contextlib.suppress(DockerException):
                container.remove(force=True, v=True)
        for network in self.networks.values():
            with contextlib.suppress(DockerException):
                network.remove()

    # Asking ----------------------------------------------------------------------------------------------------------

    def answer(self, name: str, *lines: str) -> str:
        """What the lines write between << and >>, "" when the node does not answer."""
        return answer(self.containers[name], *lines)

    def ok(self, name: str, *lines: str) -> None:
        answer = self.answer(name, *lines)
        assert answer == "1", (answer, self.log(name))

    def picture(self, name: str) -> Picture:
        pieces = self.answer(name, ASK).split("|")
        return Picture(*pieces) if len(pieces) == 5 else Picture("", "", "", "", "")

    def shows(self, name: str, expected: Picture) -> None:
        seen: list[Picture] = []

        def there() -> bool:
            seen[:] = [self.picture(name)]
            return seen[0] == expected

        eventually(there, lambda: f"{name}: {expected}\n  not: {seen}\n{self.log(name)}")

    def remains(self, name: str, expected: Picture, seconds: float = 3 * QOS) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.picture(name) == expected, self.log(name)

    def log(self, name: str) -> str:
        return str(self.containers[name].logs(tail=60).decode(errors="replace"))

    def write(self, name: str, subscript: str) -> None:
        self.ok(name, f'set ^|"^^{DIRECTORY}"|a("{subscript}")=1 write "<<",^("{subscript}"),">>"')

    def reads(self, name: str, subscript: str) -> bool:
        return self.answer(name, f'write "<<",$data(^|"^^{DIRECTORY}"|a("{subscript}")),">>"') == "1"

    def roles(self) -> tuple[str, str]:
        """The primary, the backup."""
        primary = next(name for name in MEMBERS if self.picture(name).status == "PRIMARY")
        return primary, "b" if primary == "a" else "a"

    # Faults ----------------------------------------------------------------------------------------------------------

    def cut(self, *links: tuple[str, str]) -> None:
        for link in links:
            # One end is enough; the other sees silence.
            self.networks[link].disconnect(PREFIX + link[0], force=True)
            self.cut_links.add(link)

    def heal(self, *links: tuple[str, str]) -> None:
        for link in links or tuple(self.cut_links):
            self.networks[link].connect(PREFIX + link[0])
            self.cut_links.discard(link)

    def isolate(self, name: str) -> None:
        self.cut(*(link for link in LINKS if name in link))

    def wait_up(self, name: str) -> None:
        eventually(lambda: self.answer(name, 'write "<<up>>"') == "up", lambda: self.log(name))

    def start(self, name: str) -> None:
        """Bring a node back, whatever was done to it."""
        container = self.containers[name]
        container.reload()
        if container.status == "running" and name in MEMBERS and not self.answer(name, 'write "<<up>>"'):
            # The instance was forced down; iris-main ends with it or stays, as it likes.
            container.restart(timeout=1)
        elif container.status != "running":
            container.start()
        if name in MEMBERS:
            self.wait_up(name)

    def down(self, name: str) -> bool:
        """Has the instance of a node ended?"""
        with contextlib.suppress(NotFound):
            self.containers[name].reload()
        return self.containers[name].status != "running" or not self.answer(name, 'write "<<up>>"')

    def restored(self, primary: str, backup: str) -> None:
        """Redundancy is back, with the arbiter."""
        self.shows(primary, leads(ready=True))
        self.shows(backup, follows(ready=True))
        stamp = str(time.monotonic_ns())
        self.write(primary, stamp)
        eventually(lambda: self.reads(backup, stamp), lambda: "the backup follows")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mirror of containers by nothing but one merge file, which every member finds its place in by its host name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import docker
import pytest
from docker.errors import APIError, NotFound
from tests.containers.engine import REPOSITORY, answer, connected, eventually

pytestmark = [pytest.mark.docker, pytest.mark.slow]

IMAGE = f"{REPOSITORY}:2026.1"
NETWORK, ARBITER = "merge-net", "merge-arbiter"
MEMBERS = ("merge-0", "merge-1", "merge-2")
PRIMARY, BACKUP, ASYNC = MEMBERS
STATES = ("PRIMARY", "BACKUP", "CONNECTED")
LIMIT = 120.0
FILE = "/durable/merge.cpf"
DATA = "/durable/data"
SUCCESS = "IRIS Merge completed successfully"

MIRROR = (
    f'ConfigMirror:Name=MERGE,Member=auto,Primary=auto,Map="primary,backup,drasync",ArbiterURL={ARBITER}:2188',
    "CreateDatabase:Name=APP,Directory=/durable/app,MirrorSetName=MERGE,MirrorDBName=APP",
    "CreateNamespace:Name=APP,Globals=APP",
)


def merge_text(*actions: str) -> str:
    return "\n".join(("[Actions]", *actions, ""))


@dataclass
class Site:
    client: docker.DockerClient
    containers: dict[str, Any] = field(default_factory=dict)

    def make(self) -> None:
        self.client.networks.create(NETWORK, internal=True)
        self._run(ARBITER, ["/usr/local/etc/irissys/startISCAgent.sh", "2188"])
        for name in MEMBERS:
            # A new volume belongs to root, and the instance is to run as somebody else.
            self.client.containers.run(
                IMAGE, ["-c", 'chown 51773:51773 /durable && printf "%s" "$TEXT" >' + FILE], entrypoint="/bin/sh",
                user="0", remove=True, name=f"{name}-volume", volumes=self._volumes(name), network_mode="none",
                environment={"TEXT": merge_text(*MIRROR)},
            )  # fmt: skip
        for name in MEMBERS:
            self.start(name)

    def start(self, name: str) -> None:
        """A new container on the durable directory of that name."""
        self._run(
            name,
            ["--check-caps", "false", "--key", "/usr/irissys/licence/iris-simulator-licence.txt"],
            volumes=self._volumes(name),
            environment={"ISC_DATA_DIRECTORY": DATA, "ISC_CPF_MERGE_FILE": FILE},
        )

    def _run(self, name: str, command: list[str], **options: Any) -> None:
        self.containers[name] = self.client.containers.run(
            IMAGE, command, name=name, hostname=name, network=NETWORK, detach=True, **options
        )

    @staticmethod
    def _volumes(name: str) -> dict[str, dict[str, str]]:
        return {f"{name}-durable": {"bind": "/durable", "mode": "rw"}}

    def remove(self) -> None:
        """Everything of this or an earlier run."""
        for name in (*MEMBERS, ARBITER, *(f"{name}-volume" for name in MEMBERS)):
            _forget(self.client.containers, name, force=True)
        for name in MEMBERS:
            _forget(self.client.volumes, f"{name}-durable")
        for network in self.client.networks.list(names=[NETWORK]):
            network.remove()

    def change(self, name: str, *actions: str) -> None:
        """Replace the merge file of a running member."""
        command = ["sh", "-c", f'printf "%s" "$TEXT" >{FILE}.new && mv {FILE}.new {FILE}']
        done = self.containers[name].exec_run(command, environment={"TEXT": merge_text(*actions)})
        assert done.exit_code == 0, done.output

    def value(self, name: str, expression: str, namespace: str = "%SYS") -> str:
        return answer(self.containers[name], f'write "<<",{expression},">>"', namespace=namespace)

    def read(self, name: str, file: str) -> str:
        return str(self.containers[name].exec_run(["cat", f"{DATA}/{file}"]).output.decode(errors="replace"))

    def states(self) -> tuple[str, ...]:
        return tuple(self.value(name, "$system.Mirror.GetStatus()") for name in MEMBERS)

    def have(self, database: str, expected: str) -> None:
        """The members hold this in ^Data of a database."""
        for name in MEMBERS:
            eventually(
                lambda name=name: self.value(name, f'$get(^|"^^/durable/{database}"|Data)') == expected,
                lambda name=name: f"{database} at {name}\n{self.read(name, 'mgr/messages.log')}",
                LIMIT,
            )

    def messages_have(self, name: str, text: str, times: int = 1) -> None:
        eventually(
            lambda: self.read(name, "mgr/messages.log").count(text) >= times,
            lambda: f"{text} at {name}\n{self.read(name, 'mgr/messages.log')}",
            LIMIT,
        )

    def settled(self) -> None:
        eventually(lambda: self.states() == STATES, lambda: f"{self.states()}, not {STATES}", LIMIT)


def _forget(collection: Any, name: str, **options: Any) -> None:
    try:
        collection.get(name).remove(**options)
    except NotFound:
        return
    except APIError as error:
        # The engine is removing it already.
        if error.status_code != 409:
            raise


@pytest.fixture
def site() -> Iterator[Site]:
    with connected(IMAGE) as client:
        made = Site(client)
        made.remove()
        try:
            made.make()
            yield made
        finally:
            made.remove()


def test_one_merge_file_makes_keeps_and_changes_a_mirror(site: Site) -> None:
    # Each member found its place by its name, and has the mirrored database.
    for name in MEMBERS:
        site.messages_have(name, SUCCESS)
    site.settled()
    assert site.value(ASYNC, "$system.Mirror.GetMemberType()") == "Disaster Recovery"
    for name in MEMBERS:
        assert f"{ARBITER}|2188" in site.read(name, "iris.cpf")
    site.messages_have(PRIMARY, "Failover mode changed to Arbiter Controlled")
    assert answer(site.containers[PRIMARY], 'set ^Data="first" write "<<1>>"', namespace="APP") == "1"
    site.have("app", "first")

    # The watched file: the primary gets a database with data in it first, which is no mirrored one.
    old = "CreateDatabase:Name=OLD,Directory=/durable/old"
    site.change(PRIMARY, old)
    site.messages_have(PRIMARY, "Merge: CreateDatabase OLD")
    assert answer(
        site.containers[PRIMARY],
        'set ^|"^^/durable/old"|Data="old",^|"USER"|Data="seeded" write "<<1>>"',
    ) == "1"  # fmt: skip
    later = (
        f"{old},MirrorSetName=MERGE,MirrorDBName=OLD,LogicalOnly=1",
        "CreateDatabase:Name=SEEDED,Directory=/durable/seeded,MirrorSetName=MERGE,MirrorDBName=SEEDED,"
        f"Seed={DATA}/mgr/user",
    )
    for name in MEMBERS:
        site.change(name, *MIRROR, *later)
    for name in MEMBERS:
        site.messages_have(name, "Merge: CreateDatabase SEEDED")
    # What existed on the primary alone is downloaded by the others.
    site.have("old", "old")
    site.have("seeded", "seeded")

    # A new container on the durable directory of the old one reads the same file again, and finds nothing to do.
    before = site.read(BACKUP, "iris.cpf")
    done = site.read(BACKUP, "mgr/messages.log").count("Merge: ")
    merges = site.read(BACKUP, "mgr/messages.log").count(SUCCESS)
    site.containers[BACKUP].stop(timeout=60)
    site.containers[BACKUP].remove()
    assert answer(site.containers[PRIMARY], 'set ^Data="second" write "<<1>>"', namespace="APP") == "1"
    site.start(BACKUP)
    site.messages_have(BACKUP, SUCCESS, merges + 1)
    site.settled()
    site.have("app", "second")
    assert site.read(BACKUP, "iris.cpf") == before
    assert site.read(BACKUP, "mgr/messages.log").count("Merge: ") == done

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every playbook for a living mirror ends right when a run of it breaks off between any two of its tasks and it is run
again. Here each is broken off once, somewhere; IRISOPS_BOUNDARIES=all breaks each off at every boundary it has."""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import ROOT, Lab, Play, playbook

CALLBACKS = Path(__file__).with_name("callback")
EVERYWHERE = os.environ.get("IRISOPS_BOUNDARIES") == "all"
SEED = int(os.environ.get("IRISOPS_TEST_SEED") or random.SystemRandom().randrange(10**6))
#: Where a run is broken off at the latest when chance decides.
FARTHEST = 40
NODES = ("mirrorA", "mirrorB", "mirrorC")


@dataclass(frozen=True)
class Verb:
    """A playbook with its options, what holds when it is done, and the way back to primary, backup and async."""

    playbook: str
    options: Mapping[str, str]
    #: Without them either failover member may be primary now.
    roles: Mapping[str, str] | None
    before: Sequence[Verb] = ()
    back: Sequence[Verb] = ()
    #: Whether one more run of it has nothing to do. A drill is a drill every time.
    settles: bool = True
    prepare: Callable[[Mirror], None] | None = None


def roles(first: str, second: str, third: str = "async") -> dict[str, str]:
    return dict(zip(NODES, (first, second, third), strict=True))


def different_role(mirror: Mirror) -> None:
    """Something that a mirror does not replicate."""
    name = f"Boundary{mirror.records}"
    mirror.lab.wait_for(
        "mirrorA", "<made:1>", f'write "<made:",##class(Security.Roles).Create("{name}","For a test",""),">"'
    )


BASE = roles("primary", "backup")
OUTSIDE = roles("", "", "")
MIRROR = {"mirror": "MIRRORSET"}
SITE = Verb("site", {"iris_replace_files": "true"}, BASE)
TO_A = Verb("switchover", {"member": "mirrorA"}, BASE)
TO_B = Verb("switchover", {"member": "mirrorB"}, roles("backup", "primary"), back=(TO_A,))
DRILL = Verb("failover_drill", {**MIRROR, "drill": "kill"}, None, back=(TO_A,), settles=False)
RESTART = Verb("rolling_restart", {}, None, back=(TO_A,), settles=False)
UPGRADE = Verb(
    "rolling_upgrade",
    {"force": "true", "upgrade_version": "{version}", "upgrade_tasks": "{home}/upgrade.yml"},
    None,
    back=(TO_A,),
    settles=False,
)
BACK_TO_B = Verb("promote_dr", {"member": "mirrorB"}, BASE)
PROMOTE = Verb("promote_dr", {"member": "mirrorC"}, roles("primary", "async", "backup"), back=(BACK_TO_B,))
DEMOTE = Verb("demote", {"member": "mirrorB"}, roles("primary", "async"), back=(BACK_TO_B,))
ADD = Verb("add_async", {"member": "mirrorC"}, BASE)
REMOVE = Verb("remove_member", {"member": "mirrorC"}, roles("primary", "backup", ""), back=(ADD,))
TEARDOWN = Verb("teardown", MIRROR, OUTSIDE, back=(SITE,))
TLS = Verb("tls_enable", {"tls_directory": "{home}/ca"}, BASE, back=(TEARDOWN, SITE))
VERBS = {
    "switchover": TO_B,
    "failover_drill": DRILL,
    "rolling_restart": RESTART,
    "rolling_upgrade": UPGRADE,
    "promote_dr": PROMOTE,
    "demote": DEMOTE,
    "add_async": Verb("add_async", {"member": "mirrorC"}, BASE, before=(REMOVE,)),
    "remove_member": REMOVE,
    "repair_member": Verb("repair_member", {"member": "mirrorB", "databases": "COMPANY"}, BASE, settles=False),
    "remove_database": Verb("remove_database", {"database": "CUSTOMER"}, BASE, back=(SITE,)),
    "backup": Verb("backup", {"member": "mirrorB", "backup_name": "n{number}"}, BASE),
    "sync_config": Verb("sync_config", {"apply": "true", "kinds": "roles"}, BASE, prepare=different_role),
    "export": Verb("export", {"export_directory": "{home}/export-{number}"}, BASE),
    "teardown": TEARDOWN,
    # These end with a mirror without TLS that is made again.
    "tls_renew": Verb(
        "tls_renew", {"tls_directory": "{home}/ca", "tls_force": "true"}, BASE, before=(TLS,), back=TLS.back,
        settles=False,
    ),
    "tls_enable": TLS,
}  # fmt: skip


class Mirror:
    """The mirror of the article with an async member, and with records that must never be lost."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.records = 0
        self.version = ""

    def write(self) -> None:
        """One more record, on whoever is primary."""
        (primary,) = [node for node, role in self.roles().items() if role == "primary"]
        number = self.records + 1
        line = f'set ^Company("kept",{number})="record {number}" write "<set:{number}>",!'
        self.lab.wait_for(primary, f"<set:{number}>", line, namespace="COMPANY")
        self.records = number

    def roles(self) -> dict[str, str]:
        return {node: self.lab.module("iris_mirror_info", node)["mirror"]["role"] for node in NODES}

    def options(self, verb: Verb) -> list[str]:
        texts = {"home": self.lab.home, "number": self.records, "version": self.version}
        return ["-e", json.dumps({name: value.format(**texts) for name, value in verb.options.items()})]

    def play(self, verb: Verb) -> Play:
        play = self.lab.play(verb.playbook, *self.options(verb))
        assert play.code == 0, play.output
        return play

    def broken_off(self, verb: Verb, boundary: int) -> bool:
        """Whether the run came as far as the boundary, where it ended like a process that is killed."""
        count = self.lab.home / "tasks"
        count.unlink(missing_ok=True)
        command = ["setsid", "--wait", *self.lab.command(verb.playbook, *self.options(verb))]
        process = playbook(
            command,
            IRISOPS_DEMO_ENGINE="embedded",
            ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS),
            ANSIBLE_CALLBACKS_ENABLED="boundary",
            BOUNDARY_AFTER=str(boundary),
            BOUNDARY_COUNT=str(count),
        )
        play = Play.finish(process)
        ended = count.exists()
        assert ended is (play.code == 0), play.output
        return not ended

    def check(self, verb: Verb) -> None:
        if verb.settles:
            again = self.play(verb)
            assert again.changed == 0, again.output
        found = self.roles()
        assert found == verb.roles or (verb.roles is None and sorted(found.values()) == sorted(BASE.values()))
        count = f'set n=0 for i=1:1:{self.records} {{ set n=n+($get(^Company("kept",i))=("record "_i)) }}'
        for node in NODES:
            self.lab.wait_for(node, f"<kept:{self.records}>", f'{count} write "<kept:",n,">"', namespace="COMPANY")


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    lab = Lab(tmp_path_factory.mktemp("boundaries"))
    # What an administrator does while an instance is stopped for its upgrade.
    installed = [{"name": "Install it", "ansible.builtin.command": {"argv": ["true"]}, "changed_when": True}]
    (lab.home / "upgrade.yml").write_text(json.dumps(installed), encoding="utf-8")
    try:
        lab.add("arbiter", "--arbiter")
        for node in NODES:
            lab.add(node)
        lab.host("mirrorC", iris_mirror_type="dr")
        mirror = Mirror(lab)
        mirror.play(SITE)
        mirror.version = lab.module("iris_instance_info", "mirrorA")["instance"]["version"]
        yield mirror
    finally:
        lab.close()


def boundaries(name: str) -> Iterator[int]:
    if EVERYWHERE:
        yield from itertools.count(1)
    yield random.Random(f"{SEED}/{name}").randint(1, FARTHEST)


def test_every_playbook_is_broken_off() -> None:
    """site.yml has tests of its own, and the others change nothing."""
    known = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    assert known - set(VERBS) == {"site", "status", "verify"}


@pytest.mark.slow
@pytest.mark.timeout(0 if EVERYWHERE else 600)
@pytest.mark.parametrize("name", VERBS)
def test_a_playbook_that_broke_off_is_finished_by_the_next_run(mirror: Mirror, name: str) -> None:
    verb = VERBS[name]
    for boundary in boundaries(name):
        sys.stderr.write(f"seed {SEED}: {name} broken off after {boundary} tasks\n")
        mirror.write()
        for way in verb.before:
            mirror.play(way)
        if verb.prepare is not None:
            verb.prepare(mirror)
        reached = mirror.broken_off(verb, boundary)
        mirror.play(verb)
        mirror.check(verb)
        for way in verb.back:
            mirror.play(way)
        if verb.back:
            assert mirror.roles() == BASE
        if not reached:
            break

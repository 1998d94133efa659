# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides say about merge files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from irissim.engine.mirror.types import MirrorState
from irissim.merge.hostmap import members_of, place_of
from irissim.merge.runner import REFUSED
from irissim.shell.main_options import arbiter_port, parser

Merger = Any
SIMULATOR = Path(__file__).resolve().parents[2]
GUIDE = (SIMULATOR / "README.md").read_text(encoding="utf-8")
IMAGE_GUIDE = (SIMULATOR / "image" / "README.md").read_text(encoding="utf-8")


def block(text: str, language: str, word: str) -> str:
    """The example with this word in it."""
    (found,) = [one for one in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) if word in one]
    return str(found)


def test_the_example_makes_a_primary_of_the_first_host(make: Callable[..., Merger]) -> None:
    merge = make("iris-0", mirroring=True)
    example = block(GUIDE, "ini", "ConfigMirror").replace(":2188", ":2188,ECPAddress=127.0.0.1")
    assert merge(example) == ["ConfigMirror DEMO", "CreateDatabase APP app", "CreateNamespace APP"]
    assert merge.instance.mirror.state("DEMO") is MirrorState.PRIMARY
    assert merge.instance.databases.label(f"{merge.instance.mgr}/app/").mirror is not None
    assert merge(example) == []


def test_the_containers_of_the_example_fit_the_merge_file() -> None:
    example = block(IMAGE_GUIDE, "sh", "ISC_CPF_MERGE_FILE")
    (map_text,) = re.findall(r'Map="([^"]*)"', block(GUIDE, "ini", "ConfigMirror"))
    (numbers,) = re.findall(r"for number in (.*); do", example)
    hosts = [f"iris-{number}" for number in numbers.split()]
    assert [place_of(host, members_of(map_text), 0) for host in hosts] == [
        (member, hosts[0]) for member in map_text.split(",")
    ]
    commands = [shlex.split(line) for line in example.replace("\\\n", " ").splitlines() if "docker run" in line]
    arbiter, member = (line[line.index("irissim:2026.1") + 1 :] for line in commands)
    assert arbiter_port(arbiter, "iris") == 2188
    assert arbiter_port(member, "iris") is None
    assert parser().parse_args(member).key.name == "iris-simulator-licence.txt"


def test_every_refused_action_is_listed() -> None:
    assert [name for name in REFUSED if f"`{name}`" not in GUIDE] == []

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading merge files and finding members by host names."""

from __future__ import annotations

from pathlib import Path

import pytest

from irissim.engine.config import Cpf
from irissim.merge.hostmap import NoPlace, members_of, place_of
from irissim.merge.runner import Merge
from irissim.merge.settings import apply_settings
from irissim.merge.source import MergeError, parse


def failure(text: str) -> str:
    with pytest.raises(MergeError) as caught:
        Merge(parse(text))
    return str(caught.value)


def test_settings_actions_comments_and_quotes() -> None:
    file = parse(
        "\ufeff; first\r\n[config]\nglobals=0,0,64,0,0,0   # behind\n/* two\nlines */ [Startup]\nSystemMode=\"\"\n"
        "// all of it\n[Actions]\n"
        'CreateUser:Name=a,Roles="%SQL,%DB_USER",FullName="say ""x"" ; # y"\nModifyJournal:CurrentDirectory=/a#b//c/\n'
    )
    assert [(item.line, item.section, item.key, item.value) for item in file.settings] == [
        (3, "config", "globals", "0,0,64,0,0,0"),
        (6, "Startup", "SystemMode", ""),
    ]
    assert [(action.line, action.name) for action in file.actions] == [(9, "CreateUser"), (10, "ModifyJournal")]
    assert file.actions[0].properties == {"Name": "a", "Roles": "%SQL,%DB_USER", "FullName": 'say "x" ; # y'}
    assert file.actions[1].properties == {"CurrentDirectory": "/a#b//c/"}


def test_the_later_of_two_values_counts() -> None:
    file = parse("[config]\nglobals=1\n[Startup]\nZSTU=1\n[Config]\nGlobals=2\n")
    assert [(item.line, item.value) for item in file.settings] == [(4, "1"), (6, "2")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("globals=1", "line 1: a section heading is expected"),
        ("[config]\nglobals", "line 2: keyword=value is expected in [config]"),
        ("[actions]\nCreateNamespace:Name=A", "line 1: section [actions] must be written [Actions]"),
        ("[Conifg]\n\nglobals=1", "line 3: unknown section [Conifg]"),
        ("[config]\nglobal=1", "line 2: [config] has no parameter global"),
        ("[Startup]\nShutdownTimeout=5", "line 2: ERROR #407: Bad value for property ShutdownTimeout: 5"),
        ('[Startup]\nDefaultPort=""', "line 2: ERROR #407: Bad value for property DefaultPort: a value is required"),
        ("[Actions]\nMakeNamespace:Name=A", "line 2: there is no action MakeNamespace"),
        ("[Actions]\nCreateService:Name=A", "line 2: there is no action CreateService"),
        ("[Actions]\nConfigShardedCluster:Role=data", "line 2: the simulator does not have the action Config"),
        ("[Actions]\nCreateDatabase:Name=A,\n Directory=/x", "line 2: Property=value is expected in CreateDatabase"),
        ("[Actions]\nCreateDatabase:Name=A\n Directory=/x", "line 3: Action:Property=value,... is expected"),
        ("[Actions]\nCreateDatabase:Name=A,Name=B", "line 2: CreateDatabase has the property Name twice"),
        ('[Actions]\nCreateDatabase:Name="A', "line 2: a quotation mark is not closed"),
        ('[Actions]\nCreateDatabase:Name="A"B', "line 2: CreateDatabase, property Name: misplaced quotation mark"),
        ("[Actions]\nConfigMirror:Map=\u201dprimary\u201d", "line 2: ConfigMirror, property Map: curved quotation"),
    ],
)
def test_a_wrong_file_fails_with_reason_and_line(text: str, message: str) -> None:
    assert failure(text).startswith(message)


def test_a_wrong_password_hash_is_not_shown() -> None:
    text = failure("[Startup]\nPasswordHash=secret")
    assert text == "line 2: PasswordHash must be hash,salt[,work factor[,algorithm]]"


def test_only_differing_settings_are_written(tmp_path: Path) -> None:
    path = tmp_path / "iris.cpf"
    path.write_text("[config]\nglobals=1\nroutines=0\n\n[Startup]\nPasswordHash=\n", encoding="utf-8")
    merge = Merge(parse("[Config]\nglobals=2\nroutines=0\nerrlog=600\n[Startup]\nPasswordHash=AB12,u4ocm4qh\n"))
    assert apply_settings(Cpf.load(path), merge.settings) == 2
    assert path.read_text(encoding="utf-8") == (
        "[config]\nglobals=2\nroutines=0\nerrlog=600\n\n[Startup]\nPasswordHash=\n"
    )


@pytest.mark.parametrize(
    ("host", "ordinal", "expected"),
    [
        ("iris-000", 0, ("primary", "iris-000")),
        ("iris-001", 0, ("backup", "iris-000")),
        ("iris-002", 0, ("drasync", "iris-000")),
        ("iris-003", 0, ("primary", "iris-003")),
        ("iris-004.x.y", 0, ("backup", "iris-003.x.y")),
        ("iris-101", 100, ("backup", "iris-100")),
        ("iris-105", 100, ("drasync", "iris-103")),
        ("iris-1-0", 0, ("primary", "iris-1-0")),
        ("iris-1-2", 0, ("drasync", "iris-1-0")),
        ("iris-0-101", 100, ("backup", "iris-0-100")),
        ("my-iris-9", 0, ("primary", "my-iris-9")),
        ("my-iris-10", 0, ("backup", "my-iris-9")),
    ],
)
def test_a_host_finds_its_place_by_its_number(host: str, ordinal: int, expected: tuple[str, str]) -> None:
    assert place_of(host, ["primary", "backup", "drasync"], ordinal) == expected


@pytest.mark.parametrize(("host", "ordinal"), [("iris", 0), ("iris1", 0), ("iris-5", 6), ("iris-0-3", 0)])
def test_a_host_without_a_place(host: str, ordinal: int) -> None:
    with pytest.raises(NoPlace):
        place_of(host, ["primary", "backup", "drasync"], ordinal)


def test_what_a_map_may_hold() -> None:
    assert members_of("primary, backup") == ["primary", "backup"]
    assert len(members_of("primary,backup" + ",drasync" * 14)) == 16
    for wrong in ("", "backup", "primary,primary", "primary,rorasync", "primary,backup" + ",drasync" * 15):
        with pytest.raises(NoPlace):
            members_of(wrong)

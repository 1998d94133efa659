# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iris.cpf, security, licence, messages.log and a fresh installation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irissim.engine.config import Cpf
from irissim.engine.install import fresh_install, is_installed
from irissim.engine.instance import Instance
from irissim.engine.jsonstore import JsonStore
from irissim.engine.license import License
from irissim.engine.messages import Messages
from irissim.engine.security import Security
from irissim.values.errors import StatusError

TEXT = """; made by hand
[ConfigFile]
Product=IRIS

[Databases]
# the first
IRISSYS=/mgr/
USER = /mgr/user/,,1

[Empty]

[Unknown]
a line without sense
"""


def test_an_unchanged_cpf_is_written_as_it_was() -> None:
    assert Cpf(Path("x"), TEXT).text() == TEXT


@given(st.lists(st.text(alphabet="ab=[];# \t\n", max_size=12), max_size=12).map("\n".join))
def test_any_text_survives(text: str) -> None:
    assert Cpf(Path("x"), text).text().splitlines() == [
        f"[{line.strip()[1:-1]}]" if re.fullmatch(r"\s*\[.*\]\s*", line) and len(line.strip()) > 2 else line
        for line in text.splitlines()
        if line.strip() != "[]"
    ]


def test_values_are_found_without_regard_to_case() -> None:
    config = Cpf(Path("x"), TEXT)

    assert config.get("databases", "user") == "/mgr/user/,,1"
    assert config.fields("Databases", "USER", 5) == ["/mgr/user/", "", "1", "", ""]
    assert config.section("Databases") == {"IRISSYS": "/mgr/", "USER": "/mgr/user/,,1"}
    assert config.section("None") == {}
    assert config.get("Databases", "None", "x") == "x"


def test_changes_keep_order_and_comments() -> None:
    config = Cpf(Path("x"), TEXT)
    before = config.generation
    config.set("Databases", "NEW", "/new/")
    config.set("Databases", "irissys", "/other/")
    config.set("Map.NS", "Global_A", "NEW")
    config.remove("ConfigFile", "Product")

    lines = config.text().splitlines()
    assert lines[lines.index("[Databases]") :][:5] == [
        "[Databases]",
        "# the first",
        "IRISSYS=/other/",
        "USER = /mgr/user/,,1",
        "NEW=/new/",
    ]
    assert lines[-2:] == ["[Map.NS]", "Global_A=NEW"]
    assert lines[0] == "; made by hand"
    assert config.generation == before + 4
    assert config.remove_section("map.ns")
    assert not config.remove_section("map.ns")
    assert not config.remove("Databases", "NONE")


@pytest.mark.parametrize(("key", "value"), [("a", "x\ny"), ("a=b", "x"), ("", "x"), ("a\r", "x")])
def test_what_no_line_can_hold_is_refused(key: str, value: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        Cpf(Path("x"), TEXT).set("Databases", key, value)


def test_a_saved_cpf_is_loaded_again(tmp_path: Path) -> None:
    config = Cpf(tmp_path / "iris.cpf", TEXT)
    config.set("Namespaces", "Ä", "É")
    config.save()

    assert Cpf.load(tmp_path / "iris.cpf").get("Namespaces", "Ä") == "É"


def test_services_are_kept(tmp_path: Path) -> None:
    security = Security(JsonStore(tmp_path / "security.json"), tmp_path)
    assert not security.is_enabled("%Service_Mirror")
    security.modify_service("%service_mirror", enabled=True)

    again = Security(JsonStore(tmp_path / "security.json"), tmp_path)
    assert again.is_enabled("%Service_Mirror")
    assert again.service("%Service_Mirror").name == "%Service_Mirror"
    assert not again.is_enabled("%Service_ECP")
    assert again.exists("%Service_ecp")
    with pytest.raises(StatusError) as failure:
        again.service("%Service_None")
    assert failure.value.code == 809


@pytest.mark.parametrize(
    ("text", "valid", "mirroring"),
    [
        (None, False, False),
        ("", False, False),
        ("[ConfigFile]\nFileType=InterSystems License 2018.1\nMirroring=1\n", False, False),
        ("IRISSIM LICENCE for tests\nMirroring=1\n", True, True),
        ("; IRISSIM LICENCE\nMirroring=0\n", True, False),
    ],
)
def test_only_a_simulator_key_allows_mirroring(tmp_path: Path, text: str | None, valid: bool, mirroring: bool) -> None:
    if text is not None:
        (tmp_path / "iris.key").write_text(text)
    key = License(tmp_path)

    assert (key.valid, key.mirroring) == (valid, mirroring)
    assert key.startup_messages()
    if not mirroring:
        with pytest.raises(StatusError) as failure:
            key.require_mirroring()
        assert failure.value.code == 2099


def test_lines_of_messages_log(tmp_path: Path) -> None:
    log = Messages(tmp_path / "messages.log")
    log.write("all\nin one line", 2, "A.B")
    log.write("again")

    first, second = log.path.read_text().splitlines()
    assert re.fullmatch(r"\d\d/\d\d/\d\d-\d\d:\d\d:\d\d:\d{3} \(\d+\) 2 \[A\.B\] all in one line", first)
    assert second.endswith(" 0 [Utility.Event] again")


def test_a_fresh_installation_starts(tmp_path: Path) -> None:
    home, durable = tmp_path / "home", tmp_path / "durable"
    assert not is_installed(durable)
    fresh_install(home, durable)

    assert is_installed(durable)
    instance = Instance(home, durable)
    instance.start()
    assert instance.state == "running"
    assert list(instance.config.section("Namespaces")) == ["%SYS", "USER"]
    assert {database.directory for database in instance.databases if database.mounted} == {
        f"{durable}/mgr/{folder}" for folder in ("", "irislib/", "iristemp/", "irislocaldata/", "irisaudit/")
    }
    assert "SIMULATOR" in instance.zversion
    instance.stop()
    again = Instance(home, durable)
    assert again.state == "down"
    assert again.guid == instance.guid


def test_an_unwritable_target_is_5001(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StatusError, match="Cannot create target"):
        fresh_install(tmp_path, tmp_path / "file" / "durable")

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which copies of IRIS.DAT are good."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from irissim.engine.install import fresh_install
from irissim.engine.instance import Instance
from irissim.objectscript.host import GlobalRef
from irissim.values.errors import OsError, StatusError


def copy(source: str, tmp_path: Path, name: str) -> str:
    """IRIS.DAT into a new directory."""
    target = tmp_path / name
    target.mkdir()
    shutil.copy(Path(source, "IRIS.DAT"), target / "IRIS.DAT")
    return f"{target}/"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Instance]:
    """Another instance, as on the other member of a mirror."""
    home = tmp_path / "other"
    home.mkdir()
    fresh_install(home)
    instance = Instance(home)
    instance.start()
    yield instance
    instance.stop()


def value(instance: Instance, directory: str) -> object:
    return instance.globals.get(GlobalRef(f"^^{directory}", "a"))


def put(instance: Instance, directory: str, text: str) -> None:
    instance.globals.set(GlobalRef(f"^^{directory}", "a"), text)


def test_a_copy_of_a_frozen_file_is_the_state_at_the_freeze(
    instance: Instance, other: Instance, data: str, tmp_path: Path
) -> None:
    put(instance, data, "before")
    instance.freeze.freeze()
    put(instance, data, "while frozen")
    target = copy(data, tmp_path, "copy")
    whole = tmp_path / "whole directory"
    shutil.copytree(data, whole)
    instance.freeze.thaw()

    other.databases.mount(target)

    other.databases.mount(str(whole))
    assert value(other, target) == "before"
    assert value(other, f"{whole}/") == "before"
    assert value(instance, data) == "while frozen"


def test_a_copy_of_a_dismounted_file_is_good_and_the_original_too(
    instance: Instance, other: Instance, data: str, tmp_path: Path
) -> None:
    put(instance, data, "x")
    instance.databases.dismount(data)
    assert [path.name for path in Path(data).iterdir()] == ["IRIS.DAT"]
    target = copy(data, tmp_path, "copy")
    same_instance = copy(data, tmp_path, "here")
    instance.databases.mount(data)

    other.databases.mount(target)
    instance.databases.mount(same_instance)
    put(other, target, "y")
    put(instance, same_instance, "z")

    assert (value(instance, data), value(other, target), value(instance, same_instance)) == ("x", "y", "z")


@pytest.mark.parametrize("flushed", [True, False])
def test_a_copy_of_a_live_file_is_damaged(
    instance: Instance, other: Instance, data: str, tmp_path: Path, flushed: bool
) -> None:
    put(instance, data, "x")
    if flushed:
        instance.databases.flush()
    for reader, name in ((other, "there"), (instance, "here")):
        target = copy(data, tmp_path, name)
        with pytest.raises(StatusError) as failure:
            reader.databases.mount(target)
        assert failure.value.code == 350
        assert f"Mounting {target} failed" in reader.log.path.read_text()
        assert "copy of a live database" in reader.log.path.read_text()
        assert f"Mounted database {target}" not in reader.log.path.read_text()
        with pytest.raises(OsError, match="DATABASE"):
            value(reader, target)


def test_a_live_copy_put_back_over_the_original_is_damaged(instance: Instance, data: str, tmp_path: Path) -> None:
    put(instance, data, "x")
    live = copy(data, tmp_path, "live")
    instance.databases.dismount(data)
    shutil.copy(Path(live, "IRIS.DAT"), Path(data, "IRIS.DAT"))

    with pytest.raises(StatusError, match="350"):
        instance.databases.mount(data)


def test_a_copy_taken_after_the_thaw_is_damaged(instance: Instance, other: Instance, data: str, tmp_path: Path) -> None:
    instance.freeze.freeze()
    instance.freeze.thaw()

    with pytest.raises(StatusError, match="350"):
        other.databases.mount(copy(data, tmp_path, "late"))


def test_half_a_copy_is_damaged(instance: Instance, other: Instance, data: str, tmp_path: Path) -> None:
    for number in range(3000):
        instance.globals.set(GlobalRef(f"^^{data}", "a", (number,)), "x" * 300)
    instance.databases.dismount(data)
    for name, length in (("half", 100_000), ("tiny", 50), ("none", 0)):
        target = copy(data, tmp_path, name)
        with open(f"{target}IRIS.DAT", "r+b") as stream:
            stream.truncate(length)
        with pytest.raises(StatusError, match="350"):
            other.databases.mount(target)


def test_a_file_that_is_no_database_is_damaged(instance: Instance, tmp_path: Path) -> None:
    target = tmp_path / "text"
    target.mkdir()
    (target / "IRIS.DAT").write_text("no database\n" * 2000)

    with pytest.raises(StatusError, match="350"):
        instance.databases.mount(str(target))
    assert instance.databases.label(str(target)) is None


def test_overwriting_a_mounted_file_ends_the_mount(instance: Instance, data: str, tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.mkdir()
    instance.databases.dismount(data)
    shutil.copy(Path(data, "IRIS.DAT"), good / "IRIS.DAT")
    instance.databases.mount(data)
    put(instance, data, "x")

    shutil.copy(good / "IRIS.DAT", Path(data, "IRIS.DAT"))
    instance.databases.flush()

    database = instance.databases.find(data)
    assert database is not None
    assert not database.mounted
    assert "replaced while it was mounted" in instance.log.path.read_text()
    with pytest.raises(OsError, match="DIRECTORY"):
        value(instance, data)


def test_a_deleted_file_stays_in_the_mount_table(instance: Instance, data: str) -> None:
    put(instance, data, "x")
    instance.databases.flush()
    Path(data, "IRIS.DAT").unlink()
    put(instance, data, "y")
    instance.databases.flush()

    database = instance.databases.find(data)
    assert database is not None
    assert database.mounted
    assert value(instance, data) in ("x", "y")


def test_another_instance_cannot_mount_an_open_file(instance: Instance, other: Instance, data: str) -> None:
    with pytest.raises(StatusError):
        other.databases.mount(data)

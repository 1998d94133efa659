# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic download of mirrored databases, release 2026.1."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mirror.lab import MIRROR, Lab, Node, Refused, RunTimeError, add_database, eventually, wait_active


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """A pair that does not notice when the primary stands still for a while."""
    laboratory = Lab(tmp_path_factory.mktemp("patient"))
    try:
        yield bare_pair(laboratory, qos_timeout=30000)
    finally:
        laboratory.close()


def bare_pair(lab: Lab, **info: object) -> tuple[Node, Node]:
    first, second = lab.node("A"), lab.node("B")
    first.create_mirror(**info)
    second.join_mirror(first)
    wait_active(first, second)
    return first, second


def full(name: str) -> str:
    return f":mirror:{MIRROR}:{name}"


def with_content(pair: tuple[Node, Node], name: str) -> tuple[Node, Node]:
    """The database had content when it was added on the primary; the backup does not have it."""
    first, second = pair
    source = first.directory(name)
    first.call("new_database", name, source)
    first.call("set_many", source, "old", 2000)
    first.call("set", source, "a", "1", "before")
    first.call("mirror.add_database", source)
    eventually(lambda: full(name) in second.call("mirror.missing_databases"), "the backup knows")
    return first, second


def create_copy(node: Node, name: str, directory: str) -> None:
    node.call("new_database", name, directory)
    node.call("mirror.adopt_new_database", directory, name, MIRROR)


def complete(node: Node, name: str) -> None:
    eventually(lambda: node.database_state(name) == "DEJOURNALING", lambda: f"complete\n{node.log()}")


def test_a_database_with_content_is_downloaded(pair: tuple[Node, Node]) -> None:
    first, second = with_content(pair, "FULL")
    target = second.directory("FULL")
    create_copy(second, "FULL", target)
    writing = first.begin("set_many", first.directory("FULL"), "new", 3000)
    complete(second, "FULL")
    writing()
    first.call("set", first.directory("FULL"), "a", "2", "after")
    eventually(lambda: second.call("get", target, "a", "2") == "after", "the journal follows")
    assert second.call("get", target, "a", "1") == "before"
    assert all(second.call("get", target, name, last) for name, last in (("old", "1999"), ("new", "2999")))
    assert full("FULL") not in second.call("mirror.missing_databases")
    with pytest.raises(RunTimeError, match="<PROTECT>"):
        second.call("set", target, "a", "3", "x")
    opened = f'set d=##class(SYS.Database).%OpenId("{target}")'
    shown = "d.Mounted_d.ReadOnlyMounted_d.MirrorDBDownload_d.MirrorActivationRequired_d.MirrorDBCatchup"
    assert second.call("objectscript", opened, shown) == "11000"


def test_a_wrong_directory_leaves_an_ordinary_database(pair: tuple[Node, Node]) -> None:
    first, second = with_content(pair, "WRONG")
    elsewhere = f"{second.home}/Data/"
    create_copy(second, "WRONG", elsewhere)
    assert second.call("label", elsewhere)["mirror"] is None
    second.call("set", elsewhere, "a", "1", "local")
    assert full("WRONG") in second.call("mirror.missing_databases")
    with pytest.raises(Refused) as caught:
        second.call("mirror.download_database", MIRROR, "WRONG", False)
    assert caught.value.code == 5001
    assert caught.value.arguments == [f"Existing mirror DB '{first.directory('WRONG')}' is not in Download mode"]


def test_an_interrupted_download_begins_again_or_is_asked_for(patient: tuple[Node, Node]) -> None:
    first, second = with_content(patient, "BROKEN")
    source, target = first.directory("BROKEN"), second.directory("BROKEN")
    first.call("set_large", source, "big", 250, 100_000)
    create_copy(second, "BROKEN", target)
    first.pause()
    assert second.database_state("BROKEN") == "DOWNLOADING"
    second.kill()
    first.resume()
    first.call("databases.dismount", source)
    second.start()
    eventually(lambda: second.database_state("BROKEN") == "NEEDS_DOWNLOAD", lambda: f"nobody has it\n{second.log()}")
    eventually(lambda: "ERROR #2104" in second.log(), "and the log says so")
    opened = f'set d=##class(SYS.Database).%OpenId("{target}")'
    assert second.call("objectscript", opened, "d.MirrorDBDownload") == 1
    assert second.refusal("mirror.activate", target) == 2079
    assert second.refusal("mirror.download_database", MIRROR, "BROKEN", False) == 2104
    first.call("mount", source)
    request = f'##class(SYS.Mirror).DownloadMirrorDatabase("{MIRROR}","BROKEN",0)'
    assert second.call("objectscript", request) == 1
    complete(second, "BROKEN")
    assert second.call("get", target, "big", "249") == "x" * 100_000
    assert second.call("get", target, "a", "1") == "before"


def test_what_changes_behind_the_reading_comes_from_the_journal(patient: tuple[Node, Node]) -> None:
    first, second = with_content(patient, "MOVING")
    source, target = first.directory("MOVING"), second.directory("MOVING")
    first.call("set_large", source, "big", 250, 100_000)
    create_copy(second, "MOVING", target)
    eventually(lambda: second.call("get", target, "a", "1") == "before", "it begins")
    second.pause()
    # The rest waits for the backup.
    written = first.begin("set", source, "a", "1", "meanwhile")
    eventually(lambda: first.call("get", source, "a", "1") == "meanwhile", "updated on the primary")
    second.resume()
    written()
    complete(second, "MOVING")
    assert second.call("get", target, "a", "1") == "meanwhile"


def test_a_restart_resumes_by_itself(patient: tuple[Node, Node]) -> None:
    first, second = with_content(patient, "RESUMED")
    first.call("set_large", first.directory("RESUMED"), "big", 250, 100_000)
    create_copy(second, "RESUMED", second.directory("RESUMED"))
    first.pause()
    second.kill()
    first.resume()
    second.start()
    complete(second, "RESUMED")
    assert second.call("get", second.directory("RESUMED"), "big", "0") == "x" * 100_000


def test_without_a_valid_source_nothing_is_created(pair: tuple[Node, Node]) -> None:
    first, second = with_content(pair, "NOWHERE")
    first.call("databases.dismount", first.directory("NOWHERE"))
    target = second.directory("NOWHERE")
    Path(target).mkdir()
    create = f'##class(SYS.Database).CreateDatabase("{target}",1,,,,3,"{{}}","{MIRROR}")'
    codes = "$system.Status.GetErrorCodes({})"
    assert second.call("objectscript", codes.format(create.format("NOWHERE"))) == "2104"
    assert second.call("objectscript", codes.format(create.format("NOSUCH"))) == "2103"
    assert not Path(target, "IRIS.DAT").exists()
    Path(first.directory("NEW")).mkdir()
    fresh = f'##class(SYS.Database).CreateDatabase("{first.directory("NEW")}",1,,,,3,"NEW","{MIRROR}")'
    assert first.call("objectscript", fresh) == 1
    assert first.database_state("NEW") == "NORMAL"


def test_the_primary_refuses_to_download(pair: tuple[Node, Node]) -> None:
    first, _ = with_content(pair, "REFUSED")
    assert first.refusal("mirror.download_database", MIRROR, "REFUSED", False) == 2116
    assert first.refusal("mirror.download_database", "NOSUCH", "REFUSED", False) == 2051


def test_older_releases_do_not_download(lab: Lab) -> None:
    lab.profile = "2024.1"
    _, second = with_content(bare_pair(lab), "DATA")
    target = second.directory("DATA")
    second.call("new_database", "DATA", target)
    assert second.refusal("mirror.adopt_new_database", target, "DATA", MIRROR) == 2105
    with pytest.raises(RunTimeError, match="<METHOD DOES NOT EXIST>"):
        second.call("objectscript", f'##class(SYS.Mirror).DownloadMirrorDatabase("{MIRROR}","DATA",0)')
    with pytest.raises(RunTimeError, match="<PROPERTY DOES NOT EXIST>"):
        second.call("objectscript", f'##class(SYS.Database).%OpenId("{target}").MirrorDBDownload')


def test_a_member_that_takes_over_keeps_an_incomplete_copy_closed(lab: Lab) -> None:
    first, second = with_content(bare_pair(lab, qos_timeout=8000), "DATA")
    first.call("set_large", first.directory("DATA"), "big", 250, 100_000)
    create_copy(second, "DATA", second.directory("DATA"))
    first.kill()
    second.wait_status("PRIMARY")
    eventually(lambda: second.database_state("DATA") == "NEEDS_DOWNLOAD", "incomplete")
    with pytest.raises(RunTimeError, match="<PROTECT>"):
        second.call("set", second.directory("DATA"), "a", "3", "x")


def test_a_new_database_needs_no_download(pair: tuple[Node, Node]) -> None:
    first, second = pair
    first.call("new_database", "NEWEST", first.directory("NEWEST"))
    first.call("mirror.adopt_new_database", first.directory("NEWEST"), "NEWEST", MIRROR)
    eventually(lambda: full("NEWEST") in second.call("mirror.missing_databases"), "the backup knows")
    create_copy(second, "NEWEST", f"{second.home}/anywhere/")
    assert second.database_state("NEWEST") == "DEJOURNALING"
    add_database(first, "MORE")
    eventually(lambda: full("MORE") in second.call("mirror.missing_databases"), "MORE is missing")
    assert full("NEWEST") not in second.call("mirror.missing_databases")

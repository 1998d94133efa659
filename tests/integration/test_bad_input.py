# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that cannot be met are refused with a clear error, and nothing has changed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

#: Names with everything that means something to ObjectScript, to a shell or to a terminal.
NASTY = ('a"b', '"_$zversion_"', "a b", "a;halt", "a\nhalt", "$(halt)", "año", "名前")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A mirror of mirrorA and mirrorB, and three nodes outside: a third one, a fresh one, one without licence."""
    lab = Lab(Path(tmp_path_factory.mktemp("bad")))
    try:
        lab.add("arbiter", "--arbiter")
        for node in ("mirrorA", "mirrorB", "third", "fresh"):
            lab.add(node)
        lab.add("keyless", licence=False)
        for node in lab.addresses:
            if node != "arbiter":
                assert not lab.module("iris_mirror_service", node).get("failed")
        assert not create(lab, "mirrorA", arbiter={"address": lab.addresses["arbiter"]}).get("failed")
        assert not join(lab, "mirrorB").get("failed")
        assert not database(lab, "mirrorA").get("failed")
        yield lab
    finally:
        lab.close()


def create(lab: Lab, node: str, **options: Any) -> dict[str, Any]:
    wanted = {"name": "MIRRORSET", "member": node, "superserver_address": lab.addresses[node], "wait_timeout": 60}
    return lab.module("iris_mirror_create", node, **{**wanted, **options})


def join(lab: Lab, node: str, target: str = "mirrorA", **options: Any) -> dict[str, Any]:
    wanted = {"name": "MIRRORSET", "member": node, "superserver_address": lab.addresses[node], "wait_timeout": 60}
    return lab.module("iris_mirror_join", node, primary={"address": lab.addresses[target]}, **{**wanted, **options})


def place(lab: Lab, node: str) -> str:
    return f"{lab.directory(node)}/mgr/COMPANY/"


def database(lab: Lab, node: str, **options: Any) -> dict[str, Any]:
    return lab.module("iris_database", node, databases=[{"name": "COMPANY", "directory": place(lab, node), **options}])


def mirror_database(lab: Lab, node: str, **options: Any) -> dict[str, Any]:
    wish = {"name": "COMPANY", "directory": place(lab, node), **options}
    source = {"executable": lab.iris("mirrorA")}
    return lab.module("iris_mirror_db", node, mirror="MIRRORSET", databases=[wish], source=source, wait_timeout=60)


def refused(lab: Lab, node: str, code: str, result: dict[str, Any], before: dict[str, Any]) -> str:
    """The message of the error, which must have the code, name a remedy and leave the node as it was."""
    assert result.get("failed"), result
    assert result["error"]["code"] == code, result["msg"]
    assert result["error"]["remedy"], result["msg"]
    assert not result.get("changed")
    assert lab.fingerprint(node) == before
    return str(result["msg"])


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ({"name": "A" * 16}, "mirror_name_invalid", "15"),
        ({"name": "MY_SET"}, "mirror_name_invalid", "MY_SET"),
        ({"name": ""}, "mirror_name_invalid", "1 to 15"),
        ({"member": "HOST:IRIS"}, "member_name_invalid", "':'"),
        ({"member": "A" * 33}, "member_name_invalid", "32"),
        ({"instance": "NOPE"}, "instance_not_found", "NOPE"),
        ({"executable": "/nonexistent/iris"}, "command_not_found", "/nonexistent/iris"),
        ({"arbiter": {"address": "127.0.84.250"}}, "arbiter_unreachable", "127.0.84.250"),
        ({"container": "x", "docker_host": "tcp://127.0.0.1:1"}, "engine_unreachable", "tcp://127.0.0.1:1"),
    ],
)
def test_no_mirror_is_created(lab: Lab, options: dict[str, Any], code: str, says: str) -> None:
    before = lab.fingerprint("fresh")
    assert says in refused(lab, "fresh", code, create(lab, "fresh", **options), before)


def test_a_mirror_name_in_lower_case_is_taken_as_iris_takes_it(lab: Lab) -> None:
    before = lab.fingerprint("fresh")
    result = create(lab, "fresh", name="small", _ansible_check_mode=True)
    assert result["mirror"]["name"] == "SMALL" and result["changed"]
    assert lab.fingerprint("fresh") == before


def test_mirroring_needs_a_licence_key(lab: Lab) -> None:
    before = lab.fingerprint("keyless")
    assert "2099" in refused(lab, "keyless", "licence_missing", create(lab, "keyless"), before)


def test_a_mirror_that_does_not_exist_cannot_be_joined(lab: Lab) -> None:
    before = lab.fingerprint("fresh")
    refused(lab, "fresh", "mirror_not_found", join(lab, "fresh", name="NOWHERE"), before)


def test_a_third_failover_member_is_refused(lab: Lab) -> None:
    before = lab.fingerprint("third")
    assert "2137" in refused(lab, "third", "two_failover_members", join(lab, "third"), before)


@pytest.mark.parametrize("name", ["IRISSYS", "iristemp", "ENSLIB"])
def test_a_system_database_is_refused(lab: Lab, name: str) -> None:
    before = lab.fingerprint("mirrorA")
    assert name.upper() in refused(
        lab, "mirrorA", "system_database", mirror_database(lab, "mirrorA", name=name), before
    )


def test_a_database_that_does_not_exist_is_refused(lab: Lab) -> None:
    before = lab.fingerprint("mirrorA")
    refused(lab, "mirrorA", "database_not_configured", mirror_database(lab, "mirrorA", name="NOSUCH"), before)


def test_a_directory_that_does_not_exist_is_refused(lab: Lab) -> None:
    before = lab.fingerprint("mirrorA")
    result = mirror_database(lab, "mirrorA", directory="/nonexistent/COMPANY/")
    assert "/nonexistent/COMPANY/" in refused(lab, "mirrorA", "directory_differs", result, before)


def test_a_database_file_that_is_there_already_is_kept(lab: Lab) -> None:
    added = mirror_database(lab, "mirrorA")
    assert not added.get("failed"), added
    Path(place(lab, "mirrorB")).mkdir()
    file = Path(place(lab, "mirrorB"), "IRIS.DAT")
    file.write_bytes(b"of somebody else")
    try:
        before = lab.fingerprint("mirrorB")
        refused(lab, "mirrorB", "file_exists", mirror_database(lab, "mirrorB"), before)
        assert file.read_bytes() == b"of somebody else"
    finally:
        file.unlink()
        file.parent.rmdir()


@pytest.mark.parametrize("name", NASTY)
def test_nasty_names_are_refused(lab: Lab, name: str) -> None:
    before = lab.fingerprint("fresh")
    refused(lab, "fresh", "mirror_name_invalid", create(lab, "fresh", name=name), before)
    refused(lab, "fresh", "member_name_invalid", create(lab, "fresh", member=name + ":"), before)
    refused(lab, "fresh", "database_name_invalid", database(lab, "fresh", name=name), before)
    result = lab.module("iris_namespace", "fresh", namespaces=[{"name": name, "globals": "USER"}])
    refused(lab, "fresh", "namespace_name_invalid", result, before)
    result = lab.module("iris_global", "fresh", globals=[{"namespace": "USER", "name": name, "value": "1"}])
    refused(lab, "fresh", "global_name_invalid", result, before)


@pytest.mark.parametrize("text", NASTY)
def test_nasty_values_are_data(lab: Lab, text: str) -> None:
    node = {"namespace": "USER", "name": "Nasty", "subscripts": [text], "value": text}
    assert lab.module("iris_global", "fresh", globals=[node])["changed"]
    assert not lab.module("iris_global", "fresh", globals=[node])["changed"]
    codes = "_".join(f"$char({ord(letter)})" for letter in text)
    lines = f'write "<same:",$get(^Nasty({codes}))=({codes}),">",!'
    assert "<same:1>" in lab.session("fresh", lines, namespace="USER")


@pytest.mark.parametrize("name", [name for name in NASTY if "\n" not in name])
def test_nasty_directories_are_data(lab: Lab, name: str) -> None:
    directory = lab.home / "places" / name
    result = lab.module("iris_database", "third", databases=[{"name": "NASTY", "directory": f"{directory}/"}])
    assert not result.get("failed"), result
    assert (directory / "IRIS.DAT").is_file()
    wish = [{"name": "NASTY", "directory": f"{directory}/"}]
    assert lab.module("iris_database", "third", databases=wish, state="absent", delete_data=True)["changed"]

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin over scripted members: groups, variables, silence, cache, and sources that make no sense."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import add_fragments

from ansible_collections.irisops.mirror.plugins.inventory import members
from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError, TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Member, Node
from ansible_collections.irisops.mirror.tests.unit.support import nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport

NAME = "irisops.mirror.members"
GONE = TransportError("container_not_running", "the container is not running", "Start it.", node="gone")
BOTH = [
    Member("MIRRORA", "failover", "primary", "Active", "a.example.com", 1972, "10.1.0.1", "10.1.0.2", 2189),
    Member("MIRRORB", "failover", "backup", "Active", "b.example.com", 1972, "10.2.0.1", "10.2.0.2", 2188),
]
PRIMARY = nodes.inside(members=BOTH)
BACKUP = nodes.backup(members=BOTH)


class Lab:
    """Sources in a directory, members that answer by their place, containers that an engine lists."""

    def __init__(self, directory: Path, plugin: t.Any) -> None:
        self.directory = directory
        self.plugin = plugin
        self.answers: dict[str, Node | IrisError] = {}
        self.containers: dict[str, list[tuple[str, dict[str, str]]]] = {}
        self.asked: list[dict[str, t.Any]] = []

    def session(self, place: t.Any) -> Session:
        self.asked.append(dict(place))
        answer = self.answers[place["container"] or place["executable"]]
        exchange = Exchange(error=answer) if isinstance(answer, IrisError) else Exchange(nodes.answers(answer))
        return Session(FakeTransport(exchange, name=place["name"]))

    def read(self, use_cache: bool = True, **source: t.Any) -> InventoryData:
        path = self.directory / "lab.iris_members.yml"
        path.write_text(yaml.safe_dump({"plugin": NAME, **source}), encoding="utf-8")
        data = InventoryData()
        self.plugin._vars = {}
        self.plugin.parse(data, DataLoader(), str(path), use_cache)
        if source.get("cache"):
            self.plugin.update_cache_if_changed()
        return data


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    plugin = _loaded()
    lab = Lab(tmp_path, plugin)
    monkeypatch.setattr(plugin, "_session", lab.session)
    for name in ("DOCKER_HOST", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_TIMEOUT", "DOCKER_API_VERSION"):
        monkeypatch.delenv(name, raising=False)

    def listed(reach: t.Any, labels: t.Any) -> list[tuple[str, dict[str, str]]]:
        answer = lab.containers.get(reach["docker_host"])
        if answer is None:
            raise TransportError(
                "engine_unreachable", f"the container engine at {reach['docker_host']} cannot be reached"
            )
        return [one for one in answer if all(label.partition("=")[0] in one[1] for label in labels)]

    monkeypatch.setattr(members, "list_containers", listed)
    return lab


def _loaded() -> members.InventoryModule:
    """The plugin with its options known, as Ansible's loader does it where it finds the collection by itself."""
    documentation = yaml.safe_load(members.DOCUMENTATION)
    fragments = documentation["extends_documentation_fragment"]
    documentation["extends_documentation_fragment"] = [name.rpartition(".")[2] for name in fragments]
    add_fragments(documentation, members.__file__, fragment_loader=fragment_loader)
    constants.config.initialize_plugin_configuration_definitions("inventory", NAME, documentation["options"])
    plugin = members.InventoryModule()
    plugin._load_name = NAME
    return plugin


def hosts(data: InventoryData, group: str) -> list[str]:
    return [host.name for host in data.groups[group].get_hosts()]


def test_members_are_grouped_by_what_they_say(lab: Lab) -> None:
    connected = {"is_primary": False, "status": "CONNECTED", "members": BOTH}
    lab.answers = {
        "a": PRIMARY,
        "b": BACKUP,
        "c": nodes.inside(member_type="dr", member_name="MIRRORC", **connected),
        "d": nodes.inside(member_type="reporting_rw", member_name="D", mirrors=[nodes.MIRROR, "SECOND"], **connected),
        "e": nodes.outside(),
        "f": GONE,
    }
    data = lab.read(members=[{"container": name} for name in lab.answers])
    found = {name: hosts(data, name) for name in sorted(data.groups) if name not in ("all", "ungrouped")}
    assert found == {
        "iris_nodes": ["a", "b", "c", "d", "e", "f"],
        "iris_primary": ["a"],
        "iris_backup": ["b"],
        "iris_dr": ["c"],
        "iris_reporting": ["d"],
        "iris_asyncs": ["c", "d"],
        "iris_outside": ["e"],
        "iris_silent": ["f"],
        "iris_mirror_mirrorset": ["a", "b", "c", "d"],
        "iris_mirror_second": ["d"],
    }
    known = data.get_host("f").get_vars()
    assert known["iris_reported"]["error"] == "gone: the container is not running. Start it."
    # Two mirrors answer, so nobody can tell
    assert "iris_mirror_name" not in known


def test_variables_for_the_playbooks(lab: Lab) -> None:
    lab.answers = {"node-a": PRIMARY, "/srv/b/iris": BACKUP}
    data = lab.read(
        docker={"docker_host": "tcp://192.0.2.1:2376", "validate_certs": True, "ca_path": "tls/ca.pem"},
        members=[
            {"name": "mirrorA", "container": "node-a", "vars": {"iris_agent_port": 3000, "own": "value"}},
            {"name": "mirrorB", "executable": "/srv/b/iris", "instance": "SECOND"},
        ],
    )
    known = data.get_host("mirrorA").get_vars()
    options = {
        "docker_host": "tcp://192.0.2.1:2376",
        "validate_certs": True,
        "ca_path": str(lab.directory / "tls/ca.pem"),
    }
    expected = {
        "ansible_connection": "local",
        "iris_container": "node-a",
        "iris_docker": options,
        "iris_mirror_name": nodes.MIRROR,
        "iris_mirror_member": "MIRRORA",
        "iris_mirror_type": "failover",
        "iris_superserver_address": "a.example.com",
        "iris_mirror_address": "10.1.0.1",
        "iris_agent_address": "10.1.0.2",
        "iris_agent_port": 3000,
        "own": "value",
    }
    assert {name: known[name] for name in expected} == expected
    assert "iris_node_managed" not in known
    assert known["iris_reported"]["role"] == "primary"
    asked = next(one for one in lab.asked if one["name"] == "mirrorA")
    assert (asked["reach"]["ca_path"], asked["reach"]["timeout"]) == (options["ca_path"], 10)
    known = data.get_host("mirrorB").get_vars()
    assert (known["iris_container"], known["iris_docker"], known["iris_node_managed"]) == ("", {}, False)
    assert (known["iris_executable"], known["iris_instance"]) == ("/srv/b/iris", "SECOND")


def test_containers_are_looked_up(lab: Lab) -> None:
    lab.answers = {"x-mirrorA": PRIMARY, "mirrorB": BACKUP, "plain": nodes.outside()}
    lab.containers = {
        "unix:///var/run/docker.sock": [("x-mirrorA", {"irisops.mirror.node": "mirrorA"}), ("other", {})],
        "tcp://b:2375": [("mirrorB", {"irisops.mirror.node": "mirrorB"})],
    }
    data = lab.read(
        members=[{"name": "renamed", "container": "mirrorB", "docker": {"docker_host": "tcp://b:2375"}}],
        engines=[{}, {"docker": {"docker_host": "tcp://b:2375"}}],
    )
    assert sorted(hosts(data, "iris_nodes")) == ["mirrorA", "renamed"]
    assert data.get_host("mirrorA").get_vars()["iris_container"] == "x-mirrorA"
    assert hosts(data, "iris_backup") == ["renamed"]


@pytest.mark.parametrize(
    ("silent", "source"),
    [
        ({"container": "gone", "mirror": "other"}, "OTHER"),
        ({"container": "gone", "name": "mirrorB"}, nodes.MIRROR),
        ({"container": "gone"}, nodes.MIRROR),
    ],
    ids=["told", "listed", "the only one"],
)
def test_the_mirror_of_a_silent_member(lab: Lab, silent: dict[str, str], source: str) -> None:
    lab.answers = {"a": PRIMARY, "gone": GONE}
    data = lab.read(members=[{"container": "a"}, silent])
    name = silent.get("name", "gone")
    assert hosts(data, "iris_silent") == [name]
    assert data.get_host(name).get_vars()["iris_mirror_name"] == source
    assert name in hosts(data, f"iris_mirror_{source.lower()}")


def test_one_mirror_of_several(lab: Lab) -> None:
    lab.answers = {"a": PRIMARY, "b": nodes.inside(mirrors=["OTHER"]), "c": nodes.outside(), "d": GONE}
    data = lab.read(mirror="mirrorset", members=[{"container": name} for name in lab.answers])
    assert hosts(data, "iris_nodes") == ["a", "c", "d"]
    assert {data.get_host(name).get_vars()["iris_mirror_name"] for name in "acd"} == {nodes.MIRROR}


def test_silence_can_be_an_error(lab: Lab) -> None:
    lab.answers = {"a": PRIMARY, "gone": GONE}
    with pytest.raises(AnsibleParserError, match="the container is not running"):
        lab.read(silent="fail", members=[{"container": "a"}, {"container": "gone"}])


def test_constructed_groups_and_variables(lab: Lab) -> None:
    lab.answers = {"a": PRIMARY, "gone": GONE}
    data = lab.read(
        members=[{"container": "a"}, {"container": "gone"}],
        compose={"short": "iris_reported.role[:4]"},
        groups={"asked": "iris_reported.answered"},
        keyed_groups=[{"key": "iris_reported.status", "prefix": "state"}],
    )
    assert hosts(data, "asked") == ["a"]
    assert hosts(data, "state_PRIMARY") == ["a"]
    assert data.get_host("gone").get_vars()["short"] == "sile"
    with pytest.raises(Exception, match="status"):
        lab.read(members=[{"container": "gone"}], strict=True, keyed_groups=[{"key": "iris_reported.status"}])


def test_the_cache_holds_answers_for_one_source(lab: Lab) -> None:
    lab.answers = {"a": PRIMARY, "b": BACKUP}
    lab.containers = {"unix:///var/run/docker.sock": [("b", {"irisops.mirror.node": "b"})]}
    source: dict[str, t.Any] = {"members": [{"container": "a", "vars": {"own": 1}}], "engines": [{}], "cache": True}
    source.update(cache_plugin="jsonfile", cache_connection=str(lab.directory / "cache"))
    first = lab.read(**source)
    assert len(lab.asked) == 2
    lab.answers["a"] = GONE
    again = lab.read(**source)
    assert len(lab.asked) == 2, "the cache answers"
    for name in ("a", "b"):
        assert again.get_host(name).get_vars() == first.get_host(name).get_vars()
    assert hosts(lab.read(use_cache=False, **source), "iris_silent") == ["a"]
    # Another source is another question, and what was asked freshly is kept
    lab.answers["a"] = PRIMARY
    assert hosts(lab.read(**source), "iris_silent") == ["a"]
    assert hosts(lab.read(**{**source, "mirror": "MIRRORSET"}), "iris_silent") == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ({"members": [{"instance": "IRIS"}]}, "needs a 'name'"),
        ({"members": [{"container": "a", "contanier": "b"}]}, "contanier"),
        ({"members": [{"container": "a", "docker": {"docker_hots": "x"}}]}, "docker_hots"),
        ({"members": ["mirrorA"]}, "a mapping is needed"),
        ({"engines": [{"docker": {"docker_host": "tcp://down:1"}}]}, "tcp://down:1 cannot be reached"),
        ({"members": [{"container": "a"}, {"container": "b", "name": "a"}]}, "two members are called a"),
    ],
)
def test_sources_that_make_no_sense(lab: Lab, source: dict[str, t.Any], text: str) -> None:
    lab.answers = {"a": PRIMARY, "b": BACKUP}
    with pytest.raises(AnsibleParserError, match=text):
        lab.read(**source)


def test_a_missing_sdk_is_no_silence(lab: Lab) -> None:
    lab.answers = {"a": TransportError("sdk_missing", "the Python package 'docker' is not installed")}
    with pytest.raises(AnsibleParserError, match="not installed"):
        lab.read(members=[{"container": "a"}])


@pytest.mark.parametrize(
    ("name", "taken"),
    [("iris_members.yml", True), ("prod.iris_members.yaml", True), ("members.yml", False), ("iris_members.ini", False)],
)
def test_files_that_are_sources(lab: Lab, tmp_path: Path, name: str, taken: bool) -> None:
    (tmp_path / name).write_text("plugin: irisops.mirror.members\n", encoding="utf-8")
    assert lab.plugin.verify_file(str(tmp_path / name)) is taken

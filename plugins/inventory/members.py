# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members of mirrors as an inventory, grouped by what IRIS says that they are."""

from __future__ import annotations

DOCUMENTATION = r"""
name: members
short_description: Members of mirrors, grouped by the role that IRIS reports now
version_added: 0.1.0
author: Contributors to the irisops.mirror project (@irisops)
description:
  - Asks members of mirrors what they are, and makes an inventory of the answers, from which every playbook of this
    collection works.
  - The source is a YAML file whose name ends in V(iris_members.yml) or V(iris_members.yaml). It names members
    (O(members)), or engines whose containers are to be looked up (O(engines)), or both.
  - All hosts are in the group C(iris_nodes) and in C(iris_mirror_NAME) for each mirror that they are in (in lower
    case). The groups C(iris_primary), C(iris_backup), C(iris_dr) and C(iris_reporting) hold the members in these
    roles, C(iris_outside) the nodes that are in no mirror, and C(iris_silent) the members that did not answer. All
    groups exist, also empty ones.
  - Each host gets the variables by which the roles and playbooks reach it (C(iris_container), C(iris_docker),
    C(iris_instance), C(iris_executable), C(iris_exec_user)), those that IRIS reports (C(iris_mirror_name),
    C(iris_mirror_member), C(iris_mirror_type), C(iris_superserver_address), C(iris_mirror_address),
    C(iris_agent_address), C(iris_agent_port)), and C(iris_reported) with C(answered), C(error), C(role), C(type),
    C(status), C(mirrors), C(failover_ready), C(failover_reason) and C(version).
  - A member that is silent stays in the inventory. It is taken for a member of the mirror that O(members[].mirror) or
    O(mirror) names, else of the mirror that lists its name, else of the only mirror that answers.
  - The groups say who was primary when the inventory was made. The playbooks ask again before they act.
notes:
  - Everything is asked from the machine that runs Ansible, read-only, with one session for each member, all at the
    same time. So members are containers of engines that this machine reaches, or instances on this machine itself.
  - Hosts get C(ansible_connection=local), because the modules reach an engine from this machine as well;
    O(members[].vars) overrides that.
requirements:
  - docker >= 7.0.0 (Python package, only for containers)
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Marks the file as a source for this plugin.
    type: str
    required: true
    choices: [irisops.mirror.members]
  mirror:
    description:
      - Only this mirror. Nodes that answer and are in other mirrors only are left out; nodes that are silent or in no
        mirror are taken for its future or former members.
    type: str
  members:
    description: Members that are known by name.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the host in the inventory. The default is the name of the container.
        type: str
      container:
        description: The container that holds the instance. Without it, the instance runs on this machine.
        type: str
      instance:
        description: Name of the instance.
        type: str
        default: IRIS
      executable:
        description: The C(iris) command. Needed without O(members[].container) where it is not in the C(PATH).
        type: str
        default: iris
      exec_user:
        description: User in the container.
        type: str
      docker:
        description: Connection options of the engine in place of those in O(docker).
        type: dict
      mirror:
        description: The mirror of this member while it cannot say it itself.
        type: str
      vars:
        description: Further variables of the host. They win over those that the plugin sets.
        type: dict
  engines:
    description:
      - Engines whose containers are looked up. An engine that does not answer is an error, because nobody would know
        which members are missing; name members in O(members) to keep them in the inventory while their engine is
        down.
    type: list
    elements: dict
    default: []
    suboptions:
      docker:
        description: Connection options of the engine in place of those in O(docker).
        type: dict
      labels:
        description: Labels that a container must have, as C(NAME) or C(NAME=VALUE).
        type: list
        elements: str
        default: [irisops.mirror.node]
      name_from:
        description:
          - A label whose value is the name of the host. The roles of this collection write the name in the inventory
            into C(irisops.mirror.node). Containers without it are named by their own name.
        type: str
        default: irisops.mirror.node
  docker:
    description:
      - Connection options of the engines, with the names that they have in C(community.docker), such as
        C(docker_host), C(validate_certs) or C(ca_path). Relative paths begin at the directory of this file.
    type: dict
    default: {}
  ready_timeout:
    description: Seconds to keep trying while an instance starts, or has no licence unit left.
    type: int
    default: 5
  session_timeout:
    description: Seconds that a session may take.
    type: int
    default: 20
  timeout:
    description: Seconds to wait for an engine.
    type: int
    default: 10
  silent:
    description: Whether members that do not answer are kept in the group C(iris_silent), or are an error.
    type: str
    choices: [keep, fail]
    default: keep
"""

EXAMPLES = r"""
---
# mirrorset.iris_members.yml: two members on engines of their own
plugin: irisops.mirror.members
mirror: MIRRORSET
members:
  - name: mirrorA
    container: mirrorA
    docker:
      docker_host: ssh://ops@iris-a.example.com
      use_ssh_client: true
  - name: mirrorB
    container: mirrorB
    docker:
      docker_host: tcp://iris-b.example.com:2376
      validate_certs: true
      ca_path: tls/ca.pem
      client_cert: tls/cert.pem
      client_key: tls/key.pem
---
# Whatever the roles of this collection made on the local engine, kept for five minutes
plugin: irisops.mirror.members
engines:
  - docker:
      docker_host: unix:///var/run/docker.sock
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/iris_members
cache_timeout: 300
---
# An instance on this machine beside one in a container; a group for each state, and a variable of one's own
plugin: irisops.mirror.members
members:
  - name: reports
    executable: /usr/irissys/bin/iris
    instance: REPORTS
    vars:
      backup_window: night
  - container: mirrorA
keyed_groups:
  - key: iris_reported.status | lower
    prefix: iris_status
groups:
  not_ready: not iris_reported.failover_ready
compose:
  monitored: iris_reported.answered
"""

import functools
import hashlib
import json
import os
import typing as t

from ansible.errors import AnsibleParserError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import DOCKER, INSTANCE, merge
from ansible_collections.irisops.mirror.plugins.module_utils._engine.peers import Opener, read_all
from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import roll
from ansible_collections.irisops.mirror.plugins.module_utils._transport.docker import list_containers
from ansible_collections.irisops.mirror.plugins.module_utils._transport.factory import make_transport

#: Options of ours in an element of ``members`` and ``engines``; all others say how to reach the instance.
_MEMBER: dict[str, t.Any] = {
    "name": {"type": "str"},
    "docker": {"type": "dict", "default": {}},
    "mirror": {"type": "str"},
    "vars": {"type": "dict", "default": {}},
}
_ENGINE: dict[str, t.Any] = {
    "docker": {"type": "dict", "default": {}},
    "labels": {"type": "list", "elements": "str", "default": [roll.LABEL]},
    "name_from": {"type": "str", "default": roll.LABEL},
}
_PATHS = [name for key, one in DOCKER.items() if one["type"] == "path" for name in (key, *one["aliases"])]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "irisops.mirror.members"

    def verify_file(self, path: str) -> bool:
        return super().verify_file(path) and path.endswith(("iris_members.yml", "iris_members.yaml"))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        source = self._read_config_data(path)
        self._directory = os.path.dirname(os.path.abspath(path))
        try:
            entries = self._entries(path, source, cache)
        except IrisError as error:
            raise AnsibleParserError("%s: %s" % (path, error.sentence())) from error
        silent = [entry for entry in entries if not entry.reported["answered"]]
        if silent and self.get_option("silent") == "fail":
            raise AnsibleParserError("%s: %s" % (path, " ".join(entry.reported["error"] for entry in silent)))
        for entry in silent:
            self.display.warning("%s is silent: %s" % (entry.name, entry.reported["error"]))
        self._populate(entries)

    def _entries(self, path: str, source: t.Any, cache: bool) -> list[roll.Entry]:
        """The members with their answers, out of the cache where it has them for this very source."""
        digest = hashlib.sha256(json.dumps(source, sort_keys=True, default=str).encode("utf-8")).hexdigest()
        key = "%s_%s" % (self.get_cache_key(path), digest[:8])
        caching = self.get_option("cache")
        known = self._cache.get(key) if caching and cache else None
        given = self._given()
        if known is None:
            found = self._found(given)
            places = given + found
            roll.refuse_doubles(places)
            answers = read_all([Opener(one["name"], functools.partial(self._session, one)) for one in places], None)
            for answer in answers:
                if isinstance(answer, IrisError) and answer.code == "sdk_missing":
                    raise answer
            known = {"found": found, "answers": [roll.reported(one) for one in answers]}
            if caching:
                self._cache[key] = known
        return roll.entries(given + known["found"], known["answers"], self.get_option("mirror"))

    def _given(self) -> list[dict[str, t.Any]]:
        """Where the members are that the source names."""
        places = []
        for given in self.get_option("members"):
            one = self._validated("members", merge(INSTANCE, _MEMBER), given)
            one["name"] = one["name"] or one["container"]
            if not one["name"]:
                raise AnsibleParserError("a member without 'container' needs a 'name': %s" % given)
            places.append(self._reached(one))
        return places

    def _found(self, given: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
        """The containers of the engines that the source does not name as members already."""
        named = {(one["reach"]["docker_host"], one["container"]) for one in given}
        places = []
        for listed in self.get_option("engines"):
            engine = self._validated("engines", _ENGINE, listed)
            reach = self._reach(self._docker(engine["docker"]))
            for container, labels in list_containers(reach, engine["labels"]):
                if (reach["docker_host"], container) not in named:
                    one = {"name": labels.get(engine["name_from"]) or container, "container": container}
                    one = self._validated("engines", merge(INSTANCE, _MEMBER), {**one, "docker": engine["docker"]})
                    places.append(self._reached(one))
        return places

    def _reached(self, one: dict[str, t.Any]) -> dict[str, t.Any]:
        """Adds the engine's options: as given for the playbooks (``docker``), and complete (``reach``)."""
        one["docker"] = self._docker(one["docker"]) if one["container"] else {}
        one["reach"] = self._reach(one["docker"])
        return one

    def _reach(self, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return self._validated("docker", DOCKER, {"timeout": self.get_option("timeout"), **options})

    def _docker(self, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        merged = {**self.get_option("docker"), **options}
        for name in _PATHS:
            if merged.get(name):
                merged[name] = os.path.join(self._directory, os.path.expanduser(str(merged[name])))
        return merged

    def _validated(self, where: str, spec: t.Any, given: t.Any) -> dict[str, t.Any]:
        result = ArgumentSpecValidator(spec).validate(given if isinstance(given, dict) else {})
        if result.error_messages or not isinstance(given, dict):
            raise AnsibleParserError("%s: %s" % (where, "; ".join(result.error_messages) or "a mapping is needed"))
        return dict(result.validated_parameters)

    def _session(self, place: t.Mapping[str, t.Any]) -> Session:
        limits = [float(self.get_option(name)) for name in ("session_timeout", "ready_timeout")]
        transport = make_transport({**place["reach"], **place}, place["name"])
        return Session(transport, place["instance"], place["executable"], *limits)

    def _populate(self, entries: t.Sequence[roll.Entry]) -> None:
        self.inventory.add_group("iris_nodes")
        for role in roll.ROLES:
            self.inventory.add_group("iris_" + role)
        strict = self.get_option("strict")
        for entry in entries:
            for group in entry.groups:
                self.inventory.add_group(group)
                self.inventory.add_host(entry.name, group)
            for name, value in entry.variables.items():
                self.inventory.set_variable(entry.name, name, value)
            known = self.inventory.get_host(entry.name).get_vars()
            self._set_composite_vars(self.get_option("compose"), known, entry.name, strict)
            known = self.inventory.get_host(entry.name).get_vars()
            self._add_host_to_composed_groups(self.get_option("groups"), known, entry.name, strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, entry.name, strict)

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts an instance together: engine, mirroring and class library."""

from __future__ import annotations

from irissim.engine import traps
from irissim.engine.install import fresh_install, is_installed
from irissim.engine.instance import AddressBook, Instance
from irissim.engine.mirror.manager import MirrorManager
from irissim.library.catalogue import register_all
from irissim.objectscript.builtin import register_language_classes
from irissim.objectscript.registry import ClassRegistry
from irissim.shell.settings import NodeSettings


def install(node: NodeSettings) -> None:
    """Make the directories of an instance at its first start."""
    if not is_installed(node.instance_dir):
        fresh_install(node.home, node.data_dir, node.profile)


def build_instance(node: NodeSettings) -> Instance:
    """The instance of a node."""
    install(node)
    addresses = AddressBook(
        bind=node.bind,
        superserver_port=node.superserver_port,
        web_port=node.web_port,
        agent_port=node.agent_port,
        host_name=node.node_name,
    )
    instance = Instance(
        node.home,
        node.data_dir,
        name=node.instance,
        addresses=addresses,
        profile=node.profile,
        traps=traps.parse(node.traps),
    )
    instance.mirror = MirrorManager(instance, node.registry)
    return instance


def build_classes(profile: str, language: str = "") -> ClassRegistry:
    """Every class and routine that sessions of this version can call."""
    classes = ClassRegistry(profile, language)
    register_language_classes(classes)
    register_all(classes)
    return classes

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All classes of the library."""

from __future__ import annotations

from irissim.library import zutil
from irissim.library.backup_general import General
from irissim.library.config_cpf import CPF
from irissim.library.config_databases import Databases
from irissim.library.config_journal import Journal
from irissim.library.config_mapglobals import MapGlobals
from irissim.library.config_mapmirrors import MapMirrors
from irissim.library.config_mappackages import MapPackages
from irissim.library.config_maproutines import MapRoutines
from irissim.library.config_mirrormember import MirrorMember
from irissim.library.config_mirrors import Mirrors
from irissim.library.config_namespaces import Namespaces
from irissim.library.config_startup import Startup
from irissim.library.installer.manifest import Manifest
from irissim.library.io_socket import Socket
from irissim.library.journal_system import System as JournalSystem
from irissim.library.library_file import File
from irissim.library.security_applications import Applications
from irissim.library.security_resources import Resources
from irissim.library.security_roles import Roles
from irissim.library.security_services import Services
from irissim.library.security_sslconfigs import SSLConfigs
from irissim.library.security_users import Users
from irissim.library.source_places import register_sources
from irissim.library.sys_agent import Agent
from irissim.library.sys_container import Container
from irissim.library.sys_database import Database
from irissim.library.sys_mirror import Mirror
from irissim.library.sys_namespace import Namespace
from irissim.library.sys_system import System
from irissim.library.sys_task import Task
from irissim.library.system_inetinfo import INetInfo
from irissim.library.system_license import License
from irissim.library.system_mirror import Mirror as SystemMirror
from irissim.library.system_monitor import Monitor
from irissim.library.system_obj import OBJ
from irissim.library.system_util import Util
from irissim.library.system_version import Version
from irissim.objectscript.registry import ClassRegistry

CLASSES = (
    Agent,
    Applications,
    CPF,
    Container,
    Database,
    Databases,
    File,
    General,
    INetInfo,
    Journal,
    JournalSystem,
    License,
    MapGlobals,
    MapMirrors,
    MapPackages,
    MapRoutines,
    Manifest,
    Mirror,
    MirrorMember,
    Mirrors,
    Monitor,
    Namespace,
    Namespaces,
    OBJ,
    Resources,
    Roles,
    SSLConfigs,
    Services,
    Socket,
    Startup,
    System,
    SystemMirror,
    Task,
    Users,
    Util,
    Version,
)


def register_all(registry: ClassRegistry) -> None:
    """Make every class, $ZUTIL function and special variable of the instance known."""
    for kind in CLASSES:
        registry.register(kind)
    zutil.register(registry)
    register_sources(registry)

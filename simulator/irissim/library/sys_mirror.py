# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYS.Mirror, which is large: each part of it is a module of its own beside this one."""

from __future__ import annotations

from irissim.library.sys_mirror_async import AsyncMembers
from irissim.library.sys_mirror_databases import Databases
from irissim.library.sys_mirror_journals import Journals
from irissim.library.sys_mirror_nofailover import NoFailover
from irissim.library.sys_mirror_promotion import Promotion
from irissim.library.sys_mirror_roles import Roles
from irissim.library.sys_mirror_setup import Setup
from irissim.library.sys_mirror_status import State
from irissim.library.sys_mirror_tls import Tls
from irissim.objectscript.classes import SystemClass


class Mirror(Setup, AsyncMembers, Databases, Journals, Roles, NoFailover, Promotion, State, Tls, SystemClass):
    """Management and status of the mirror this instance is in."""

    NAME = "SYS.Mirror"
    NAMESPACE = "%SYS"

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host and instance names, for classes, special variables and $ZUTIL alike."""

from __future__ import annotations

import socket

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context


def host_name(context: Context) -> str:
    """The name of the machine as the instance knows it."""
    return engine(context).addresses.host_name or socket.gethostname()


def system_name(context: Context) -> str:
    """$SYSTEM."""
    # FIDELITY(documented; CR24): $SYSTEM is HOST:INSTANCE
    return f"{host_name(context)}:{engine(context).name}"

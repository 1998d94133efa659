# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine behind a call. The language knows nothing of it, so its type is stated here once."""

from __future__ import annotations

from irissim.engine.instance import Instance
from irissim.objectscript.classes import Context


def engine(context: Context) -> Instance:
    """The instance in which a call is made."""
    instance: Instance = context.instance
    return instance

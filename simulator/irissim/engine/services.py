# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every database needs of its instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from irissim.engine.gate import UpdateGate
    from irissim.engine.journal import Journal
    from irissim.engine.positions import Position


@dataclass(frozen=True)
class Services:
    """What every database needs of its instance."""

    journal: Journal
    gate: UpdateGate
    wait_ack: Callable[[Position], None]
    press: Callable[[], None]
    """Ask the write daemon to come soon."""
    degraded: Callable[[str, str], None]
    """A directory and why its database had to be given up."""

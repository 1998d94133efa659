# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description: Wait until the wanted state is reached and fail with the reason when it is not.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 300
  wait_sleep:
    description: Seconds between two readings.
    type: float
    default: 1.0
  wait_stable:
    description: Number of good readings in a row that count as reached; the state of a member can flicker.
    type: int
    default: 2
"""

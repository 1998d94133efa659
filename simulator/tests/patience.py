# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a test waits for what must happen at some time."""

from __future__ import annotations

PATIENCE = 60.0
"""Seconds. Reached only by a test that fails: on a machine whose processors and disk are busy with other things, the
start of a process alone has taken 25 s. Where the time itself is the promise, the test says how much."""

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The releases of IRIS that the simulator can stand for."""

from __future__ import annotations

DEFAULT_PROFILE = "2022.1"
PROFILES = ("2022.1", "2024.1", "2026.1")


def zversion(profile: str) -> str:
    """$ZVERSION: in the shape of IRIS's, and it says what it is."""
    # FIDELITY(assumed): shape of $ZVERSION; the words in the brackets are ours
    return f"IRIS for UNIX (irissim, a SIMULATOR for tests, not InterSystems IRIS) {profile} (Build 0U)"


def build(profile: str) -> str:
    """The version as `iris list` shows it."""
    return f"{profile}.0.0.0"

# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trap `device`: a call that leaves another current device behind."""

from __future__ import annotations

from typing import Protocol

from irissim.values.value import Value

ELSEWHERE = "/dev/null"


class Devices(Protocol):
    """What a process can do with devices."""

    def open(self, device: str, parameters: tuple[Value, ...], timeout: float | None) -> bool: ...

    def use(self, device: str, parameters: tuple[Value, ...]) -> None: ...


class Device:
    """After joining a mirror or becoming primary."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def leave(self, session: Devices) -> None:
        """Make another device current; what the process writes from now on is not seen until it says USE."""
        # FIDELITY(observed; R-AG): Join and BecomePrimary can leave a socket as the current device ($IO)
        # FIDELITY(assumed): where the output goes then; here to the null device
        if self._on and session.open(ELSEWHERE, ("W",), 0):
            session.use(ELSEWHERE, ())
